"""Phone numbers as people write them."""

import subprocess
import sys

import pytest

from core import phone_numbers
from core.errors import Invalid


@pytest.mark.parametrize(
    ("written", "country", "number"),
    [
        ("(212) 555-0100", "US", "+12125550100"),
        ("1-212-555-0100", "US", "+12125550100"),
        ("212.555.0100", "CA", "+12125550100"),
        ("+1 (212) 555 0100", "DE", "+12125550100"),
        ("001 212 555 0100", "FR", "+12125550100"),
        ("01 99 00 12 34", "FR", "+33199001234"),
        ("+33 (0)1 99 00 12 34", "US", "+33199001234"),
        ("030/23125-123", "DE", "+493023125123"),
        ("020 7946 0123", "GB", "+442079460123"),
        ("06 698 12345", "IT", "+390669812345"),
        ("555 1234", "IS", "+3545551234"),
        ("(06 1) 555 0123", "HU", "+3615550123"),
    ],
)
def test_a_number_is_read_where_it_is_dialled(written: str, country: str, number: str) -> None:
    assert phone_numbers.read(written, country) == number


@pytest.mark.parametrize(
    "written",
    [
        "(212)\u00a0555\u20110100",
        "212\u202f555\u20130100",
        "\u200e+1 212 555 0100 ",
        "２１２－５５５－０１００",
        "٢١٢ ٥٥٥ ٠١٠٠",
        "Tel.: 212 555 0100",
    ],
)
def test_spaces_hyphens_and_digits_of_any_kind_are_read(written: str) -> None:
    assert phone_numbers.read(written, "US") == "+12125550100"


@pytest.mark.parametrize("extension", [" ext. 12", " x12", ", extension 12", "\u00a0ext.\u00a012", ";ext=12", " #12"])
def test_an_extension_is_kept(extension: str) -> None:
    number = phone_numbers.read("(212) 555-0100" + extension, "US")
    assert number == "+12125550100;ext=12"
    assert phone_numbers.shown(number, "US") == "(212) 555-0100 ext. 12"
    assert phone_numbers.read(number, "FR") == number


@pytest.mark.parametrize(
    ("written", "country"),
    [
        ("12345", "US"),
        ("12345", "DE"),
        ("12345", "FR"),
        ("555-0100", "US"),
        ("911", "US"),
        ("112", "DE"),
        ("", "US"),
        ("call me", "US"),
        ("<script>", "US"),
        ("+" + "1" * 30, "US"),
        ("+999 212 555 0100", "US"),
        ("(212) 555-0100 after 6 pm", "US"),
        ("212 555 0100, 212 555 0101", "US"),
        ("(212) 555-0100", "FR"),
        ("(212) 555-0100", None),
        ("1" * 300, "US"),
    ],
)
def test_what_nobody_can_call_is_refused(written: str, country: str | None) -> None:
    with pytest.raises(Invalid, match=r"^Enter a phone number with its .*, such as .*\d"):
        phone_numbers.read(written, country)


def test_the_refusal_shows_a_number_of_the_country() -> None:
    with pytest.raises(Invalid, match=r"such as 030 123456, or with its country’s code, such as \+49 30 123456\."):
        phone_numbers.read("12345", "DE")


@pytest.mark.parametrize(
    ("number", "country", "shown"),
    [
        ("+12125550100", "US", "(212) 555-0100"),
        ("+12125550100", "CA", "(212) 555-0100"),
        ("+12125550100", "FR", "+1 212-555-0100"),
        ("+12125550100", None, "+1 212-555-0100"),
        ("+33199001234", "FR", "01 99 00 12 34"),
        ("+33199001234", "DE", "+33 1 99 00 12 34"),
        ("+442079460123", "GB", "020 7946 0123"),
        # As orders kept them before numbers were read.
        ("+1 212 555 0100", "US", "+1 212 555 0100"),
        ("+999123456789", "US", "+999123456789"),
        ("0171/23 125 (evenings)", "DE", "0171/23 125 (evenings)"),
        ("", "DE", ""),
    ],
)
def test_a_number_is_shown_as_it_is_written_there(number: str, country: str | None, shown: str) -> None:
    assert phone_numbers.shown(number, country) == shown


def test_the_library_is_imported_when_a_number_is_read_or_shown() -> None:
    code = "import sys, core.phone_numbers; assert 'phonenumbers' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("text", ["+52 1 55 1234 5678", "+5215512345678", "+52 55 1234 5678"])
def test_a_mexican_mobile_is_one_number_with_and_without_the_1_of_before(text: str) -> None:
    assert phone_numbers.read(text, "MX") == "+525512345678"
