"""Esri's JSON (ArcGIS REST services, “Features to JSON”) as GeoJSON: the same features under other names.

Format: https://developers.arcgis.com/rest/services-reference/enterprise/feature-object/
"""

from collections.abc import Mapping
from typing import Any

from core.errors import Invalid

WGS84 = 4326


def feature_of(feature: Any) -> dict[str, Any]:
    """The same as a GeoJSON feature; `Invalid` when it has no attributes, or is in another projection."""
    if not isinstance(feature, dict) or not isinstance(feature.get("attributes"), dict):
        raise Invalid("has no attributes")
    geometry = feature.get("geometry")
    if isinstance(geometry, dict):
        check_projection(geometry)
        geometry = _geojson(geometry)
    return {"type": "Feature", "properties": feature["attributes"], "geometry": geometry}


def check_projection(document: Mapping[str, Any]) -> None:
    """`Invalid` when `spatialReference` names another one than WGS 84."""
    reference = document.get("spatialReference")
    if not isinstance(reference, dict):
        return
    number = reference.get("latestWkid") or reference.get("wkid")
    if number not in (None, WGS84) or (number is None and "PROJCS" in str(reference.get("wkt"))):
        raise Invalid(
            f"The projection is {str(number or 'not in degrees')[:80]}; export in WGS 84 (wkid 4326), in degrees."
        )


def _geojson(geometry: Mapping[str, Any]) -> dict[str, Any] | None:
    if "x" in geometry:
        return {"type": "Point", "coordinates": [geometry.get("x"), geometry.get("y")]}
    if isinstance(
        rings := geometry.get("rings"), list
    ):  # outer ones and holes side by side: the largest is an outer one
        return {"type": "MultiPolygon", "coordinates": [[ring] for ring in rings]}
    for name, kind in (("points", "MultiPoint"), ("paths", "MultiLineString")):
        if name in geometry:
            return {"type": kind, "coordinates": geometry[name]}
    return None
