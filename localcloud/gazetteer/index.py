"""What the gazetteer knows, found by what people type: cities by any of their names, streets in which houses are known."""

import heapq
import re
import unicodedata
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache

from babel import Locale

from core.geo import distance_km

Position = tuple[float, float]

_LETTERS = str.maketrans({"ı": "i", "ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
_RANGE = r"\d+[a-z]?(?:[-–/]\d+[a-z]?)+"  # one word: 12-14, and postcodes such as 00-950
_WORD = re.compile(_RANGE + r"|[^\W_]+")
_NUMBER = re.compile(r"\d{1,5}[a-z]?|" + _RANGE)
_BESIDE_A_NUMBER = re.compile(r"[a-z]|bis|ter|quater")  # “12 bis”, “B-4”
_NEAR_KM = 50.0  # what is nearer than this comes first
_DOOR_KM = 0.3  # farther from a known house, a position is only somewhere in its city
_LONGEST_NAME = 6  # words
LARGE = 50_000  # people
SHORT = 5  # letters: what begins with fewer is many names, of which the best known are kept at hand
KEPT = 60
OTHER_NAME, TELLING = 0.1, 4
"""By another of its names a city counts for a tenth of its people, so “münchen” is Munich rather than Münchenstein. It takes so
many letters: large cities have names in all languages, which begin with anything."""

UNSURE = 0.8
"""At most, where a word is not recognised: however long the address is, that one may be its city."""


@dataclass(frozen=True, slots=True)
class City:
    name: str
    country: str  # ISO 3166
    region: str
    position: Position
    population: int
    names: tuple[str, ...] = ()  # other ones, in any language
    postcodes: tuple[str, ...] = ()  # those that are known


@dataclass(frozen=True, slots=True)
class House:
    street: str
    number: str
    postcode: str
    city: str
    region: str
    country: str
    position: Position


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was found. `kind` is the provider's `PlaceType`; `score` the share of the words that were recognised."""

    kind: str
    country: str
    region: str
    city: str
    position: Position
    postcode: str = ""
    street: str = ""
    number: str = ""
    subregion: str = ""  # what tells it from others of its name
    score: float = 1.0


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[str, ...]:
    """Without case, accents and apostrophes: "12 bis, Rue de l’Église" → 12 bis rue de leglise"""
    plain = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    letters = "".join(each for each in plain if not unicodedata.combining(each) and each not in "'’ʼ`´")
    return tuple(_WORD.findall(letters))


@cache
def country_words(country: str) -> frozenset[str]:
    """What people may call a country at the end of an address, in the languages of the site."""
    names = [str(Locale(language).territories.get(country, "")) for language in ("en", "fr", "de", "es")]
    return frozenset(word for name in (country, *names) for word in words_of(name))


class Street:
    """A street of a city, with the houses in it that are known."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.words = words_of(house.street)
        self.houses = [house]

    @property
    def around(self) -> tuple[str, ...]:
        """What may stand beside the street in an address."""
        postcodes = {word for house in self.houses for word in words_of(house.postcode)}
        return (*words_of(self.house.city), *words_of(self.house.region), *postcodes)

    def entry(self, number: str, score: float) -> Entry:
        """The house; of a number that is not known, where the nearest one is."""
        wanted = _first_number(number)
        nearest = min(self.houses, key=lambda house: (abs(_first_number(house.number) - wanted), house.number))
        kind = "Street" if not number else "InterpolatedAddress"
        if number and words_of(nearest.number) == words_of(number):
            kind = "PointAddress"
        return Entry(
            kind=kind,
            country=nearest.country,
            region=nearest.region,
            city=nearest.city,
            position=nearest.position,
            postcode=nearest.postcode,
            street=nearest.street,
            number=number,
            score=score,
        )


class Gazetteer:
    def __init__(self, cities: Iterable[City], houses: Iterable[House] = ()) -> None:
        self.cities = sorted(cities, key=lambda city: -city.population)
        self._by_name: dict[str, list[int]] = defaultdict(list)
        self._by_square: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._own_names = [" ".join(words_of.__wrapped__(city.name)) for city in self.cities]
        for index, city in enumerate(self.cities):
            for name in {" ".join(words_of.__wrapped__(name)) for name in (city.name, *city.names)} - {""}:
                self._by_name[name].append(index)
            self._by_square[_square(city.position)].append(index)
        self._names = sorted(self._by_name)
        self._best: dict[str, list[int]] = {}
        self._remember_the_best()
        self._streets: dict[str, list[Street]] = {}
        self._postcodes: dict[str, list[Entry]] = {}
        self.learn(houses)

    def learn(self, houses: Iterable[House]) -> None:
        """These houses and their postcodes, and no others from now on."""
        postcodes: dict[str, dict[str, Entry]] = defaultdict(dict)
        for city in self.cities:
            for postcode in city.postcodes:
                postcodes[_joined(postcode)][city.name] = _of_city(city, postcode)
        streets: dict[tuple[tuple[str, ...], ...], Street] = {}
        for house in houses:
            if house.postcode:
                area = Entry("PostalCode", house.country, house.region, house.city, house.position, house.postcode)
                postcodes[_joined(house.postcode)].setdefault(house.city, area)
            if not words_of(house.street):
                continue
            key = words_of(house.street), words_of(house.city), (house.country,)
            if key in streets:
                streets[key].houses.append(house)
            else:
                streets[key] = Street(house)
        by_first_word: dict[str, list[Street]] = defaultdict(list)
        for street in streets.values():
            by_first_word[street.words[0]].append(street)
        self._postcodes = {key: list(areas.values()) for key, areas in postcodes.items()}
        self._streets = dict(by_first_word)

    def _remember_the_best(self) -> None:
        """For every beginning of a name that is short, the cities that are known best."""
        best: dict[str, list[int]] = defaultdict(list)
        seen: dict[int, set[str]] = defaultdict(set)
        for name, indexes in self._by_name.items():
            for index in indexes:
                seen[index].update(name[:length] for length in range(1, SHORT))
        for index in range(len(self.cities)):  # the largest first
            for beginning in seen.pop(index, ()):
                if len(best[beginning]) < KEPT:
                    best[beginning].append(index)
        self._best = dict(best)

    def autocomplete(
        self, text: str, *, countries: Container[str], near: Position | None = None, most: int = 20
    ) -> list[Entry]:
        """What the text may become: streets first where there is a number or more than a word, else cities."""
        words = words_of(text)
        if not words:
            return []
        cities = [
            _of_city(self.cities[index]) for index in self._beginning_with(" ".join(words), countries, near, most)
        ]
        streets = self._streets_beginning_with(words, countries, near)[:most]
        beginning = "".join(words)
        postcodes = [
            area
            for key, areas in self._postcodes.items()
            if key.startswith(beginning)
            for area in areas
            if area.country in countries
        ]
        has_number = any(map(str.isdigit, beginning))
        found = [*postcodes, *streets, *cities] if has_number else [*cities, *streets]
        return self._told_apart(found[:most])

    def geocode(
        self, text: str, *, countries: Container[str], near: Position | None = None, most: int = 20
    ) -> list[Entry]:
        """What the text says, best first: addresses and streets that are in it, else the city or the postcode."""
        words = words_of(text)
        found = [
            street.entry(_as_typed(number, text), score)
            for street, number, score in self._streets_in(words)
            if street.house.country in countries
        ]
        found += [entry for entry in self._areas_in(words) if entry.country in countries]
        found.sort(key=lambda entry: (-entry.score, not entry.street, _rank_by_distance(entry.position, near)))
        return self._told_apart([entry for entry in found if entry.score >= found[0].score / 2][:most])

    def _told_apart(self, entries: list[Entry]) -> list[Entry]:
        """Cities of one name and state, each with the large city that it is near."""
        names = Counter((entry.city, entry.region, entry.country) for entry in entries if entry.kind == "Locality")
        return [
            replace(entry, subregion=self._large_city_near(entry))
            if entry.kind == "Locality" and names[entry.city, entry.region, entry.country] > 1
            else entry
            for entry in entries
        ]

    def _large_city_near(self, entry: Entry) -> str:
        near = [
            city for city in self._around(entry.position) if city.population >= LARGE and city.country == entry.country
        ]
        nearest = min(near, key=lambda city: distance_km(city.position, entry.position), default=None)
        return nearest.name if nearest else ""

    def _around(self, position: Position) -> list[City]:
        row, column = _square(position)
        squares = [(row + dy, column + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]
        return [self.cities[index] for square in squares for index in self._by_square.get(square, ())]

    def nearest(self, position: Position, *, countries: Container[str] | None = None) -> Entry | None:
        """The house that is nearest to a position, or the city where no house is near."""
        houses = [house for streets in self._streets.values() for street in streets for house in street.houses]
        close = [(distance_km(house.position, position), index) for index, house in enumerate(houses)]
        if close and min(close)[0] <= _DOOR_KM:
            house = houses[min(close)[1]]
            return _of_house(house)
        cities = [city for city in self._around(position) if countries is None or city.country in countries]
        if not cities:
            return None
        return _of_city(min(cities, key=lambda city: distance_km(city.position, position)))

    def _beginning_with(self, beginning: str, countries: Container[str], near: Position | None, most: int) -> list[int]:
        if len(beginning) < SHORT:
            candidates: Iterable[int] = self._best.get(beginning, ())
        else:
            start = bisect_left(self._names, beginning)
            end = bisect_left(self._names, beginning + "\uffff")
            candidates = {index for name in self._names[start:end] for index in self._by_name[name]}
        fitting = [index for index in candidates if self.cities[index].country in countries]
        return heapq.nsmallest(most, fitting, key=lambda index: self._rank(index, beginning, near))

    def _rank(self, index: int, beginning: str, near: Position | None) -> tuple[bool, float, int]:
        """The near ones first, then the largest; who is called so by another name only counts for less."""
        city = self.cities[index]
        is_far = near is not None and _is_far(city.position, near)
        if self._own_names[index].startswith(beginning):
            return is_far, -city.population, index
        return is_far, -city.population * OTHER_NAME if len(beginning) >= TELLING else 0.0, index

    def _streets_beginning_with(
        self, words: Sequence[str], countries: Container[str], near: Position | None
    ) -> list[Entry]:
        """Where every word begins one of the street's, of its city's, or is the number."""
        number, rest = _without_number(words)
        if not rest:
            return []
        found = []
        for streets in self._streets.values():
            for street in streets:
                if street.house.country not in countries:
                    continue
                beginnings = (*street.words, *street.around)
                if any(street.words[0].startswith(word) or word in street.words for word in rest) and all(
                    any(each.startswith(word) for each in beginnings) for word in rest
                ):
                    found.append(street.entry(number, 1.0))
        found.sort(key=lambda entry: (_rank_by_distance(entry.position, near), entry.street, entry.city))
        return found

    def _streets_in(self, words: Sequence[str]) -> list[tuple[Street, str, float]]:
        found = []
        for start, word in enumerate(words):
            for street in self._streets.get(word, ()):
                end = start + len(street.words)
                if tuple(words[start:end]) != street.words:
                    continue
                number, rest = _number_beside(words[:start], words[end:])
                around = street.around
                names = {name for name, indexes in self._names_of(rest).items() if self._is_city_of(indexes, street)}
                known = (
                    {word for name in names for word in name.split()}
                    | set(around)
                    | country_words(street.house.country)
                )
                unknown = [word for word in rest if word not in known]
                found.append((street, number, min(UNSURE, 1 - len(unknown) / len(words)) if unknown else 1.0))
        return found

    def _is_city_of(self, indexes: Iterable[int], street: Street) -> bool:
        here = words_of(street.house.city)
        return any(words_of(self.cities[index].name) == here for index in indexes)

    def _names_of(self, words: Sequence[str]) -> dict[str, list[int]]:
        """The names of cities that are in a text; no York in New York."""
        names: dict[str, list[int]] = {}
        start = 0
        while start < len(words):
            for end in range(min(start + _LONGEST_NAME, len(words)), start, -1):
                name = " ".join(words[start:end])
                if name in self._by_name:
                    names[name] = self._by_name[name]
                    start = end - 1
                    break
            start += 1
        return names

    def _areas_in(self, words: Sequence[str]) -> list[Entry]:
        """The cities and postcodes that a text names."""
        found = []
        names = self._names_of(words)
        for name, indexes in names.items():
            # York in Nebraska is “New York” in some list, too: by another name only who is larger than all of that name.
            own = [index for index in indexes if self._own_names[index] == name]
            meant = [index for index in indexes if index in own or not own or index < own[0]]
            for area in [_of_city(self.cities[index]) for index in meant[:KEPT]]:
                # Another city in the text may be the one that tells it from others of its name.
                near = words_of(self._large_city_near(area)) if len(names) > 1 else ()
                found.append(_scored(area, words, [*name.split(), *near]))
        spans = {"".join(words[at:end]) for at in range(len(words)) for end in (at + 1, at + 2)}
        for key in spans & self._postcodes.keys():
            found += [_scored(area, words, (key, *words_of(area.postcode))) for area in self._postcodes[key]]
        return list(dict.fromkeys(found))


def _scored(area: Entry, words: Sequence[str], known: Iterable[str]) -> Entry:
    """With the share of the words that are `known`, or its city, state or country."""
    all_known = {*known, *words_of(area.city), *words_of(area.region), *country_words(area.country)}
    return replace(area, score=sum(word in all_known for word in words) / len(words))


def _joined(postcode: str) -> str:
    return "".join(words_of(postcode))


def _of_house(house: House) -> Entry:
    return Entry(
        "PointAddress", house.country, house.region, house.city, house.position, house.postcode, house.street, house.number
    )  # fmt: skip


def _of_city(city: City, postcode: str = "") -> Entry:
    kind = "PostalCode" if postcode else "Locality"
    return Entry(kind, city.country, city.region, city.name, city.position, postcode)


def _without_number(words: Sequence[str]) -> tuple[str, list[str]]:
    """What may be a house's number, at either end, and the other words."""
    if len(words) > 1 and _NUMBER.fullmatch(words[0]):
        end = 2 if len(words) > 2 and words[1] in ("bis", "ter", "quater") else 1
        return " ".join(words[:end]), list(words[end:])
    for at, word in enumerate(words[1:], 1):
        if _NUMBER.fullmatch(word):
            return word, [*words[:at], *words[at + 1 :]]
    return "", list(words)


def _number_beside(before: Sequence[str], after: Sequence[str]) -> tuple[str, list[str]]:
    """The number before or behind a street, as it was typed, and the words that are left."""
    if before and _is_number(before):
        return " ".join(before), list(after)
    end = max((end for end in range(1, len(after) + 1) if _is_number(after[:end])), default=0)
    return " ".join(after[:end]), [*before, *after[end:]]


def _is_number(words: Sequence[str]) -> bool:
    """One number, with what may stand beside it."""
    numbers = [word for word in words if _NUMBER.fullmatch(word)]
    return len(numbers) == 1 and all(word in numbers or _BESIDE_A_NUMBER.fullmatch(word) for word in words)


def _as_typed(number: str, text: str) -> str:
    """With its capitals and hyphens: "b 4" in "B-4 Elm Street" → B-4"""
    typed = re.search(r"[\W_]+".join(map(re.escape, number.split())), text, re.IGNORECASE) if number else None
    return typed[0] if typed else number


def _first_number(text: str) -> int:
    digits = re.search(r"\d+", text)
    return int(digits[0]) if digits else 0


def _is_far(position: Position, near: Position) -> bool:
    """Most are so far that it needs no trigonometry."""
    return abs(position[0] - near[0]) > _NEAR_KM / 100 or distance_km(position, near) > _NEAR_KM


def _rank_by_distance(position: Position, near: Position | None) -> float:
    return distance_km(position, near) if near else 0.0


def _square(position: Position) -> tuple[int, int]:
    return int(position[0] // 0.5), int(position[1] // 0.5)
