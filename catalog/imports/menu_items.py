"""Tables with a row for each dish, or for each size of one, as others export them (`menu_layouts`), become a menu."""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from catalog.imports.menu_draft import Draft, add_sizes
from catalog.imports.menu_layouts import NO, NOT_FOR_SALE, WOOCOMMERCE, Columns
from catalog.menu_rules import MAX_CHOICES
from core.errors import Invalid

Row = dict[str, str]
Rows = Iterable[tuple[int, list[str]]]

MAX_CELL = 20_000
_TAG = re.compile("<[a-zA-Z/!][^<>]{0,500}>")


@dataclass
class _Item:
    """A dish and the rows of its sizes."""

    line: int
    row: Row
    sizes: list[tuple[int, Row]] = field(default_factory=list)


def read(rows: Rows, columns: Columns, draft: Draft) -> None:
    """Add the dishes of a table: all rows of one name in one section are its sizes where the layout has such."""
    draft.notes.append(f"Read as {columns.layout.name}.")
    items: dict[object, _Item] = {}
    parents: dict[str, _Item | None] = {}  # those of WooCommerce by their id and number; None: left out
    several_menus: set[str] = set()
    for line, cells in rows:
        row = {word: text(cell) for word, cell in columns.row(cells).items()}
        for name in columns.ignored(cells):
            draft.not_kept[f"column “{name.strip()[:60]}”"] += 1
        several_menus.add(row.get("menu", ""))
        if "variation" in row.get("type", ""):
            _add_variation(line, row, parents, draft)
            continue
        reason = _why_left_out(row)
        item = None if reason else _Item(line, row)
        for name in filter(None, (row.get("id") and f"id:{row['id']}", row.get("sku"))):
            parents[name] = item
        if item is None:
            draft.left_out[reason] += 1
        elif columns.layout is WOOCOMMERCE or "variation" not in columns.places:
            items[line] = item
        else:
            same = (row.get("menu"), row.get("section"), row["name"] or line)
            items.setdefault(same, item).sizes.append((line, row))
    for item in items.values():
        with draft.fault_at(f"Line {item.line} “{item.row['name'][:60]}”"):
            _add(item, columns, draft, has_menus=len(several_menus - {""}) > 1)


def _add_variation(line: int, row: Row, parents: dict[str, _Item | None], draft: Draft) -> None:
    """A row of WooCommerce that is one size of the dish it names."""
    parent = row.get("parent", "")
    if parent not in parents:
        with draft.fault_at(f"Line {line} “{row['name'][:60]}”"):
            raise Invalid(f"it belongs to “{parent[:60]}”, which is not in the file above")
    elif (item := parents[parent]) is None or (reason := _why_left_out(row)):
        draft.left_out["size of a dish that is left out" if item is None else f"size: {reason}"] += 1
    else:
        values = [row.get(word, "") for word in ("variation", "variation 2", "variation 3")]
        tail = row["name"].removeprefix(item.row["name"]).strip(" -–")
        item.sizes.append((line, row | {"variation": " / ".join(filter(None, values)) or tail}))


def _why_left_out(row: Row) -> str:
    if {"grouped", "external"} & set(re.findall("[a-z]+", row.get("type", ""))):
        return "grouped or sold elsewhere"
    return next(
        (reason for word, (reason, values) in NOT_FOR_SALE.items() if row.get(word, "").casefold() in values), ""
    )


def _add(item: _Item, columns: Columns, draft: Draft, *, has_menus: bool) -> None:
    row = item.row
    sizes = _present(item, draft)
    if len(sizes) > MAX_CHOICES:
        raise Invalid(f"has more than {MAX_CHOICES} sizes")
    prices = [
        (size.get("variation", ""), draft.price(size.get("price"), size.get("currency") or columns.currency))
        for size in sizes or [row]
    ]
    is_sold_out = _is_sold_out(row) or all(_is_sold_out(size) for size in sizes or [row])
    dish = draft.add_dish(
        draft.add_section(name=_section(row, columns, draft, has_menus=has_menus)),
        name=row["name"],
        price_minor=min(price for _, price in prices),
        hint=None if "variation" in columns.places else row.get("id"),
        description=row.get("description"),
        allergens=row.get("allergens"),
        diets=row.get("diets"),
        sold_out=is_sold_out,
    )
    if len(prices) > 1:
        try:
            add_sizes(dish, prices, name=_group(row))
        except Invalid:
            draft.drop(dish)
            raise


