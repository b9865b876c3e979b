"""JSON-LD as others write it: names made short, references looked up, texts and values unwrapped. Knows nothing of menus."""

import html
import re
from collections.abc import Callable, Iterator
from typing import Any

from core.errors import Invalid
from core.plain_text import clean

Node = dict[str, Any]

SCHEMA_ORG = re.compile(r"https?://(www\.)?schema\.org/?#?")
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9-]+)?|@none")
MAX_TEXT = 20_000
MAX_TAG = 2_000

_BEGIN = re.compile(r"<!--|<script(?=[\s>])", re.IGNORECASE)
_END = re.compile(r"</script", re.IGNORECASE)
_JSON_LD = re.compile(r"""\btype\s*=\s*["']?application/ld\+json""", re.IGNORECASE)


class Graph:
    """All nodes of a document, in its order; changes the document itself: names become those of schema.org without prefix."""

    def __init__(self, document: Any) -> None:
        short = _shortener(document)
        self.nodes: list[Node] = []
        self._by_id: dict[str, dict[str, Node]] = {}  # `@id` → name → what the file says of it, wherever it does
        self._contradictory: set[tuple[str, str]] = set()
        for node in _walk(document):
            _rename(node, short)
            self.nodes.append(node)
            if isinstance(node.get("@id"), str) and not _only_refers(node):
                self._remember(node)

    def _remember(self, node: Node) -> None:
        identifier, name = node["@id"], text(node, "name")
        known = self._by_id.setdefault(identifier, {}).setdefault(name, {})
        for key, value in node.items():
            if known.setdefault(key, value) != value and not key.startswith("@"):
                self._contradictory.add((identifier, name))

    def part(self, value: Any) -> Node | None:
        """The node that a value is, or refers to; None for what is neither, or refers to what is not in the file."""
        node = {"@id": value} if isinstance(value, str) else value
        if not isinstance(node, dict) or not isinstance(node.get("@id"), str):
            return node if isinstance(node, dict) else None
        known, name = self._by_id.get(node["@id"], {}), text(node, "name")
        names = [name] if name else [each for each in known if each]
        is_clear = len(names) < 2 and not any((node["@id"], each) in self._contradictory for each in ("", *names))
        if is_clear:
            node = {**known.get("", {}), **(known.get(names[0], {}) if names else {}), **node}
        elif _only_refers(node):
            raise Invalid(f"refers to “{clean(node['@id'], 80)}”, which the file says different things of")
        # Many files give one `@id` to many things: what stands in its place is that, whatever else has the same.
        return None if _only_refers(node) else node


def _only_refers(node: Node) -> bool:
    return node.keys() <= {"@id", "@type", "@context"}


def _walk(document: Any) -> Iterator[Node]:
    """Every object, those that stand first first; without recursion, however deep it is."""
    rest = [document]
    while rest:
        value = rest.pop()
        if isinstance(value, dict):
            yield value
            rest.extend(reversed(value.values()))
        elif isinstance(value, list):
            rest.extend(reversed(value))


def _rename(node: Node, short: Callable[[str], str]) -> None:
    if any(short(name) != name for name in node):
        renamed: Node = {}
        for name, value in node.items():
            renamed.setdefault(short(name), value)
        node.clear()
        node.update(renamed)


def _shortener(document: Any) -> Callable[[str], str]:
    """What makes `schema:name`, `https://schema.org/name` and a context's own words for it `name`."""
    terms = {"type": "@type", "id": "@id", "graph": "@graph"}  # schema.org's own context has these
    given: dict[str, Any] = {}
    for node in _walk(document):
        for context in as_list(node.get("@context")):
            given |= context if isinstance(context, dict) else {}
    meanings = {
        word: plain(meaning.get("@id") if isinstance(meaning, dict) else meaning) for word, meaning in given.items()
    }
    prefixes = {"schema"} | {word for word, meaning in meanings.items() if SCHEMA_ORG.fullmatch(str(meaning))}

    def without_prefix(name: str) -> str:
        prefix, colon, rest = name.partition(":")
        return rest if colon and prefix in prefixes else SCHEMA_ORG.sub("", name, count=1) or name

    for word, meaning in meanings.items():
        if isinstance(meaning, str) and (meaning in ("@type", "@id", "@graph") or without_prefix(meaning) != meaning):
            terms[word] = without_prefix(meaning)

    def short(name: str) -> str:
        if name not in terms:
            terms[name] = without_prefix(name)
        return terms[name]

    return short


def as_list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def is_a(node: Node, *kinds: str) -> bool:
    return any(last_part(each) in kinds for each in as_list(node.get("@type")))


def last_part(value: Any) -> str:
    """Of an address, or of a word with a prefix: `https://schema.org/InStock` → InStock"""
    first = next(iter(as_list(value)), None)
    address = first.get("@id") if isinstance(first, dict) else first
    return re.split("[/#:]", clean(address, 300).rstrip("/#"))[-1]


def plain(value: Any) -> Any:
    """The first of several, without what says its type or language."""
    first = next(iter(as_list(value)), None)
    if not isinstance(first, dict):
        return first
    if "@value" in first:
        return first["@value"]
    texts = [each for language, each in first.items() if LANGUAGE.fullmatch(language) and isinstance(each, str)]
    return texts[0] if len(texts) == len(first) and texts else None


def text(node: Node, name: str) -> str:
    """A text on one line, entities as what they stand for; bounded where it is used."""
    value = plain(node.get(name))
    return clean(html.unescape(value[:MAX_TEXT]) if isinstance(value, str) else value, MAX_TEXT)


def key_of(node: Node) -> tuple[str, str] | int:
    """The same for the same part."""
    return (node["@id"], text(node, "name")) if isinstance(node.get("@id"), str) else id(node)


def identifier_of(node: Node) -> str:
    """Its own identifier, or the last part of its `@id`."""
    return text(node, "identifier") or last_part(node.get("@id"))


def scripts_in(page: str) -> list[str]:
    """The texts of a page's `<script type="application/ld+json">`, without what hides them from very old browsers.

    Looks for nothing else: `html.parser` takes minutes for a megabyte of `<!`.
    """
    texts, place = [], 0
    while begin := _BEGIN.search(page, place):
        if begin[0] == "<!--":
            place = page.find("-->", begin.end())
        else:
            inside = page.find(">", begin.end()) + 1
            end = _END.search(page, inside) if inside else None
            if inside and _JSON_LD.search(page[begin.end() : inside][:MAX_TAG]):
                texts.append(_bare(page[inside : end.start() if end else None]))
            place = end.end() if end else -1
        if place < 0:
            break
    return texts


def _bare(script: str) -> str:
    for begin, end in (("<!--", "-->"), ("//<![CDATA[", "//]]>"), ("/*<![CDATA[*/", "/*]]>*/"), ("<![CDATA[", "]]>")):
        script = script.strip().removeprefix(begin).removesuffix(end)
    return script
