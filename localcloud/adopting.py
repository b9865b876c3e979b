"""A region that lost what it had not saved is a restored home: what others hold that is newer comes back from their copies."""

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from localcloud.layout import ROOT, Layout

SECONDS = 300
# What `manage.py reconcile --adopt` says of a record.
ADOPTED = re.compile(r": adopted version")
LEFT = re.compile(r": not adopted")


@dataclass(frozen=True)
class Adoption:
    records: int  # brought home
    left: int  # of which others know more than home, and not enough: stubs
    is_complete: bool  # every region answered


def adopt(layout: Layout, home: str, sources: Sequence[str] = ()) -> Adoption:
    """Of everything whose home this is, the newest that others (`sources`, or all) hold. Ask before its pages open."""
    command = [sys.executable, "manage.py", "reconcile", *sources, "--adopt", "--yes", "--from-start"]
    environment = {**os.environ, **layout.cloud_environment(), "AWS_REGION": home, "FFT_DATA": str(layout.data)}
    log = layout.logs / f"adopt-{home}.log"
    with log.open("w+") as output, contextlib.suppress(subprocess.TimeoutExpired):
        code = -1
        code = subprocess.run(
            command, cwd=ROOT, env=environment, stdout=output, stderr=output, check=False, timeout=SECONDS
        ).returncode
    told = log.read_text()
    return Adoption(len(ADOPTED.findall(told)), len(LEFT.findall(told)), code == 0)
