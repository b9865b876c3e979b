"""Menus as CSV, a row for each section, dish, option group and choice, each under what it belongs to.

The header is `HEADER`; columns may be left out or empty but for `kind`, `name` and a dish's `price`:

- kind: section, dish, group (of options of the dish above) or choice (in the group above);
- id: of the part; made from its name when empty. price: of a dish, or what a choice adds; in the main unit, 12.50;
- currency: if given, the restaurant's. min, max: how many choices of a group; allergens, diets: words with commas;
- served: when a dish is, in OpenStreetMap's language: Mo-Fr 11:30-14:30. Always, when empty.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from typing import Any

from catalog.imports.menu_draft import Draft, add_choice, add_group, close_group
from catalog.menu_node import sections_of, shown
from catalog.menu_rules import Group
from catalog.models import Dish, Restaurant
from core.errors import Invalid

HEADER = (
    "kind", "id", "name", "description", "price", "currency", "min", "max", "position", "allergens", "diets", "served",
)  # fmt: skip
MAX_ROWS = 60_000

# A spreadsheet takes a cell that begins like this as a formula; an apostrophe before it keeps it a text.
FORMULA = re.compile("'*[=+\\-@＝＋－＠]")


def written(restaurant: Restaurant, dishes: list[Dish]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, HEADER, lineterminator="\r\n")
    writer.writeheader()
    for row in _rows(restaurant, dishes):
        writer.writerow({name: _neutral(str(value)) for name, value in row.items()})
    return out.getvalue()


def _rows(restaurant: Restaurant, dishes: list[Dish]) -> Iterator[dict[str, Any]]:
    currency = str(restaurant.currency)
    for section in sections_of(restaurant, dishes):
        yield {"kind": "section", "id": section["id"], "name": section["name"]}
        for dish in dishes:
            if dish.section == section["id"]:
                yield from _dish_rows(dish, currency)


def _dish_rows(dish: Dish, currency: str) -> Iterator[dict[str, Any]]:
    yield {
        "kind": "dish",
        "id": dish.id,
        "name": dish.name,
        "description": dish.description or "",
        "price": shown(int(dish.price_minor), currency),
        "currency": currency,
        "position": int(dish.position),
        "allergens": ", ".join(dish.allergens or []),
        "diets": ", ".join(dish.diets or []),
        "served": dish.served or "",
    }
    for group in dish.options or []:
        yield {"kind": "group", "id": group["id"], "name": group["name"], "min": group["min"], "max": group["max"]}
        for choice in group["choices"]:
            price = shown(choice["price_minor"], currency)
            yield {"kind": "choice", "id": choice["id"], "name": choice["name"], "price": price, "currency": currency}


def _neutral(cell: str) -> str:
    return f"'{cell}" if FORMULA.match(cell) else cell


def _restored(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and FORMULA.match(cell) else cell


class _Reader:
    """Adds row after row to a draft; remembers what the next row belongs to."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.section: str | None = None
        self.dish: Dish | None = None
        self.group: Group | None = None
        self.kinds: dict[str, Callable[[dict[str, str]], None]] = {
            "section": self._section, "dish": self._dish, "group": self._group, "choice": self._choice,
        }  # fmt: skip

    def row(self, row: dict[str, str]) -> None:
        kind = row.get("kind", "").strip().lower()
        if kind not in self.kinds:
            raise Invalid(f"the kind is none of {', '.join(self.kinds)}")
        if kind != "choice":
            self.close()
        self.kinds[kind](row)

    def close(self) -> None:
        """The group is complete."""
        group, self.group = self.group, None
        if group is not None:
            close_group(group)

    def _section(self, row: dict[str, str]) -> None:
        self.section = self.draft.add_section(name=row.get("name"), identifier=row.get("id"))
        self.dish = None

    def _dish(self, row: dict[str, str]) -> None:
        if self.section is None:
            raise Invalid("a dish stands below its section; there is none above")
        self.dish = self.draft.add_dish(
            self.section,
            name=row.get("name"),
            price_minor=self.draft.price(row.get("price"), row.get("currency")),
            identifier=row.get("id"),
            description=row.get("description"),
            position=row.get("position"),
            allergens=row.get("allergens"),
            diets=row.get("diets"),
            served=row.get("served"),
        )

    def _group(self, row: dict[str, str]) -> None:
        if self.dish is None:
            raise Invalid("an option group stands below its dish; there is none above")
        self.group = add_group(
            self.dish, name=row.get("name"), low=row.get("min"), high=row.get("max"), identifier=row.get("id")
        )

    def _choice(self, row: dict[str, str]) -> None:
        if self.dish is None or self.group is None:
            raise Invalid("a choice stands below its option group; there is none above")
        price = self.draft.price(row.get("price") or "0", row.get("currency"))
        add_choice(self.dish, self.group, name=row.get("name"), price_minor=price, identifier=row.get("id"))


def read(content: str, draft: Draft) -> None:
    """Add the rows to a draft; `Invalid` names the line."""
    lines = csv.reader(io.StringIO(content.removeprefix("\ufeff"), newline=""), strict=True)
    reader = _Reader(draft)
    try:
        header = [name.strip().lower() for name in next(lines, [])]
        if not {"kind", "name", "price"} <= set(header) or len(set(header)) != len(header):
            raise Invalid(f"the header needs kind, name and price, each once; all columns are: {', '.join(HEADER)}")
        for number, cells in enumerate(lines, 1):
            if number > MAX_ROWS:
                raise Invalid(f"there are more than {MAX_ROWS} rows")
            if len(cells) > len(header):
                raise Invalid("there are more cells than columns; put text with commas between quotation marks")
            if any(cell.strip() for cell in cells):
                reader.row({name: _restored(cell) for name, cell in zip(header, cells, strict=False)})
        reader.close()
    except Invalid as error:
        raise Invalid(f"Line {lines.line_num}: {error.detail}.") from error
    except csv.Error as error:
        raise Invalid(f"Line {lines.line_num}: this is not CSV: {error}.") from error
