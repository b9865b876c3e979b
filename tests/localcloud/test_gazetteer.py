"""What the gazetteer finds of what people type, and where a laptop cloud's regions look."""

import json

import pytest

from localcloud.gazetteer import sources
from localcloud.gazetteer.index import City, Entry, Gazetteer, House, words_of
from localcloud.layout import Layout
from places.finding import SURE
from regions import topology
from tests.gazetteer import CITIES, HOUSES

EU = frozenset(c for c, name in topology.current().country_jurisdictions.items() if name == "eu")
NA = frozenset({"US", "CA", "MX"})
MORE = (
    City("Berlin", "DE", "", (52.52, 13.405), 3_600_000, (), ("10117",)),
    City("Bergen", "NO", "", (60.39, 5.32), 280_000),
    City("Genève", "CH", "", (46.2, 6.15), 200_000, ("Genf", "Geneva", "Ginevra")),
    City("York", "US", "NE", (40.87, -97.59), 8_000, ("New York",)),
    City("London", "GB", "", (51.5, -0.13), 8_900_000, (), ("SW1A 1AA",)),
)
HERE = (
    House("Große Straße", "7", "10117", "Berlin", "", "DE", (52.521, 13.406)),
    House("Straße des 17. Juni", "135", "10117", "Berlin", "", "DE", (52.513, 13.33)),
    House("5th Avenue", "350", "10003", "New York", "NY", "US", (40.7484, -73.9857)),
    House("Rue de l’Église", "12 bis", "H2Y 1C6", "Montréal", "QC", "CA", (45.506, -73.571)),
    House("Rue Sainte-Catherine", "40", "H2Y 1C6", "Montréal", "QC", "CA", (45.507, -73.572)),
)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer([*CITIES, *MORE], [*HOUSES, *HERE])


@pytest.mark.parametrize(
    ("typed", "countries", "name"),
    [
        ("ber", EU, "Berlin"), ("BERG", EU, "Bergen"), ("zurigo", EU, "Zürich"), ("Zurich", EU, "Zürich"), ("zü", EU, "Zürich"),
        ("Genf", EU, "Genève"), ("geneve", EU, "Genève"), ("montreal", NA, "Montréal"), ("MONTRÉAL", NA, "Montréal"),
        ("10003", NA, "New York"), ("h2y1c6", NA, "Montréal"), ("H2Y 1C6", NA, "Montréal"), ("sw1a 1aa", EU, "London"),
        ("new york", NA, "New York"),
    ],
)  # fmt: skip
def test_a_city_is_found_by_any_of_its_names_and_by_its_postcode(
    gazetteer: Gazetteer, typed: str, countries: frozenset[str], name: str
) -> None:
    assert gazetteer.autocomplete(typed, countries=countries)[0].city == name
    assert len(typed) < 5 or gazetteer.geocode(typed, countries=countries)[0].city == name


@pytest.mark.parametrize(
    ("typed", "street", "number"),
    [
        ("grosse strasse 7, berlin", "Große Straße", "7"),
        ("GROSSE STRAẞE 7", "Große Straße", "7"),
        ("Große Straße 12-14, 10117 Berlin", "Große Straße", "12-14"),
        ("Straße des 17. Juni 135, Berlin", "Straße des 17. Juni", "135"),
        ("350 5th Avenue, New York, NY", "5th Avenue", "350"),
        ("12 bis rue de l'eglise, Montreal QC", "Rue de l’Église", "12 bis"),
        ("12 Bis, Rue de l’Église, Montréal, Québec H2Y 1C6, Canada", "Rue de l’Église", "12 Bis"),
        ("40 rue sainte catherine montréal", "Rue Sainte-Catherine", "40"),
        ("B-4 Canary Street, New York", "Canary Street", "B-4"),
    ],
)
def test_an_address_is_found_however_it_is_written(gazetteer: Gazetteer, typed: str, street: str, number: str) -> None:
    found = gazetteer.geocode(typed, countries=EU | NA)[0]
    assert (found.street, found.number) == (street, number)
    assert found.kind in ("PointAddress", "InterpolatedAddress")
    assert found.score >= 0.9 or "Québec" in typed  # the name of a province is written “QC” here


@pytest.mark.parametrize(
    "typed", ["12 Canary Street, Chicago", "12 Canary Street, 60601 New York", "12 Canary Street, Paris"]
)
def test_a_street_of_another_city_is_not_sure(gazetteer: Gazetteer, typed: str) -> None:
    found = gazetteer.geocode(typed, countries=NA)
    assert found and all(entry.score < 0.9 for entry in found if entry.street)


def test_a_long_address_in_another_city_is_not_sure_either() -> None:
    street = "Calle de Nuestra Señora de los Dolores"
    madrid = City("Madrid", "ES", "", (40.41, -3.70), 3_200_000)
    gazetteer = Gazetteer([madrid], [House(street, "12", "28013", "Madrid", "", "ES", (40.41, -3.70))])
    there, elsewhere = [
        gazetteer.geocode(f"{street} 12, 28013 {city}", countries=EU)[0] for city in ("Madrid", "Barcelona")
    ]
    assert there.score == 1.0 and elsewhere.score < SURE


