"""What the checkout shows: the basket as it was looked over, what can be chosen, and what was typed so far."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import cached_property
from itertools import groupby
from typing import Self

from core import clock, formats
from core.errors import Conflict, Refused
from orders import slots
from orders.checkout.forms import CHOOSE, CheckoutForm, tips_for
from orders.checkout.not_found import NotFoundHere
from orders.errors import CannotOrder, OutsideDeliveryArea, TimeNotOffered, TipOutOfRange
from orders.reviewed_basket import ReviewedBasket


@dataclass(frozen=True)
class CheckoutPage:
    """`problem` is why nothing was ordered, unless it is said beside its field."""

    reviewed: ReviewedBasket
    form: CheckoutForm
    problem: Refused | None = None
    not_found: NotFoundHere | None = None

    @classmethod
    def of(cls, reviewed: ReviewedBasket, form: CheckoutForm, *, problem: Refused | None = None) -> Self:
        """For the first time that is offered, when it cannot be had when it is wanted; with the tip in the sums."""
        shown = reviewed.for_later_if_not_now()
        if not form.is_bound:
            return cls(shown, form)
        for obstacle in (problem, *reviewed.review.obstacles):
            if isinstance(obstacle, TimeNotOffered | TipOutOfRange):
                form.add_obstacle(obstacle)
        try:
            shown = shown.with_tip(form.tip_minor())
        except TipOutOfRange as error:
            form.add_obstacle(error)
        not_found = NotFoundHere.of(form, problem, cell=reviewed.wish.cell)
        return cls(shown, form, None if isinstance(problem, TimeNotOffered | TipOutOfRange) else problem, not_found)

    @property
    def status(self) -> int:
        """Of the answer to an order that was not placed, or of the form as it is first shown."""
        if isinstance(self.problem, Conflict):
            return 409
        return 422 if self.problem or self.form.errors else 200

    @property
    def days(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """The slots day by day: the day in words, and each time in milliseconds and as the clock there shows it."""
        days = []
        for day, of_day in groupby(self.reviewed.slots, key=lambda slot: slot.date()):
            midnight = datetime.combine(day, time())
            weekday = formats.weekday_short(midnight)
            times = [(str(clock.to_ms(slot)), _time(slot, weekday)) for slot in of_day]
            days.append((formats.day(midnight), times))
        return days

    @cached_property
    def can_be_now(self) -> bool:
        """Does the time not stand in the way of having it as soon as possible?"""
        reviewed = self.reviewed
        wanted = reviewed.restaurant, reviewed.kitchen, reviewed.wish.kind
        return slots.can_be_now(*wanted, now=clock.now(), served=reviewed.hours_served)

    @cached_property
    def time(self) -> str:
        """The time that is shown as chosen: "" as soon as possible; `CHOOSE` when what was sent cannot be had."""
        first = str(self.reviewed.wish.scheduled_for or "")
        chosen = self.form.data.get("scheduled_for", "") if self.form.is_bound else first
        possible = {str(clock.to_ms(slot)) for slot in self.reviewed.slots} | ({""} if self.can_be_now else set())
        return chosen if chosen in possible else CHOOSE

    @property
    def minutes(self) -> int:
        """What it takes as soon as possible."""
        reviewed = self.reviewed
        return slots.minutes_needed(reviewed.restaurant, reviewed.kitchen, reviewed.wish.kind)

    @property
    def tips(self) -> Sequence[tuple[int, str]]:
        return tips_for(self.reviewed.review.quote)

    @property
    def obstacles(self) -> list[CannotOrder]:
        """What stands in the way apart from single lines and the time, which say so themselves."""
        review = self.reviewed.review
        said_elsewhere = list(review.unsellable.values())
        obstacles = [o for o in review.obstacles if o not in said_elsewhere and not isinstance(o, TimeNotOffered)]
        return [o for o in obstacles if type(o) is not type(self.problem)]

    @property
    def can_order(self) -> bool:
        """Where the customer has looked for restaurants says little of where the address is: that is found when it is ordered."""
        return all(isinstance(obstacle, OutsideDeliveryArea) for obstacle in self.reviewed.review.obstacles)


def _time(slot: datetime, weekday: str) -> str:
    """Tue 18:15, which all our languages write alike; with the name of its zone in the hour that is there twice."""
    return f"{weekday} {slot:%H:%M %Z}" if slots.is_ambiguous(slot) else f"{weekday} {slot:%H:%M}"
