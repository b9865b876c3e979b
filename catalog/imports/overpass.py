"""Overpass JSON: elements that may say where they are themselves, or refer to others in the file that do.

`out center` gives a `center`, `out bb` and `out geom` give `bounds` and `geometry`, `out body; >;` gives the nodes apart.
Format: https://wiki.openstreetmap.org/wiki/Overpass_API/Overpass_QL#out
"""

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.imports.element import KINDS, Element, Position, id_of, middle, position_of
from core.errors import Invalid

Box = tuple[float, float, float, float]
"""South, west, north, east, in degrees."""


class Answer:
    """The elements of one answer, looked up by each other; each box is worked out once, however often it is referred to."""

    def __init__(self, items: list[Any]) -> None:
        self.items = items
        self._by_id: dict[str, dict[str, Any]] = {}
        self._boxes: dict[str, Box | None] = {}
        self._parts: set[str | None] = set()
        for item in items:
            if isinstance(item, dict) and (key := id_of(item.get("type"), item.get("id"))):
                # The same twice, with its tags and with its nodes, is what `out tags; >; out skel;` gives.
                self._by_id[key] = {**self._by_id.get(key, {}), **item}
                self._parts.update(_nodes_of(item))
                self._parts.update(id_of(member.get("type"), member.get("ref")) for member in _members_of(item))

    def is_part(self, item: Any) -> bool:
        """Is it without tags, there only to say where something else is?"""
        if not isinstance(item, dict) or item.get("tags"):
            return False
        key = id_of(item.get("type"), item.get("id"))
        return key in self._parts or bool(self._by_id.get(str(key), {}).get("tags"))

    def element_of(self, item: Any) -> Element:
        if not isinstance(item, dict):
            raise Invalid("is not an object")
        tags = item.get("tags")
        if not isinstance(tags, dict):
            raise Invalid("has no tags")
        key = id_of(item.get("type"), item.get("id"))
        return Element(key, tags, lambda: self._position({**self._by_id.get(str(key), {}), **item}))

    def _position(self, item: Mapping[str, Any]) -> Position:
        if item.get("type") not in KINDS:
            raise Invalid("is neither a node nor a way nor a relation")
        for place in (item.get("center"), item if item["type"] == "node" else None):
            if isinstance(place, dict) and "lat" in place:
                return position_of(place.get("lat"), place.get("lon"))
        box = self._box(item)
        if box is None:
            raise Invalid("has no position; ask Overpass with “out center”")
        return middle(box)

    def _box(self, item: Mapping[str, Any]) -> Box | None:
        """What it covers: by its bounds, its own line, its nodes or its members; as Overpass works out its `center`."""
        bounds = item.get("bounds")
        if isinstance(bounds, dict):
            corners = [(bounds.get(f"{side}lat"), bounds.get(f"{side}lon")) for side in ("min", "max")]
            return _around(position_of(*corner) for corner in corners)
        line = item.get("geometry")
        if isinstance(line, list):  # with null where the line leaves what was asked for
            return _around(position_of(point.get("lat"), point.get("lon")) for point in line if isinstance(point, dict))
        nodes = [self._by_id[key] for key in _nodes_of(item) if key in self._by_id]
        if nodes:
            return _around(position_of(node.get("lat"), node.get("lon")) for node in nodes)
        members = _members_of(item)
        outer = [member for member in members if member.get("role") == "outer"]
        boxes = [box for member in outer or members if (box := self._box_of_member(member))]
        return _around(corner for south, west, north, east in boxes for corner in ((south, west), (north, east)))

    def _box_of_member(self, member: Mapping[str, Any]) -> Box | None:
        """A node's or a way's; relations of relations are not followed."""
        if "lat" in member:
            return _around([position_of(member.get("lat"), member.get("lon"))])
        if isinstance(member.get("geometry"), list):
            return self._box({"geometry": member["geometry"]})
        key = id_of(member.get("type"), member.get("ref"))
        if key is None or member.get("type") == "relation":
            return None
        if key not in self._boxes:
            part = self._by_id.get(key, {})
            self._boxes[key] = self._box_of_member(part) if "lat" in part else self._box({**part, "members": None})
        return self._boxes[key]


def _nodes_of(item: Mapping[str, Any]) -> list[str]:
    nodes = item.get("nodes")
    # Not `id_of`: there may be half a million of them in a file.
    return [f"node-{node}" for node in nodes if type(node) is int and node > 0] if isinstance(nodes, list) else []


def _members_of(item: Mapping[str, Any]) -> list[dict[str, Any]]:
    members = item.get("members")
    return [member for member in members if isinstance(member, dict)] if isinstance(members, list) else []


def _around(points: Iterable[Position]) -> Box | None:
    latitudes, longitudes = [], []
    for latitude, longitude in points:
        latitudes.append(latitude)
        longitudes.append(longitude)
    return (min(latitudes), min(longitudes), max(latitudes), max(longitudes)) if latitudes else None
