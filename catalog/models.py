"""The catalogue (home: the master) and the availability of its dishes (home: each region for itself).

Patterns served, each one round trip:

- near me: `Card.window(cell, …)`, one Query of a cell's partition, nearest first;
- a menu: `catalog.menus.menu_of(restaurant_id)`, one Query of a restaurant's partition (profile and dishes together);
- what is sold out or paused: `kitchen_of(restaurant)`, or `kitchens_of(…)` for up to 50 of them, one BatchGet.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

from pynamodb.attributes import (
    BooleanAttribute,
    DiscriminatorAttribute,
    JSONAttribute,
    NumberAttribute,
    UnicodeAttribute,
)

from catalog import search
from catalog.place import Place
from core import geo, ids
from regions import topology
from regions.models import MASTER, HomedModel, Leaves, RegionalMeta

WINDOW = 300
"""How many of the nearest cards are looked at together."""


class CatalogRecord(HomedModel):
    """One row of the catalogue. Never created as itself."""

    class Meta(RegionalMeta):
        table_name = "foodforthought-catalog"

    pk = UnicodeAttribute(hash_key=True)
    sk = UnicodeAttribute(range_key=True)
    kind = DiscriminatorAttribute()
    home = UnicodeAttribute(default_for_new=MASTER)

    leaves_jurisdiction = Leaves.AS_ITSELF
    homed_at_master = True
    operational: ClassVar[frozenset[str]] = frozenset({"pk", "sk", "kind"})


class Restaurant(CatalogRecord, discriminator="profile"):
    """`restaurant#<id>` + `profile`: everything about a restaurant but its dishes."""

    id = UnicodeAttribute()
    name = UnicodeAttribute()
    country = UnicodeAttribute()  # ISO 3166, two letters; decides the jurisdiction
    state = UnicodeAttribute(null=True)  # ISO 3166-2 without the country: “BY”, “QC”; decides some holidays
    latitude = NumberAttribute()
    longitude = NumberAttribute()
    address: JSONAttribute = JSONAttribute(
        default_for_new=dict
    )  # street, city, postcode, region: text, each may be missing
    cuisines: JSONAttribute = JSONAttribute(default_for_new=list)  # lower-case words of OpenStreetMap's `cuisine`
    names: JSONAttribute = JSONAttribute(null=True)  # {"fr": …}: the name in other languages
    diets: JSONAttribute = JSONAttribute(null=True)  # ["vegan", …]: there are dishes for them
    payments: JSONAttribute = JSONAttribute(null=True)  # ["cash", …]: words of OpenStreetMap's `payment:…`
    phone = UnicodeAttribute(
        null=True
    )  # E.164 (`core.phone_numbers`); as it was given, where a release before imported it
    phones: JSONAttribute = JSONAttribute(null=True)  # all numbers, where there are several; the first is `phone`
    website = UnicodeAttribute(null=True)
    opening_hours = UnicodeAttribute(null=True)  # OpenStreetMap's language, known to parse
    opening_hours_text = UnicodeAttribute(null=True)  # hours that nobody could read, as they were given
    time_zone = UnicodeAttribute()  # IANA
    currency = UnicodeAttribute()  # ISO 4217
    tax_ppm = NumberAttribute()
    tax_included = BooleanAttribute()  # in the prices (Europe) or added to them (North America)
    delivers = BooleanAttribute()
    offers_pickup = BooleanAttribute()
    delivery_fee_minor = NumberAttribute()
    minimum_minor = NumberAttribute()
    radius_m = NumberAttribute()
    preparation_minutes = NumberAttribute()
    sections: JSONAttribute = JSONAttribute(
        default_for_new=list
    )  # [{"id", "name", "description"?}] in the order of the menu
    dish_names = UnicodeAttribute(null=True)  # one a line, for the cards: `catalog.search.dish_names`
    dish_diets: JSONAttribute = JSONAttribute(null=True)  # for which diets there is a dish on the menu
    menu_keys: JSONAttribute = JSONAttribute(
        null=True
    )  # the sort keys of the menu's dishes, in its order: `catalog.menus`
    menu_before: JSONAttribute = JSONAttribute(null=True)  # {"sections", "keys"}: the menu that this one replaced
    menu_at = NumberAttribute(null=True)  # when it did, in milliseconds, and later than what it replaced
    source = UnicodeAttribute()  # "sample" or "osm"

    operational = CatalogRecord.operational | {
        "id", "name", "country", "state", "latitude", "longitude", "address", "cuisines", "phone", "phones", "website",
        "opening_hours", "opening_hours_text", "time_zone", "currency", "tax_ppm", "tax_included", "delivers", "offers_pickup",
        "delivery_fee_minor", "minimum_minor", "radius_m", "preparation_minutes", "sections", "source", "names", "diets",
        "payments", "dish_names", "dish_diets", "menu_keys", "menu_before", "menu_at",
    }  # fmt: skip

    of_the_menu = ("sections", "dish_names", "dish_diets", "menu_keys", "menu_before", "menu_at")
    """What a profile knows of its menu, and is changed with the menu only."""

    @classmethod
    def partition(cls, restaurant_id: str) -> str:
        return f"restaurant#{restaurant_id}"

    @classmethod
    def new(cls, restaurant_id: str, **values: Any) -> Self:
        return cls(pk=cls.partition(restaurant_id), sk="profile", id=restaurant_id, **values)

    @property
    def jurisdiction(self) -> str:
        return topology.current().jurisdiction_of_country(str(self.country))

    @property
    def position(self) -> tuple[float, float]:
        return float(self.latitude), float(self.longitude)

    @property
    def place(self) -> Place:
        return Place(self.time_zone, self.country, self.state, self.position)

    @property
    def all_phones(self) -> list[str]:
        return list(self.phones or ([self.phone] if self.phone else []))

    def describe_menu(self, sections: Sequence[dict[str, str]], dishes: Sequence["Dish"]) -> None:
        """Take over what profile and cards say of the menu, and seal its dishes."""
        for dish in dishes:
            dish.seal()
        ordered = in_order(dishes, sections)
        self.sections = list(sections)
        self.menu_keys = [dish.sk for dish in ordered]
        self.dish_names = search.dish_names(dish.name for dish in ordered)
        self.dish_diets = sorted({diet for dish in dishes for diet in dish.diets or ()}) or None

    def delivers_to(self, cell: str) -> bool:
        """Does the delivery area cover this cell? The rule of `core.geo.cells_within`, for one cell: that of lists."""
        if not self.delivers:
            return False
        return self.delivers_to_position(geo.centre_of(cell)) or cell == geo.cell_at(*self.position)

    def delivers_to_position(self, position: tuple[float, float]) -> bool:
        """Is it within the radius, to the metre? The rule of orders, whose address has a position of its own."""
        metres = round(geo.distance_km(self.position, position) * 1000)
        return bool(self.delivers) and metres <= int(self.radius_m)


class Dish(CatalogRecord, discriminator="item"):
    """`restaurant#<id>` + `item#<dish id>#<fingerprint of what it says>`: never changed, see `catalog.menus`.

    Releases before stored `item#<dish id>`, and changed it.
    """

    id = UnicodeAttribute()
    section = UnicodeAttribute()  # the id of one of the profile's sections
    position = NumberAttribute()
    name = UnicodeAttribute()
    description = UnicodeAttribute(null=True)
    price_minor = NumberAttribute()
    # [{"id", "name", "min", "max", "choices": [{"id", "name", "price_minor"}]}]: choose min to max of the choices
    options: JSONAttribute = JSONAttribute(default_for_new=list)
    allergens: JSONAttribute = JSONAttribute(default_for_new=list)
    diets: JSONAttribute = JSONAttribute(default_for_new=list)
    served = UnicodeAttribute(null=True)  # hours in OpenStreetMap's language, known to parse; None: whenever it is open
    sold_out = BooleanAttribute(null=True)  # True: the menu itself says so, see `Kitchen.is_sold_out`

    operational = CatalogRecord.operational | {
        "id", "section", "position", "name", "description", "price_minor", "options", "allergens", "diets", "served",
        "sold_out",
    }  # fmt: skip

    @classmethod
    def new(cls, restaurant_id: str, dish_id: str, **values: Any) -> Self:
        """A dish that is not part of a menu yet."""
        return cls(pk=Restaurant.partition(restaurant_id), sk=f"item#{dish_id}", id=dish_id, **values)

    def seal(self) -> None:
        """Let the sort key say what is in the dish; what is empty does not count, so that new attributes change no key."""
        names = sorted(self.operational - CatalogRecord.operational)
        content = {name: value for name in names if (value := getattr(self, name)) not in (None, "", [])}
        self.sk = f"item#{self.id}#{ids.fingerprint(json.dumps(content, sort_keys=True))[:16]}"

    @property
    def is_sealed(self) -> bool:
        return bool(self.sk != f"item#{self.id}")


class Card(CatalogRecord, discriminator="card"):
    """`cell#<h3>` + `<metres>#<restaurant>`: what a list near this cell shows of a restaurant that delivers to it."""

    restaurant = UnicodeAttribute()
    name = UnicodeAttribute()
    cuisines: JSONAttribute = JSONAttribute(default_for_new=list)
    city = UnicodeAttribute(null=True)
    country = UnicodeAttribute()
    state = UnicodeAttribute(null=True)
    opening_hours = UnicodeAttribute(null=True)
    opening_hours_text = UnicodeAttribute(null=True)
    time_zone = UnicodeAttribute()
    currency = UnicodeAttribute()
    delivery_fee_minor = NumberAttribute()
    minimum_minor = NumberAttribute()
    preparation_minutes = NumberAttribute()
    offers_pickup = BooleanAttribute()
    names: JSONAttribute = JSONAttribute(null=True)
    dish_names = UnicodeAttribute(null=True)
    diets: JSONAttribute = JSONAttribute(null=True)  # the restaurant's own, and those that have a dish on the menu

    shown = (
        "name", "cuisines", "country", "state", "opening_hours", "opening_hours_text", "time_zone", "currency",
        "delivery_fee_minor", "minimum_minor", "preparation_minutes", "offers_pickup", "names", "dish_names",
    )  # fmt: skip
    """What a card takes from the profile under the same name."""

    operational = CatalogRecord.operational | {"restaurant", "city", "diets", *shown}

    @classmethod
    def keys_of(cls, restaurant: Restaurant) -> list[tuple[str, str]]:
        """The keys (cell partition, distance and id) of all cards that a restaurant should have."""
        if not restaurant.delivers:
            return []
        cells = geo.cells_within(restaurant.position, int(restaurant.radius_m) / 1000)
        return [(f"cell#{cell}", f"{metres:05d}#{restaurant.id}") for cell, metres in cells.items()]

    @classmethod
    def all_of(cls, restaurant: Restaurant) -> list[Self]:
        """The cards that a restaurant should have, unsaved."""
        shown = {name: getattr(restaurant, name) for name in cls.shown}
        city = (restaurant.address or {}).get("city")
        diets = sorted({*(restaurant.diets or ()), *(restaurant.dish_diets or ())}) or None
        keys = cls.keys_of(restaurant)
        return [cls(pk=pk, sk=sk, restaurant=restaurant.id, city=city, diets=diets, **shown) for pk, sk in keys]

    @property
    def distance_km(self) -> float:
        """From the centre of the cell."""
        return int(str(self.sk).partition("#")[0]) / 1000

    @classmethod
    def window(cls, cell: str, *, after: str | None = None) -> tuple[list[dict[str, Any]], str | None]:
        """The `WINDOW` nearest cards of a cell and where the next window begins (`None`: there is none).

        Raw images, for `from_raw_data`: a page shows a few of them. One Query; tombstones take a place in the window.
        """
        page = cls._get_connection().query(
            f"cell#{cell}",
            limit=WINDOW,
            exclusive_start_key={"pk": {"S": f"cell#{cell}"}, "sk": {"S": after}} if after else None,
        )
        cards = [item for item in page["Items"] if "deleted_at" not in item]
        following = page.get("LastEvaluatedKey")
        return cards, following["sk"]["S"] if following else None


def in_order(dishes: Iterable[Dish], sections: Sequence[dict[str, str]]) -> list[Dish]:
    """Dishes in the order of the menu; those of no section come last."""
    places = {section["id"]: place for place, section in enumerate(sections)}
    return sorted(dishes, key=lambda dish: (places.get(dish.section, len(places)), dish.position, dish.name))


class Availability(HomedModel):
    """`<region>#<restaurant>`: what a kitchen said in one region about what it can make right now.

    Apart from the catalogue on purpose: it can be said in any region of the jurisdiction, whatever else is down.
    """

    class Meta(RegionalMeta):
        table_name = "foodforthought-availability"

    key = UnicodeAttribute(hash_key=True)
    restaurant = UnicodeAttribute()
    paused: JSONAttribute = JSONAttribute(null=True)  # {"value": bool, "changed_at": milliseconds}
    busy_minutes: JSONAttribute = JSONAttribute(null=True)  # {"value": minutes more than usual, "changed_at"}
    sold_out: JSONAttribute = JSONAttribute(default_for_new=dict)  # dish id → {"value": bool, "changed_at"}

    leaves_jurisdiction = Leaves.AS_ITSELF
    operational = frozenset({"key", "restaurant", "paused", "busy_minutes", "sold_out"})

    @classmethod
    def key_of(cls, region: str, restaurant_id: str) -> str:
        return f"{region}#{restaurant_id}"

    @classmethod
    def keys_of(cls, restaurant_id: str, jurisdiction: str) -> list[str]:
        return [cls.key_of(region, restaurant_id) for region in topology.current().members(jurisdiction)]


@dataclass(frozen=True)
class Kitchen:
    """What a restaurant can make right now, over all regions of its jurisdiction: the newest word on each thing counts."""

    paused: bool = False
    busy_minutes: int = 0
    sold_out: frozenset[str] = frozenset()
    back_at: Mapping[str, int] = field(
        default_factory=dict
    )  # dish id → when it was last said to be there, in milliseconds

    def is_sold_out(self, dish: Dish) -> bool:
        """The one answer: the kitchen's word, or what the menu says as long as the kitchen has not said otherwise since."""
        if dish.id in self.sold_out:
            return True
        return bool(dish.sold_out) and self.back_at.get(str(dish.id), 0) <= int(dish.version or 0)

    @classmethod
    def of(cls, records: Iterable[Availability]) -> Self:
        newest: dict[str, dict[str, Any]] = {}
        for record in records:
            words = {"paused": record.paused, "busy_minutes": record.busy_minutes}
            words |= {f"dish {dish}": word for dish, word in (record.sold_out or {}).items()}
            for thing, word in words.items():
                if _is_word(word) and word["changed_at"] > newest.get(thing, {"changed_at": -1})["changed_at"]:
                    newest[thing] = word
        dishes = {thing.removeprefix("dish "): word for thing, word in newest.items() if thing.startswith("dish ")}
        return cls(
            paused=bool(newest.get("paused", {}).get("value", False)),
            busy_minutes=int(newest.get("busy_minutes", {}).get("value", 0)),
            sold_out=frozenset(dish for dish, word in dishes.items() if word["value"]),
            back_at={dish: int(word["changed_at"]) for dish, word in dishes.items() if not word["value"]},
        )


def _is_word(word: Any) -> bool:
    """Of a release that says more, too; what is none says nothing."""
    return (
        isinstance(word, dict)
        and isinstance(word.get("value"), bool | int)
        and isinstance(word.get("changed_at"), int | float)
    )


def kitchen_of(restaurant: Restaurant) -> Kitchen:
    """One BatchGet of its jurisdiction's regions."""
    return kitchens_of([(str(restaurant.id), restaurant.jurisdiction)])[str(restaurant.id)]


def kitchens_of(restaurants: Sequence[tuple[str, str]]) -> dict[str, Kitchen]:
    """The kitchens of up to 50 (restaurant id, jurisdiction), by id; one BatchGet of at most 100 keys."""
    keys = [
        key for restaurant_id, jurisdiction in restaurants for key in Availability.keys_of(restaurant_id, jurisdiction)
    ]
    by_restaurant: dict[str, list[Availability]] = {restaurant_id: [] for restaurant_id, _ in restaurants}
    for record in Availability.batch_get(keys) if keys else ():
        if not record.is_tombstone:
            by_restaurant[record.restaurant].append(record)
    return {restaurant_id: Kitchen.of(records) for restaurant_id, records in by_restaurant.items()}
