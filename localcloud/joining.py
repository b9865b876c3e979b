"""Commands on a developer's machine reach the laptop cloud that runs there, without any environment being set."""

import os
from dataclasses import replace
from typing import Any

from localcloud.files import read_object
from localcloud.layout import CLOCK_DIRECTORY, Layout

KINDS = {"supervisor": int, "port": int, "environment": dict, "regions": dict}


def running_state(layout: Layout) -> dict[str, Any] | None:
    """What a running cloud has written about itself; None when there is none, or it is dead, or what is there is not by it."""
    if layout.pid_file("supervisor").holder() is None:
        return None
    state = read_object(layout.state_file)
    if state is None or not all(isinstance(state.get(name), kind) for name, kind in KINDS.items()):
        return None
    return state


def join_running_cloud() -> None:
    """Set the domain, the AWS endpoints and the clock of a running cloud, unless the environment says something already.

    A cloud whose clock is set keeps its state in a directory of its own; it is the one that is meant where no other runs.
    """
    if "FFT_ENDPOINTS" in os.environ or os.environ.get("FFT_AWS"):
        return
    layout = Layout()
    state = running_state(layout) or running_state(replace(layout, data=layout.data / CLOCK_DIRECTORY))
    if state:
        os.environ.update(state["environment"])
