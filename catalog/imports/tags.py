"""What OpenStreetMap's tags say of a restaurant, each as it is stored. Tags: https://wiki.openstreetmap.org/wiki/Map_features"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from core import phone_numbers
from core.errors import Invalid
from core.plain_text import clean
from places.addresses import street_line

Tags = Mapping[str, Any]

MAX_NAME = 120
MAX_TEXT = 300
MAX_CUISINES = 8
MAX_WORDS = 20
MAX_PHONES = 5

NAMES = ("name", "brand", "official_name", "short_name")
PHONES = ("phone", "contact:phone", "mobile", "contact:mobile")
WEBSITES = ("website", "contact:website", "url")
CITIES = ("city", "town", "village", "municipality", "suburb", "hamlet")
YES = ("yes", "only")
STATE_IN_ADDRESS = ("US", "CA")  # New York, NY 10001

LANGUAGE_NAME = re.compile(r"name:([a-z]{2,3}(?:-[A-Za-z]{2,8})?)")
# A slash within a number, as in 030/1234567, parts nothing.
BETWEEN_PHONES = re.compile(
    r"\s*(?:[;|]|,(?!\s*(?:e?xt|x))|\s/\s|/(?=\s*[+(])|\s(?:or|oder|ou|o|und|and|et|y)\s)\s*", re.IGNORECASE
)

PHONES_LOST = "phone numbers that cannot be read"
WEBSITES_LOST = "websites without an address"


def name_of(tags: Tags) -> str:
    """What the sign says; `Invalid` when nothing does, or too much."""
    name = next((name for tag in NAMES if (name := clean(tags.get(tag), MAX_NAME + 1))), "")
    if not name:
        raise Invalid("has no name")
    if len(name) > MAX_NAME:
        raise Invalid(f"has a name of more than {MAX_NAME} characters")
    return name


def names(tags: Tags) -> dict[str, str] | None:
    """The name by language, where it has one that differs: `name:fr`, `name:zh-Hant`."""
    given = {match[1]: clean(value, MAX_NAME) for tag, value in tags.items() if (match := LANGUAGE_NAME.fullmatch(tag))}
    return dict(sorted((language, name) for language, name in given.items() if name)[:MAX_WORDS]) or None


def phones(tags: Tags, country: str, not_kept: Counter[str]) -> list[str]:
    """All numbers as E.164, each once, in the order given."""
    texts = [text for tag in PHONES for text in BETWEEN_PHONES.split(clean(tags.get(tag), MAX_TEXT)) if text]
    numbers: list[str] = []
    for text in dict.fromkeys(texts):
        try:
            numbers += _numbers(text, country)
        except Invalid:
            not_kept[PHONES_LOST] += 1
    return list(dict.fromkeys(numbers))[:MAX_PHONES]


def _numbers(text: str, country: str) -> list[str]:
    try:
        return [phone_numbers.read(text, country)]
    except Invalid:
        if "/" not in text:
            raise
        return [phone_numbers.read(part, country) for part in text.split("/")]


def website(tags: Tags, not_kept: Counter[str]) -> str | None:
    """The first http or https address, completed where only the host was given; anything else is dropped."""
    texts = [text for tag in WEBSITES if (text := clean(tags.get(tag), MAX_TEXT))]
    addresses = [address for text in texts for address in (_web_address(text),) if address]
    if texts and not addresses:
        not_kept[WEBSITES_LOST] += 1
    return addresses[0] if addresses else None


def _web_address(text: str) -> str | None:
    text = text.partition(";")[0].strip() if text.count("://") > 1 else text
    try:
        address = text if "://" in text else f"https://{text}"
        parts = urlsplit(address)
    except ValueError:
        return None
    if parts.scheme.lower() not in ("http", "https") or "." not in (parts.hostname or "") or " " in text:
        return None
    return parts._replace(scheme=parts.scheme.lower()).geturl()


def address(tags: Tags, country: str, state: str | None) -> dict[str, str]:
    """Street with its number as people write it there, city, postcode, region: those that are given."""
    place, city = _part(tags, "place"), _first_part(tags, CITIES)
    road = _part(tags, "street") or place
    street = street_line(road, _part(tags, "housenumber"), country)
    if road:
        others = (_part(tags, "housename") if not _part(tags, "housenumber") else "", street, _unit(tags, country))
        street = ", ".join(filter(None, others))
    else:
        street = clean(tags.get("addr:full"), MAX_TEXT).strip(" ,") or street or _part(tags, "housename")
    region = _part(tags, "state") or _part(tags, "province")
    if state and country in STATE_IN_ADDRESS:
        city = city.removesuffix(f", {state}")
        region = state if region or city else ""
    parts = {
        "street": street[:MAX_TEXT],
        "city": city or (place if place != road else ""),
        "postcode": _part(tags, "postcode"),
        "region": region,
    }
    return {name: value for name, value in parts.items() if value}


def _unit(tags: Tags, country: str) -> str:
    """ "Suite 5", "Unit 12"; a bare number only in countries whose language is known to call it so."""
    suite, unit = _part(tags, "suite"), _part(tags, "unit")
    text, word = (suite, "Suite") if suite else (unit, "Unit")
    is_bare = bool(re.fullmatch(r"[A-Za-z]?\d+[A-Za-z]?|[A-Za-z]", text))
    return f"{word} {text}" if is_bare and country in ("US", "CA", "GB", "IE", "MT") else text


def _first_part(tags: Tags, names: Iterable[str]) -> str:
    return next((part for name in names if (part := _part(tags, name))), "")


def _part(tags: Tags, name: str) -> str:
    return clean(tags.get(f"addr:{name}") or tags.get(f"contact:{name}"), MAX_TEXT).strip(" ,")


def yes(tags: Tags, prefix: str) -> list[str] | None:
    """What is said to be there of `diet:…` or `payment:…`, in alphabetical order."""
    given = (name.removeprefix(prefix) for name, value in tags.items() if name.startswith(prefix) and value in YES)
    return sorted({word for name in given if (word := clean(name, 40).replace("_", " "))})[:MAX_WORDS] or None


def cuisines(tags: Tags) -> list[str]:
    """`Indian;vegetarian`, `vegetarian,_cafe` and `vegan/vegetarian` as plain lower-case words, each once."""
    words = re.split(r"[;,:/]", clean(tags.get("cuisine"), MAX_TEXT))
    cleaned = (re.sub(r"[_\s]+", " ", word).strip().lower() for word in words)
    return list(dict.fromkeys(word for word in cleaned if word))[:MAX_CUISINES]
