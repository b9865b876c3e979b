"""What people write into an order: one set of rules for every way in."""

from dataclasses import dataclass

from core import phone_numbers
from core.errors import Invalid
from core.messages import say
from core.plain_text import is_plain, is_visible

MAX_NAME = 100
MAX_PHONE = 40
MAX_ADDRESS = 200
MAX_NOTE = 300
MAX_REASON = 300


@dataclass(frozen=True)
class Contact:
    """Who gets the food, and where, as it was written. Personal, every bit of it."""

    name: str
    phone: str
    address: str | None = None
    note: str | None = None

    def check(self) -> None:
        """Raise `Invalid` for what no way in should have let through."""
        if not (is_line(self.name) and is_line(self.phone)):
            raise Invalid
        if not (is_visible(self.name) and is_visible(self.address or "-")):
            raise Invalid(say("Enter a name and an address that can be read."))
        check_text(self.name, MAX_NAME)
        check_text(self.phone, MAX_PHONE)
        check_text(self.address or "", MAX_ADDRESS)
        check_text(self.note or "", MAX_NOTE)

    def phone_number(self, country: str) -> str:
        """As E.164; `country` is the restaurant's, whose kitchen calls it. Raises `Invalid`."""
        try:
            return phone_numbers.read(self.phone, country)
        except Invalid as error:
            raise Invalid(error.detail, errors={"contact": {"phone": [error.detail]}}) from error


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
