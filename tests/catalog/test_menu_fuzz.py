"""Whatever a file holds, a menu is read or refused with a reason, and soon."""

import csv
import io
import json
import os
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog import menu_rules
from catalog.imports import menu_files
from catalog.imports.menu_layouts import LAYOUTS
from core.errors import Refused
from tests.factories import make_restaurant

EXAMPLES = int(os.environ.get("FFT_EXAMPLES", "0"))
"""So many random files of each kind; without it the same 300 every time."""
FUZZ = settings(
    max_examples=EXAMPLES or 300, derandomize=not EXAMPLES, deadline=None, database=None,
    suppress_health_check=list(HealthCheck),
)  # fmt: skip
SECONDS_PER_MB = 1.0

NAMES = (
    "@id", "@type", "@graph", "@context", "@value", "@language", "id", "type", "name", "description", "identifier", "position",
    "hasMenu", "menu", "hasMenuSection", "hasMenuItem", "menuAddOn", "offers", "price", "priceCurrency", "priceSpecification",
    "lowPrice", "highPrice", "eligibleQuantity", "itemOffered", "availability", "availabilityStarts", "availabilityEnds",
    "additionalProperty", "value", "unitText", "suitableForDiet", "itemListElement", "item", "openingHours", "schema:name",
    "https://schema.org/hasMenuItem", "x:offers", "en", "fr", "image",
)  # fmt: skip
TYPES = (
    "Menu", "MenuSection", "MenuItem", "Offer", "AggregateOffer", "Restaurant", "ItemList", "ListItem", "PropertyValue",
    "schema:Menu", "https://schema.org/MenuItem", "x:Menu",
)  # fmt: skip
WORDS = (
    "#a", "#b", "#c", "a", "served", "allergens", "minimum", "maximum", "5", "5.00", "1.250,00", "€ 5", "USD 5", "12,-", "M/P",
    "https://schema.org/OutOfStock", "SoldOut", "T11:30", "Mo-Fr 11:30-14:30", "&amp;", "&#8211;", "https://schema.org/", "@id",
)  # fmt: skip
texts = st.sampled_from(WORDS) | st.sampled_from(TYPES) | st.text(max_size=8)
scalars = texts | st.none() | st.booleans() | st.integers(-2, 10**6) | st.floats() | st.just(10**400)
documents = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=7),
    max_leaves=60,
)
HEADERS = [
    *sorted({name for layout in LAYOUTS for names in layout.columns.values() for name in names.split("|")}),
    "kind", "price (€)", "Price (USD)", "min", "max", "served", "sold_out", "x",
]  # fmt: skip
CELLS = (
    "section", "dish", "group", "choice", "MENU_ITEM", "MODIFIER_GROUP", "MODIFIER", "CREATE", "simple", "variable", "variation",
    "id:1", "1", "0", "5.00", "5,50", "Soup", "A > B, C", "a|b", "<p>x</p>", "yes", "hidden", "",
)  # fmt: skip


