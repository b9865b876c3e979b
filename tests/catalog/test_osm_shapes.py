"""The same restaurant in every shape in which OpenStreetMap data travels."""

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.imports import osm
from catalog.models import CatalogRecord, Restaurant
from core.errors import Invalid

TAGS = {"amenity": "restaurant", "name": "Zum Krug", "cuisine": "german", "opening_hours": "Mo-Su 11:00-22:00"}
HERE = (50.0001, 7.0001)
"""The middle of the square of the tests, in Rhineland-Palatinate."""
LINE = [(50.0, 7.0), (50.0002, 7.0), (50.0002, 7.0002), (50.0, 7.0002), (50.0, 7.0)]
RING = [[longitude, latitude] for latitude, longitude in LINE]


def read(*elements: Any, **document: Any) -> osm.Reading:
    return osm.read(json.dumps({**document, "elements": list(elements)}))


def read_features(*features: Any, **document: Any) -> osm.Reading:
    return osm.read(json.dumps({**document, "type": "FeatureCollection", "features": list(features)}))


def feature(geometry: Any = None, *, own_id: Any = None, **properties: Any) -> dict[str, Any]:
    """`own_id` is the member `id` of the feature itself."""
    point = {"type": "Point", "coordinates": [7.0001, 50.0001]}
    given = {"type": "Feature", "geometry": geometry or point, "properties": {**TAGS, **properties}}
    return {**given, "id": own_id} if own_id else given


def only(reading: osm.Reading) -> Restaurant:
    assert reading.refusals == []
    (restaurant,) = reading.restaurants
    return restaurant


def check(restaurant: Restaurant, restaurant_id: str) -> None:
    assert (restaurant.id, restaurant.name, restaurant.country) == (restaurant_id, "Zum Krug", "DE")
    assert restaurant.position == pytest.approx(HERE, abs=1e-6)
    assert restaurant.opening_hours == "Mo-Su 11:00-22:00"


NODES = [{"type": "node", "id": number, "lat": lat, "lon": lon} for number, (lat, lon) in enumerate(LINE[:4], 1)]
OUTLINE = {"type": "way", "id": 8, "nodes": [1, 2, 3, 4, 1]}
OVERPASS = {
    "center": [{"type": "way", "id": 7, "center": {"lat": HERE[0], "lon": HERE[1]}, "tags": TAGS}],
    "bounds": [{"type": "way", "id": 7, "tags": TAGS,
                "bounds": {"minlat": 50.0, "minlon": 7.0, "maxlat": 50.0002, "maxlon": 7.0002}}],
    "geometry": [{"type": "way", "id": 7, "tags": TAGS, "geometry": [{"lat": lat, "lon": lon} for lat, lon in LINE] + [None]}],
    "nodes": [{"type": "way", "id": 7, "nodes": [1, 2, 3, 4, 1], "tags": TAGS}, *NODES],
    "nodes, some cut away": [{"type": "way", "id": 7, "nodes": [1, 2, 77, 3, 4, 1], "tags": TAGS}, *NODES],
    "tags and nodes apart": [{"type": "way", "id": 7, "tags": TAGS}, *NODES, {**OUTLINE, "id": 7}],
}  # fmt: skip


@pytest.mark.parametrize("elements", OVERPASS.values(), ids=OVERPASS.keys())
def test_a_way_is_in_the_middle_of_what_it_covers(elements: list[Any]) -> None:
    check(only(read(*elements)), "osm-way-7")


MEMBERS = {
    "way in the file": [{"type": "way", "ref": 8, "role": "outer"}],
    "holes": [{"type": "way", "ref": 8, "role": "outer"}, {"type": "node", "ref": 9, "role": "inner"}],
    "geometry": [{"type": "way", "ref": 55, "role": "outer", "geometry": [{"lat": lat, "lon": lon} for lat, lon in LINE]}],
    "nodes": [{"type": "node", "ref": number, "role": ""} for number in (1, 2, 3, 4)],
    "itself and others": [{"type": "relation", "ref": 7, "role": ""}, {"type": "way", "ref": 8, "role": ""}],
}  # fmt: skip


