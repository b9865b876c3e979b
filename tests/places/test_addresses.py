"""Addresses as people of each country write them; what a courier needs, and what is refused."""

import unicodedata
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from core import messages
from core.plain_text import is_plain
from places.addresses import MAX_CITY, MAX_POSTCODE, MAX_REGION, MAX_STREET, MAX_UNIT, Address
from places.fields import LIMITS, check, fields, tidy
from regions import topology

SERVED = sorted(topology.load({}).country_jurisdictions)
NO_BOX = "A courier can’t deliver to a P.O. box. Enter the street and number where you are."


def example_of(country: str, **changed: Any) -> Address:
    """The address that is shown there as an example."""
    return replace(Address(country, **{field.name: field.example for field in fields(country)}), **changed)


def test_limits_are_those_of_the_fields() -> None:
    assert list(LIMITS.values()) == [MAX_STREET, MAX_UNIT, MAX_POSTCODE, MAX_CITY, MAX_REGION]
    assert [field.max_length for field in fields("US")] == [100, 60, 60, 40, 12]


@pytest.mark.parametrize("country", SERVED)
def test_every_country_has_fields_in_its_order_and_an_example_that_is_right(country: str) -> None:
    address = example_of(country)
    assert check(address) == {}
    assert tidy(address) == address
    assert all(field.label for field in fields(country))
    names = [field.name for field in fields(country)]
    assert names[:2] == ["street", "unit"]
    written = [(address.label.rindex(part), name) for name in names if (part := getattr(address, name))]
    assert [name for _, name in sorted(written)] == [name for name in names if name != "unit"]
    required = {field.name for field in fields(country) if field.is_required}
    assert required - {"postcode"} == {"street", "city"}
    optional = {"BG", "CY", "HR", "IE", "IS", "MT", "SI"}  # where many do without, or do not know theirs
    assert ("postcode" in required) is (country not in optional)
    assert {field.name: bool(field.choices) for field in fields(country)}.get("region", False) is (
        country in ("US", "CA", "MX")
    )


def test_a_postcode_and_a_state_are_called_what_they_are_there() -> None:
    kinds = {country: [field.kind for field in fields(country)][2:] for country in ("US", "CA", "MX", "GB", "IE", "FR")}
    assert kinds == {
        "US": ["city", "state", "zip"],
        "CA": ["city", "province", "postcode"],
        "MX": ["postcode", "city", "state"],
        "GB": ["city", "postcode"],
        "IE": ["city", "eircode"],
        "FR": ["postcode", "city"],
    }


def test_a_country_that_nothing_is_known_of_has_what_most_have() -> None:
    for country in (None, "", "ZZ", "BR"):
        assert [field.name for field in fields(country)] == ["street", "unit", "postcode", "city"]
    assert check(Address("", street="Somewhere 1", postcode="anything", city="Town")) == {}


def test_states_are_those_where_a_courier_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    (state,) = (field for field in fields("US") if field.name == "region")
    assert ("NY", "New York") in state.choices
    assert ("PR", "Puerto Rico") in state.choices
    assert len(state.choices) == 56  # 50 states, the capital, 5 territories; not the forces' post offices, not Palau
    monkeypatch.setattr(messages, "_language", lambda: "fr")
    (province,) = (field for field in fields("CA") if field.name == "region")
    assert dict(province.choices)["PE"] == "Île-du-Prince-Édouard"


