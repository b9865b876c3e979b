"""One cloud per data directory; what is left of one whose supervisor was killed is known, and ended in order."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from localcloud.layout import Layout
from localcloud.pidfile import write_pid
from localcloud.processes import CloudError, Patience, end_in_order, say, send

END_SECONDS = 20.0
AWS_IDLE_SECONDS = 300.0


@contextmanager
def only_cloud_on(layout: Layout) -> Iterator[None]:
    """Hold the data directory; `CloudError` when another cloud does."""
    pid_file = layout.pid_file("supervisor")
    lock = pid_file.take()
    if lock is None:
        raise CloudError(
            f"A laptop cloud runs on {layout.data} already (process {pid_file.holder()}). "
            "Use that one, or stop it with Ctrl-C where it was started."
        )
    write_pid(lock)
    try:
        yield
    finally:
        os.close(lock)


def end_leftovers(layout: Layout) -> None:
    """As a cloud ends: pages and workers first; the AWS has time to save what it holds. Frozen ones are thawed."""
    left = {name: layout.pid_file(name) for name in layout.processes() if layout.pid_file(name).holder() is not None}
    if left:
        say(f"Ending what is left of an earlier cloud on {layout.data}: {', '.join(left)} …")
    for pid_file in left.values():
        if pid := pid_file.holder():
            send(pid, signal.SIGCONT)  # all of them first: a worker waits for its AWS
    for name, pid_file in left.items():
        patience = Patience(AWS_IDLE_SECONDS, "Ctrl-C leaves it to itself.") if name.startswith("aws") else None
        if pid := pid_file.holder():
            end_in_order(name, pid, seconds=END_SECONDS, has_ended=pid_file.is_freed_within, patience=patience)
        if not pid_file.is_freed_within(END_SECONDS):
            raise CloudError(f"“{name}” of an earlier cloud (process {pid}) cannot be ended; see {pid_file.path}.")