@pytest.mark.parametrize("members", MEMBERS.values(), ids=MEMBERS.keys())
def test_a_relation_is_in_the_middle_of_its_members(members: list[Any]) -> None:
    far = {"type": "node", "id": 9, "lat": 51.0, "lon": 8.0}
    relation = {"type": "relation", "id": 7, "members": [*members], "tags": {**TAGS, "type": "multipolygon"}}
    (restaurant,) = read(relation, OUTLINE, *NODES, far).restaurants
    check(restaurant, "osm-relation-7")
    assert restaurant.time_zone == "Europe/Berlin"


def test_what_is_only_part_of_something_else_is_no_refusal() -> None:
    stranger = {"type": "node", "id": 99, "lat": 50.0, "lon": 7.0}
    reading = read({**OUTLINE, "tags": TAGS}, *NODES, stranger)
    assert [(refusal.element, refusal.why) for refusal in reading.refusals] == [("element 2", "has no tags")]


def test_a_way_without_its_nodes_says_what_to_ask_for() -> None:
    reading = read({"type": "way", "id": 7, "nodes": [1, 2], "tags": TAGS})
    assert reading.refusals[0] == osm.Refusal("way 7", "has no position; ask Overpass with “out center”")


def test_what_overpass_says_of_an_incomplete_answer_is_passed_on() -> None:
    reading = read(*OVERPASS["center"], remark="runtime error: Query timed out in “query” at line 3 after 25 seconds.")
    assert reading.remark.startswith("runtime error: Query timed out")


POLYGON = {"type": "Polygon", "coordinates": [RING]}
GEOMETRIES = {
    "a point": {"type": "Point", "coordinates": [7.0001, 50.0001]},
    "one of several points": {"type": "MultiPoint", "coordinates": [[7.0001, 50.0001]]},
    "the same point twice": {"type": "MultiPoint", "coordinates": [[7.0001, 50.0001], [7.0001, 50.0001, 12.0]]},
    "an area": POLYGON,
    "areas": {"type": "MultiPolygon", "coordinates": [[RING]]},
    "a line that closes": {"type": "LineString", "coordinates": RING},
    "lines, one that closes": {"type": "MultiLineString", "coordinates": [RING]},
    "a collection with an area": {
        "type": "GeometryCollection",
        "geometries": [{"type": "Point", "coordinates": [8, 51]}, POLYGON, None],
    },
    "a collection of a point": {
        "type": "GeometryCollection",
        "geometries": [{"type": "Point", "coordinates": [7.0001, 50.0001]}],
    },
}


@pytest.mark.parametrize("geometry", GEOMETRIES.values(), ids=GEOMETRIES.keys())
def test_a_geometry_is_one_place(geometry: Any) -> None:
    check(only(read_features(feature(geometry, own_id="relation/7"))), "osm-relation-7")


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        ({"type": "MultiPoint", "coordinates": [[7.0, 50.0], [7.1, 50.0]]}, "several points"),
        ({"type": "MultiPoint", "coordinates": []}, "point or an area"),
        ({"type": "LineString", "coordinates": RING[:-1]}, "neither a point nor an area"),
        ({"type": "LineString", "coordinates": None}, "neither a point nor an area"),
        ({"type": "GeometryCollection", "geometries": []}, "point or an area"),
        ({"type": "GeometryCollection", "geometries": [{"type": "GeometryCollection", "geometries": [POLYGON]}]}, "an area"),
        ({"type": "Point", "coordinates": [779_236.4, 6_446_275.8]}, "WGS 84"),
        ({"type": "Point", "coordinates": [10**400, 50]}, "WGS 84"),
        ({"type": "Point", "coordinates": []}, "no position"),
        ({"type": "Polygon", "coordinates": [[[179.99, 51], [-179.99, 51], [-179.99, 51.1], [179.99, 51]]]}, "180th meridian"),
        ({"type": "Polygon", "coordinates": [[[2, 48], [2, 49], [3, 49], [2, 48]]]}, "larger than any building"),
    ],
)  # fmt: skip
def test_a_geometry_that_is_no_place_says_why(geometry: Any, why: str) -> None:
    (refusal,) = read_features(feature(geometry)).refusals
    assert why in refusal.why


