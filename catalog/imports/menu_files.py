"""Menus from files and into files, as schema.org JSON-LD or CSV. Pure but for reading the file; nothing is stored."""

from pathlib import Path

from catalog.imports import menu_csv, menu_jsonld
from catalog.imports.menu_draft import Draft
from catalog.models import Dish, Restaurant
from core.errors import Invalid, TooLarge

MAX_FILE_BYTES = 5 * 1024 * 1024
FORMATS = {"jsonld": menu_jsonld, "csv": menu_csv}


def load(file: Path, restaurant: Restaurant) -> Draft:
    """The menu in a file; `Invalid` or `TooLarge` say what is wrong with it, and where."""
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise TooLarge(
                f"The file is larger than {MAX_FILE_BYTES // 2**20} MB; a menu is not. Nothing was imported."
            )
        content = file.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise Invalid(f"The file is not text in UTF-8 (byte {error.start}); save it as UTF-8.") from error
    except OSError as error:
        raise Invalid(f"The file cannot be read: {error.strerror}.") from error
    return read(content, restaurant, kind="csv" if file.suffix.lower() == ".csv" else format_of(content))


def format_of(content: str) -> str:
    return "jsonld" if content.lstrip("\ufeff \t\r\n")[:1] in ("{", "[") else "csv"


def read(content: str, restaurant: Restaurant, *, kind: str) -> Draft:
    """The sections and dishes for a restaurant, from one of `FORMATS`, unsaved."""
    draft = Draft(restaurant)
    FORMATS[kind].read(content, draft)
    if not draft.dishes:
        raise Invalid("There is no dish in this file; the menu stays as it is.")
    return draft


def written(restaurant: Restaurant, dishes: list[Dish], *, kind: str) -> str:
    """The menu in one of `FORMATS`."""
    return FORMATS[kind].written(restaurant, dishes)
