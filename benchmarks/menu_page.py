"""What the page of a menu costs: `python -m benchmarks.menu_page [dishes]`.

The CPU time of a whole request for a restaurant's page (middleware, view, template), against a bare Django template of the same
bytes: the same loops over sections and dishes, `{{ }}` for each text of a dish and for the markup between them where it differs
from dish to dish, every value computed before, markup not escaped; what stands before and after the list is one value each.
DynamoDB's answers are given without DynamoDB. The menu is remembered, as it is for `menu_cache.KEPT_SECONDS`; the lines below
the ratio say what else a request may have to do.
"""

import os
import sys

os.environ.setdefault("AWS_REGION", "us-east-1")
os.environ.setdefault("AWS_ACCESS_KEY_ID", "none")
os.environ.setdefault("AWS_SECRET_ACCESS_KEY", "none")
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "foodforthought.settings")

import logging
import re
import statistics
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import django
from django.template import Context, Engine
from django.test import RequestFactory
from django.utils.safestring import mark_safe

django.setup()

from django.core.handlers.wsgi import WSGIHandler  # noqa: E402

from catalog import menu_cache, other_site  # noqa: E402
from catalog.models import Dish, Kitchen, Restaurant  # noqa: E402
from regions import topology  # noqa: E402

ROUNDS = 40
KEPT_SECONDS = menu_cache.KEPT_SECONDS
SECTIONS = 12

BARE = """{{ before }}{% for section in sections %}{{ section.head }}{% for row in section.rows %}\
{{ row.open }}{{ row.contains }}" data-for="{{ row.for }}{{ row.to_name }}{{ row.name }}\
{{ row.to_description }}{{ row.description }}{{ row.to_facts }}{{ row.facts }}{{ row.to_price }}{{ row.price }}\
{{ row.to_id }}{{ row.id }}{{ row.to_again }}{{ row.name }}{{ row.close }}\
{% endfor %}{{ section.foot }}{% endfor %}{{ after }}"""

ROW = re.compile(
    r'(?P<open><li class="dish[^>]*? data-contains=")(?P<contains>[^"]*)" data-for="(?P<for>[^"]*)'
    r'(?P<to_name>">.*?<h3>)(?P<name>.*?)'
    r"(?P<to_description></h3>(?:<p>)?)(?P<description>[^<]*)(?P<to_facts>.*?(?:</span> |<p class=\"quiet\">))"
    r"(?P<facts>[^<]*)(?P<to_price></p>.*?class=\"amount\">)(?P<price>[^<]*)(?P<to_id></p>.*?dishes/)(?P<id>[^/]*)"
    r"(?P<to_again>/.*?visually-hidden\"> )(?P<again>[^<]*)(?P<close></span>.*?</li>\s*)",
    re.DOTALL,
)


def restaurant_and_dishes(count: int) -> tuple[Restaurant, list[Dish]]:
    sections = [{"id": f"section-{number}", "name": f"Section {number}"} for number in range(SECTIONS)]
    restaurant = Restaurant.new(
        "bench", name="The Long Menu", country="US", latitude=40.7306, longitude=-73.9866, cuisines=["pizza"],
        address={"street": "1 Main St", "city": "New York"}, opening_hours="Mo-Su 00:00-24:00", time_zone="America/New_York",
        currency="USD", tax_ppm=88_750, tax_included=False, delivers=True, offers_pickup=True, delivery_fee_minor=290,
        minimum_minor=1000, radius_m=3000, preparation_minutes=20, sections=sections, source="sample",
    )  # fmt: skip
    group = {"id": "size", "name": "Size", "min": 1, "max": 1, "choices": [{"id": "s", "name": "S", "price_minor": 0}]}
    dishes = [
        Dish.new(
            "bench", f"dish-{number}", section=f"section-{number * SECTIONS // count}", position=number,
            name=f"Dish number {number}", description=f"Made of {number} good things, and a little salt & pepper.",
            price_minor=500 + 25 * (number % 60), options=[group] if number % 2 else [],
            allergens=["gluten", "milk"] if number % 3 else ["eggs"], diets=["vegetarian"],
        )
        for number in range(count)
    ]  # fmt: skip
    return restaurant, dishes


