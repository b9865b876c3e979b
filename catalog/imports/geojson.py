"""GeoJSON features of overpass-turbo, osmtogeojson, osmium, QGIS, GDAL and osmnx as the elements of OpenStreetMap.

Format: https://www.rfc-editor.org/rfc/rfc7946, and of 2008 the member `crs`. Each program has its own way to give ids and tags.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.imports.element import KINDS, Element, id_of
from catalog.imports.geometry import centre_of
from core.errors import Invalid

PREFIXES = ("addr", "contact", "diet", "payment", "name", "is_in")
"""The first parts of tags that are written with a colon; some programs write `addr_street` for `addr:street`."""
NESTED = ("tags", "properties", "other_tags", "all_tags")
WGS84 = re.compile(r"(urn:ogc:def:crs:)?(EPSG:[\d.]*:?(4326|4979)|OGC:[\d.]*:?CRS84h?)", re.IGNORECASE)

_WRITTEN_ID = re.compile(r"(?:https?://(?:www\.)?openstreetmap\.org/)?(?:(node|way|relation)/|([nwr]))(\d{1,18})")
_PAIR = re.compile(r'\s*"((?:[^"\\]|\\.)*+)"\s*+=>\s*+(?:"((?:[^"\\]|\\.)*+)"|NULL)\s*+(?:,|$)', re.DOTALL)


def element_of(feature: Any) -> Element:
    """`Invalid` when it is no feature with tags."""
    if not isinstance(feature, dict) or feature.get("type") != "Feature":
        raise Invalid("is not a GeoJSON feature")
    properties = feature.get("properties")
    if not isinstance(properties, dict):
        raise Invalid("has no properties")
    check_projection(feature)
    geometry = feature.get("geometry")
    given = dict(_flat(properties))
    return Element(_identity(feature, given), _tags(given), lambda: centre_of(geometry))


def check_projection(document: Mapping[str, Any]) -> None:
    """`Invalid` when the member `crs` names another projection than longitude and latitude in WGS 84."""
    crs = document.get("crs")
    if crs is None:
        return
    properties = crs.get("properties") if isinstance(crs, dict) else None
    name = str(properties.get("name") if isinstance(properties, dict) else crs)[:80]
    if not WGS84.fullmatch(name):
        raise Invalid(f"The projection is {name}; export in WGS 84 (EPSG:4326), in degrees.")


def _flat(properties: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """The properties, then those nested in them, as objects, as JSON or as PostgreSQL's `"key"=>"value"`, which GDAL writes."""
    yield from ((name, value) for name, value in properties.items() if name not in NESTED)
    for name in NESTED:
        nested = properties.get(name)
        if isinstance(nested, str) and nested.strip():
            nested = _pairs(nested)
        if isinstance(nested, dict):
            yield from nested.items()


def _pairs(text: str) -> dict[str, Any]:
    if text.lstrip().startswith("{"):
        try:
            pairs = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise Invalid("has tags that cannot be read") from error
        return pairs if isinstance(pairs, dict) else {}
    given, place = {}, 0
    while place < len(text) and (pair := _PAIR.match(text, place)):
        if pair[2] is not None:
            given[_unescaped(pair[1])] = _unescaped(pair[2])
        place = pair.end()
    if text[place:].strip():
        raise Invalid("has tags that cannot be read")
    return given


def _unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _identity(feature: Mapping[str, Any], given: Mapping[str, Any]) -> str | None:
    """“node/123” or “n123” under one of its names, or a type and a number apart."""
    for text in (given.get("@id"), feature.get("id"), given.get("id"), given.get("osm_id"), given.get("full_id")):
        if match := _WRITTEN_ID.fullmatch(str(text)):
            kind = match[1] or next(kind for kind in KINDS if kind.startswith(match[2]))
            return id_of(kind, match[3])
    number = next((given[name] for name in ("@id", "osm_id", "osmid", "id") if given.get(name)), None)
    kind = next(
        (given[name] for name in ("@type", "osm_type", "element_type", "element", "type") if given.get(name)), None
    )
    return id_of(kind, number) or _identity_of_gdal(feature, given)


def _identity_of_gdal(feature: Mapping[str, Any], given: Mapping[str, Any]) -> str | None:
    """A number alone is a node's beside a point; beside an area a relation's, and a way's is under a name of its own."""
    if way := given.get("osm_way_id"):
        return id_of("way", way)
    geometry = feature.get("geometry")
    kinds = {"Point": "node", "LineString": "way", "MultiPolygon": "relation" if "osm_way_id" in given else None}
    kind = geometry.get("type") if isinstance(geometry, dict) else None
    return id_of(kinds.get(kind) if isinstance(kind, str) else None, given.get("osm_id"))


def _tags(given: Mapping[str, Any]) -> dict[str, Any]:
    """By the names that OpenStreetMap has for them; one that has them already counts more."""
    renamed = {_as_tag(name): value for name, value in given.items() if ":" not in name}
    return {**renamed, **{name: value for name, value in given.items() if ":" in name}}


def _as_tag(name: str) -> str:
    small = name.lower() if name.isupper() else name
    prefix = next((prefix for prefix in PREFIXES if small.startswith(f"{prefix}_")), None)
    return f"{prefix}:{small[len(prefix) + 1 :]}" if prefix else small
