"""Reading OpenStreetMap data, clean and dirty."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog import actions
from catalog.imports import osm
from catalog.menus import menu_of
from catalog.models import Card, CatalogRecord, Restaurant
from catalog.samples.dishes import menu_for
from core.errors import Conflict, Invalid
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
    found = one(opening_hours="17:00-20:00, when we feel like it")
    assert (found.opening_hours, found.opening_hours_text) == (None, "17:00-20:00, when we feel like it")


def test_days_without_times_are_kept_as_text() -> None:
    found = one(opening_hours="Tu-Su")
    assert (found.opening_hours, found.opening_hours_text) == (None, "Tu-Su")


def test_hours_are_stored_as_they_are_meant() -> None:
    assert one(opening_hours="Sa, Su 18:00-22:00").opening_hours == "Sa,Su 18:00-22:00"
    assert one(opening_hours="Sa 18:00-02:00; Su 12:00-22:00").opening_hours == "Sa 18:00-02:00; Su 12:00-22:00"


def test_hours_as_people_write_them_are_read() -> None:
    found = one(opening_hours="17:00-20:00, lun-ven")
    assert (found.opening_hours, found.opening_hours_text) == ("Mo-Fr 17:00-20:00", None)


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
        (element(type="area"), "neither a node nor a way"),
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
    with pytest.raises(Invalid, match="not JSON: .* line 1|not Overpass JSON|nested too deeply"):
        osm.read(text)


def test_control_characters_are_taken_out() -> None:
    assert one(name="Chez\x00 Lu\ncette").name == "Chez Lu cette"


def feature(number: int = 1, geometry: Any = None, **properties: Any) -> dict[str, Any]:
    given = {"@id": f"node/{number}", **TAGS, **properties}
    return {
        "type": "Feature",
        "geometry": geometry or {"type": "Point", "coordinates": [2.3522, 48.8566]},
        "properties": given,
    }


def read_features(*features: Any) -> osm.Reading:
    return osm.read(json.dumps({"type": "FeatureCollection", "features": list(features)}))


SQUARE = [[2.0, 48.0], [2.2, 48.0], [2.2, 48.2], [2.0, 48.2], [2.0, 48.0]]
SPECK = [[5.0, 45.0], [5.01, 45.0], [5.01, 45.01], [5.0, 45.0]]


def test_geojson_is_read_like_overpass_json() -> None:
    tags = {"addr:street": "Rue X", "cuisine": "french", "diet:vegan": "yes", "name:de": "Bei Lucette"}
    (overpass,) = read(element(tags=tags)).restaurants
    (colons,) = read_features(feature(**tags)).restaurants
    (underscores,) = read_features(
        feature(addr_street="Rue X", cuisine="french", diet_vegan="yes", name_de="Bei Lucette")
    ).restaurants
    (nested,) = read_features({**feature(), "properties": {"@id": "node/1", "tags": {**TAGS, **tags}}}).restaurants
    as_stored = [found.to_dynamodb_dict() for found in (overpass, colons, underscores, nested)]
    assert all(stored == as_stored[0] for stored in as_stored)


@pytest.mark.parametrize(
    "identity",
    [
        {"@id": "node/7"},
        {"@id": None, "id": "node/7"},
        {"@id": "https://www.openstreetmap.org/node/7"},
        {"@id": 7, "@type": "node"},
        {"@id": None, "osm_id": "7", "osm_type": "node"},
    ],
)
def test_geojson_ids_come_under_several_names(identity: dict[str, Any]) -> None:
    assert read_features(feature(**identity)).restaurants[0].id == "osm-node-7"


@pytest.mark.parametrize(
    ("geometry", "position"),
    [
        ({"type": "Point", "coordinates": [2.35, 48.85, 35.0]}, (48.85, 2.35)),
        ({"type": "Polygon", "coordinates": [SQUARE]}, (48.1, 2.1)),
        ({"type": "MultiPolygon", "coordinates": [[SPECK], [SQUARE, SPECK]]}, (48.1, 2.1)),
        ({"type": "Polygon", "coordinates": [[[2.1, 48.1], [2.1, 48.1], [2.1, 48.1]]]}, (48.1, 2.1)),
    ],
)
def test_a_geojson_area_is_where_its_centre_is(geometry: Any, position: tuple[float, float]) -> None:
    (found,) = read_features(feature(geometry=geometry, **{"@id": "way/3"})).restaurants
    assert found.position == pytest.approx(position)


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ("text", "not a GeoJSON feature"),
        ({"type": "Feature"}, "no properties"),
        ({**feature(), "geometry": None}, "no geometry"),
        (feature(geometry={"type": "LineString", "coordinates": SQUARE[:-1]}), "neither a point nor an area"),
        (feature(geometry={"type": "Polygon", "coordinates": []}), "without an outer ring"),
        (feature(geometry={"type": "MultiPolygon", "coordinates": []}), "no geometry that is"),
        (feature(geometry={"type": "Point", "coordinates": [2.0, "48"]}), "no position"),
        (feature(geometry={"type": "Point", "coordinates": [2.0, True]}), "no position"),
        (feature(geometry={"type": "Point", "coordinates": 5}), "no position"),
        (feature(geometry={"type": "Point", "coordinates": [2.0, 99.0]}), "latitude"),
    ],
)
def test_a_geojson_feature_that_is_refused_says_why(broken: Any, why: str) -> None:
    reading = read_features(broken, feature(2))
    assert why in reading.refusals[0].why
    assert [found.id for found in reading.restaurants] == ["osm-node-2"]


def test_diets_payments_and_names_in_other_languages_are_kept() -> None:
    found = one(**{
        "diet:vegan": "only", "diet:halal": "no", "payment:credit_cards": "yes", "payment:cash": "yes",
        "name:zh-Hant": "露西", "name:etymology:wikidata": "Q1", "name:pronunciation": "x",
    })  # fmt: skip
    assert (found.diets, found.payments, found.names) == (["vegan"], ["cash", "credit cards"], {"zh-Hant": "露西"})
    assert (one().diets, one().payments, one().names) == (None, None, None)


HOSTILE = {
    "markup": "<script>alert(1)</script>",
    "right to left": "\u202egnp.exe \u2066x\u2069 مطعم",
    "emoji": "👩‍👩‍👧‍👦🍕",
    "long": "x" * 10_000,
    "formula": "=HYPERLINK(A1)",
    "half a character": "a\ud800b",
    "a list": ["x"],
    "a huge number": 10**400,
    "nothing": None,
}
FIELDS = (
    "name", "cuisine", "opening_hours", "phone", "website", "addr:street", "addr:country", "diet:vegan", "payment:cash",
    "name:fr", "delivery", "takeaway", "amenity", "diet:" + "x" * 10_000, "payment:\ud800",
)  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("field", FIELDS, ids=[field[:20].encode("ascii", "replace").decode() for field in FIELDS])
def test_hostile_text_is_bounded_or_refused_and_can_be_stored(tables: None, field: str, text: Any) -> None:
    reading = read(element(tags={field: text, "diet:\ud800": "yes"}))
    assert len(reading.restaurants) + len(reading.refusals) == 1
    for restaurant in reading.restaurants:
        restaurant.save()
        stored = json.dumps(restaurant.to_dynamodb_dict(), ensure_ascii=False)
        assert len(stored.encode()) < 5_000
        assert not set("\u202e\u2066") & set(stored)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"elements": ' * 100_000, "nested too deeply"),
        ('{"elements": [' + "[" * 200_000, "nested too deeply"),
        ("[" + "[]," * 4_000_001, "more than 4 million values"),
        ('{"elements": [' + "0," * 200_000 + "0]}", "more than 200000 elements"),
        ('{"elements": [NaN]}', "NaN is no number"),
        ('{"elements": [-Infinity]}', "-Infinity is no number"),
        ('{"elements": [' + "9" * 10_000 + "]}", "thousands of digits"),
    ],
    ids=["objects", "lists", "many", "elements", "NaN", "Infinity", "digits"],
)
def test_json_bombs_are_refused_as_a_whole(text: str, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        osm.read(text)


def test_a_number_without_end_is_no_position() -> None:
    text = json.dumps({"elements": [element(lat=1.5)]}).replace("1.5", "1e400")
    assert "latitude" in osm.read(text).refusals[0].why


def test_a_file_over_the_limit_is_not_even_opened(tables: None, tmp_path: Path) -> None:
    path = tmp_path / "large.json"
    with path.open("wb") as file:
        file.truncate(osm.MAX_FILE_BYTES + 1)
    with pytest.raises(CommandError, match="larger than 50 MB; split it"):
        call_command("import_restaurants", str(path))


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
    assert (
        "2 new, 0 changed, 0 unchanged, 1 refused; hours: 1 read, 0 read as written text, 1 kept as text, 0 absent"
        in first
    )
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
    (card, *_) = [row for row in CatalogRecord.scan() if isinstance(row, Card) and row.restaurant == "osm-node-1"]
    assert dishes[0].name in card.dish_names.split("\n"), "it is found by its dishes"
    call_command("import_restaurants", str(file), "--menus")
    assert "2 unchanged, 0 menus given" in capsys.readouterr().out


def test_half_a_menu_of_a_killed_import_is_mended_by_the_next(tables: None, file: Path, capsys: Any) -> None:
    call_command("import_restaurants", str(file))
    # As releases before left it: some dishes, and a profile that knows nothing of them.
    for dish in menu_for(CatalogRecord.get("restaurant#osm-node-1", "profile"))[1][:3]:
        dish.save()
    call_command("import_restaurants", str(file), "--menus")
    assert "2 menus given" in capsys.readouterr().out
    restaurant, dishes = menu_of("osm-node-1")
    sections, wanted = menu_for(restaurant)
    assert restaurant.sections == sections
    assert [dish.name for dish in dishes] == [dish.name for dish in wanted]


def test_two_imports_at_once_both_succeed(
    tables: None, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    original = actions._put_together
    others = iter(["once"])

    def together(stored: Any, wanted: Any) -> bool:
        for _ in others:
            call_command("import_restaurants", str(file))
        return original(stored, wanted)

    monkeypatch.setattr(actions, "_put_together", together)
    call_command("import_restaurants", str(file))
    first, second = (line for line in capsys.readouterr().out.splitlines() if "unchanged" in line)
    assert "2 new, 0 changed, 0 unchanged" in first
    assert "0 new, 0 changed, 2 unchanged" in second


def test_an_import_that_is_refused_on_its_way_says_what_it_has_written(
    tables: None, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = actions._put_together

    def together(stored: Any, wanted: Any) -> bool:
        if wanted.id == "osm-node-1":
            return original(stored, wanted)
        raise Conflict

    monkeypatch.setattr(actions, "_put_together", together)
    with pytest.raises(CommandError) as refused:
        call_command("import_restaurants", str(file))
    assert "“Chez Lucette” (osm-node-2)" in str(refused.value)
    assert "Written so far, and kept: 1." in str(refused.value)
    assert "nothing" not in str(refused.value)


def test_without_the_samples_menus_cannot_be_given(
    tables: None, file: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    """As in the package that is deployed, which leaves them out."""
    for name in ("catalog.samples", "catalog.samples.dishes"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(
        CommandError, match="sample menus are not part of what is deployed; .* on a developer's machine"
    ):
        call_command("import_restaurants", str(file), "--menus")
    assert list(CatalogRecord.scan()) == []
    call_command("import_restaurants", str(file))
    assert "2 new" in capsys.readouterr().out


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
    assert (
        "43 new, 0 changed, 0 unchanged, 0 refused; hours: 1 read, 11 read as written text, 0 kept as text, 31 absent"
        in report
    )
    assert (
        "64 new, 0 changed, 0 unchanged, 0 refused; hours: 17 read, 0 read as written text, 0 kept as text, 47 absent"
        in report
    )
