"""Where a restaurant is, as far as its hours depend on it."""

from typing import NamedTuple


class Place(NamedTuple):
    """The time zone (IANA), the country (ISO 3166) and its state (ISO 3166-2 without the country: “BY”, “QC”) for public
    holidays, the position in degrees for the sun. None is not known: holidays are then those of the whole country."""

    time_zone: str
    country: str | None = None
    state: str | None = None
    position: tuple[float, float] | None = None
