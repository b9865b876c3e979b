"""The tables that others export, each known by its headers: what their columns are called, and what a row says by them."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field

from catalog.imports import menu_prices


@dataclass(frozen=True)
class Layout:
    """`columns`: our word → the headers it has, parted by “|”; of several in one table, the first that is not empty counts."""

    name: str
    needs: frozenset[str]  # the words without which it is another layout
    columns: dict[str, str]
    between: str = ""  # several categories in one cell


@dataclass(frozen=True)
class Columns:
    """A layout and where its columns are in a certain table."""

    layout: Layout
    header: tuple[str, ...]
    places: dict[str, list[int]] = field(default_factory=dict)
    currency: str = ""  # of all prices, where the header says so

    def row(self, cells: list[str]) -> dict[str, str]:
        """Our words and what this row has for them; nothing for the rest."""
        values = {}
        for word, places in self.places.items():
            given = (cells[place].strip() for place in places if place < len(cells))
            values[word] = next((cell for cell in given if cell), "")
        return values

    def ignored(self, cells: list[str]) -> Iterable[str]:
        """The headers of the other columns in which this row has something."""
        used = {place for places in self.places.values() for place in places}
        for place, cell in enumerate(cells):
            if cell.strip() and place not in used:
                yield self.header[place] if place < len(self.header) and self.header[place] else f"column {place + 1}"


TOAST = Layout(
    "Toast (bulk import)",
    frozenset({"type", "name", "id", "parent"}),
    {
        "operation": "operation", "type": "entity type", "id": "operation id", "name": "name", "price": "price",
        "parent": "parent version id or operation id", "strategy": "pricing strategy or method|pricing strategy",
        "parent type": "parent entity type", "description": "description",
    },
)  # fmt: skip
SQUARE = Layout(
    "Square",
    frozenset({"name", "variation", "price"}),
    {
        "token": "token|reference handle", "name": "item name", "variation": "variation name", "description": "description",
        "section": "category|categories|reporting category", "price": "price", "archived": "archived",
        "visibility": "square online item visibility|item visibility", "sellable": "sellable", "group": "option name 1",
        "option": "option value 1",
    },
)  # fmt: skip
WOOCOMMERCE = Layout(
    "WooCommerce",
    frozenset({"type", "name", "price", "published"}),
    {
        "id": "id", "type": "type|typ|tipo", "sku": "sku|ugs|artikelnummer", "name": "name|nom|nombre",
        "published": "published|publie|veroffentlicht|publicado",
        "visibility": "visibility in catalog|visibility in catalogue|visibilite dans le catalogue|sichtbarkeit im katalog"
        "|visibilidad en el catalogo",
        "description": "short description|description courte|kurzbeschreibung|descripcion corta|description|beschreibung"
        "|descripcion",
        "in stock": "in stock|en stock|vorratig|hay existencias",
        "price": "regular price|tarif regulier|regularer preis|precio normal",
        "section": "categories|kategorien|categorias", "parent": "parent|ubergeordnetes produkt|superior|principal",
        "group": "attribute 1 name|nom de l attribut 1|name des attributs 1|nombre del atributo 1",
        "variation": "attribute 1 value s|valeur s de l attribut 1|wert e des attributs 1|valor es del atributo 1",
        "variation 2": "attribute 2 value s|valeur s de l attribut 2|wert e des attributs 2|valor es del atributo 2",
        "variation 3": "attribute 3 value s|valeur s de l attribut 3|wert e des attributs 3|valor es del atributo 3",
    },
    between=",",
)  # fmt: skip
TASTYIGNITER = Layout(
    "TastyIgniter",
    frozenset({"name", "price"}),
    {
        "id": "menu id", "name": "menu name", "price": "menu price", "description": "menu description",
        "section": "categories|category|menu category", "status": "menu status",
    },
    between="|",
)  # fmt: skip
PLAIN = Layout(
    "a plain table",
    frozenset({"name", "price"}),
    {
        "name": "name|item|item name|menu item|menu item name|dish|dish name|product|product name|title"
        "|nom|plat|nom du plat|produit|intitule|designation|libelle|article"
        "|gericht|speise|bezeichnung|artikel|produkt|titel|nombre|plato|producto|articulo|titulo",
        "price": "price|price in|prix en|preis in|precio en|base price|unit price|selling price|retail price"
        "|prix|prix ttc|prix de vente|tarif"
        "|preis|einzelpreis|verkaufspreis|bruttopreis|precio|precio de venta|pvp",
        "section": "category|categories|section|menu group|menu section|group|course|categorie|rubrique|famille"
        "|kategorie|rubrik|gruppe|warengruppe|abschnitt|categoria|seccion|grupo",
        "menu": "menu",
        "description": "description|short description|details|ingredients|descriptif|beschreibung|zutaten|descripcion"
        "|ingredientes",
        "id": "id|item id|sku|plu|code|nr|no|reference|ref|artikelnummer|codigo|referencia",
        "variation": "variation|variation name|variant|size|portion|variante|taille|grosse|tamano",
        "currency": "currency|devise|wahrung|moneda",
        "allergens": "allergens|allergenes|allergene|alergenos",
        "diets": "diets|diet|regimes|regime|ernahrung|dietas|dieta",
        "status": "status|active|enabled|actif|statut|aktiv|activo|estado",
        "in stock": "available|in stock|disponible|en stock|verfugbar|vorratig|hay existencias",
        "archived": "archived", "visibility": "visibility",
    },
    between="|",
)  # fmt: skip
LAYOUTS = (TOAST, WOOCOMMERCE, SQUARE, TASTYIGNITER, PLAIN)

NO = frozenset(
    {"0", "-1", "n", "no", "non", "nein", "false", "off", "disabled", "inactive", "desactive", "deaktiviert"}
)
NOT_FOR_SALE = {
    "archived": ("archived", frozenset({"y", "yes", "1", "true", "archived"})),
    "published": ("not published", NO),
    "status": ("switched off", NO),
    "visibility": ("hidden", frozenset({"hidden", "unavailable", "private"})),
    "sellable": ("not for sale by itself", NO),
}
"""Word → why such a dish is left out, and the values that say so."""


def recognised(header: list[str]) -> Columns | None:
    """Which layout has these headers, if any."""
    names = [folded(name) for name in header]
    for layout in LAYOUTS:
        places = {word: _places(called, names) for word, called in layout.columns.items()}
        places = {word: where for word, where in places.items() if where}
        if layout.needs <= places.keys():
            currency = next((mark for place in places.get("price", ()) if (mark := _currency_in(header[place]))), "")
            return Columns(layout, tuple(header), places, currency)
    return None


def _places(called: str, names: list[str]) -> list[int]:
    return [place for name in called.split("|") for place, each in enumerate(names) if each == name]


def _currency_in(header: str) -> str:
    marks = re.findall(r"\(([^()]*)\)|([€$£])|\b([A-Z]{3})\b", header)
    return next((mark for each in marks for mark in each if menu_prices.currencies(mark)), "")


def folded(text: str) -> str:
    """“Prix (€)”, “prix” → prix; “Größe” → grosse; “Attribute 1 value(s)” → attribute 1 value s"""
    plain = unicodedata.normalize("NFKD", text[:200].casefold()).encode("ascii", "ignore").decode()
    words = [word for word in re.findall("[a-z0-9]+", plain) if word.upper() not in _CODES]
    return " ".join(words)


_CODES = frozenset(
    {"EUR", "USD", "GBP", "CHF", "CAD", "MXN", "PLN", "CZK", "HUF", "SEK", "NOK", "DKK", "ISK", "RON", "BGN"}
)
