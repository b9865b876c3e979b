"""Where restaurants are, and how one writes and calls to them there."""

import json
from collections import Counter
from typing import Any

import pytest

from catalog.imports import osm, states, tags
from catalog.imports.location import Location, locate
from catalog.models import Restaurant
from core import phone_numbers
from core.errors import Invalid
from places import addresses
from tests.factories import make_restaurant

BERLIN, MUNICH, PARIS, NEW_YORK, TORONTO = (
    (52.521, 13.407),
    (48.137, 11.575),
    (48.857, 2.352),
    (40.731, -73.993),
    (43.65, -79.38),
)
LONDON, DUBLIN, ROME, VIENNA, MEXICO = (51.51, -0.13), (53.34, -6.27), (41.9, 12.48), (48.21, 16.37), (19.43, -99.13)


def read(position: tuple[float, float], **given: Any) -> osm.Reading:
    named = {name.replace("__", ":"): value for name, value in given.items()}
    element = {
        "type": "node",
        "id": 1,
        "lat": position[0],
        "lon": position[1],
        "tags": {"amenity": "cafe", "name": "A", **named},
    }
    return osm.read(json.dumps({"elements": [element]}))


def restaurant(position: tuple[float, float], **given: Any) -> Restaurant:
    (read_one,) = read(position, **given).restaurants
    return read_one


@pytest.mark.parametrize(
    ("position", "tagged", "country", "zone"),
    [
        ((41.9065437, 12.4566119), "", "IT", "Europe/Rome"),  # metres from the Vatican's wall
        ((41.9065, 12.4566), "", "IT", "Europe/Rome"),  # the same, rounded, and behind it
        ((41.9065, 12.4566), "VA", "", ""),
        ((41.9029, 12.4534), "", "", ""),  # St. Peter's
        ((41.9029, 12.4534), "IT", "IT", "Europe/Rome"),  # close by, and said to be outside
        ((43.7384, 7.4246), "MC", "", ""),
        ((47.6603, 9.1758), "", "DE", "Europe/Berlin"),  # Konstanz
        ((47.6575, 9.1770), "CH", "CH", "Europe/Zurich"),  # a street of its border
        (BERLIN, "FR", "DE", "Europe/Berlin"),  # far from France: a mistake
        (BERLIN, "XX", "DE", "Europe/Berlin"),
        (NEW_YORK, "CA", "US", "America/New_York"),
        ((51.4445, 4.9295), "NL", "NL", "Europe/Amsterdam"),  # Baarle
        ((35.68, 139.76), "US", "", ""),
        ((36.14, -5.35), "", "", ""),  # Gibraltar has its own money and law
    ],
)
def test_the_position_says_the_country_and_a_tag_only_on_which_side_of_a_border(
    position: tuple[float, float], tagged: str, country: str, zone: str
) -> None:
    if not country:
        with pytest.raises(Invalid, match="not served"):
            locate(position, tagged)
        return
    location = locate(position, tagged)
    assert (location.country, location.time_zone) == (country, zone)


@pytest.mark.parametrize(
    ("position", "country", "state", "zone"),
    [
        ((60.1, 19.93), "FI", "01", "Europe/Mariehamn"),
        ((78.22, 15.64), "NO", "21", "Arctic/Longyearbyen"),
        ((14.6, -61.07), "FR", "972", "America/Martinique"),
        ((-20.88, 55.45), "FR", "974", "Indian/Reunion"),
        ((46.78, -56.18), "FR", "PM", "America/Miquelon"),
        ((18.46, -66.1), "US", "PR", "America/Puerto_Rico"),
        ((13.47, 144.75), "US", "GU", "Pacific/Guam"),
        ((28.12, -15.43), "ES", "CN", "Atlantic/Canary"),
        ((35.89, -5.31), "ES", "CE", "Africa/Ceuta"),
        ((37.74, -25.66), "PT", "20", "Atlantic/Azores"),
        ((32.65, -16.91), "PT", "30", "Atlantic/Madeira"),
    ],
)
def test_a_territory_is_its_country_at_its_own_time(
    position: tuple[float, float], country: str, state: str, zone: str
) -> None:
    found = restaurant(position)
    assert (found.country, found.state, found.time_zone) == (country, state, zone)