def bare(page: str) -> tuple[Any, Context]:
    """The template, and the values that make it be this page."""
    start, end = page.index('<section aria-labelledby="section-0"'), page.index('<section class="about"')
    sections = []
    for part in re.split(r"(?=<section )", page[start:end]):
        rows = list(ROW.finditer(part))
        if rows:
            given = [{name: _value(name, text) for name, text in row.groupdict().items()} for row in rows]
            head, foot = part[: rows[0].start()], part[rows[-1].end() :]
            sections.append({"head": mark_safe(head), "foot": mark_safe(foot), "rows": given})  # noqa: S308
    values = {"before": mark_safe(page[:start]), "after": mark_safe(page[end:]), "sections": sections}  # noqa: S308
    return Engine().from_string(BARE), Context(values)


def _value(name: str, text: str) -> str:
    """What is markup is safe; a text is escaped as the page does it."""
    texts = ("contains", "for", "name", "description", "facts", "price", "id")
    return text.replace("&amp;", "&") if name in texts else mark_safe(text)  # noqa: S308


def cpu_ms(work: Callable[[], Any]) -> float:
    """The median over `ROUNDS`."""
    spent = []
    for _ in range(ROUNDS):
        began = time.process_time()
        work()
        spent.append((time.process_time() - began) * 1000)
    return statistics.median(spent)


def main(count: int) -> None:
    restaurant, dishes = restaurant_and_dishes(count)
    restaurant.describe_menu(restaurant.sections, dishes)
    images = [record.serialize() | {"version": {"N": "1"}} for record in (restaurant, *dishes)]
    menu_cache.images_of = lambda restaurant_id: images
    menu_cache.KEPT_SECONDS = 3600.0
    other_site.look = lambda restaurant, path: (Kitchen(), None)
    handler, factory = WSGIHandler(), RequestFactory()

    def get(query: str = "") -> bytes:
        host = topology.current().jurisdiction_host("na")
        answer = handler(
            factory.get(f"/restaurants/bench/{query}", HTTP_HOST=host).environ, lambda status, headers: None
        )
        content = b"".join(answer)  # type: ignore[arg-type]
        answer.close()  # type: ignore[attr-defined]
        if answer.status_code != 200:  # type: ignore[attr-defined]
            raise SystemExit(f"The page answers {answer.status_code}.")  # type: ignore[attr-defined]
        return content

    def expire() -> None:
        menu_cache._kept["bench"] = replace(menu_cache._kept["bench"], until=0.0)

    page = get().decode()
    template, context = bare(page)
    same = re.sub(r"csrfmiddlewaretoken\W+value=\W[^\"]*", "", template.render(context))
    if same != re.sub(r"csrfmiddlewaretoken\W+value=\W[^\"]*", "", page):
        raise SystemExit("The bare template does not give the same bytes; this benchmark has to follow the page.")
    ours, theirs = cpu_ms(get), cpu_ms(lambda: template.render(context).encode())
    filtered = cpu_ms(lambda: get("?without=eggs"))
    again = cpu_ms(lambda: (expire(), get()))
    first = cpu_ms(lambda: (menu_cache.forget(), get()))
    print(f"a menu of {count} dishes, {len(page.encode()) / 1024:.0f} KB")
    print(f"bare template   {theirs:6.2f} ms CPU")
    print(f"page            {ours:6.2f} ms CPU, {ours / theirs:.2f} times the bare template")
    print(f"  with a filter {filtered:6.2f} ms CPU, {filtered / theirs:.2f} times")
    print(
        f"  menu read     {again:6.2f} ms CPU, {again / theirs:.2f} times: every {KEPT_SECONDS:.0f} s, from DynamoDB's answer"
    )
    print(f"  menu new      {first:6.2f} ms CPU, {first / theirs:.2f} times: read, and its parts made")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 300)
