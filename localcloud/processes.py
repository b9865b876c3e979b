"""Child processes that never outlive the cloud: each in a session of its own, with a log, and a way to end."""

import ctypes
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from localcloud.pidfile import PidFile, write_pid

_PR_SET_PDEATHSIG = 1
_TAIL_LINES = 15
_LOOK_SECONDS = 0.2
SAY_SECONDS = 30.0  # between two times that somebody who waits is told why


class CloudError(Exception):
    """The laptop cloud cannot start or go on; the message says what to do."""


@dataclass
class Child:
    name: str
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def pid(self) -> int:
        return self.process.pid

    def check_alive(self) -> None:
        if self.process.poll() is not None:
            raise CloudError(f"“{self.name}” {self.end()}. The end of {self.log}:\n{self.log_tail()}")

    def end(self) -> str:
        """How it has ended, in words."""
        code = self.process.returncode
        if code is not None and code < 0:
            return f"was killed ({signal.Signals(-code).name})"
        return f"ended by itself (exit code {code})"

    def log_tail(self) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-_TAIL_LINES:])

    def stop(self, *, seconds: float, patience: "Patience | None" = None) -> None:
        """SIGTERM and a while to end; a frozen process is thawed first. Then it is killed, unless there is `patience` with it."""
        if self.process.poll() is None:
            has_ended = partial(_has_ended, self.process)
            end_in_order(self.name, self.pid, seconds=seconds, has_ended=has_ended, patience=patience)
        self.process.wait()


@dataclass(frozen=True)
class Patience:
    """With a process that saves people's data: it is waited for as long as it does something, or until somebody gives up."""

    idle_seconds: float  # after which it will never end
    hint: str = ""  # what somebody can do who does not want to wait
    asked: threading.Event = field(default_factory=threading.Event)  # the hint was given
    given_up: threading.Event = field(default_factory=threading.Event)

    def wait(self, name: str, pid: int, has_ended: Callable[[float], bool]) -> bool:
        """Until it has ended; False when it is waited for no longer, which is said."""
        progress, since, told = "", time.monotonic(), -SAY_SECONDS
        while not has_ended(_LOOK_SECONDS):
            now = time.monotonic()
            if self.given_up.is_set():
                say(f"“{name}” is given up.")
                return False
            if (latest := progress_of(pid)) != progress:
                progress, since = latest, now
            if now - since > self.idle_seconds:
                say(f"“{name}” has done nothing for {self.idle_seconds:g} s.")
                return False
            if now - told >= SAY_SECONDS:
                say(f"“{name}” is still saving, and is waited for. {self.hint}".rstrip())
                self.asked.set()
                told = now
        return True


def spawn(
    name: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path, pid_file: PidFile | None = None
) -> Child:
    """`CloudError` when another process holds the pid file."""
    log.parent.mkdir(parents=True, exist_ok=True)
    lock = pid_file.take() if pid_file else None
    if pid_file and lock is None:
        raise CloudError(f"“{name}” runs already: see {pid_file.path}.")
    try:
        with log.open("ab") as output:
            process = subprocess.Popen(
                command,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C reaches the supervisor only, which stops the others in order
                pass_fds=[] if lock is None else [lock],
                preexec_fn=partial(_begin, lock),  # noqa: PLW1509
            )
    finally:
        if lock is not None:
            os.close(lock)
    return Child(name, process, log)


def _begin(lock: int | None) -> None:
    """In the child, before its program starts."""
    end_with_parent()
    # It may come before the program has said what it does on it.
    signal.signal(signal.SIGUSR1, signal.SIG_IGN)
    if lock is not None:
        write_pid(lock)


def end_in_order(
    name: str, pid: int, *, seconds: float, has_ended: Callable[[float], bool], patience: Patience | None
) -> None:
    """Thaw, SIGTERM, wait, with or without patience; SIGKILL as the last resort. `has_ended` waits so many seconds."""
    send(pid, signal.SIGCONT)
    send(pid, signal.SIGTERM)
    started = time.monotonic()
    if has_ended(seconds) or (patience and patience.wait(name, pid, has_ended)):
        return
    say(f"“{name}” did not end within {time.monotonic() - started:.0f} s and was killed.")
    send(pid, signal.SIGKILL)


def progress_of(pid: int) -> str:
    """The processor time that it has used so far: while it grows, the process does something."""
    if not Path("/proc/self").exists():  # macOS
        command = ["ps", "-o", "time=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout
    try:
        # Its own and its ended children's, in user and system mode: fields 14 to 17 of proc(5).
        return " ".join(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:15])
    except (FileNotFoundError, ProcessLookupError):
        return ""


def _has_ended(process: subprocess.Popen[bytes], seconds: float) -> bool:
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        return False
    return True


def python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def send(pid: int, number: signal.Signals) -> None:
    """A signal to a whole process group, if it is still there."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def is_stopped(pid: int) -> bool:
    """Frozen by a signal. One that is not there is not."""
    if not Path("/proc/self").exists():  # macOS
        command = ["ps", "-o", "stat=", "-p", str(pid)]
        return subprocess.run(command, capture_output=True, text=True, check=False).stdout.startswith("T")
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"
    except (FileNotFoundError, ProcessLookupError):
        return False


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def wait_for(url: str, child: Child, *, seconds: float) -> None:
    """Until the address answers at all; `CloudError` when it does not, or when the child ends."""
    deadline = time.monotonic() + seconds
    while True:
        child.check_alive()
        try:
            urllib.request.urlopen(url, timeout=2).close()
        except urllib.error.HTTPError:
            return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise CloudError(f"“{child.name}” did not answer within {seconds:g} s; see {child.log}") from None
            time.sleep(0.05)
        else:
            return


def end_with_parent() -> None:
    """Called in a child before its program starts: the kernel ends it when its parent dies, where the kernel can.

    More exactly: when the thread that started it ends. So the supervisor starts its children from its main thread only.
    """
    if sys.platform == "linux":
        # SIGTERM, not SIGKILL: the embedded AWS saves its data on it.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def say(text: str) -> None:
    """To whoever looks; a closed terminal or a full disk is no reason to leave things undone."""
    try:
        print(text, flush=True)
    except OSError as error:
        if error.errno != errno.ENOSPC:  # a full disk may have room again, a closed terminal never opens
            sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - for good