@pytest.mark.parametrize(
    ("position", "given", "state"),
    [
        (MUNICH, {}, "BY"),
        (BERLIN, {}, "BE"),
        (NEW_YORK, {}, "NY"),
        (TORONTO, {}, "ON"),
        (VIENNA, {}, "9"),
        (LONDON, {}, "ENG"),
        ((47.37, 8.54), {}, "ZH"),
        ((41.39, 2.16), {}, "CT"),
        ((38.72, -9.14), {}, "11"),
        (PARIS, {}, None),  # France's departments keep the same days,
        ((48.58, 7.75), {"addr__postcode": "67000"}, "6AE"),  # but Alsace
        ((49.12, 6.18), {"addr__postcode": "57000"}, "57"),
        (MEXICO, {"addr__state": "CDMX"}, None),
        ((45.42, -75.70), {"addr__postcode": "K1A 0B1"}, "ON"),  # Ottawa, and over the river
        ((45.43, -75.71), {"addr__postcode": "J8X 2K1"}, "QC"),
        (MUNICH, {"addr__state": "BY"}, "BY"),
        (MUNICH, {"addr__state": "bayern"}, "BY"),
        (MUNICH, {"ISO3166-2": "DE-BY"}, "BY"),
        (MUNICH, {"addr__state": "nowhere"}, "BY"),
        ((49.45, 11.08), {"addr__province": "Thuringen"}, "TH"),  # without its dots
        (NEW_YORK, {"addr__state": "New Jersey"}, "NJ"),
        (TORONTO, {"is_in__state": "Québec"}, "QC"),
        (ROME, {"addr__province": "RM"}, "RM"),
        ((39.06, -94.59), {"addr__city": "Kansas City, MO"}, "MO"),
        ((39.1, -94.61), {}, None),  # the state line goes through Kansas City
    ],
)  # fmt: skip
def test_the_state_is_the_one_that_is_written_or_else_of_the_towns_around(
    position: tuple[float, float], given: dict[str, str], state: str | None
) -> None:
    assert restaurant(position, **given).state == state