HSTORE = (
    '"amenity"=>"restaurant","name"=>"Zum Krug", "cuisine"=>"german","x"=>NULL,'
    '"note"=>"say \\"hi\\" \\\\ bye","opening_hours"=>"Mo-Su 11:00-22:00"'
)
PROGRAMS = {
    "overpass-turbo": ({"@id": "node/7"}, None, "node-7"),
    "osmtogeojson": ({"type": "node", "id": 7, "tags": TAGS, "relations": [], "meta": {}}, "node/7", "node-7"),
    "osmium": ({}, "n7", "node-7"),
    "osmium, attributes": ({"@type": "node", "@id": 7}, None, "node-7"),
    "QuickOSM for QGIS": ({"full_id": "n7", "osm_id": "7", "osm_type": "node"}, None, "node-7"),
    "osmnx": ({"element": "node", "id": 7}, "('node', 7)", "node-7"),
    "ogr2ogr, points": ({"osm_id": "7", "other_tags": '"wheelchair"=>"yes"'}, None, "node-7"),
    "Geofabrik": ({"osm_id": "7", "code": 2301, "fclass": "restaurant", "amenity": None}, None, "node-7"),
}


@pytest.mark.parametrize(("properties", "own_id", "expected"), PROGRAMS.values(), ids=PROGRAMS.keys())
def test_each_program_has_its_own_way_to_say_the_id(properties: Any, own_id: Any, expected: str) -> None:
    check(only(read_features(feature(own_id=own_id, **properties))), f"osm-{expected}")


@pytest.mark.parametrize(
    ("properties", "geometry", "expected"),
    [
        ({"osm_id": None, "osm_way_id": "7"}, {"type": "MultiPolygon", "coordinates": [[RING]]}, "way-7"),
        ({"osm_id": "7", "osm_way_id": None}, {"type": "MultiPolygon", "coordinates": [[RING]]}, "relation-7"),
        ({"osm_id": "7"}, {"type": "LineString", "coordinates": RING}, "way-7"),
    ],
)
def test_gdal_says_by_the_column_what_the_number_is_of(properties: Any, geometry: Any, expected: str) -> None:
    check(only(read_features(feature(geometry, **properties))), f"osm-{expected}")


@pytest.mark.parametrize(
    "properties",
    [
        {"osm_id": "7", "other_tags": HSTORE},
        {"osm_id": "7", "name": "Zum Krug", "other_tags": json.dumps({**TAGS, "name": "Zum Krug"})},
        {"osm_id": "7", "all_tags": HSTORE},
        {"@id": "node/7", "properties": TAGS},
        {"@id": "node/7", "AMENITY": "restaurant", "NAME": "Zum Krug", "OPENING_HOURS": "Mo-Su 11:00-22:00"},
    ],
)
def test_tags_are_found_where_the_programs_put_them(properties: dict[str, Any]) -> None:
    check(only(read_features({**feature(), "properties": properties})), "osm-node-7")


@pytest.mark.parametrize(
    "text", ['"amenity"=>"cafe', "amenity=cafe", '{"amenity": ', "{" + "[" * 100_000, '"a"=>"b" "c"']
)
def test_tags_that_cannot_be_read_are_told(text: str) -> None:
    (refusal,) = read_features(feature(other_tags=text)).refusals
    assert refusal.why == "has tags that cannot be read"


