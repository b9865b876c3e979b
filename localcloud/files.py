"""Small files that one process writes and others read at any moment."""

import json
import os
from pathlib import Path
from typing import Any


def replace(file: Path, text: str) -> None:
    """All at once: a reader sees the old text or this one. `OSError` leaves the old one."""
    new = file.with_name(f"{file.name}.new-{os.getpid()}")
    try:
        new.write_text(text)
        new.rename(file)
    finally:
        new.unlink(missing_ok=True)


def read_object(file: Path) -> dict[str, Any] | None:
    """The JSON object in a file; None when there is none, or no such file."""
    try:
        content = json.loads(file.read_bytes())
    except (FileNotFoundError, ValueError):
        return None
    return content if isinstance(content, dict) else None


def as_json(content: dict[str, Any]) -> str:
    return json.dumps(content, indent=2)
