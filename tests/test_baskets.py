"""What may be put into a basket, and what may replace it."""

import pytest

from orders import baskets
from orders.baskets import Basket, Line
from orders.errors import OtherRestaurant, QuantityOutOfRange, TipOutOfRange, WrongOptions
from orders.pricing import Choice, TaxRule, quote, sell
from tests.factories import make_dish

MENU = {"margherita": make_dish(), "marinara": make_dish("marinara", options=[], price_minor=950)}
MARGHERITA = Choice("margherita", 1, ("size:large",))
MARINARA = Choice("marinara", 2)


def basket_of(*choices: Choice, restaurant: str = "lucette") -> Basket:
    basket = Basket.new(restaurant)
    for choice in choices:
        basket = basket.add(Line.of(choice, MENU))
    return basket


def test_a_line_keeps_the_price_that_was_seen_with_its_options() -> None:
    assert Line.of(MARGHERITA, MENU).seen_minor == 1500
    with pytest.raises(WrongOptions):
        Line.of(Choice("margherita", 1), MENU)


def test_the_first_line_begins_a_basket_and_the_same_choice_raises_its_quantity() -> None:
    basket = baskets.put(Line.of(MARINARA, MENU), None, restaurant="lucette")
    again = baskets.put(Line.of(MARINARA, MENU), basket, restaurant="lucette")
    both = baskets.put(Line.of(MARGHERITA, MENU), again, restaurant="lucette")
    assert [(line.choice.dish, line.choice.quantity) for line in both.lines] == [("marinara", 4), ("margherita", 1)]
    assert (both.restaurant, both.token) == ("lucette", basket.token)
    with pytest.raises(QuantityOutOfRange):
        baskets.put(Line.of(Choice("marinara", 50), MENU), both, restaurant="lucette")


def test_a_basket_of_another_restaurant_is_replaced_only_when_the_customer_says_so() -> None:
    basket = basket_of(MARINARA, restaurant="other")
    line = Line.of(MARGHERITA, MENU)
    with pytest.raises(OtherRestaurant) as refusal:
        baskets.put(line, basket, restaurant="lucette")
    assert refusal.value.restaurant == "other"
    replaced = baskets.put(line, basket, restaurant="lucette", may_replace=True)
    assert (replaced.restaurant, replaced.lines) == ("lucette", (line,))
    assert replaced.token != basket.token


@pytest.mark.parametrize(
    ("present", "is_replaceable"),
    [
        (basket_of(), True),
        (basket_of(MARINARA, MARGHERITA), True),
        (basket_of(MARINARA), False),
        (basket_of(MARGHERITA, Choice("marinara", 3)), False),
        (basket_of(MARGHERITA, MARINARA, restaurant="other"), False),
    ],
)
def test_a_basket_is_replaced_unasked_only_when_nothing_chosen_is_lost(present: Basket, is_replaceable: bool) -> None:
    assert present.is_replaceable_by(basket_of(MARGHERITA, MARINARA)) is is_replaceable


def test_a_basket_keeps_its_lines_under_a_new_token() -> None:
    basket = basket_of(MARINARA)
    renewed = basket.under_new_token()
    assert (renewed.restaurant, renewed.lines) == (basket.restaurant, basket.lines)
    assert renewed.token != basket.token


@pytest.mark.parametrize("tip_minor", [-1, 1901, True])
def test_a_tip_is_at_most_what_the_food_costs(tip_minor: int) -> None:
    sums = quote([sell(MARINARA, MENU)], currency="USD", tax=TaxRule(0, False), delivery_fee_minor=290)
    assert sums.with_tip(1900).total_minor == 1900 + 290 + 1900
    with pytest.raises(TipOutOfRange):
        sums.with_tip(tip_minor)