def _present(item: _Item, draft: Draft) -> list[Row]:
    """The sizes that there are, unless there are none."""
    sizes = [row for _, row in item.sizes]
    present = [row for row in sizes if not _is_sold_out(row)]
    if present and len(present) < len(sizes):
        draft.not_kept["size that is sold out"] += len(sizes) - len(present)
    return present or sizes


def _is_sold_out(row: Row) -> bool:
    return row.get("in stock", "").casefold() in NO


def _group(row: Row) -> str:
    """What one chooses: Size, where the table says so and there is nothing else to choose."""
    return row.get("group") if row.get("group") and not row.get("variation 2") else "Choose one"  # type: ignore[return-value]


def _section(row: Row, columns: Columns, draft: Draft, *, has_menus: bool) -> str:
    """The first category, “Drinks > Hot” with both names; where there are several menus, with the menu's."""
    between = columns.layout.between
    given = row.get("section", "")
    categories = [each.strip() for each in (given.split(between) if between else [given]) if each.strip()]
    if len(categories) > 1:
        draft.not_kept["further category of a dish"] += len(categories) - 1
    path = [part.strip() for part in (categories or ["Menu"])[0].split(" > ")]
    menu = row.get("menu", "")
    return " – ".join([*([menu] if has_menus and menu and menu != path[0] else []), *filter(None, path)])


def own_rows(rows: Rows, columns: Columns, draft: Draft) -> Iterator[tuple[int, Row]]:
    """Toast's operations, each of which names what it belongs to, as rows of our own format, each under what it belongs to."""
    draft.notes.append(f"Read as {columns.layout.name}.")
    kinds = {"MENU_ITEM": "dish", "MODIFIER_GROUP": "group", "MODIFIER": "choice"}
    children: dict[str, list[tuple[int, Row]]] = {}
    known: dict[str, str] = {}
    for line, cells in rows:
        row = {word: text(cell) for word, cell in columns.row(cells).items()}
        for name in columns.ignored(cells):
            draft.not_kept[f"column “{name.strip()[:60]}”"] += 1
        kind = kinds.get(row["type"].upper().replace(" ", "_"))
        if row.get("operation", "CREATE").upper() != "CREATE" or kind is None:
            draft.left_out[f"operation {row.get('operation', '')} {row['type']}"[:80].strip()] += 1
            continue
        parent = "" if kind == "dish" else row["parent"]
        children.setdefault(parent, []).append((line, {**row, "kind": kind}))
        known[row["id"]] = kind
    for parent, below in children.items():
        if parent and known.get(parent) != ("dish" if below[0][1]["kind"] == "group" else "group"):
            with draft.fault_at(f"Line {below[0][0]} “{below[0][1]['name'][:60]}”"):
                raise Invalid(f"it belongs to “{parent[:60]}”, which is not in the file")
    if children.get(""):
        yield children[""][0][0], {"kind": "section", "name": "Menu"}
    for line, dish in children.get("", ()):
        yield line, _own(dish)
        for group_line, group in children.get(dish["id"], ()):
            yield group_line, _own(group)
            yield from ((choice_line, _own(choice)) for choice_line, choice in children.get(group["id"], ()))


def _own(row: Row) -> Row:
    """Toast's numbers are those of one file only; a group's own price has no place here."""
    price = {} if row["kind"] == "group" else {"price": row.get("price", "")}
    return {"kind": row["kind"], "name": row["name"], "description": row.get("description", ""), **price}


def text(cell: str) -> str:
    """A cell as text: without the markup that shops keep in descriptions."""
    given = cell[:MAX_CELL]
    if "<" in given or "&" in given:
        given = html.unescape(_TAG.sub(" ", given))
    return " ".join(given.replace("\\n", " ").split())
