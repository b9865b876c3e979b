"""Child processes that never outlive the cloud: each in a session of its own, with a log, and a way to end."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_PR_SET_PDEATHSIG = 1


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
        code = self.process.poll()
        if code is not None:
            tail = "\n".join(self.log.read_text(errors="replace").splitlines()[-15:])
            raise CloudError(f"“{self.name}” ended by itself (exit code {code}). The end of {self.log}:\n{tail}")

    def stop(self, *, seconds: float) -> None:
        """SIGTERM, a while to end, then SIGKILL. A frozen process is thawed first."""
        if self.process.poll() is None:
            send(self.pid, signal.SIGCONT)
            send(self.pid, signal.SIGTERM)
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            print(f"“{self.name}” did not end within {seconds:g} s and was killed; see {self.log}", flush=True)
            send(self.pid, signal.SIGKILL)
            self.process.wait()


def spawn(name: str, command: Sequence[str], *, environment: Mapping[str, str], log: Path) -> Child:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("ab") as output:
        process = subprocess.Popen(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches the supervisor only, which stops the others in order
            preexec_fn=end_with_parent,  # noqa: PLW1509
        )
    return Child(name, process, log)


def python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]


def send(pid: int, number: signal.Signals) -> None:
    """A signal to a whole process group, if it is still there."""
    try:
        os.killpg(pid, number)
    except ProcessLookupError:
        return


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


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
    """Called in a child before its program starts: the kernel ends it when its parent dies, where the kernel can."""
    if sys.platform == "linux":
        # SIGTERM, not SIGKILL: MiniStack saves its state on it.
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
