"""What somebody types finds what they mean, and no more."""

import pytest

from catalog import search

DISHES = "Crème brûlée\nBœuf bourguignon\nChicken wings\nLamb curry\nChampagne sorbet\nPhở gà"


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Crème Brûlée", "creme brulee"),
        ("BŒUF à l’Orange", "boeuf a l orange"),
        ("Ben’s & Jerry's", "bens jerrys"),
        ("Weißwurst", "weisswurst"),
        ("Smørrebrød", "smorrebrod"),
        ("Coca-Cola 0,5l", "coca cola 0 5l"),
        ("寿司", "寿司"),
        ("a\nb", "a\nb"),
        (" _ ", ""),
    ],
)
def test_case_accents_and_punctuation_do_not_count(text: str, folded: str) -> None:
    assert search.fold(text) == folded


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", (True, None)),
        ("lucette", (True, None)),
        ("PIZZA luc", (True, None)),
        ("creme brulee", (True, "Crème brûlée")),
        ("crème", (True, "Crème brûlée")),
        ("lucette boeuf", (True, "Bœuf bourguignon")),
        ("guignon", (True, "Bœuf bourguignon")),
        ("pho", (True, "Phở gà")),
        ("chicken curry", (False, None)),  # of two dishes
        ("ham", (False, None)),  # not “champagne”
        ("sushi", (False, None)),
        ("%", (True, None)),
    ],
)
def test_every_word_is_found_in_the_restaurant_or_in_one_dish(query: str, found: tuple[bool, str | None]) -> None:
    about = ("Chez Lucette", "pizza")
    assert search.match(search.words_of(query), about=about, dishes=DISHES) == found


def test_the_names_of_dishes_are_kept_once_each_and_within_their_limit() -> None:
    assert search.dish_names(["Crème  brûlée", "creme brulee", "", "Tarte"]) == "Crème brûlée\nTarte"
    assert search.dish_names([]) is None
    kept = search.dish_names(f"Número {number} ñandú" for number in range(500))
    assert kept is not None
    assert 950 < len(kept.encode()) <= search.MAX_DISH_NAMES_BYTES
    assert search.dish_names(["x" * 5_000, "Tarte"]) == "Tarte", "one that does not fit leaves room for the others"
