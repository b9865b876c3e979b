"""The largest files that are taken, and some that pretend to be small: read within a memory that is named, or refused."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from catalog.imports import menu_csv, menu_files, osm
from core.errors import Invalid
from tests.factories import make_restaurant

ROOT = Path(__file__).parents[2]
MEMORY_MB = 1024
"""What an import may take at its peak, the interpreter with Django included."""

READ = """
import pathlib, resource, sys
import django
django.setup()
from catalog.imports import osm
reading = osm.read(pathlib.Path(sys.argv[1]).read_text())
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform == "linux" else 1024**2)
print(len(reading.restaurants), len(reading.refusals), peak)
"""


def feature(number: int, **properties: str) -> str:
    point = {"type": "Point", "coordinates": [2.3522, 48.8566]}
    tags = {
        "@id": f"node/{number}",
        "amenity": "restaurant",
        "name": f"Chez {number}",
        "cuisine": "french",
        **properties,
    }
    return json.dumps({"type": "Feature", "geometry": point, "properties": tags})


def test_a_file_as_large_as_is_taken_is_read_within_a_gigabyte(tmp_path: Path) -> None:
    file = tmp_path / "large.geojson"
    number = 0
    with file.open("w") as out:
        out.write('{"type": "FeatureCollection", "features": [')
        while out.tell() < osm.MAX_FILE_BYTES - 1_000:
            number += 1
            out.write(f"{',' if number > 1 else ''}{feature(number, note='x' * 900)}")
        out.write("]}")
    assert osm.MAX_FILE_BYTES - 1_000 < file.stat().st_size <= osm.MAX_FILE_BYTES
    environment = {
        "DJANGO_SETTINGS_MODULE": "foodforthought.settings",
        "AWS_REGION": "us-east-1",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [sys.executable, "-c", READ, str(file)],
        capture_output=True,
        text=True,
        check=True,
        timeout=200,
        env=environment,
    )
    restaurants, refusals, peak_mb = done.stdout.split()
    assert (int(restaurants), int(refusals)) == (number, 0)
    assert float(peak_mb) < MEMORY_MB


def test_a_key_that_is_there_twice_counts_once_and_always_the_same() -> None:
    text = f'{{"type": "FeatureCollection", "features": [{feature(1)}]}}'
    twice = text.replace('"name":', '"name": "Another", "name":')
    assert [restaurant.name for restaurant in osm.read(twice).restaurants] == ["Chez 1"]


@pytest.mark.parametrize("cut", range(0, 400, 37))
def test_a_file_that_was_cut_off_is_refused_as_a_whole_with_the_line(cut: int) -> None:
    text = '{"type": "FeatureCollection", "features": [\n' + ",\n".join(feature(n) for n in range(1, 4)) + "\n]}"
    with pytest.raises(Invalid, match=r"This is not JSON: .* in line \d+, column \d+"):
        osm.read(text[: len(text) - 1 - cut])


def graph(items: int, references: int) -> str:
    """A small file whose parts refer to each other again and again, as a zip bomb's do."""
    item = {"@id": "#i", "@type": "MenuItem", "name": "Soup", "offers": {"price": 1}}
    sections = [{"@id": f"#s{n}", "name": f"S{n}", "hasMenuItem": ["#i"] * references} for n in range(items)]
    menu = {"@type": "Menu", "hasMenuSection": [f"#s{n}" for n in range(items)] * references}
    return json.dumps({"@graph": [menu, *sections, item]})


@pytest.mark.parametrize(("items", "references"), [(1, 20_001), (60, 400)])
def test_references_do_not_make_a_small_file_large(items: int, references: int) -> None:
    with pytest.raises(Invalid, match="more than|at most"):
        menu_files.read(graph(items, references), make_restaurant(), kind="jsonld")


@pytest.mark.parametrize(
    ("content", "kind", "why"),
    [
        ("kind,name,price\n" + "\n" * (menu_csv.MAX_ROWS + 1), "csv", "more than 60000 rows"),
        ("kind,name,price\nsection," + "x" * 140_000 + ",\n", "csv", "field larger"),
        ('{"@type": "Menu", "hasMenuItem": ' + "[" * 100_000, "jsonld", "nested too deeply"),
        ("[" + "[]," * 1_500_000 + "[]]", "jsonld", "no schema.org Menu"),
    ],
    ids=["rows", "cell", "depth", "empty lists"],
)
def test_a_menu_that_is_a_bomb_is_refused(content: str, kind: str, why: str) -> None:
    assert len(content) <= menu_files.MAX_FILE_BYTES
    with pytest.raises(Invalid, match=why):
        menu_files.read(content, make_restaurant(), kind=kind)


def test_whatever_kind_of_value_stands_where_text_is_wanted_the_rest_is_read() -> None:
    values: tuple[Any, ...] = (None, True, 1.5, [], {}, [[]], 10**30)
    features = [json.loads(feature(number)) for number in range(1, len(values) + 1)]
    for each, value in zip(features, values, strict=True):
        each["properties"] |= {"phone": value, "addr:city": value, "website": value, "opening_hours": value}
    reading = osm.read(json.dumps({"type": "FeatureCollection", "features": features}))
    assert len(reading.restaurants) == len(values)
