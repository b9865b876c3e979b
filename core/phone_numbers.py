"""Phone numbers: read as people write them, kept as E.164, shown as they are written in a country.

The library takes 40 ms to import, so it is imported when the first number is read or shown: few requests have one.
"""

import re

from core.errors import Invalid
from core.messages import say

_SHORTEST = 7
"""Digits without the country's code. What is shorter must be in the library's tables: they are full of short numbers that nobody
can call from outside (emergency, directory), but a longer one may be newer than they are."""

# Until 2019 mobile numbers there had a 1 after the country's code when called from abroad; many still write it.
_MEXICAN_MOBILE = re.compile(r"^\+ ?52[ -]?1[ -]?((?:[ ()-]*[0-9]){10})$")


def read(text: str, country: str | None) -> str:
    """ "(212) 555-0100", "US" → "+12125550100"; with an extension "+12125550100;ext=12", as RFC 3966 writes it.

    `country` (ISO 3166) is where a number without a country's code is dialled. Raises `Invalid`, which says what to do.
    """
    import phonenumbers

    try:
        # Every kind of space as one: the library does not know the narrow no-break space.
        number = phonenumbers.parse(_MEXICAN_MOBILE.sub(r"+52 \1", " ".join(text.split())), country)
    except phonenumbers.NumberParseException as error:
        raise Invalid(_how_to_write(country)) from error
    reason = phonenumbers.is_possible_number_with_reason(number)
    is_long_enough = len(phonenumbers.national_significant_number(number)) >= _SHORTEST
    is_possible = reason == phonenumbers.ValidationResult.IS_POSSIBLE and is_long_enough
    if not (is_possible or phonenumbers.is_valid_number(number)):
        raise Invalid(_how_to_write(country))
    extension = f";ext={number.extension}" if number.extension else ""
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) + extension


def shown(number: str, country: str | None) -> str:
    """ "+12125550100", "US" → (212) 555-0100; in any other country +1 212-555-0100. What `read` did not write stays as it is."""
    if not re.fullmatch(r"\+[0-9]{5,}(;ext=[0-9]+)?", number):
        return number
    import phonenumbers

    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:  # a country's code that is none
        return number
    is_at_home = parsed.country_code == phonenumbers.country_code_for_region(country or "")
    formats = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, formats.NATIONAL if is_at_home else formats.INTERNATIONAL)


def _how_to_write(country: str | None) -> str:
    import phonenumbers

    example = phonenumbers.example_number(country) if country else None
    if example is None:
        return say("Enter a phone number with its country’s code, such as +1 212 555 0100.")
    formats = phonenumbers.PhoneNumberFormat
    return say(
        "Enter a phone number with its area code, such as %(here)s, or with its country’s code, such as %(abroad)s.",
        here=phonenumbers.format_number(example, formats.NATIONAL),
        abroad=phonenumbers.format_number(example, formats.INTERNATIONAL),
    )
