"""Files made of what could stand in them and of what could not: read or refused, within a time."""

import json
import os
import time
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.imports import osm
from core.errors import Refused

EXAMPLES = int(os.environ.get("FFT_EXAMPLES", "0"))
"""So many random files of each format; without it the same 300 every time."""
RUNS = settings(
    max_examples=EXAMPLES or 300,
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
)
MAX_SECONDS = 1.0
MEGABYTE = 1024**2

NAMES = (
    "amenity", "fclass", "name", "brand", "cuisine", "opening_hours", "phone", "contact:phone", "website", "addr:street",
    "addr:country", "addr:housenumber", "addr:unit", "addr:city", "addr:state", "addr:postcode", "addr_street", "ISO3166-2",
    "diet:vegan", "name:fr", "payment_cash", "other_tags", "tags", "properties",
    "osm_id", "osm_way_id", "osm_type", "@id", "@type",
    "id", "type", "full_id", "CUISINE", "delivery", "takeaway", "\ud800", "",
)  # fmt: skip
TEXTS = (
    "restaurant", "Zum Krug", "Mo-Su 11:00-22:00", "Mo-Fr 11-22, \"x\"", "+49 30 23125 010; 030/1234567 or 5",
    "(212) 555-0100, ext. 3", "example.org",
    "http://[x", "DE", "FR", "US", "NY", "Bayern", "DE-BY", "7", "67000", "yes", "node", "way", "relation", "node/7", "n7", "w0",
    '"amenity"=>"cafe","name"=>"x"', '"a"=>"\\', '{"amenity": "bar", "name": {}}', "[" * 2_000,
    "x" * 3_000, "\u202e\x00\ud83d", "٣٣",
)  # fmt: skip
NUMBERS = (
    0,
    -0.0,
    1,
    7,
    -3,
    50,
    7.0001,
    50.0001,
    90.0,
    180,
    -180.0,
    180.0000001,
    1e308,
    10**17,
    10**400,
    2.2e-308,
    True,
)

scalars = st.sampled_from([*NUMBERS, *TEXTS, None, False]) | st.floats(-180, 180) | st.text(max_size=20)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4), max_leaves=10
)  # fmt: skip
texts = st.sampled_from(TEXTS) | st.text(max_size=40)
tags = st.builds(
    lambda given, likely: {"amenity": "restaurant", "name": "Zum Krug", **given} if likely else given,
    st.dictionaries(st.sampled_from(NAMES), texts | anything, max_size=8),
    st.booleans() | st.just(True),
)
degrees = st.sampled_from(NUMBERS) | st.floats(-181, 181) | anything
ids = st.integers(1, 9) | anything
served = st.tuples(st.floats(36, 60), st.floats(-9, 24))
kinds = st.sampled_from(["node", "way", "relation", "area", "count"]) | anything


def some(required: dict[str, Any], **optional: Any) -> Any:
    """An object with some of these members."""
    return st.fixed_dictionaries(required, optional=optional)


points = served.map(lambda place: {"lat": place[0], "lon": place[1]}) | some({}, lat=degrees, lon=degrees) | anything
roles = st.sampled_from(["outer", "inner", ""])
members = some({}, type=kinds, ref=ids, role=roles, geometry=st.lists(points, max_size=4), lat=degrees, lon=degrees)
bounds = some({}, minlat=degrees, minlon=degrees, maxlat=degrees, maxlon=degrees)
elements = some(
    {"type": kinds, "id": ids}, lat=degrees, lon=degrees, center=points, bounds=bounds | anything, tags=tags | anything,
    geometry=st.lists(points, max_size=5) | anything, nodes=st.lists(ids, max_size=5) | anything,
    members=st.lists(members | anything, max_size=4),
)  # fmt: skip
overpass = some({"elements": st.lists(elements | anything, max_size=8)}, remark=anything)