def test_without_the_towns_of_the_world_only_what_is_written_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in the package that is deployed, which leaves them out."""
    monkeypatch.setattr(states, "find_spec", lambda name: None)
    states._towns.cache_clear()
    states._towns_around.cache_clear()
    munich = Location("Europe/Berlin", "DE", "DE")
    try:
        assert states.state_of({}, MUNICH, munich) is None
        assert states.state_of({"addr:state": "Bayern"}, MUNICH, munich) == "BY"
    finally:
        states._towns.cache_clear()
        states._towns_around.cache_clear()


STREET = {"addr__street": "High", "addr__housenumber": "7"}


@pytest.mark.parametrize(
    ("position", "given", "lines"),
    [
        (BERLIN, {"addr__street": "Teststraße", "addr__housenumber": "7", "addr__city": "Berlin"}, ["Teststraße 7", "Berlin"]),
        (PARIS, {**STREET, "addr__postcode": "75001", "addr__city": "Paris"}, ["7 High", "75001 Paris"]),
        (PARIS, {"contact__street": "Rue X", "contact__housenumber": "7bis"}, ["7bis Rue X"]),
        (NEW_YORK, {**STREET, "addr__postcode": "10001", "addr__city": "New York", "addr__state": "New York"},
         ["7 High", "New York, NY 10001"]),
        (NEW_YORK, {**STREET, "addr__unit": "3", "addr__city": "New York"}, ["7 High, Unit 3", "New York, NY"]),
        (NEW_YORK, {**STREET, "addr__suite": "200"}, ["7 High, Suite 200"]),
        (TORONTO, {**STREET, "addr__postcode": "M5V 1A1", "addr__city": "Toronto, ON"}, ["7 High", "Toronto, ON M5V 1A1"]),
        (LONDON, {**STREET, "addr__postcode": "W1D 4HS", "addr__city": "London"}, ["7 High", "London", "W1D 4HS"]),
        (LONDON, {"addr__housename": "The Mill", "addr__street": "High Street"}, ["The Mill, High Street"]),
        (DUBLIN, {**STREET, "addr__city": "Dublin", "addr__postcode": "D02 X285"}, ["7 High", "Dublin", "D02 X285"]),
        (ROME, {**STREET, "addr__postcode": "00184", "addr__city": "Roma", "addr__province": "RM"}, ["High 7", "00184 Roma"]),
        (MEXICO, {**STREET, "addr__postcode": "06000", "addr__city": "México", "addr__state": "CDMX"},
         ["High 7", "06000 México, CDMX"]),
        ((56.95, 24.11), {**STREET, "addr__postcode": "LV-1050", "addr__city": "Rīga"}, ["High 7", "Rīga, LV-1050"]),
        ((35.9, 14.51), {**STREET, "addr__postcode": "VLT 1117", "addr__city": "Valletta"}, ["7 High", "Valletta VLT 1117"]),
        (VIENNA, {"addr__place": "Dorf", "addr__housenumber": "12", "addr__postcode": "3001"}, ["Dorf 12", "3001"]),
        (VIENNA, {"addr__street": "Weg", "addr__place": "Dorf"}, ["Weg", "Dorf"]),
        (VIENNA, {"addr__street": "Weg", "addr__housenumber": "1", "addr__unit": "Top 3"}, ["Weg 1, Top 3"]),
        (BERLIN, {"addr__full": "Hinterhof, Teststraße 7", "addr__suburb": "Mitte"}, ["Hinterhof, Teststraße 7", "Mitte"]),
        (BERLIN, {**STREET, "addr__full": "elsewhere", "addr__hamlet": "Weiler"}, ["High 7", "Weiler"]),
        (BERLIN, {"addr__housenumber": "7"}, ["7"]),
        (BERLIN, {}, []),
        (NEW_YORK, {}, []),
    ],
)  # fmt: skip
def test_addresses_are_written_as_people_there_write_them(
    position: tuple[float, float], given: dict[str, str], lines: list[str]
) -> None:
    found = restaurant(position, **given)
    assert addresses.lines(found.address, found.country) == lines


def test_an_address_is_shown_for_orders_of_a_release_that_did_not_keep_the_country() -> None:
    assert addresses.lines({"street": "7 Rue X", "city": "Paris", "postcode": "75001"}) == ["7 Rue X", "75001 Paris"]
    assert addresses.lines({"city": "{x} %s", "street": None}, "US") == ["{x} %s"]  # type: ignore[dict-item]
    assert addresses.lines(None, "US") == []


@pytest.mark.parametrize(
    ("position", "text", "numbers"),
    [
        (BERLIN, "+49 30 23125 010; +49 30 23125 011", ["+493023125010", "+493023125011"]),
        (BERLIN, "030/23125010", ["+493023125010"]),
        (BERLIN, "030 23125010, 030 23125011", ["+493023125010", "+493023125011"]),
        (BERLIN, "+49 30 23125010/+49 30 23125011", ["+493023125010", "+493023125011"]),
        (BERLIN, "030 23125010 oder 0171 1234567", ["+493023125010", "+491711234567"]),
        (BERLIN, "+49 30 23125010; 030 23125010", ["+493023125010"]),
        (PARIS, "01 49 29 95 59 / 06 12 34 56 78", ["+33149299559", "+33612345678"]),
        (NEW_YORK, "(212) 555-0100 or 212-555-0101", ["+12125550100", "+12125550101"]),
        (NEW_YORK, "(212) 555-0100, ext. 12", ["+12125550100;ext=12"]),
        (NEW_YORK, "212.555.0100", ["+12125550100"]),
    ],
)  # fmt: skip
def test_phone_numbers_are_read_where_the_restaurant_is(
    position: tuple[float, float], text: str, numbers: list[str]
) -> None:
    found = restaurant(position, phone=text)
    assert found.all_phones == numbers
    assert found.phone == numbers[0], "what releases before this one know"
    assert found.phones == (numbers if len(numbers) > 1 else None)


@pytest.mark.parametrize(
    ("given", "lost", "kept"),
    [
        ({"phone": "12345"}, 1, 0),
        ({"phone": "ask the waiter; +49 30 23125010"}, 1, 1),
        ({"phone": "; ;"}, 0, 0),
        ({"phone": "x", "contact__phone": "y; x", "contact__mobile": "0171 1234567"}, 2, 1),
        ({"phone": ["030"], "mobile": "0171 1234567"}, 0, 1),
    ],
)
def test_a_number_that_nobody_can_call_is_counted(given: dict[str, Any], lost: int, kept: int) -> None:
    reading = read(BERLIN, **given)
    assert reading.not_kept[tags.PHONES_LOST] == lost
    assert len(reading.restaurants[0].all_phones) == kept


def test_what_a_refused_element_has_lost_is_not_counted() -> None:
    reading = read((35.68, 139.76), phone="12345")
    assert (reading.restaurants, reading.not_kept) == ([], Counter())


def test_a_number_that_a_release_before_stored_is_shown_as_it_is() -> None:
    before = make_restaurant(phone="ring the bell", phones=None)
    assert before.all_phones == ["ring the bell"]
    assert phone_numbers.shown("ring the bell", "DE") == "ring the bell"
    assert make_restaurant(phone=None).all_phones == []


def test_a_restaurant_without_a_name_goes_by_its_brand() -> None:
    assert restaurant(BERLIN, name="", brand="Krug & Co").name == "Krug & Co"


@pytest.mark.parametrize(
    ("given", "website"),
    [
        ({"website": "nothing", "contact__website": "example.org"}, "https://example.org"),
        ({"website": "https://a.example;https://b.example"}, "https://a.example"),
        ({"url": "http://example.org"}, "http://example.org"),
        ({"website": "nothing"}, None),
    ],
)
def test_a_website_is_looked_for_where_people_put_it(given: dict[str, str], website: str | None) -> None:
    reading = read(BERLIN, **given)
    assert reading.restaurants[0].website == website
    assert reading.not_kept[tags.WEBSITES_LOST] == (website is None)
