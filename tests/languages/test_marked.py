"""No text for people is left unmarked: in templates, in scripts, and where code speaks to people."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.template.base import Lexer, TokenType

from localcloud.translations import KEYWORDS, PACKAGES, ROOT

NAMES = {"Food-for-Thought"}  # the same in every language
SPOKEN_ATTRIBUTES = {"alt", "title", "aria-label", "placeholder", "data-failed"}
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
FOR_OPERATORS_ONLY = re.compile(r"/management/|catalog/(imports/|samples/|actions\.py)")


VOID = {"br", "hr", "img", "input", "link", "meta"}


class Reader(HTMLParser):
    """Collects the text that a person reads or hears. What says that it is English (`lang="en"`) may be."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag not in VOID and (self.silent or tag in ("script", "style", "code") or values.get("lang") == "en"):
            self.silent += 1
        if self.silent:
            return
        self.said += [values[name] or "" for name in SPOKEN_ATTRIBUTES & values.keys()]
        if tag == "meta" and values.get("name") == "description":
            self.said.append(values.get("content") or "")

    def handle_endtag(self, tag: str) -> None:
        self.silent -= bool(self.silent)

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.said.append(data)


def unmarked(source: str) -> list[str]:
    reader = Reader()
    literals: list[str] = []
    inside = ""
    tokens = Lexer(source).tokenize()
    text = "".join(token.contents for token in tokens if token.token_type == TokenType.TEXT)
    is_part_of_a_tag = re.match(r"\s*[\w-]+=[^<]*$", text)
    if is_part_of_a_tag:
        reader.feed("<div ")
    for token in tokens:
        if token.token_type == TokenType.BLOCK:
            name = token.contents.split()[0]
            if name in ("blocktranslate", "comment"):
                inside = f"end{name}"
            elif name == inside:
                inside = ""
            elif name in ("include", "with"):
                # A capital or a space tells a label from a keyword of the template.
                literals += re.findall(r'\w+="([^"]*[A-Z ][^"]*)"', token.contents)
        elif inside:
            continue
        elif token.token_type == TokenType.VAR and not reader.silent:
            literals += re.findall(r'(?:default|default_if_none|pluralize|yesno):"([^"]*)"', token.contents)
        elif token.token_type == TokenType.TEXT:
            reader.feed(token.contents)
    reader.feed(">" if is_part_of_a_tag else "")
    reader.close()
    found = [re.sub(r"\s+", " ", text).strip(" ·") for text in reader.said]
    return [text for text in (*found, *literals) if re.search(r"[^\W\d_]", text) and text not in NAMES]


@pytest.mark.parametrize("file", TEMPLATES, ids=lambda file: str(file.relative_to(ROOT)))
def test_a_template_says_nothing_that_is_not_marked(file: Path) -> None:
    assert unmarked(file.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "source",
    [
        "<p>Basket</p>",
        "<p>{{ count }} dishes</p>",
        '<img alt="A bowl">',
        '<input placeholder="Name">',
        '<p>{{ city|default:"you" }}</p>',
        "<p>dish{{ n|pluralize:\"es\" }}</p>",
        '{% include "x.html" with label="Name" %}',
        "{% blocktranslate %}a{% endblocktranslate %} b",
        '<meta name="description" content="Good food">',
    ],
)  # fmt: skip
def test_unmarked_text_is_found(source: str) -> None:
    assert unmarked(source)


def test_marked_text_and_machine_text_are_left_alone() -> None:
    source = """<div class="a b"{% if x %} hidden{% endif %}>{% translate "Basket" %} {{ name }} · × –
      {% blocktranslate %}One {{ two }}{% endblocktranslate %}<code>manage.py</code><script src="x">var a</script></div>"""
    assert unmarked(source) == []


def test_scripts_say_nothing_of_their_own() -> None:
    for file in (ROOT / "static").glob("*.js"):
        said = re.findall(r"(?:textContent|innerText|innerHTML|alert\()\s*=?\s*[\"'`][^\"'`]*\w", file.read_text())
        assert said == [], file.name


def _spoken_raw(tree: ast.AST) -> Iterator[str]:
    """Literals, also with values in them, that are given to people without having been marked."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = ast.unparse(node.func)
        if name in REFUSALS or name.endswith("ValidationError"):
            spoken = node.args[:1]
        elif name.endswith("add_error") or re.match(r"messages\.(success|error|warning|info)$", name):
            spoken = node.args[1:2]
        else:
            spoken = []
            for keyword in node.keywords:
                if keyword.arg == "error_messages" and isinstance(keyword.value, ast.Dict):
                    spoken += keyword.value.values
        yield from (ast.unparse(part) for part in spoken if isinstance(part, ast.Constant | ast.JoinedStr))


def _refusals() -> set[str]:
    from core.errors import Refused

    def below(kind: type) -> set[type]:
        return {kind} | {each for child in kind.__subclasses__() for each in below(child)}

    import orders.errors
    import orders.reading  # noqa: F401 - it has refusals of its own

    return {kind.__name__ for kind in below(Refused)}


REFUSALS = _refusals()


def test_marking_goes_by_names_that_are_looked_for() -> None:
    for package in PACKAGES:
        for file in (ROOT / package).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_bytes())):
                if isinstance(node, ast.ImportFrom) and node.module in ("django.utils.translation", "core.messages"):
                    names = {name.asname or name.name for name in node.names}
                    assert names <= {*KEYWORDS, "get_language", "override", "language", "speak"}, file


def test_code_says_nothing_to_people_that_is_not_marked() -> None:
    raw = {}
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            if not FOR_OPERATORS_ONLY.search(str(file)):
                raw[str(file.relative_to(ROOT))] = list(_spoken_raw(ast.parse(file.read_bytes())))
    assert {file: said for file, said in raw.items() if said} == {}


def test_raw_sentences_in_code_are_found() -> None:
    source = """
raise Invalid("raw")
raise NotFound(f"raw {x}")
form.add_error("field", "raw")
messages.success(request, f"{x} raw")
CharField(error_messages={"required": "raw"})
raise Invalid(say("fine"))
form.add_error("field", _("fine"))
"""
    assert len(list(_spoken_raw(ast.parse(source)))) == 5