pairs = served.map(lambda place: [place[1], place[0]]) | st.lists(degrees, max_size=3)
rings = st.lists(pairs, max_size=5).map(lambda ring: [*ring, *ring[:1]]) | anything
coordinates = pairs | rings | st.lists(rings, max_size=3) | st.lists(st.lists(rings, max_size=2), max_size=2) | anything
shapes = (
    st.sampled_from(["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "Curve"])
    | anything
)
simple = some({"type": shapes, "coordinates": coordinates})
geometries = simple | some(
    {"type": st.just("GeometryCollection"), "geometries": st.lists(simple | anything, max_size=3) | anything}
)
projections = some({}, name=st.sampled_from(["EPSG:4326", "EPSG:3857"]) | anything)
crs = st.none() | some({"type": st.just("name"), "properties": projections}) | anything
features = some(
    {"type": st.just("Feature") | anything, "properties": tags | anything, "geometry": geometries | anything},
    id=ids,
    crs=crs,
)
geojson = (
    some({"type": st.just("FeatureCollection"), "features": st.lists(features | anything, max_size=6)}, crs=crs)
    | features
)

reference = (
    some({}, wkid=st.sampled_from([4326, 102100]) | anything, latestWkid=st.just(4326) | anything, wkt=texts) | anything
)
places = some(
    {}, x=degrees, y=degrees, points=coordinates, rings=coordinates, paths=coordinates, spatialReference=reference
)
esri = some(
    {"features": st.lists(some({"attributes": tags | anything}, geometry=places | anything) | anything, min_size=1, max_size=6)},
    spatialReference=reference,
)  # fmt: skip


def check(text: str) -> None:
    """Read, or refused by name, in time; what is read can be stored."""
    # Twice, when it was slow: now and then Python collects garbage, and once in a while all that Hypothesis keeps.
    assert seconds(text) < MAX_SECONDS or seconds(text) < MAX_SECONDS
    try:
        reading = osm.read(text)
    except Refused:
        return
    for restaurant in reading.restaurants:
        stored = json.dumps(restaurant.to_dynamodb_dict(), ensure_ascii=False).encode()
        assert len(stored) < 8_000
        assert all(number.startswith("+") for number in restaurant.all_phones)


def seconds(text: str) -> float:
    """Of CPU, to read or to refuse it."""
    began = time.process_time()
    with suppress(Refused):
        osm.read(text)
    return time.process_time() - began


@pytest.fixture(autouse=True, scope="module")
def warm() -> None:
    """What is loaded once (borders, towns, holidays, numbers of the world) is not counted."""
    for place in ((48.1, 11.5), (40.7, -74.0)):
        tags = {"amenity": "bar", "name": "x", "addr:state": "?", "phone": "1", "opening_hours": "10-12"}
        osm.read(json.dumps({"elements": [{"type": "node", "id": 1, "lat": place[0], "lon": place[1], "tags": tags}]}))


@pytest.mark.proof
@pytest.mark.parametrize("documents", [overpass, geojson, esri], ids=["overpass", "geojson", "esri"])
def test_whatever_a_file_holds_it_is_read_or_refused(documents: Any) -> None:
    @RUNS
    @given(documents, st.booleans(), st.integers(0, 400))
    def holds(document: Any, is_cut: bool, cut: int) -> None:
        text = json.dumps(document)
        check(text[: len(text) - cut] if is_cut else text)

    holds()


PIECES = ('{"type": "Feature"', '"features": [', "[", "]", "{", "}", "\n", "\x1e", "\ufeff", "1e999", ":", ",", '"')


@pytest.mark.proof
def test_whatever_a_text_is_it_is_read_or_refused() -> None:
    @RUNS
    @given(st.text() | st.lists(st.sampled_from(PIECES)).map("".join))
    def holds(text: str) -> None:
        check(text)

    holds()


TAGS = {"amenity": "cafe", "name": "A"}
NODE = {"type": "node", "id": 1, "lat": 50.0, "lon": 7.0}
WAY = {"type": "way", "id": 9}
RELATION = {"type": "relation", "id": 7, "tags": TAGS, "members": [{"type": "way", "ref": 9}]}
NOTED = {**TAGS, "note": "x" * 200}  # as many other tags as a restaurant on the map has
POINT = {"type": "Point", "coordinates": [7.0, 50.0]}


def giant(*elements: Any) -> str:
    return json.dumps({"elements": list(elements)}, separators=(",", ":"))


def giant_feature(geometry: Any = None, **properties: Any) -> str:
    feature = {"type": "Feature", "properties": {**TAGS, **properties}, "geometry": geometry or POINT}
    return json.dumps({"features": [feature]}, separators=(",", ":"))


GIANTS = {
    "deep": '{"elements": ' + "[" * 10**6,
    "deep tags": giant_feature(other_tags="[" * 10**6),
    "half a pair": giant_feature(other_tags='"a"=>"' + '\\"' * 240_000),
    "pairs": giant_feature(other_tags='"a"=>"b",' * 75_000),
    "a long line": giant_feature({"type": "Polygon", "coordinates": [[[7.1, 50.1]] * 90_000]}),
    "many areas": giant_feature({"type": "MultiPolygon", "coordinates": [[[[7.1, 50.1]] * 3]] * 30_000}),
    "a giant way": giant(NODE, {**WAY, "nodes": [1] * 450_000}, RELATION),
    "of many relations": giant(NODE, {**WAY, "nodes": [1] * 300_000}, *({**RELATION, "id": n} for n in range(1, 2000))),
    "a giant relation": giant(NODE, {**WAY, "nodes": [1] * 1000}, {**RELATION, "members": RELATION["members"] * 38_000}),
    "many nodes": giant(*({**NODE, "id": number} for number in range(1, 22_000))),
    "many restaurants": giant(*({**NODE, "id": n, "lat": 44 + n / 1e3, "tags": NOTED} for n in range(1, 3300))),
    "a long name": giant({**NODE, "tags": {"amenity": "cafe", "name": "x " * 500_000}}),
    "many tags": giant({**NODE, "tags": {**TAGS, **{f"diet:{number}": "yes" for number in range(50_000)}}}),
    "a long phone": giant({**NODE, "tags": {**TAGS, "phone": "+4/" * 330_000}}),
    "lines": '{"a": 1}\n' * 110_000,
}  # fmt: skip


@pytest.mark.parametrize("text", GIANTS.values(), ids=GIANTS.keys())
def test_a_megabyte_is_read_or_refused_within_a_second(text: str) -> None:
    assert 0.7 * MEGABYTE < len(text) < 1.1 * MEGABYTE
    check(text)
