"""What an order costs."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.countries import COUNTRIES
from catalog.samples.dishes import price
from core import money
from orders.errors import QuantityOutOfRange, TipOutOfRange, UnknownDish, WrongOptions
from orders.pricing import Choice, TaxRule, quote, sell
from tests.factories import make_dish

MENU = {"margherita": make_dish()}


def line(quantity: int = 1, *options: str):  # type: ignore[no-untyped-def]
    return sell(Choice("margherita", quantity, options or ("size:small",)), MENU)


def test_a_line_keeps_names_and_the_price_with_its_options() -> None:
    sold = line(2, "extras:ham", "size:large")
    assert (sold.unit_minor, sold.total_minor) == (1200 + 300 + 150, 3300)
    assert sold.option_names == ("Large", "Ham")
    assert sold.allergens == ("gluten", "milk")


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("size:small", "size:large"),
        ("size:small", "extras:olives", "extras:ham", "extras:ham"),
        ("size:huge",),
        ("size:small", "crust:thin"),
    ],
)
def test_options_must_be_the_dishs_own_and_in_the_right_number(options: tuple[str, ...]) -> None:
    with pytest.raises(WrongOptions):
        sell(Choice("margherita", 1, options), MENU)


@pytest.mark.parametrize("quantity", [0, -1, 51, 10**9, True, 1.5])
def test_a_quantity_is_a_whole_number_within_the_limit(quantity: int) -> None:
    with pytest.raises(QuantityOutOfRange):
        sell(Choice("margherita", quantity, ("size:small",)), MENU)


def test_an_unknown_dish_is_refused() -> None:
    with pytest.raises(UnknownDish):
        sell(Choice("caviar", 1), MENU)


def test_tax_is_added_to_the_food_in_north_america() -> None:
    result = quote(
        [line(2)], currency="USD", tax=TaxRule(88_750, included=False), delivery_fee_minor=290, tip_minor=200
    )
    assert result.tax_minor == 213  # 8.875 % of 24.00
    assert result.total_minor == 2400 + 290 + 213 + 200


def test_tax_is_included_in_europe() -> None:
    result = quote([line(1)], currency="EUR", tax=TaxRule(100_000, included=True), delivery_fee_minor=290)
    assert result.total_minor == 1490
    assert result.tax_minor == 135  # a tenth on top of 13.55


@pytest.mark.parametrize("tip_minor", [-1, 1201, True])
def test_a_tip_is_at_most_what_the_food_costs(tip_minor: int) -> None:
    with pytest.raises(TipOutOfRange):
        quote([line()], currency="EUR", tax=TaxRule(0, included=True), delivery_fee_minor=0, tip_minor=tip_minor)


@given(st.integers(0, 10**7), st.integers(0, 300_000))
def test_included_tax_and_net_add_up_to_within_half_a_cent(gross_minor: int, rate_ppm: int) -> None:
    tax_minor = money.included_share_of(gross_minor, rate_ppm)
    exact = gross_minor * rate_ppm / (money.PPM + rate_ppm)
    assert abs(tax_minor - exact) <= 0.5


def test_a_currency_has_the_decimals_that_people_use() -> None:
    used = {currency: money.decimals(currency) for currency in ("EUR", "ISK", "HUF", "CZK")}
    assert {name: (d.stored, d.shown, d.of_whole) for name, d in used.items()} == {
        "EUR": (2, 2, 2),
        "ISK": (0, 0, 0),
        "HUF": (2, 0, 0),
        "CZK": (2, 2, 0),
    }


@pytest.mark.parametrize(
    ("amount", "currency", "amount_minor"),
    [
        ("2.50", "EUR", 250),
        ("2.505", "EUR", None),
        ("2.50", "ISK", None),
        ("250", "ISK", 250),
        ("250.00", "ISK", 250),
        ("0.5", "HUF", None),
        ("250", "HUF", 25_000),
        ("29.90", "CZK", 2990),
        ("1e-3", "USD", None),
    ],
)
def test_an_amount_is_never_cut(amount: str, currency: str, amount_minor: int | None) -> None:
    assert money.decimals(currency).minor(Decimal(amount)) == amount_minor


@pytest.mark.parametrize("country", ["HU", "IS", "CZ", "DE", "US"])
def test_fees_and_sample_prices_are_amounts_that_people_pay(country: str) -> None:
    usual = COUNTRIES[country]
    smallest = money.decimals(usual.currency).smallest_minor
    prices = [price(euro_cents, usual.currency) for euro_cents in (0, 50, 110, 990, 1850)]
    assert not any(amount % smallest for amount in (usual.delivery_fee_minor, usual.minimum_minor, *prices))


@pytest.mark.parametrize("tip_minor", [50, 99, 101, 12_345])
def test_a_tip_in_forints_is_whole(tip_minor: int) -> None:
    sums = quote([line(50)], currency="HUF", tax=TaxRule(0, included=True), delivery_fee_minor=0)
    assert sums.with_tip(200).tip_minor == 200
    with pytest.raises(TipOutOfRange, match="no decimals"):
        sums.with_tip(tip_minor)