@pytest.mark.parametrize(("typed", "best"), [("münchen", "Munich"), ("münc", "Munich"), ("lo", "Logroño")])
def test_a_large_city_comes_first_by_its_local_name_too(typed: str, best: str) -> None:
    munich = City("Munich", "DE", "", (48.14, 11.58), 1_260_000, ("München", "Lo Munich"))
    smaller = [
        City("Münchenstein", "CH", "", (47.52, 7.62), 11_600),
        City("Logroño", "ES", "", (42.47, -2.45), 151_000),
    ]
    gazetteer = Gazetteer([munich, *smaller])
    assert gazetteer.autocomplete(typed, countries=EU)[0].city == best


def test_an_unknown_street_is_as_good_as_its_city(gazetteer: Gazetteer) -> None:
    (found,) = gazetteer.geocode("99 Nowhere Lane, New York", countries=NA)
    assert (found.kind, found.city, found.region) == ("Locality", "New York", "NY") and found.score < 0.9
    assert gazetteer.geocode("qqqqqq", countries=NA) == []


def test_a_number_that_nobody_knows_is_where_the_nearest_is(gazetteer: Gazetteer) -> None:
    found = [gazetteer.geocode(f"{number} 5th Avenue, New York", countries=NA)[0] for number in ("350", "352")]
    assert [entry.kind for entry in found] == ["PointAddress", "InterpolatedAddress"]
    assert found[0].position == found[1].position


def test_a_number_with_letters_before_it_is_where_its_number_is() -> None:
    houses = [
        House("Elm Street", str(n), "10003", "New York", "NY", "US", (40.73 + n / 1000, -73.98)) for n in (1, 5, 9)
    ]
    (found,) = Gazetteer(CITIES, houses).geocode("B-9 Elm Street, New York", countries=NA)
    assert (found.kind, found.number, found.position) == ("InterpolatedAddress", "B-9", houses[2].position)


def test_cities_of_one_name_are_told_apart_by_the_large_city_that_they_are_near() -> None:
    two = [City("Neustadt", "DE", "", (52.6, 13.5), 9_000), City("Neustadt", "DE", "", (48.2, 11.6), 8_000)]
    large = [City("Berlin", "DE", "", (52.52, 13.4), 3_600_000), City("Munich", "DE", "", (48.14, 11.58), 1_500_000)]
    found = Gazetteer([*two, *large]).geocode("neustadt", countries=EU)
    assert {entry.subregion for entry in found} == {"Berlin", "Munich"}
    best = Gazetteer([*two, *large]).geocode("Neustadt, Munich, Germany", countries=EU)[0]
    assert (best.position, best.score) == ((48.2, 11.6), 1.0)
    (alone,) = Gazetteer([two[0], *large]).geocode("neustadt", countries=EU)
    assert alone.subregion == "", "there is no other"


def test_a_position_is_at_a_door_or_somewhere_in_a_city(gazetteer: Gazetteer) -> None:
    def nearest(*position: float) -> Entry | None:
        return gazetteer.nearest((position[0], position[1]), countries=EU | NA)

    at_door, in_city = nearest(40.7485, -73.9857), nearest(40.80, -73.90)
    assert at_door and at_door.street == "5th Avenue"
    assert in_city and (in_city.kind, in_city.city) == ("Locality", "New York")
    assert nearest(0.0, -150.0) is None


def test_it_learns_what_there_is_and_forgets_what_is_no_more() -> None:
    gazetteer = Gazetteer(MORE, HERE)
    gazetteer.learn([House("Neue Gasse", "1", "10999", "Berlin", "", "DE", (52.5, 13.4))])
    assert gazetteer.geocode("Neue Gasse 1, Berlin", countries=EU)[0].kind == "PointAddress"
    assert gazetteer.geocode("10999", countries=EU)[0].kind == "PostalCode"
    assert not any(entry.street for entry in gazetteer.geocode("Große Straße 7, Berlin", countries=EU))


def test_what_the_sample_restaurants_are_at_is_known() -> None:
    houses = sources.sample_houses(45)
    gazetteer = Gazetteer(CITIES, houses)
    for house in houses:
        text = f"{house.number} {house.street}, {house.postcode} {house.city}"
        found = gazetteer.geocode(text, countries=EU | NA)[0]
        assert (found.kind, found.position, found.score) == ("PointAddress", house.position, 1.0), text


@pytest.mark.parametrize(
    ("line", "country", "split"),
    [
        ("7 Rue X", "FR", ("Rue X", "7")),
        ("12 bis Rue X", "FR", ("Rue X", "12 bis")),
        ("Teststraße 7a", "DE", ("Teststraße", "7a")),
        ("Straße des 17. Juni", "DE", ("Straße des 17. Juni", "")),
        ("Rose Cottage", "GB", ("Rose Cottage", "")),
        ("", "US", ("", "")),
    ],
)
def test_a_street_line_is_a_street_and_a_number(line: str, country: str, split: tuple[str, str]) -> None:
    assert sources._split(line, country) == split


def test_words_are_without_case_accents_and_apostrophes() -> None:
    assert words_of("İSTANBUL ıstanbul L’Église D'Arc straße") == ("istanbul", "istanbul", "leglise", "darc", "strasse")


def test_each_region_has_the_gazetteer_of_its_jurisdiction() -> None:
    layout, topo = Layout(port=9000), topology.current()
    ports = layout.gazetteer_ports()
    assert len(set(ports.values())) == len(topo.jurisdictions)
    for region in topo.regions:
        endpoints = json.loads(layout.environment(region)["FFT_ENDPOINTS"])
        asked = {name: url for name, url in endpoints.items() if name.startswith("geo-places")}
        assert asked == {f"geo-places {region}": f"http://127.0.0.1:{ports[topo.jurisdiction_of(region)]}"}