@pytest.mark.parametrize(
    ("country", "typed", "written"),
    [
        ("GB", "sw1a1aa", "SW1A 1AA"),
        ("GB", "  ec1a   1bb ", "EC1A 1BB"),
        ("GB", "m11ae", "M1 1AE"),
        ("CA", "h3z2y7", "H3Z 2Y7"),
        ("CA", "k1a-0b1", "K1A 0B1"),
        ("IE", "d02x285", "D02 X285"),
        ("IE", "d6wxt59", "D6W XT59"),
        ("US", "10003", "10003"),
        ("US", "10003-1234", "10003-1234"),
        ("US", "100031234", "10003-1234"),
        ("US", "NY 10003", "NY 10003"),
        ("NL", "1012ab", "1012 AB"),
        ("NL", "NL-1012 AB", "1012 AB"),
        ("CH", "CH-8001", "8001"),
        ("LI", "FL-9490", "9490"),
        ("AT", "A-1010", "1010"),
        ("DE", "D 10119", "10119"),
        ("DE", "１０１１９", "10119"),
        ("FR", "75 004", "75004"),
        ("LU", "L-1660", "1660"),
        ("PT", "1000205", "1000-205"),
        ("PL", "00950", "00-950"),
        ("PL", "00–950", "00-950"),
        ("SE", "SE-11455", "114 55"),
        ("CZ", "11000", "110 00"),
        ("SK", "81106", "811 06"),
        ("GR", "10563", "105 63"),
        ("LV", "1010", "LV-1010"),
        ("LV", "lv 1010", "LV-1010"),
        ("LT", "LT-01123", "01123"),
        ("MT", "vlt1117", "VLT 1117"),
        ("IT", "00184", "00184"),
    ],
)
def test_postcodes_are_written_in_their_usual_form(country: str, typed: str, written: str) -> None:
    assert tidy(example_of(country, postcode=typed)).postcode == written


@pytest.mark.parametrize(
    ("country", "postcode", "told"),
    [
        ("US", "1234", "Enter a ZIP code such as 10118."),
        ("US", "", "Enter a ZIP code such as 10118."),
        ("US", "NY 10003", "Enter a ZIP code such as 10118."),
        ("US", "١٢٣٤٥", "Enter a ZIP code such as 10118."),
        ("GB", "10003", "Enter a postcode such as W1U 3BT."),
        ("GB", "BFPO 57", "Enter a postcode such as W1U 3BT."),
        ("GB", "ßW1A 1AA", "Enter a postcode such as W1U 3BT."),
        ("CA", "D3Z 2Y7", "Enter a postcode such as H3G 1P1."),
        ("IE", "Dublin 2", "Enter an Eircode such as D02 X285, or leave this empty."),
        ("LI", "8001", "Enter a postcode such as 9490."),
        ("LI", "94901", "Enter a postcode such as 9490."),
        ("NL", "1012 SS", "Enter a postcode such as 1012 JM."),
        ("FR", "F-1000", "Enter a postcode such as 75004."),
        ("HR", "1000", "Enter a postcode such as 10000."),
    ],
)
def test_a_postcode_of_nowhere_there_is_refused_with_an_example(country: str, postcode: str, told: str) -> None:
    assert check(tidy(example_of(country, postcode=postcode))) == {"postcode": told}


@pytest.mark.parametrize("country", ["IE", "HR", "MT", "CY", "BG", "SI", "IS"])
def test_a_postcode_may_be_missing_where_many_have_none(country: str) -> None:
    assert check(example_of(country, postcode="")) == {}


@pytest.mark.parametrize(
    ("country", "typed", "written"),
    [
        ("US", "new  york", "NY"),
        ("US", "ny", "NY"),
        ("US", "N.Y.", "NY"),
        ("CA", "Québec", "QC"),
        ("CA", "QUEBEC", "QC"),
        ("CA", "Colombie-Britannique", "BC"),
        ("MX", "cdmx", "CDMX"),
        ("MX", "JAL", "Jal."),
        ("MX", "NLE", "N.L."),  # ISO 3166-2
        ("MX", "Nuevo Leon", "N.L."),
        ("MX", "Mich.", "Mich."),
        ("MX", "", ""),
        ("FR", "Île-de-France", ""),  # nobody writes it in an address
    ],
)
def test_states_and_provinces_are_written_by_their_abbreviation(country: str, typed: str, written: str) -> None:
    address = tidy(example_of(country, region=typed))
    assert address.region == written
    assert check(address) == {}


