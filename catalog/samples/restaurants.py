"""Sample restaurants: any number of them, plausible, and the same ones for the same seed."""

import math
import random
import re
import unicodedata
from collections.abc import Iterator

from catalog.cities import CITIES, City
from catalog.countries import COUNTRIES, Country
from catalog.models import Card, CatalogRecord, Restaurant
from catalog.samples.dishes import cuisines, menu_for, template
from core import geo
from places.addresses import street_line

NAMES: dict[str, tuple[str, ...]] = {
    "pizza": (
        "Forno Vesuvia",
        "Da Nunzia",
        "Pizzeria Tre Gatti",
        "Il Cortile",
        "Farina e Fuoco",
        "Bella Brace",
        "Lievito",
    ),
    "burgers": (
        "Smash & Rye",
        "The Corner Griddle",
        "Patty Parade",
        "Bun Voyage",
        "Low & Slow",
        "Brick Street Burgers",
    ),
    "sushi": ("Kawa Sushi", "Little Tsubaki", "Umi no Ie", "Hashi House", "Sakura Nine", "Blue Nori"),
    "indian": (
        "Saffron Lantern",
        "The Copper Karahi",
        "Monsoon Kitchen",
        "Cardamom & Clove",
        "Rangoli",
        "Tamarind Street",
    ),
    "thai": ("Baan Makrut", "Galangal Row", "Three Chillies", "Little Chao Phraya", "Krapao Corner", "Lotus & Lime"),
    "chinese": (
        "Jade Ladle",
        "Nine Dumplings",
        "Red Lacquer",
        "Old Teahouse Lane",
        "Sichuan Pepper Club",
        "Moon Gate Kitchen",
    ),
    "mexican": (
        "La Comal Azul",
        "Tía Remedios",
        "Maíz y Mole",
        "El Nopal Verde",
        "Taquería Luna Llena",
        "Casa Epazote",
    ),
    "vietnamese": ("Phở Sáng", "Little Hội An", "Nhà Bếp", "The Fish Sauce Room", "Lemongrass Alley", "Bún & Basil"),
    "korean": ("Dolsot House", "Seoul Lantern", "Kimchi Cellar", "Hanok Table", "Banchan & Co", "Gochu Garden"),
    "ramen": ("Kumo Ramen", "The Noodle Steam", "Yoru Ramen", "Tori & Ton", "Menma House", "Broth & Bamboo"),
    "lebanese": (
        "Cedar & Sumac",
        "Beit Zeina",
        "Le Petit Mezzé",
        "Zaatar House",
        "The Pomegranate Seed",
        "Layali Kitchen",
    ),
    "kebab": (
        "Anatolian Fire",
        "Ocakbaşı Deniz",
        "Sultan’s Corner Grill",
        "Köz & Kor",
        "Golden Spit",
        "Bosporus Bread",
    ),
    "greek": ("To Limani", "Olive & Oregano", "Taverna Ariadne", "The Salt Caique", "The Blue Shutter", "Yiayia Eleni"),
    "bistro": (
        "Chez Marguerite",
        "Le Petit Zinc Bleu",
        "Bistro des Halles Vieilles",
        "La Cocotte Rouge",
        "Au Bon Coin",
        "Le Comptoir d’Élise",
    ),
    "tapas": (
        "La Sobremesa",
        "Bodega Tres Olivos",
        "El Rincón de Pilar",
        "Casa Pimentón",
        "La Barra Larga",
        "Sal y Limón",
    ),
    "ethiopian": (
        "Habesha Table",
        "Addis Lantern",
        "Blue Nile Hearth",
        "Queen Makeda",
        "Injera House",
        "Lalibela Garden",
    ),
    "diner": (
        "The Early Griddle",
        "Sunny Side Diner",
        "Maple & Main",
        "Two Eggs Over",
        "The Chrome Spoon",
        "Morning Counter",
    ),
    "smokehouse": (
        "Hickory & Ash",
        "Burnt Ends Social",
        "Oak Smoke Yard",
        "Pitmaster Lou",
        "The Slow Barn",
        "Ember & Bone",
    ),
    "chicken": (
        "Crackle & Crunch",
        "The Golden Drum",
        "Cluck Street",
        "Salt & Malt",
        "Buttermilk Birds",
        "Harbour Fry",
    ),
    "bowls": ("Green Ladle", "The Leaf & Seed", "Bowl Theory", "Root to Stem", "Kale & Company", "Sunroot"),
    "cafe": ("Three Sparrows Coffee", "The Crumb Room", "Paper Cup", "Flour & Fern", "Copper Kettle Café", "Slow Pour"),
}
"""Invented, all of them; a second round of the same name gets the name of its street."""

