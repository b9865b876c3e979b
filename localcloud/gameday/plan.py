"""Who orders when and where on a game day, and what becomes of the order: decided by a seed before it begins. Pure."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum


class Fate(StrEnum):
    """What somebody does with an order once it is placed."""

    ACCEPT = "accept"
    REJECT = "reject"
    CANCEL = "cancel"
    LEFT = "left"


FATES = {Fate.ACCEPT: 0.6, Fate.REJECT: 0.1, Fate.CANCEL: 0.1, Fate.LEFT: 0.2}
LOOKS = 0.3  # the share of customers who look at their order right away


@dataclass(frozen=True)
class Planned:
    """One order. `at` is in seconds from the beginning.

    Who `loses_answer` does not hear that the order was taken and sends it again, to another region; `unseen_fate` is what
    the kitchen does with the order that the customer never heard of.
    """

    number: int
    at: float
    region: str
    fate: Fate
    looks: bool
    loses_answer: bool
    unseen_fate: Fate


def plan(*, orders: int, rate: float, regions: Sequence[str], twins: float, seed: int) -> list[Planned]:
    """Orders arrive as a Poisson process of `rate` a second; `twins` is the share whose answer would be lost."""
    chance = random.Random(seed)
    at = 0.0
    planned = []
    for number in range(orders):
        at += chance.expovariate(rate)
        fate, unseen_fate = chance.choices(list(FATES), list(FATES.values()), k=2)
        planned.append(
            Planned(
                number=number,
                at=at,
                region=chance.choice(regions),
                fate=fate,
                looks=chance.random() < LOOKS,
                loses_answer=chance.random() < twins,
                unseen_fate=unseen_fate,
            )
        )
    return planned