@pytest.mark.parametrize(
    ("country", "region", "told"),
    [
        ("US", "Ontario", "Enter a state by its abbreviation or name, such as NY."),
        ("US", "AE", "Enter a state by its abbreviation or name, such as NY."),
        ("CA", "NY", "Enter a province by its abbreviation or name, such as QC."),
        ("MX", "—", "Enter a state by its abbreviation or name, such as CDMX."),
    ],
)
def test_a_state_of_another_country_is_refused(country: str, region: str, told: str) -> None:
    assert check(tidy(example_of(country, region=region))) == {"region": told}


@pytest.mark.parametrize(
    ("country", "street"),
    [
        ("US", "P.O. Box 12"), ("US", "PO Box 1"), ("US", "p.o.box12"), ("US", "P O Box 9"), ("US", "Post Office Box 3"),
        ("GB", "POB 12"), ("CA", "C.P. 123, succ. Centre-ville"), ("CA", "Case postale 12"), ("CA", "PO BOX 5"),
        ("MX", "Apartado Postal 12"), ("DE", "Postfach 10 01 12"), ("DE", "PF 1234"), ("AT", "POSTFACH 3"),
        ("CH", "Case postale 12"), ("CH", "CP 12"), ("CH", "Casella postale 12"), ("FR", "BP 12"), ("FR", "B.P. 12"),
        ("FR", "Boîte postale 12"), ("FR", "12 rue de Rivoli, BP 40012"), ("BE", "Postbus 12"), ("LU", "B.P. 12"),
        ("ES", "Apartado de Correos 12"), ("ES", "Apartado 12"), ("ES", "Apdo. 12"), ("PT", "Apartado 12"),
        ("IT", "Casella Postale 12"), ("IT", "C.P. 12"), ("NL", "Postbus 12"), ("DK", "Postboks 12"), ("NO", "Postboks 12"),
        ("SE", "Box 12"), ("FI", "Postilokero 12"), ("FI", "PL 12"), ("IS", "Pósthólf 12"), ("PL", "Skrytka pocztowa 12"),
        ("PL", "skr. poczt. 12"), ("CZ", "P.O. BOX 12"), ("SK", "P. O. Box 12"), ("HU", "Pf. 12"), ("HU", "Postafiók 12"),
        ("RO", "Căsuța poștală 12"), ("HR", "p.p. 12"), ("SI", "Poštni predal 12"), ("BG", "п.к. 12"), ("GR", "Τ.Θ. 12"),
        ("GR", "Ταχ. Θυρίδα 12"), ("EE", "Postkast 12"), ("LT", "Pašto dėžutė 12"), ("LV", "a/k 12"), ("MT", "P.O. Box 12"),
    ],
)  # fmt: skip
def test_no_courier_is_sent_to_a_post_office_box(country: str, street: str) -> None:
    assert check(tidy(example_of(country, street=street))) == {"street": NO_BOX}
    assert check(tidy(example_of(country, unit=street))) == {"unit": NO_BOX}


@pytest.mark.parametrize(
    ("country", "street"),
    [
        ("US", "12 Boxer Street"), ("US", "12 Boxwood Lane"), ("US", "500 Po Boxer Road"), ("US", "12 Post Office Road"),
        ("US", "100 Postbox Lane"), ("US", "RR 2 Box 15"), ("GB", "12 Box Lane"), ("GB", "2 Expo Box Way"),
        ("GB", "The Old Post Office"),
        ("ES", "Calle Apartadero 4"), ("ES", "Calle del Apartado 12"), ("MX", "Apartado 13"), ("MX", "Reforma 50, C.P. 06600"),
        ("CH", "Place CPH 12"), ("CH", "ICP 12"), ("FR", "1 place du BP"), ("FR", "3 rue ABP 12"), ("DE", "Postfachweg 1"),
        ("SE", "Boxholmsgatan 12"), ("NL", "Postbusweg 1"), ("DE", "BP 12"), ("IT", "Via Casella 12"), ("PL", "ul. Pocztowa 12"),
        ("FI", "Plantie 12"), ("HU", "Pfeiffer utca 12"),
    ],
)  # fmt: skip
def test_a_street_that_only_sounds_like_a_box_is_none(country: str, street: str) -> None:
    assert check(tidy(example_of(country, street=street))) == {}


