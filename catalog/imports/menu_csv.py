"""Menus as CSV, a row for each section, dish, option group and choice, each under what it belongs to.

The header is `HEADER`; columns may be left out or empty but for `kind`, `name` and a dish's `price`. Other headers are those
of tables that others export (`menu_layouts`). Commas, semicolons or tabs part the cells, as the header tells.

- kind: section, dish, group (of options of the dish above) or choice (in the group above);
- id: of the part; made from its name when empty. price: of a dish, or what a choice adds; in the main unit, 12.50;
- currency: if given, the restaurant's. min, max: how many choices of a group; allergens, diets: words with commas;
- served: when a dish is, in OpenStreetMap's language: Mo-Fr 11:30-14:30. Always, when empty; sold_out: yes, or nothing.
"""

import csv
import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from catalog.imports import menu_items
from catalog.imports.menu_draft import Draft, TooMuch, add_choice, add_group, close_group
from catalog.imports.menu_layouts import LAYOUTS, TOAST, recognised
from catalog.menu_node import sections_of, shown
from catalog.menu_rules import Group
from catalog.models import Dish, Restaurant
from core.errors import Invalid

HEADER = (
    "kind", "id", "name", "description", "price", "currency", "min", "max", "position", "allergens", "diets", "served",
    "sold_out",
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
        yield {"kind": "section", **section}
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
        "sold_out": "yes" if dish.sold_out else "",
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


Rows = Iterator[tuple[int, list[str]]]


def read(content: str, draft: Draft) -> None:
    """Add the rows to a draft."""
    mark = re.match("sep=([,;\t])\r?\n", content)  # Excel's own first line
    errors: list[Invalid] = []
    for delimiter in mark[1] if mark else ",;\t":
        rows = _parted(content[mark.end() :] if mark else content, delimiter, first=2 if mark else 1)
        try:
            _, header = next(rows, (0, []))
        except Invalid as error:
            errors.append(error)
            continue
        names = [name.strip().lower() for name in header]
        if {"kind", "name", "price"} <= set(names) and len(set(filter(None, names))) == len([*filter(None, names)]):
            return _read_own(_cells(rows, names, draft), draft)
        if columns := recognised(header):
            cells = _full(rows, header, draft)
            if columns.layout is TOAST:
                return _read_own(menu_items.own_rows(cells, columns, draft), draft)
            return menu_items.read(cells, columns, draft)
    others = ", ".join(layout.name for layout in LAYOUTS[:-1])
    raise next(iter(errors), None) or Invalid(
        f"The header needs kind, name and price, each once; all columns are: {', '.join(HEADER)}. Also read are "
        f"exports of {others}, and other tables with a name, a price and perhaps a category for each dish."
    )


def _parted(content: str, delimiter: str, *, first: int) -> Rows:
    """The rows that have something, each with the number of its (last) line."""
    lines = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, cells in enumerate(lines):
            if number > MAX_ROWS:
                raise TooMuch(f"There are more than {MAX_ROWS} rows.")
            if any(cell.strip() for cell in cells):
                yield lines.line_num + first - 1, cells
    except csv.Error as error:
        raise Invalid(f"Line {lines.line_num + first - 1}: this is not CSV: {error}.") from error


def _full(rows: Rows, header: list[str], draft: Draft) -> Rows:
    """The rows but those with more than there are columns for: nobody knows which of their cells is which."""
    for line, cells in rows:
        if any(cell.strip() for cell in cells[len(header) :]):
            draft.add_fault(
                f"Line {line}", "there are more cells than columns; put text with commas between quotation marks"
            )
        else:
            yield line, cells


def _cells(rows: Rows, names: list[str], draft: Draft) -> Iterator[tuple[int, dict[str, str]]]:
    for line, cells in _full(rows, names, draft):
        yield line, {name: _restored(cell) for name, cell in zip(names, cells, strict=False)}


def _read_own(rows: Iterator[tuple[int, dict[str, str]]], draft: Draft) -> None:
    reader = _Reader(draft)
    for line, row in rows:
        reader.row(line, row)
    reader.close()


class _Reader:
    """Adds row after row to a draft; remembers what the next row belongs to."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.section: str | None = None
        self.dish: Dish | None = None
        self.group: Group | None = None
        self.line = 0  # of the group
        self.passed: frozenset[str] = frozenset()  # kinds of rows that belong to what was at fault
        self.kinds: dict[str, Callable[[dict[str, str]], None]] = {
            "section": self._section, "dish": self._dish, "group": self._group, "choice": self._choice,
        }  # fmt: skip

    def row(self, line: int, row: dict[str, str]) -> None:
        kind = row.get("kind", "").strip().lower()
        if kind != "choice":
            self.close()
        if kind in self.passed:
            self.draft.not_kept["row of what was left out"] += 1
            return
        self.passed = frozenset()
        if kind in ("section", "dish"):
            self.dish = None
        with self._fault_at(line, kind):
            if kind not in self.kinds:
                raise Invalid(f"the kind is none of {', '.join(self.kinds)}")
            self.line = line if kind == "group" else self.line
            self.kinds[kind](row)

    @contextmanager
    def _fault_at(self, line: int, kind: str) -> Iterator[None]:
        """A fault of a part is one of its whole dish, and what follows below it belongs to nothing."""
        before = len(self.draft.faults)
        with self.draft.fault_at(f"Line {line}, of “{self.dish.name}”" if self.dish is not None else f"Line {line}"):
            yield
        if len(self.draft.faults) > before:
            if self.dish is not None:
                self.draft.drop(self.dish)
            self.dish, self.group = None, None
            self.passed = frozenset({"group", "choice", *({"dish"} if kind == "section" else ())})

    def close(self) -> None:
        """The group is complete."""
        if self.group is not None:
            with self._fault_at(self.line, "group"):
                close_group(self.group)
        self.group = None

    def _section(self, row: dict[str, str]) -> None:
        name, about = row.get("name"), row.get("description")
        self.section = self.draft.add_section(name=name, identifier=row.get("id"), description=about)

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
            sold_out=_is_yes(row.get("sold_out", "")),
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


def _is_yes(cell: str) -> bool:
    word = cell.strip().lower()
    if word not in ("", "yes", "no"):
        raise Invalid(f"sold_out is yes or no, not “{word[:20]}”")
    return word == "yes"