def esri(geometry: Any = None, **attributes: Any) -> dict[str, Any]:
    return {"attributes": {"OBJECTID": 1, "osm_id": 7, "osm_type": "node", **TAGS, **attributes},
            "geometry": geometry or {"x": 7.0001, "y": 50.0001}}  # fmt: skip


def read_esri(*features: Any, wkid: Any = 4326, **document: Any) -> osm.Reading:
    reference = {"spatialReference": {"wkid": wkid, "latestWkid": wkid}} if wkid else {}
    return osm.read(json.dumps({"displayFieldName": "", **reference, **document, "features": list(features)}))


@pytest.mark.parametrize(
    "geometry",
    [
        {"x": 7.0001, "y": 50.0001},
        {"x": 7.0001, "y": 50.0001, "spatialReference": {"wkid": 4326}},
        {"points": [[7.0001, 50.0001]]},
        {"rings": [[[7.0001, 50.0001], [7.0001, 50.00011], [7.00011, 50.0001], [7.0001, 50.0001]], RING]},
        {"paths": [RING]},
    ],
)
def test_esri_json_is_read_like_geojson(geometry: Any) -> None:
    check(only(read_esri(esri(geometry))), "osm-node-7")


@pytest.mark.parametrize(
    ("geometry", "why"),
    [
        ({"x": "NaN", "y": "NaN"}, "no position"),
        ({"x": 7.0, "y": 50.0, "spatialReference": {"wkid": 102100}}, "102100"),
        ({"curveRings": []}, "no geometry"),
    ],
)
def test_an_esri_feature_that_is_no_place_says_why(geometry: Any, why: str) -> None:
    assert why in read_esri(esri(), esri(geometry)).refusals[0].why


@pytest.mark.parametrize(
    ("read_it", "why"),
    [
        (lambda: read_esri(esri(), wkid=102100), "The projection is 102100; export in WGS 84"),
        (
            lambda: read_esri(esri(), wkid=None, spatialReference={"wkt": 'PROJCS["ETRS_1989_UTM_Zone_32N"…'}),
            "not in degrees",
        ),
        (
            lambda: read_features(
                feature(), crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::3857"}}
            ),
            "3857",
        ),
        (lambda: read_features(feature(), crs={"type": "name", "properties": {"name": "EPSG:25832"}}), "EPSG:25832"),
        (lambda: read_features(feature(), crs="of my own"), "of my own"),
    ],
)
def test_another_projection_is_refused_as_a_whole(read_it: Any, why: str) -> None:
    with pytest.raises(Invalid, match=why):
        read_it()


@pytest.mark.parametrize(
    "name", ["urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:EPSG::4326", "EPSG:4326", "OGC:CRS84"]
)
def test_the_names_of_wgs_84_are_known(name: str) -> None:
    check(
        only(read_features(feature(own_id="node/7"), crs={"type": "name", "properties": {"name": name}})), "osm-node-7"
    )
    assert only(read_features(feature(), crs=None)).country == "DE"


@pytest.mark.parametrize("between", ["\n", "\r\n", "\n\x1e", "\n\n"])
def test_a_feature_a_line_is_read(between: str) -> None:
    text = between.join(json.dumps(feature(own_id=f"node/{number}")) for number in (1, 2, 3))
    assert [restaurant.id for restaurant in osm.read(text).restaurants] == ["osm-node-1", "osm-node-2", "osm-node-3"]


def test_a_single_line_may_begin_with_a_separator() -> None:
    assert only(osm.read("\x1e" + json.dumps(feature(own_id="node/7")) + "\n")).id == "osm-node-7"


def test_a_single_feature_and_a_bare_list_are_read() -> None:
    for document in (feature(own_id="node/7"), [feature(own_id="node/7")], OVERPASS["center"]):
        assert only(osm.read(json.dumps(document))).name == "Zum Krug"


