"""JSON from strangers: read within bounds, or refused with the place of what is wrong."""

import json
from typing import Any, NoReturn

from core.errors import Invalid

MAX_VALUES = 4_000_000
"""So many values take half a gigabyte at most; fifty megabytes of empty lists would take more than one."""


def parse(text: str) -> Any:
    """The document; `Invalid` for what is not JSON, too deep, too much, or a number without an end."""
    # Every value but the first of a list or object follows a comma: counted before anything is built.
    if sum(text.count(sign) for sign in ",[{") > MAX_VALUES:
        raise Invalid(f"This JSON holds more than {MAX_VALUES // 1_000_000} million values; split the file.")
    try:
        return json.loads(text, parse_constant=_refuse_number)
    except json.JSONDecodeError as error:
        raise Invalid(f"This is not JSON: {error.msg} in line {error.lineno}, column {error.colno}.") from error
    except RecursionError as error:
        raise Invalid("This JSON is nested too deeply to be read.") from error
    except ValueError as error:  # Python reads no whole number of more than 4,300 digits.
        raise Invalid("This JSON holds a number with thousands of digits; take it out.") from error


def is_lines(text: str) -> bool:
    """Is it one object a line, as newline-delimited GeoJSON (RFC 8142, with or without its separators) is?"""
    lines = _lines(text)
    return len(lines) > 1 and all(line.startswith("{") and line.endswith("}") for line in lines)


def parse_lines(text: str) -> list[Any]:
    """The object of each line; `Invalid` as `parse` has it."""
    parsed = parse("[" + ",\n".join(_lines(text)) + "]")
    return list(parsed)


def _lines(text: str) -> list[str]:
    return [line for part in text.split("\n") if (line := part.strip(" \t\r\x1e"))]


def _refuse_number(text: str) -> NoReturn:
    raise Invalid(f"{text} is no number in JSON; replace it, or take it out.")
