"""Commands on a developer's machine reach the laptop cloud that runs there, without any environment being set."""

import json
import os
from typing import Any

from localcloud.layout import Layout
from localcloud.processes import is_alive


def running_state(layout: Layout) -> dict[str, Any] | None:
    """What a running cloud has written about itself; None when there is none, or it is dead."""
    try:
        state: dict[str, Any] = json.loads(layout.state_file.read_text())
    except FileNotFoundError:
        return None
    return state if is_alive(state["supervisor"]) else None


def join_running_cloud() -> None:
    """Set the domain and the AWS endpoints of a running cloud, unless the environment says something already."""
    if "FFT_ENDPOINTS" in os.environ:
        return
    state = running_state(Layout())
    if state:
        os.environ.update(state["environment"])
