"""The catalogues of translations in `locale/`: which sentences there are, and the files that Django reads.

Babel does what GNU gettext would: nothing but Python is needed to change a sentence.
"""

import ast
import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.conf import settings
from django.utils.translation.template import templatize

from catalog.cities import CITIES
from catalog.cuisines import CUISINES
from core.actor import Role
from orders.status import Status
from regions import topology

ROOT: Path = settings.BASE_DIR
LOCALE = ROOT / "locale"
LANGUAGES = [code for code, _ in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
PACKAGES = ("core", "regions", "places", "catalog", "orders", "admin_portal", "foodforthought")
KEYWORDS = {
    **dict.fromkeys(("_", "say", "gettext", "gettext_lazy", "gettext_noop"), None),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), (1, 2)),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), ((1, "c"), 2)),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), ((1, "c"), 2, 3)),
}
Found = tuple[str, str | tuple[str, ...], str | None]  # where, the message (with its plural), its context


def source() -> Catalog:
    """Every sentence that the code says, with the files that say it."""
    catalogue = Catalog(charset="utf-8")
    for where, message, context in (*_in_templates(), *_in_python(), *_in_refusals(), *_in_data()):
        catalogue.add(message, locations=[(where, 1)], context=context)
    return catalogue


def update(language: str) -> Catalog:
    """Make the language's `django.po` hold what the code says, no more: what is new is empty in it. And its `django.mo`."""
    catalogue = read(language)
    catalogue.update(source(), no_fuzzy_matching=True)
    catalogue.obsolete.clear()
    for entry in catalogue:
        entry.locations = sorted({(place, 1) for place, _ in entry.locations})
    file = _file(language, "po")
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as opened:
        opened.write(_HEADER.format(language=language, plural_forms=catalogue.plural_forms).encode())
        write_po(opened, catalogue, omit_header=True, sort_output=True, width=110, include_lineno=False)
    _file(language, "mo").write_bytes(compiled(catalogue))
    return catalogue


_HEADER = r"""# Food-for-Thought in the language “{language}”. `make messages` keeps it in step with the code.
msgid ""
msgstr ""
"Language: {language}\n"
"Plural-Forms: {plural_forms}\n"
"Content-Type: text/plain; charset=utf-8\n"

"""


def read(language: str) -> Catalog:
    file = _file(language, "po")
    return read_po(io.BytesIO(file.read_bytes() if file.exists() else b""), locale=language)


def compiled(catalogue: Catalog) -> bytes:
    """What Django reads. Equal sentences give equal bytes, whenever they are written."""
    catalogue.creation_date = catalogue.revision_date = datetime(2000, 1, 1, tzinfo=UTC)
    out = io.BytesIO()
    write_mo(out, catalogue)
    return out.getvalue()


def compiled_file(language: str) -> bytes:
    return _file(language, "mo").read_bytes()


def _file(language: str, suffix: str) -> Path:
    return LOCALE / language / "LC_MESSAGES" / f"django.{suffix}"


def _in_templates() -> Iterator[Found]:
    for file in sorted((ROOT / "templates").rglob("*.html")):
        # Django turns a template into something like a program; indented lines would not be one.
        program = re.sub(r"^\s+", "", templatize(file.read_text(encoding="utf-8")), flags=re.MULTILINE)
        yield from _calls(file, program.encode())


def _in_python() -> Iterator[Found]:
    for file in _modules():
        yield from _calls(file, file.read_bytes())


def _calls(file: Path, program: bytes) -> Iterator[Found]:
    for _, message, _, context in extract(
        "python", io.BytesIO(program), keywords=KEYWORDS, options={"encoding": "utf-8"}
    ):
        yield str(file.relative_to(ROOT)), message, context


def _in_refusals() -> Iterator[Found]:
    """The first lines of their docstrings, which are their titles, and their usual details."""
    classes = [(file, node) for file in _modules() for node in ast.parse(file.read_bytes()).body]
    refused = {"Refused"}
    for _ in range(4):  # the depth of the tree
        refused |= {node.name for _, node in classes if isinstance(node, ast.ClassDef) and _bases(node) & refused}
    for file, node in classes:
        if isinstance(node, ast.ClassDef) and node.name in refused:
            where = str(file.relative_to(ROOT))
            if node.name != "Refused":  # the base is never raised
                yield where, (ast.get_docstring(node) or "").splitlines()[0], None
            for line in node.body:
                if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "detail":
                    yield where, ast.literal_eval(line.value), None


def _bases(node: ast.ClassDef) -> set[str]:
    return {ast.unparse(base).rpartition(".")[2] for base in node.bases}


def _in_data() -> Iterator[Found]:
    """Words that templates take from elsewhere: {% translate city.name %}, {{ status|words }}."""
    topo = topology.current()
    words = {
        "catalog/cities.py": [city.name for city in CITIES],
        "catalog/cuisines.py": CUISINES,
        "orders/status.py": [*Status, *Role],
        "regions.toml": [*topo.jurisdictions.values(), *(region.title for region in topo.regions.values())],
    }
    for where, found in words.items():
        yield from ((where, str(word).replace("_", " "), None) for word in found)


def _modules() -> list[Path]:
    return [file for package in PACKAGES for file in sorted((ROOT / package).rglob("*.py"))]
