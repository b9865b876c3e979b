"""What customers see in each language: amounts, numbers, times, plurals, refusals; in pages and in the API."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from catalog.models import Restaurant
from core import clock
from tests.factories import NEW_YORK, cell_of, make_dish, make_restaurant, save_restaurant
from tests.pages.conftest import NA, Browser, browser, restaurant, text_of  # noqa: F401 - fixtures

LANGUAGES = ["en", "fr", "de", "es"]
TUESDAY_AT_TEN = datetime(2026, 11, 24, 10, 0, tzinfo=ZoneInfo("America/New_York"))


@pytest.fixture(autouse=True)
def tuesday_at_ten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: TUESDAY_AT_TEN.astimezone(ZoneInfo("UTC")))


def page_in(browser: Browser, language: str, path: str) -> str:
    response = browser.get(path, **{"Accept-Language": language})
    assert f'<html lang="{language}"' in response.content.decode()
    return text_of(response).replace("\xa0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("language", "greeting", "city"),
    [
        ("en", "Something good is cooking near you.", "London"),
        ("fr", "Ça sent bon près de chez vous.", "Londres"),
        ("de", "In deiner Nähe kocht etwas Gutes.", "München"),
        ("es", "Algo rico se cocina cerca de ti.", "Nueva York"),
    ],
)
def test_the_front_page(browser: Browser, tables: None, language: str, greeting: str, city: str) -> None:
    page = page_in(browser, language, "/")
    assert greeting in page
    assert city in page


@pytest.mark.parametrize(
    ("language", "price", "cuisine"),
    [
        ("en", "$12.00", "italian"),
        ("fr", "12,00 $US", "italienne"),
        ("de", "12,00 $", "italienisch"),
        ("es", "12,00 US$", "italiana"),
    ],
)
def test_the_menu(browser: Browser, tables: None, language: str, price: str, cuisine: str) -> None:
    save_restaurant(make_restaurant(cuisines=["italian", "of_nowhere"]), [make_dish()])
    page = page_in(browser, language, "/restaurants/lucette/")
    assert price in page
    assert cuisine in page
    assert "of nowhere" in page  # what is not known is shown as it is


def test_a_name_in_the_readers_language_stands_beside_the_one_on_the_sign(browser: Browser, tables: None) -> None:
    save_restaurant(
        make_restaurant(name="Πλάκα", names={"el": "Πλάκα", "fr": "La Plaka", "de": "Πλάκα"}), [make_dish()]
    )
    assert "La Plaka" in page_in(browser, "fr", "/restaurants/lucette/")
    assert "La Plaka" not in page_in(browser, "de", "/restaurants/lucette/")
    assert 'class="lead' not in browser.get("/restaurants/lucette/", **{"Accept-Language": "de"}).content.decode()


@pytest.mark.parametrize(
    ("language", "opens"), [("en", "Wed 11:00"), ("fr", "mer. 11:00"), ("de", "Mi., 11:00"), ("es", "mié, 11:00")]
)
def test_when_a_restaurant_opens(browser: Browser, tables: None, language: str, opens: str) -> None:
    save_restaurant(make_restaurant(opening_hours="We 11:00-14:00"), [make_dish()])
    assert opens in page_in(browser, language, "/restaurants/lucette/")
    assert opens in page_in(browser, language, f"/near/{cell_of(make_restaurant())}/")


@pytest.mark.parametrize(
    ("language", "one", "two"),
    [("en", "1 item", "2 items"), ("fr", "1 article", "2 articles"), ("es", "1 artículo", "2 artículos")],
)
def test_how_many_are_in_the_basket(
    browser: Browser, restaurant: Restaurant, language: str, one: str, two: str
) -> None:
    browser.add()
    assert one in page_in(browser, language, "/")
    browser.add()
    assert two in page_in(browser, language, "/")


@pytest.mark.parametrize(
    ("language", "title", "detail"),
    [
        ("en", "Not found", "There is nothing at this address."),
        ("fr", "Introuvable", "Rien n’a été trouvé à cette adresse."),
        ("de", "Nicht gefunden", "Unter dieser Adresse wurde nichts gefunden."),
        ("es", "No encontrado", "No se ha encontrado nada en esta dirección."),
    ],
)
def test_a_refusal_is_said_in_pages_and_in_the_api(browser: Browser, language: str, title: str, detail: str) -> None:
    page = page_in(browser, language, "/nowhere/")
    assert title in page
    assert detail in page
    problem = browser.get("/api/v1/nowhere", **{"Accept-Language": language})
    document = problem.json()
    assert document["type"] == "/problems/not-found"
    assert document["title"] == title
    assert document["detail"].startswith(detail)
    assert problem["Content-Language"] == language


@pytest.mark.parametrize(
    ("language", "title", "error"),
    [
        ("en", "Malformed request", "A valid integer is required."),
        ("fr", "Requête malformée", "Un nombre entier valide est requis."),
        ("de", "Fehlerhafte Anfrage", "Eine gültige Ganzzahl ist erforderlich."),
        ("es", "Solicitud con formato incorrecto", "Introduzca un número entero válido."),
    ],
)
def test_what_the_apis_framework_refuses_is_translated_too(
    browser: Browser, restaurant: Restaurant, language: str, title: str, error: str
) -> None:
    def post(body: str) -> Any:
        return browser.client.post(
            "/api/v1/orders", body, content_type="application/json", HTTP_HOST=NA, headers={"Accept-Language": language}
        ).json()

    broken = post("{")
    assert (broken["type"], broken["title"], broken["status"]) == ("/problems/parse-error", title, 400)
    wrong = post('{"lines": [{"dish": "margherita", "quantity": "many"}]}')
    assert error in str(wrong["errors"]["lines"])


@pytest.mark.parametrize(
    ("language", "status", "saying"),
    [
        ("en", "Placed", "Thank you"),
        ("fr", "Envoyée", "Merci"),
        ("de", "Aufgegeben", "Danke"),
        ("es", "Enviado", "Gracias"),
    ],
)
def test_an_order(browser: Browser, restaurant: Restaurant, language: str, status: str, saying: str) -> None:
    browser.add()
    page = page_in(browser, language, browser.order())
    assert status in page
    assert saying in page


@pytest.mark.parametrize(
    ("language", "latitude", "status"), [("fr", "40,73061", 302), ("de", "40.73061", 302), ("en", "40,73061", 400)]
)
def test_coordinates_may_have_the_comma_of_the_language(
    browser: Browser, language: str, latitude: str, status: int
) -> None:
    typed = {"latitude": latitude, "longitude": str(NEW_YORK[1])}
    answer = browser.client.post("/where/", typed, HTTP_HOST=NA, headers={"Accept-Language": language})
    assert answer.status_code == status
