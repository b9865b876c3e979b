"""What people write into an order: one set of rules for every way in."""

from dataclasses import asdict, dataclass, replace

from core import phone_numbers
from core.errors import Invalid
from core.messages import say
from core.plain_text import is_plain, is_visible
from orders.destination import Position
from places import addresses, fields
from places.addresses import Address

MAX_NAME = 100
MAX_PHONE = 40
MAX_NOTE = 300
MAX_REASON = 300


@dataclass(frozen=True)
class Contact:
    """Who gets the food, and where, as it was sent. Personal, every bit of it.

    The country of an address is the restaurant's, whatever it says; `position` is where its owner has confirmed that it is.
    """

    name: str
    phone: str
    address: Address | None = None
    note: str | None = None
    position: Position | None = None

    def check(self) -> None:
        """Raise `Invalid` for what no way in should have let through."""
        if not (is_line(self.name) and is_line(self.phone)):
            raise Invalid
        if not is_visible(self.name):
            raise Invalid(say("Enter a name."))
        check_text(self.name, MAX_NAME)
        check_text(self.phone, MAX_PHONE)
        check_text(self.note or "", MAX_NOTE)

    def phone_number(self, country: str) -> str:
        """As E.164; `country` is the restaurant's, whose kitchen calls it. Raises `Invalid`."""
        try:
            return phone_numbers.read(self.phone, country)
        except Invalid as error:
            raise Invalid(error.detail, errors={"contact": {"phone": [error.detail]}}) from error

    def address_in(self, country: str) -> Address:
        """As people there write it. Raises `Invalid`."""
        address, wrong = read_address(self.address or Address(country), country)
        if wrong:
            errors = {name: [detail] for name, detail in wrong.items()}
            raise Invalid(next(iter(wrong.values())), errors={"delivery": {"address": errors}})
        return address


def read_address(address: Address, country: str) -> tuple[Address, dict[str, str]]:
    """As people in the country write it, and what is wrong with which part of it, in words."""
    tidied = fields.tidy(replace(address, country=country))
    return tidied, fields.check(tidied)


def is_line(text: str) -> bool:
    """One line, without characters that would garble a kitchen's printout or what stands beside it on a page."""
    return is_plain(text)


def is_text(text: str) -> bool:
    """The same, but there may be several lines."""
    return is_plain(text.replace("\n", " "))


def check_text(text: str, limit: int) -> None:
    if not is_text(text):
        raise Invalid(say("Remove the characters that can’t be printed."))
    if len(text) > limit:
        raise Invalid(say("Enter at most %(most)d characters.", most=limit))


def with_plain_ends(text: str) -> str:
    """Every line ends alike: browsers send CR LF."""
    return text.replace("\r\n", "\n")


def address_lines(address: Address) -> list[str]:
    """As it stands on an envelope: street, unit, then the rest in the country's order."""
    street, *others = addresses.lines(asdict(address), address.country) or [""]
    return [line for line in (street, address.unit, *others) if line]