@pytest.mark.parametrize(
    ("properties", "own_id"),
    [
        ({"OBJECTID": 1}, 1),
        ({"fid": "3"}, None),
        ({"@id": "note/1"}, None),
        ({"osm_id": "0"}, None),
        ({"id": "abc"}, "way/x"),
    ],
)
def test_without_an_id_one_is_made_that_stays(properties: Any, own_id: Any) -> None:
    first = only(read_features(feature(own_id=own_id, **properties)))
    again = only(read_features(feature(OBJECTID=99, cuisine="pizza", amenity="pub", name="ZUM KRUG")))
    assert first.id == again.id
    assert str(first.id).startswith("osm-place-")


def test_an_id_that_was_made_changes_with_name_and_place_only() -> None:
    moved = {"type": "Point", "coordinates": [7.0002, 50.0001]}
    given = [feature(), feature(name="Zum Kessel"), feature(moved), feature(moved, name="Zum Kessel")]
    assert len({restaurant.id for restaurant in read_features(*given).restaurants}) == 4
    assert read_features(feature(), feature(phone="1")).refusals[0].why == "is in the file twice"
    # What an editor has not saved yet has a number below zero, another one each time.
    assert str(only(read({"type": "node", "id": -3, "lat": 50.0, "lon": 7.0, "tags": TAGS})).id).startswith(
        "osm-place-"
    )


def test_a_file_without_ids_changes_nothing_the_second_time(tables: None, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "no-ids.geojson"
    for object_id in (1, 2):
        path.write_text(
            json.dumps({"type": "FeatureCollection", "features": [feature(own_id=object_id, OBJECTID=object_id)]})
        )
        call_command("import_restaurants", str(path))
    assert [line[:40] for line in capsys.readouterr().out.splitlines()] == [
        "no-ids.geojson: 1 new, 0 changed, 0 unch", "no-ids.geojson: 0 new, 0 changed, 1 unch",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("elements", "why"),
    [
        ([], "it is empty"),
        ([{"type": "node", "id": 1, "lat": 50, "lon": 7}] * 2, "2 × has no tags"),
        ([{"type": "way", "id": 7, "nodes": [1], "tags": TAGS}], "1 × has no position; ask Overpass"),
        (
            [{"type": "node", "id": 1, "lat": 35.7, "lon": 139.7, "tags": TAGS}],
            r"1 × lies in .* not served \(JP\)",
        ),
    ],
)
def test_a_file_of_which_nothing_is_taken_is_an_error(tables: None, tmp_path: Path, elements: Any, why: str) -> None:
    good, empty = tmp_path / "good.json", tmp_path / "empty.json"
    good.write_text(json.dumps({"elements": OVERPASS["center"]}))
    empty.write_text(json.dumps({"elements": elements}))
    with pytest.raises(
        CommandError, match=f"empty.json: It has nothing that can be taken: {why}.* Nothing was imported"
    ):
        call_command("import_restaurants", str(good), str(empty))
    assert list(CatalogRecord.scan()) == []


def test_the_report_counts_by_reason_and_by_what_was_not_kept(tables: None, tmp_path: Path, capsys: Any) -> None:
    path = tmp_path / "some.json"
    unclear = {**TAGS, "phone": "ask inside; +49 30 23125 010", "website": "none"}
    features = [
        feature(own_id="node/1", **unclear),
        *[feature(own_id=f"node/{n}", amenity="bank") for n in range(2, 5)],
        feature(name=""),
    ]
    path.write_text(json.dumps({"features": features}))
    call_command("import_restaurants", str(path))
    report = capsys.readouterr().out
    assert "1 new, 0 changed, 0 unchanged, 4 refused" in report
    assert "not kept: 1 phone numbers that cannot be read, 1 websites without an address" in report
    assert "  3 refused: is not a place that serves food\n  1 refused: has no name\n" in report
