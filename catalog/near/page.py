"""What the page of the list near a place shows around its rows: choices, and addresses that keep them."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from catalog.browse import Listing, Sort, Wanted
from catalog.cities import CITIES, City
from catalog.other_site import OtherSite
from places.addresses import Address
from regions import topology

CHIPS = 11  # cuisines in view; the others are behind “More”

SORTS: dict[Sort, Promise] = {
    Sort.DISTANCE: gettext_lazy("Nearest first"),
    Sort.FEE: gettext_lazy("Lowest delivery fee"),
    Sort.TIME: gettext_lazy("Quickest to make"),
}


@dataclass(frozen=True)
class Chip:
    """A word that can be chosen, and how many of the restaurants looked at it stands for."""

    word: str
    count: int
    is_chosen: bool


def cities() -> dict[str, list[City]]:
    """Of each jurisdiction, by its title."""
    topo = topology.current()
    return {
        title: [city for city in CITIES if topo.jurisdiction_of_country(city.country) == name]
        for name, title in topo.jurisdictions.items()
    }


@dataclass(frozen=True)
class NearPage:
    listing: Listing
    wanted: Wanted

    @property
    def other_site(self) -> OtherSite | None:
        """Where the restaurants here take their orders, when that is not on this site. A list is of one jurisdiction."""
        rows = self.listing.rows
        return OtherSite.of(str(rows[0].card.country), self.url) if rows else None

    @property
    def city(self) -> Address | None:
        """That of a restaurant here."""
        listing = self.listing
        return Address(str(listing.rows[0].card.country), city=listing.city) if listing.city and listing.rows else None

    @property
    def cuisines(self) -> list[Chip]:
        return _chips(self.listing.cuisines, self.wanted.cuisines)[: max(CHIPS, len(self.wanted.cuisines))]

    @property
    def more_cuisines(self) -> list[Chip]:
        rest = _chips(self.listing.cuisines, self.wanted.cuisines)[len(self.cuisines) :]
        return sorted(rest, key=lambda chip: chip.word)

    @property
    def diets(self) -> list[Chip]:
        return _chips(self.listing.diets, self.wanted.diets)

    @property
    def sorts(self) -> list[tuple[Sort, Promise, bool]]:
        return [(sort, title, sort == self.wanted.sort) for sort, title in SORTS.items()]

    @property
    def is_filtered(self) -> bool:
        wanted = self.wanted
        return bool(wanted.words.strip() or wanted.cuisines or wanted.diets or wanted.only_open)

    @property
    def url(self) -> str:
        """The shortest address of this list's first page."""
        return self._url()

    @property
    def further_url(self) -> str | None:
        return self._url(cursor=self.listing.next_cursor) if self.listing.next_cursor else None

    def _url(self, **query: str) -> str:
        wanted = self.wanted
        asked = [("q", wanted.words.strip())] if wanted.words.strip() else []
        asked += [("cuisine", word) for word in wanted.cuisines] + [("diet", word) for word in wanted.diets]
        asked += [("open", "1")] if wanted.only_open else []
        asked += [("sort", wanted.sort.value)] if wanted.sort != Sort.DISTANCE else []
        path = reverse("near", kwargs={"cell": self.listing.cell})
        text = urlencode([*asked, *query.items()])
        return f"{path}?{text}" if text else path


def _chips(facets: Sequence[tuple[str, int]], chosen: Sequence[str]) -> list[Chip]:
    """The chosen ones first, also those that nobody here has; then the most frequent."""
    counts = dict(facets)
    others = [word for word, _ in facets if word not in chosen]
    return [Chip(word, counts.get(word, 0), word in chosen) for word in (*chosen, *others)]
