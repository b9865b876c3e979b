"""Menus from files and into files, as schema.org JSON-LD or CSV. Pure but for reading the file; nothing is stored."""

import re
from collections.abc import Callable
from pathlib import Path

from catalog.imports import menu_csv, menu_jsonld
from catalog.imports.menu_draft import Draft
from catalog.models import Dish, Restaurant
from core.errors import Invalid, TooLarge

MAX_FILE_BYTES = 5 * 1024 * 1024
FORMATS = {"jsonld": menu_jsonld, "csv": menu_csv}
READERS: dict[str, Callable[[str, Draft], None]] = {
    "jsonld": menu_jsonld.read, "html": menu_jsonld.read_page, "csv": menu_csv.read,
}  # fmt: skip
NO_TEXT = {
    b"PK\x03\x04": "an Excel or OpenDocument workbook; save it as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as CSV",
    b"%PDF": "a PDF; type it into a spreadsheet and save that as CSV",
}

WINDOWS_1252_COUNTRIES = frozenset({
    "AT", "BE", "CA", "CH", "DE", "DK", "ES", "FI", "FR", "GB", "IE", "IS", "IT", "LI", "LU", "MX", "NL", "NO", "PT", "SE", "US",
})  # fmt: skip
"""Where Excel writes that code page; the same bytes are other letters in Warsaw."""
# What menus have of it. Macintosh and DOS have most letters elsewhere, and some where signs are here that no word has within.
_WINDOWS_1252 = re.compile("[\t\r\n -~À-ÖØ-öø-ÿ€£§°ºª®™©·½¼¾²³¡¿«»‹›‘’“”„–—…•Œœ´\u00a0]*")
_SIGN_IN_WORD = re.compile(r"[^\W\d_][–—„“”…•][^\W\d_]|œ[0-9]")


def load(file: Path, restaurant: Restaurant, *, skip: bool = False) -> Draft:
    """The menu in a file; `Invalid` or `TooLarge` say what is wrong with it, and where."""
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise TooLarge(
                f"The file is larger than {MAX_FILE_BYTES // 2**20} MB; a menu is not. Nothing was imported."
            )
        content = decoded(file.read_bytes(), str(restaurant.country))
    except OSError as error:
        raise Invalid(f"The file cannot be read: {error.strerror}.") from error
    return read(content, restaurant, kind="csv" if file.suffix.lower() == ".csv" else format_of(content), skip=skip)


def decoded(content: bytes, country: str) -> str:
    """The text of a file: UTF-8, UTF-16 with its mark, or Excel's Windows-1252 where that is certain."""
    for begin, what in NO_TEXT.items():
        if content.startswith(begin):
            raise Invalid(f"This is {what}.")
    encoding = "utf-16" if content.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        text = content.decode("cp1252", errors="replace")
        is_certain = _WINDOWS_1252.fullmatch(text) and not _SIGN_IN_WORD.search(text)
        if encoding == "utf-8-sig" and country in WINDOWS_1252_COUNTRIES and is_certain:
            return text
        raise Invalid(f"The file is not text in UTF-8 (byte {error.start}); save it as UTF-8.") from error


def format_of(content: str) -> str:
    begin = content.lstrip("\ufeff \t\r\n")[:1]
    return "jsonld" if begin in ("{", "[") else "html" if begin == "<" else "csv"


def read(content: str, restaurant: Restaurant, *, kind: str, skip: bool = False) -> Draft:
    """The sections and dishes for a restaurant, from one of `READERS`, unsaved.

    Raises `Invalid` that tells all faults; with `skip` what is at fault is left out, and told in the draft.
    """
    draft = Draft(restaurant)
    try:
        READERS[kind](content.removeprefix("\ufeff"), draft)
    except RecursionError as error:
        raise Invalid("This file is nested too deeply to be read.") from error
    if not skip or not draft.dishes:
        draft.check_faults()
    if not draft.dishes:
        raise Invalid("There is no dish in this file; the menu stays as it is.")
    return draft


def written(restaurant: Restaurant, dishes: list[Dish], *, kind: str) -> str:
    """The menu in one of `FORMATS`."""
    return FORMATS[kind].written(restaurant, dishes)
