"""Reading OpenStreetMap data, clean and dirty."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog import osm
from catalog.models import Card, CatalogRecord, Restaurant, menu_of
from core.errors import Invalid
from tests.conftest import region

REAL = Path(os.environ.get("FFT_OSM_DATA") or Path(__file__).parents[3] / "shared" / "data" / "osm")
TAGS = {"amenity": "restaurant", "name": "Chez Lucette", "cuisine": "french", "opening_hours": "Mo-Su 12:00-22:00"}


def element(number: int = 1, *, tags: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    return {"type": "node", "id": number, "lat": 48.8566, "lon": 2.3522, "tags": {**TAGS, **(tags or {})}, **values}


def read(*elements: Any) -> osm.Reading:
    return osm.read(json.dumps({"elements": list(elements)}))


def one(**tags: Any) -> Restaurant:
    reading = read(element(tags=tags))
    assert reading.refusals == []
    return reading.restaurants[0]


def test_a_node_becomes_a_restaurant_of_its_country() -> None:
    found = one(**{"addr:housenumber": "5", "addr:street": "Rue X", "addr:city": "Paris", "phone": "+33 1 99 00 00 00"})
    assert (found.id, found.name, found.cuisines) == ("osm-node-1", "Chez Lucette", ["french"])
    assert found.address == {"street": "5 Rue X", "city": "Paris"}
    assert (found.country, found.time_zone, found.currency, found.tax_included) == ("FR", "Europe/Paris", "EUR", True)
    assert found.opening_hours == "Mo-Su 12:00-22:00"


def test_a_way_is_where_its_center_is() -> None:
    way = element(7, type="way", center={"lat": 40.73, "lon": -73.99})
    del way["lat"], way["lon"]
    (found,) = read(way).restaurants
    assert (found.id, found.country, found.time_zone) == ("osm-way-7", "US", "America/New_York")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Indian;vegetarian", ["indian", "vegetarian"]),
        ("Indian, vegetarian", ["indian", "vegetarian"]),
        ("vegetarian,_middle-eastern", ["vegetarian", "middle-eastern"]),
        ("vegan/vegetarian", ["vegan", "vegetarian"]),
        ("Thai:vegetarian", ["thai", "vegetarian"]),
        ("indian; indian ;", ["indian"]),
        ("", []),
    ],
)
def test_cuisines_are_plain_words(given: str, expected: list[str]) -> None:
    assert one(cuisine=given).cuisines == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("www.example.org", "https://www.example.org"),
        ("Http://www.example.org/Menu", "http://www.example.org/Menu"),
        ("javascript:alert(1)", None),
        ("javascript://example.org/%0aalert(1)", None),
        ("not a site", None),
        ("http://[broken", None),
    ],
)
def test_a_website_is_an_http_address_or_none(given: str, expected: str | None) -> None:
    assert one(website=given).website == expected


def test_hours_that_nobody_can_read_are_kept_as_text() -> None:
    found = one(opening_hours="17:00-20:00, lun-ven")
    assert (found.opening_hours, found.opening_hours_text) == (None, "17:00-20:00, lun-ven")


def test_delivery_and_takeaway_are_respected() -> None:
    assert one(delivery="no").delivers is False
    assert one(takeaway="no").offers_pickup is False


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (element(tags={"name": ""}), "has no name"),
        (element(tags={"name": "x" * 121}), "more than 120"),
        (element(tags={"name": ["a"]}), "has no name"),
        (element(tags={"amenity": "bank"}), "serves food"),
        ({"type": "node", "id": 1, "lat": 1, "lon": 1}, "no tags"),
        (element(lat="48"), "no position"),
        (element(lat=95.0), "latitude"),
        (element(lat=None), "no position"),
        (element(type="way"), "out center"),
        (element(number=-1), "with a number"),
        (element(lat=35.68, lon=139.76), "not served"),
        (element(lat=0.0, lon=-30.0), "not served"),
        ("text", "not an object"),
    ],
)
def test_what_is_refused_says_why(broken: Any, why: str) -> None:
    reading = read(broken, element(2))
    assert why in reading.refusals[0].why
    assert [found.id for found in reading.restaurants] == ["osm-node-2"]


def test_an_element_twice_is_taken_once() -> None:
    reading = read(element(), element())
    assert (len(reading.restaurants), reading.refusals[0].why) == (1, "is in the file twice")


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"elements": {}}', "[" * 100_000])
def test_a_file_that_is_not_overpass_json_says_where(text: str) -> None:
    with pytest.raises(Invalid, match="not JSON: .* line 1|not Overpass JSON"):
        osm.read(text)


def test_control_characters_are_taken_out() -> None:
    assert one(name="Chez\x00 Lu\ncette").name == "Chez Lu cette"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "some.json"
    path.write_text(
        json.dumps({"elements": [element(), element(2, tags={"opening_hours": "?"}), element(3, tags={"name": ""})]})
    )
    return path


def test_the_import_reports_and_a_second_one_changes_nothing(tables: None, file: Path, capsys: Any) -> None:
    call_command("import_restaurants", str(file))
    first = capsys.readouterr().out
    assert "2 new, 0 changed, 0 unchanged, 1 refused; hours: 1 read, 1 kept as text, 0 absent" in first
    assert "refused node 3: has no name" in first
    before = [item.version for item in CatalogRecord.scan()]
    call_command("import_restaurants", str(file))
    assert "0 new, 0 changed, 2 unchanged" in capsys.readouterr().out
    assert [item.version for item in CatalogRecord.scan()] == before


def test_a_changed_name_changes_the_cards_too(tables: None, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "some.json"
    for name in ("Old", "New"):
        path.write_text(json.dumps({"elements": [element(tags={"name": name})]}))
        call_command("import_restaurants", str(path))
    assert "1 changed" in capsys.readouterr().out
    assert {row.name for row in CatalogRecord.scan() if isinstance(row, Card)} == {"New"}


def test_menus_are_given_by_cuisine_and_once(tables: None, file: Path, capsys: Any) -> None:
    call_command("import_restaurants", str(file), "--menus")
    assert "2 menus given" in capsys.readouterr().out
    restaurant, dishes = menu_of("osm-node-1")
    assert len(dishes) >= 15
    assert {dish.section for dish in dishes} == {section["id"] for section in restaurant.sections}
    call_command("import_restaurants", str(file), "--menus")
    assert "2 unchanged, 0 menus given" in capsys.readouterr().out


def test_an_import_outside_the_master_has_to_wait(tables: None, file: Path) -> None:
    with region("eu-west-1"), pytest.raises(CommandError, match="changed in us-east-1 only; while it is away, .* wait"):
        call_command("import_restaurants", str(file))


def test_nothing_is_imported_when_one_of_the_files_is_broken(tables: None, file: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text('{"elements": [\n{"type": }')
    with pytest.raises(CommandError, match="line 2"):
        call_command("import_restaurants", str(file), str(broken))
    assert list(CatalogRecord.scan()) == []


@pytest.mark.skipif(
    not REAL.is_dir(), reason=f"the real OpenStreetMap files are not at {REAL}; say where with FFT_OSM_DATA"
)
def test_the_real_files_are_read(tables: None, capsys: Any) -> None:
    call_command("import_restaurants", *sorted(str(path) for path in REAL.glob("*.json")))
    report = capsys.readouterr().out
    assert "43 new, 0 changed, 0 unchanged, 0 refused; hours: 1 read, 11 kept as text, 31 absent" in report
    assert "64 new, 0 changed, 0 unchanged, 0 refused; hours: 17 read, 0 kept as text, 47 absent" in report