def shaped(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """What is nearly a menu, with anything anywhere."""
    offer = st.fixed_dictionaries(
        {"@type": st.just("Offer"), "price": inner}, optional={"name": inner, "availability": inner}
    )
    dish = st.fixed_dictionaries({"name": inner, "offers": offer | inner}, optional={"@id": inner, "menuAddOn": inner})
    section = st.fixed_dictionaries(
        {"name": inner, "hasMenuItem": st.lists(dish | inner, max_size=4)}, optional={"@id": inner}
    )
    return st.fixed_dictionaries({"@type": st.just("Menu"), "hasMenuSection": st.lists(section | inner, max_size=3)})


@st.composite
def tables(draw: st.DrawFn) -> str:
    header = draw(st.lists(st.sampled_from(HEADERS), min_size=2, max_size=9))
    header += draw(
        st.sampled_from([["kind", "name", "price"], ["name", "price"], ["item name", "variation name", "price"], []])
    )
    out = io.StringIO()
    writer = csv.writer(out, delimiter=draw(st.sampled_from(",;\t")))
    writer.writerow(header)
    cells = st.sampled_from(CELLS) | st.text(max_size=6)
    writer.writerows(draw(st.lists(st.lists(cells, max_size=len(header) + 1), max_size=12)))
    return out.getvalue()


def check(content: str, kind: str) -> None:
    for skip in (False, True):
        try:
            draft = menu_files.read(content, make_restaurant(country="FR"), kind=kind, skip=skip)
        except Refused as refused:
            assert refused.detail
            continue
        menu_rules.check(draft.sections, draft.dishes)
        assert skip or not draft.faults


@pytest.mark.proof
@FUZZ
@given(documents | shaped(documents))
def test_any_json_is_read_or_refused(document: Any) -> None:
    check(json.dumps(document), "jsonld")


@pytest.mark.proof
@FUZZ
@given(
    st.text(max_size=60), shaped(documents) | st.text(max_size=60), st.sampled_from(["</script>", "-->", "", "<script"])
)
def test_any_page_is_read_or_refused(before: str, document: Any, after: str) -> None:
    text = document if isinstance(document, str) else json.dumps(document)
    check(f'<html>{before}<script type="application/ld+json">{text}</script>{after}', "html")


@pytest.mark.proof
@FUZZ
@given(tables() | st.text(max_size=200))
def test_any_table_is_read_or_refused(content: str) -> None:
    check(content, "csv")


@pytest.mark.proof
@FUZZ
@given(st.binary(max_size=200) | tables().map(lambda text: text.encode("utf-16")), st.sampled_from(["FR", "PL"]))
def test_any_bytes_are_text_or_refused(content: bytes, country: str) -> None:
    try:
        assert isinstance(menu_files.decoded(content, country), str)
    except Refused as refused:
        assert refused.detail


MB = 1024 * 1024
ITEM = '{"@type":"MenuItem","@id":"#i","name":"Soup","offers":{"price":"5.00"}},'


@pytest.mark.proof
@pytest.mark.proof
@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("jsonld", '{"@type":"Menu","hasMenuItem":[' + ITEM * (MB // len(ITEM)) + '{"name":"x"}]}'),
        ("jsonld", '{"@type":"Menu","hasMenuItem":[' + '{"name":""},' * (MB // 12) + "{}]}"),
        ("jsonld", '{"@type":"Menu","name":"' + "&amp" * (MB // 4) + '","hasMenuItem":"#i"}'),
        ("jsonld", "[" + '{"@type":"Menu"},' * (MB // 17) + "{}]"),
        ("jsonld", '{"@context":[' + '{"a":"schema:b"},' * (MB // 17) + '{}],"@type":"Menu","hasMenuItem":{}}'),
        ("jsonld", '{"@type":"Menu",' + ",".join(f'"schema:k{n}":1' for n in range(MB // 16)) + "}"),
        (
            "jsonld",
            '{"hasMenu":{"@type":"ItemList","itemListElement":['
            + '{"@type":"ListItem","item":"#"},' * (MB // 32)
            + "{}]}}",
        ),
        ("html", "<!--" * (MB // 4)),
        ("html", "<a " * (MB // 3)),
        ("html", "<" * MB),
        ("html", "<!" * (MB // 2)),
        ("html", "<?" * (MB // 2)),
        ("html", "</" * (MB // 2)),
        ("html", "<![CDATA[" * (MB // 9)),
        ("html", '<script type="application/ld+json">' + "</scrip" * (MB // 7)),
        ("html", '<script type="application/ld+json">{}</script>' * (MB // 46)),
        ("html", "<a a='" + "b" * MB),
        ("csv", "name,price,category\n" + "Soup,x,Soups\n" * 59_000),
        ("csv", "kind,name,price\nsection,S,\n" + "dish,Soup,x\n" * 59_000),
        ("csv", "item name,variation name,price\n" + "Soup,Large,5\n" * 59_000),
        ("csv", "name,price\nSoup," + "<" * (MB // 10) + "\n"),
        ("csv", '"' * MB),
        (
            "csv",
            "operation,entity type,operation id,name,parent version id or operation id\n"
            + "CREATE,MODIFIER,1,a,1\n" * 45_000,
        ),
    ],
)
def test_no_file_takes_long(kind: str, content: str) -> None:
    began = time.process_time()
    check(content, kind)
    # Read twice, and both times within the time for its size.
    assert time.process_time() - began < 2 * SECONDS_PER_MB * max(len(content) / MB, 1)