@pytest.mark.parametrize(
    ("country", "street"),
    [
        ("FR", "12 bis rue de l’Église"), ("FR", "12ter rue de l'Église"), ("PL", "ul. Długa B-4"),
        ("DE", "Große Straße 12-14"),
        ("CZ", "Vodičkova 12/3"), ("DE", "Straße des 17. Juni 5A"), ("CA", "1260, rue Sainte-Catherine O."),
        ("US", "12 O'Neill St #4"),
        ("GB", "Rose Cottage"), ("IE", "Ard na Gréine"), ("CH", "İstanbulstrasse 1"), ("CH", "Via d’Alberti 3"),
        ("ES", "C/ Mayor, s/n"),
        ("US", "123½ Main St"), ("NL", "’s-Gravenhekje 1-hs"), ("GR", "Ερμού 12Α"), ("BG", "ул. „Иван Вазов“ № 3"),
    ],
)  # fmt: skip
def test_streets_and_numbers_of_every_shape_stay_as_they_are(country: str, street: str) -> None:
    address = example_of(country, street=street)
    assert tidy(address) == address
    assert check(address) == {}


def test_what_is_missing_too_long_or_cannot_be_read_is_said_for_its_field() -> None:
    assert check(Address("US")) == {
        "street": "Enter the street and number, or the name of the house.",
        "postcode": "Enter a ZIP code such as 10118.",
        "city": "Enter the city or town.",
    }
    unreadable = example_of("DE", street="\u3164", unit="\u2800", city="\u202e", postcode="10119\x00")
    assert check(unreadable) == {
        "street": "Enter the street and number, or the name of the house.",
        "unit": "Enter the apartment, floor or entrance, or leave this empty.",
        "postcode": "Remove the characters that can’t be printed.",
        "city": "Remove the characters that can’t be printed.",
    }
    long = Address("US", **{name: "x" * (limit + 1) for name, limit in LIMITS.items()})
    assert check(long) == {name: f"Enter at most {limit} characters." for name, limit in LIMITS.items()}


def test_blanks_lines_and_wide_letters_are_written_plainly() -> None:
    typed = Address("DE", " Torstraße\u00a0 １２\n", "\t3.  Stock ", " 10119", unicodedata.normalize("NFD", "Köln"))
    assert tidy(typed) == Address("DE", "Torstraße 12", "3. Stock", "10119", "Köln")


PARTS = st.text(max_size=130) | st.sampled_from(
    ["P.O. Box 1", "SW1A 1AA", "lv-1010", "D-10119", "Québec", "ß1", "İ", "\u3164"]
)


@settings(deadline=None)  # the first of a country reads its file
@given(st.sampled_from([*SERVED, ""]), PARTS, PARTS, PARTS, PARTS, PARTS)
@example("GB", "a", "", "ſw1a1aa", "b", "")
@example("LV", "a", "", "LVLV1010", "b", "")
def test_tidying_twice_is_tidying_once_and_what_passes_fits(
    country: str, street: str, unit: str, postcode: str, city: str, region: str
) -> None:
    address = tidy(Address(country, street, unit, postcode, city, region))
    assert tidy(address) == address
    wrong = check(address)
    assert wrong.keys() <= LIMITS.keys()
    for name, limit in LIMITS.items():
        text = getattr(address, name)
        assert name in wrong or (len(text) <= limit and is_plain(text)), name
    assert wrong or (address.street and address.city)
