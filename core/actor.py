"""Who does something. Every action takes an `Actor`, and what it did is kept with the actor's signature."""

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    CUSTOMER = "customer"
    KITCHEN = "kitchen"
    SYSTEM = "system"


@dataclass(frozen=True)
class Actor:
    """An account in a role; a guest, who has no account but an order's link; or the system.

    `account` is a pseudonymous id, `restaurant` the one whose kitchen it is, `guest_of` the key of the one order that a guest's
    secret has opened.
    """

    role: Role
    account: str | None = None
    restaurant: str | None = None
    guest_of: str | None = None

    @property
    def signature(self) -> dict[str, str]:
        """Kept with what was done. The restaurant and the order are those of the record that it is kept in."""
        return {"role": self.role.value} | ({"account": self.account} if self.account else {})


GUEST = Actor(Role.CUSTOMER)
"""Somebody without an account and without an order yet: may place one."""

SYSTEM = Actor(Role.SYSTEM)
