"""The basket: one restaurant's dishes in a signed cookie, which every region can read.

The cookie holds no personal data. Its token decides the id of the order that the basket becomes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from django.core import signing

from core import clock, ids
from orders.errors import BasketFull, BasketUnreadable, OtherRestaurant
from orders.pricing import MAX_COUNT, MAX_QUANTITY, Choice, PricedDish, check_quantities, check_quantity, sell

MAX_BYTES = 3_500  # browsers keep 4,096 for a cookie with its name and attributes
MAX_AGE_SECONDS = ids.TOKEN_MAX_AGE_SECONDS
MAX_LINES = 40
_SALT = "orders.basket"


@dataclass(frozen=True)
class Line:
    """A choice, and the price of one and the dish's name that the customer saw when choosing."""

    choice: Choice
    seen_minor: int
    name: str = ""  # of a basket that was full, or of an earlier release: not known

    @classmethod
    def of(cls, choice: Choice, menu: Mapping[str, PricedDish]) -> Self:
        """At today's price; raises as `orders.pricing.sell`."""
        sold = sell(choice, menu)
        return cls(choice, sold.unit_minor, sold.name)

    @property
    def key(self) -> str:
        """Names the line in forms: a place would name another one after a change in the meantime, or a double click."""
        return ids.fingerprint(repr((self.choice.dish, self.choice.options)))[:16]


@dataclass(frozen=True)
class Basket:
    restaurant: str
    token: str
    lines: tuple[Line, ...] = ()

    @classmethod
    def new(cls, restaurant: str) -> Self:
        """An empty one, under a new token."""
        return cls(restaurant, ids.new_token(now_seconds=clock.now_ms() // 1000))

    @property
    def count(self) -> int:
        return sum(line.choice.quantity for line in self.lines)

    def add(self, line: Line) -> Self:
        """With the line added, or its quantity raised where the same choice is there already; `QuantityOutOfRange`."""
        for place, present in enumerate(self.lines):
            same = (present.choice.dish, present.choice.options) == (line.choice.dish, line.choice.options)
            if same:
                quantity = present.choice.quantity + line.choice.quantity
                return self._with(place, replace(line, choice=replace(line.choice, quantity=quantity))).checked()
        if len(self.lines) >= MAX_LINES:
            raise BasketFull
        return replace(self, lines=(*self.lines, line)).checked()

    def change(self, key: str, *, quantity: int) -> Self:
        """With another quantity in a line; 0 takes the line out. A line that is not there changes nothing.

        `QuantityOutOfRange` when there are too many now, but never for taking some out.
        """
        place = next((place for place, line in enumerate(self.lines) if line.key == key), None)
        if place is None:
            return self
        if quantity == 0:
            return replace(self, lines=self.lines[:place] + self.lines[place + 1 :])
        line = self.lines[place]
        changed = self._with(place, replace(line, choice=replace(line.choice, quantity=check_quantity(quantity))))
        return changed.checked() if quantity > line.choice.quantity else changed

    def checked(self) -> Self:
        """Itself; `QuantityOutOfRange` for more than can be ordered."""
        check_quantities((line.choice.dish, line.name or line.choice.dish, line.choice.quantity) for line in self.lines)
        return self

    def has_most_of(self, dish: str) -> bool:
        """Can no more of it be added?"""
        of_dish = sum(line.choice.quantity for line in self.lines if line.choice.dish == dish)
        return of_dish >= MAX_QUANTITY or self.count >= MAX_COUNT

    def is_replaceable_by(self, other: "Basket") -> bool:
        """Is nothing lost of what was chosen? Another basket is not replaced unasked."""
        choices = {line.choice for line in self.lines}
        return not choices or (self.restaurant, choices) == (other.restaurant, {line.choice for line in other.lines})

    def under_new_token(self) -> Self:
        return replace(self, token=self.new(self.restaurant).token)

    def seen_at(self, prices_minor: dict[Choice, int]) -> Self:
        """With the prices that the customer has now been shown."""
        lines = (replace(line, seen_minor=prices_minor.get(line.choice, line.seen_minor)) for line in self.lines)
        return replace(self, lines=tuple(lines))

    def _with(self, place: int, line: Line) -> Self:
        return replace(self, lines=(*self.lines[:place], line, *self.lines[place + 1 :]))


def put(line: Line, basket: Basket | None, *, restaurant: str, may_replace: bool = False) -> Basket:
    """The basket with a line of this restaurant's in it; a new basket where there is none.

    A basket is for one restaurant at a time: `OtherRestaurant` unless the customer has said that this one `may_replace` it.
    """
    if basket and basket.restaurant != restaurant:
        if not may_replace:
            raise OtherRestaurant(basket.restaurant)
        basket = None
    return (basket or Basket.new(restaurant)).add(line)


def dumps(basket: Basket) -> str:
    """The cookie's value; `BasketFull` when it would not fit."""
    lines = [[x.choice.dish, x.choice.quantity, list(x.choice.options), x.seen_minor] for x in basket.lines]
    data = {"r": basket.restaurant, "t": basket.token, "l": lines}
    # Apart from the lines, which a release without names reads as well. They are left out before a dish is.
    names = {x.choice.dish: x.name for x in basket.lines if x.name}
    for content in ({**data, "n": names}, data):
        value = signing.dumps(content, salt=_SALT, compress=True)
        if len(value) <= MAX_BYTES:
            return value
    raise BasketFull


def loads(value: str) -> Basket | None:
    """The basket of a cookie: None when it is too old, `BasketUnreadable` when it is not one of ours."""
    try:
        data: Any = signing.loads(value, salt=_SALT, max_age=MAX_AGE_SECONDS)
    except signing.SignatureExpired:
        return None
    except signing.BadSignature as error:
        raise BasketUnreadable from error
    try:
        names = data.get("n", {})
        lines = tuple(
            Line(Choice(dish, quantity, tuple(options)), seen, names.get(dish, ""))
            for dish, quantity, options, seen, *_ in data["l"]  # a newer release may say more of a line
        )
        return Basket(restaurant=data["r"], token=data["t"], lines=lines)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise BasketUnreadable from error