STREETS: dict[str, tuple[str, ...]] = {
    "US": ("Maple Street", "Canal Avenue", "Juniper Street", "Second Avenue", "Orchard Lane", "Harbor Street"),
    "CA": ("King Street", "Elm Avenue", "Rue des Érables", "Lakeshore Road", "Rue du Marché", "Mill Street"),
    "GB": ("Lantern Street", "Mercer Row", "Old Mill Lane", "Chandler’s Yard", "Queen’s Walk", "Bakehouse Lane"),
    "IE": ("Cooper’s Lane", "Fishmarket Street", "Abbey Row", "Quay Street", "Linen Hall Street", "Castle Steps"),
    "FR": (
        "Rue des Lilas",
        "Rue du Vieux Four",
        "Passage des Artisans",
        "Rue de la Halle",
        "Quai des Brumes",
        "Rue Haute",
    ),
    "DE": ("Lindenstraße", "Marktgasse", "Am Alten Hafen", "Gärtnerstraße", "Bäckerweg", "Kastanienallee"),
    "ES": (
        "Calle del Olivo",
        "Calle Mayor",
        "Plaza del Horno",
        "Calle de la Luna",
        "Paseo de los Tilos",
        "Calle Nueva",
    ),
    "IT": ("Via dei Fornai", "Vicolo del Moro", "Via del Mercato", "Piazza dell’Olmo", "Via degli Orti", "Via Lunga"),
    "NL": ("Lindengracht", "Kerkstraat", "Molensteeg", "Oude Haven", "Tuinstraat", "Marktplein"),
    "CH": ("Rosengasse", "Seestrasse", "Am Brunnen", "Mühlegasse", "Bergstrasse", "Marktgasse"),
}

ALWAYS = ("Mo-Su 00:00-24:00",)
EARLY = ("Mo-Su 06:00-18:00", "Mo-Fr 05:30-17:30; Sa-Su 06:00-17:00", "Mo-Su 05:00-22:00")
LATE = ("Mo-Su 11:00-06:00", "Mo-Su 11:30-06:00", "Mo-Su 12:00-06:00")
ORDINARY = (
    "Mo-Su 11:00-23:00",
    "Mo-Su 10:00-22:00",
    "Mo-Fr 11:30-14:30,17:30-22:30; Sa-Su 12:00-23:00",
    "Tu-Su 12:00-14:30,18:00-23:00",
    "Mo-Sa 11:00-22:00; Su 12:00-21:00",
    "Mo-Th 11:30-22:00; Fr-Sa 11:30-02:00; Su 12:00-22:00",
)
HOURS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("burgers", "kebab", "diner"), ALWAYS),
    **dict.fromkeys(("bistro", "bowls", "cafe", "ethiopian", "lebanese", "mexican", "vietnamese"), EARLY),
    **dict.fromkeys(("chicken", "chinese", "korean", "pizza", "ramen", "tapas"), LATE),
}
"""Menu → the hours that its restaurants have one of; the others have ordinary ones.

Ten menus in a row, which is what a city begins with, hold one that is always there, two early and two late ones; of these two
kinds one opens before the other closes. Whoever tries things out finds three that are open, whatever the hour.
"""

RADII_M = (2000, 2500, 3000, 4000, 5000)
"""A restaurant has one that reaches the middle of its city, where people look first."""

