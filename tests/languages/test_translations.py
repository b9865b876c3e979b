"""Every sentence of the code is translated into every language, and no other; the files are as `make messages` writes them."""

import re

import pytest
from babel.messages import Catalog
from babel.messages.catalog import Message
from django.utils import translation

from localcloud import translations

KEEPS = re.compile(r"%\(\w+\)[sd]|\{\w+\}|</?\w+[^>]*>|`\w+`")  # what a translation must hold as it is


@pytest.fixture(scope="module")
def source() -> Catalog:
    return translations.source()


@pytest.fixture(params=translations.LANGUAGES)
def catalogue(request: pytest.FixtureRequest) -> Catalog:
    return translations.read(request.param)


def sentences(catalogue: Catalog) -> dict[tuple[object, object], Message]:
    return {(entry.id, entry.context): entry for entry in catalogue if entry.id}


def forms(text: object) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())  # type: ignore[call-overload]


def test_sentences_come_from_templates_code_refusals_and_data(source: Catalog) -> None:
    told = {str(entry.id) for entry in source}
    assert {
        "Skip to the content",  # {% translate %}
        "This order is %(status)s, so “%(verb)s” is not possible now.",  # say()
        "Unknown field.",  # gettext()
        "The restaurant is closed right now.",  # a docstring
        "It has changed in the meantime. Nothing was saved; look at it again before you decide.",  # a `detail`
        "Munich",
        "N. Virginia",
        "on the way",
    } <= told
    assert ("item", "items") in {entry.id for entry in source}  # {% blocktranslate count %}


def test_every_sentence_is_translated_and_no_other(source: Catalog, catalogue: Catalog) -> None:
    known, wanted = sentences(catalogue), sentences(source)
    assert sorted(map(str, wanted.keys() - known.keys())) == [], "new; run “make messages” and translate"
    assert sorted(map(str, known.keys() - wanted.keys())) == [], "said no more; run “make messages”"
    assert [entry.id for entry in known.values() if entry.fuzzy or not all(forms(entry.string) or [""])] == []


def test_placeholders_and_markup_are_those_of_the_sentence(catalogue: Catalog) -> None:
    for entry in sentences(catalogue).values():
        # “One restaurant” needs no number where “%(count)d restaurants” does.
        wanted = [set(KEEPS.findall(form)) for form in forms(entry.id)]
        translated = [set(KEEPS.findall(form)) for form in forms(entry.string)]
        assert len(translated) == (catalogue.num_plurals if isinstance(entry.id, tuple) else 1), entry.id
        assert all(form in wanted for form in translated), entry.id
        assert translated[-1] == wanted[-1], entry.id


def test_sentences_end_and_begin_alike(catalogue: Catalog) -> None:
    for entry in sentences(catalogue).values():
        for said, form in zip(forms(entry.id), forms(entry.string), strict=False):
            assert form == form.strip(), entry.id
            assert said.endswith((".", "?", ":")) == form.endswith((".", "?", ":")), (said, form)


def test_the_files_that_django_reads_are_made_of_those_that_people_edit(catalogue: Catalog) -> None:
    assert translations.compiled(catalogue) == translations.compiled_file(str(catalogue.locale)), "run “make messages”"


@pytest.mark.parametrize(
    ("language", "one", "many"),
    [("fr", "article", "articles"), ("de", "Artikel", "Artikel"), ("es", "artículo", "artículos")],
)
def test_plurals_follow_the_language(language: str, one: str, many: str) -> None:
    with translation.override(language):
        assert [translation.ngettext("item", "items", count) for count in (1, 2)] == [one, many]
        # Nothing is one in French, and many in the others.
        assert translation.ngettext("item", "items", 0) == (one if language == "fr" else many)