# Numbers that are set aside for fiction or have no subscriber behind them, where a country's regulator names some.
PHONES = {
    "US": "+1 212 555 01{:02}", "CA": "+1 416 555 01{:02}", "GB": "+44 20 7946 0{:03}", "FR": "+33 1 99 00 {:02} 00",
    "DE": "+49 30 23125 0{:02}", "IE": "+353 20 910 00{:02}", "ES": "+34 919 00 00 {:02}", "IT": "+39 06 0000 00{:02}",
    "NL": "+31 20 000 00{:02}", "CH": "+41 44 000 00 {:02}",
}  # fmt: skip


def sample_records(count: int, seed: int = 1) -> Iterator[CatalogRecord]:
    """The records of `count` restaurants, unsaved: profile, dishes, cards. More of them begin with the same ones."""
    for number in range(count):
        restaurant, menu = _restaurant(number, seed)
        sections, dishes = menu_for(restaurant, menu)
        restaurant.describe_menu(sections, dishes)
        yield restaurant
        yield from dishes
        yield from Card.all_of(restaurant)


def sample_restaurants(count: int, seed: int = 1) -> list[Restaurant]:
    """Their profiles only, and nothing of their menus."""
    return [_restaurant(number, seed)[0] for number in range(count)]


def _restaurant(number: int, seed: int) -> tuple[Restaurant, str]:
    rng = random.Random(f"{seed} {number}")
    city = CITIES[number % len(CITIES)]
    round_ = number // len(CITIES)
    kinds = cuisines()
    place = CITIES.index(city)
    # Every city begins with other cuisines: ten restaurants are no choice of ten where all have the same.
    menu = kinds[(round_ + place * 4) % len(kinds)]
    names = NAMES[menu]
    street = rng.choice(STREETS[city.country])
    visit = round_ // len(kinds)
    name = names[(visit + place) % len(names)]
    if visit >= len(names):
        name = f"{name}, {street}"
    latitude, longitude = _near(city, rng)
    away_m = geo.distance_km((latitude, longitude), geo.centre_of(city.cell)) * 1000
    country = COUNTRIES[city.country]
    opening_hours = rng.choice(HOURS.get(menu, ORDINARY))
    restaurant = Restaurant.new(
        f"sample-{city.slug}-{round_ + 1:03d}-{_slug(name)}",
        name=name,
        country=city.country,
        latitude=latitude,
        longitude=longitude,
        address=_address(city, street, rng.randint(1, 180)),
        cuisines=list(template(menu)["cuisines"]),
        phone=PHONES[city.country].format(rng.randint(10, 99)),
        opening_hours=opening_hours,
        time_zone=city.time_zone,
        currency=country.currency,
        tax_ppm=city.tax_ppm or country.tax_ppm,
        tax_included=country.tax_included,
        delivers=True,
        offers_pickup=opening_hours in ALWAYS or rng.random() < 0.9,
        radius_m=rng.choice([radius_m for radius_m in RADII_M if radius_m > away_m]),
        preparation_minutes=rng.choice((15, 20, 25, 30, 35)),
        source="sample",
        **_fees(country, rng),
    )
    return restaurant, menu


def _near(city: City, rng: random.Random) -> tuple[float, float]:
    """Within two kilometres of the city's centre, denser in the middle."""
    distance_km, angle = 2.0 * rng.random(), rng.uniform(0, 2 * math.pi)
    latitude = city.latitude + distance_km / 111.2 * math.cos(angle)
    longitude = city.longitude + distance_km / (111.2 * math.cos(math.radians(city.latitude))) * math.sin(angle)
    return round(latitude, 6), round(longitude, 6)


def _fees(country: Country, rng: random.Random) -> dict[str, int]:
    """Some deliver for nothing, some for half as much again as is usual."""
    factor = rng.choice((0.0, 0.5, 1.0, 1.0, 1.5))
    unit = 10 if country.delivery_fee_minor < 1000 else 100
    return {
        "delivery_fee_minor": round(country.delivery_fee_minor * factor / unit) * unit,
        "minimum_minor": round(country.minimum_minor * rng.choice((0.5, 1.0, 1.0, 1.5)) / 100) * 100,
    }


def _address(city: City, street: str, number: int) -> dict[str, str]:
    parts = {"street": street_line(street, str(number), city.country), "postcode": city.postcode, "city": city.name}
    return parts | ({"region": city.region} if city.region else {})


def _slug(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
