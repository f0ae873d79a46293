"""Every text of the product has a translation that can stand in its place."""

from __future__ import annotations

import ast
import re
from collections import Counter

import pytest
from babel.messages.catalog import Catalog
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import translation
from django.utils.translation import gettext, ngettext

from slaproject.languages import catalogues, checks, places, sources

LANGUAGES = places.translated_languages()
NAMED = re.compile(r"%\(\w+\)[-#0-9.]*[a-zA-Z]")
BARE = re.compile(r"%(?!\()[-#0-9.]*[sdrfx]|%%")
BRACES = re.compile(r"\{[\w.]*\}")
TAGS = re.compile(r"</?\w[^>]*>|&\w+;")


@pytest.fixture(scope="module")
def texts() -> Catalog:
    return sources.texts()


def test_languages_that_people_may_choose():
    assert LANGUAGES == ["ko", "pl"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_has_its_translation(language):
    assert [one.id for one in catalogues.missing(catalogues.read_catalogue(language))] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_kept_that_no_source_says_any_more(language, texts):
    kept = {(one.id, one.context) for one in catalogues.read_catalogue(language) if one.id}
    assert kept == {(one.id, one.context) for one in texts if one.id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_say_the_same_values_and_marks(language):
    faults = []
    for text in catalogues.read_catalogue(language):
        if not text.id:
            continue
        originals = text.id if isinstance(text.id, tuple) else (text.id,)
        translated = text.string if isinstance(text.string, tuple) else (text.string,)
        for n, words in enumerate(translated):
            # Of one thing alone a text may leave out the number; every other form says all that the original says.
            of_one = len(originals) == 2 and n == 0 and len(translated) > 1
            if not _says_the_same(originals[0] if of_one else originals[-1], words, of_one=of_one):
                faults.append((text.id, words))
    assert faults == []


def _says_the_same(original: str, words: str, *, of_one: bool) -> bool:
    named, said = set(NAMED.findall(original)), set(NAMED.findall(words))
    if not (said >= named if of_one else said == named):
        return False
    if Counter(TAGS.findall(original)) != Counter(TAGS.findall(words)):
        return False
    if not of_one and Counter(BRACES.findall(original)) != Counter(BRACES.findall(words)):
        return False
    if (named or BARE.search(original)) and Counter(BARE.findall(original)) != Counter(BARE.findall(words)):
        return of_one
    return (original[:1].isspace(), original[-1:].isspace()) == (words[:1].isspace(), words[-1:].isspace())


def test_pages_are_shown_in_the_language_of_who_asks(client, db):
    for language, words in (("en", "Sign in"), ("pl", "Zaloguj"), ("ko", "로그인")):
        assert words in client.get("/sign-in/", headers={"Accept-Language": language}).text


def test_no_korean_sentence_leaves_the_choice_of_a_particle_to_the_reader():
    """Which one follows depends on the last letter of a value, which nobody knows: such sentences are put otherwise."""
    either = re.compile(r"[이은을과]\((?:가|는|를|와)\)|\((?:으|이)\)")
    catalogue = catalogues.read_catalogue("ko")
    assert [one.id for one in catalogue if one.id and either.search(str(one.string))] == []


def test_polish_counts_in_three_forms_and_korean_in_one():
    with translation.override("pl"):
        said = {n: ngettext("%(n)s lead", "%(n)s leads", n) % {"n": n} for n in (1, 2, 5, 12, 22, 25)}
        assert said == {
            1: "1 lead",
            2: "2 leady",
            5: "5 leadów",
            12: "12 leadów",
            22: "22 leady",
            25: "25 leadów",
        }
    with translation.override("ko"):
        assert {ngettext("%(n)s lead", "%(n)s leads", n) % {"n": 3} for n in (1, 5)} == {"리드 3건"}


class TestFiles:
    """Catalogues in a folder of their own."""

    @pytest.fixture(autouse=True)
    def folder(self, settings, tmp_path):
        settings.LOCALE_PATHS = [tmp_path]
        return tmp_path

    def test_a_file_is_begun_filled_and_told_as_lacking(self, texts, capsys):
        call_command("translations", "update")
        assert f"pl: {len(texts)} texts, {len(texts)} without a translation" in capsys.readouterr().out
        with pytest.raises(CommandError, match=f"{2 * len(texts)} translations are missing"):
            call_command("translations", "check")

    def test_an_update_keeps_what_is_translated_and_drops_what_is_gone(self):
        catalogues.update_catalogue("pl")
        file = places.catalogue_file("pl")
        once = file.read_bytes()
        catalogue = catalogues.read_catalogue("pl")
        catalogue["Sign in"].string = "Zaloguj się"
        catalogue.add("No source says this.", "Nikt tak nie mówi.")
        file.write_bytes(catalogues.as_file(catalogue))
        updated = catalogues.update_catalogue("pl")
        assert updated["Sign in"].string == "Zaloguj się"
        assert updated.get("No source says this.") is None
        assert file.read_bytes() == once.replace(
            b'msgid "Sign in"\nmsgstr ""', 'msgid "Sign in"\nmsgstr "Zaloguj się"'.encode()
        )

    def test_a_plural_lacks_its_translation_until_every_form_has_one(self, texts):
        catalogue = Catalog(locale="pl")
        plural = next(one for one in texts if one.pluralizable)
        catalogue.add(plural.id, ("jeden", "dwa", ""), context=plural.context)
        assert plural.id in [one.id for one in catalogues.missing(catalogue)]
        catalogue[plural.id].string = ("jeden", "dwa", "pięć")
        assert plural.id not in [one.id for one in catalogues.missing(catalogue)]

    def test_a_guess_is_no_translation(self, texts):
        catalogue = Catalog(locale="ko")
        catalogue.add("Sign in", "로그인", flags=["fuzzy"])
        assert "Sign in" in [one.id for one in catalogues.missing(catalogue)]

    def test_what_is_not_compiled_or_older_is_warned_of(self):
        catalogues.update_catalogue("pl")
        catalogues.update_catalogue("ko")
        assert len(checks.catalogues_are_compiled(None)) == 2
        call_command("translations", "compile")
        assert checks.catalogues_are_compiled(None) == []


def test_texts_are_found_in_modules_and_templates(tmp_path):
    room = tmp_path / "leads"
    (room / "templates").mkdir(parents=True)
    (room / "words.py").write_text(
        "from django.utils.translation import gettext_lazy as _, ngettext, pgettext\n"
        'A = _("One")\nB = ngettext("%(n)s two", "%(n)s twos", 3)\nC = pgettext("a month", "May")\n'
    )
    (room / "templates" / "page.html").write_text(
        '<div>\n    {% translate "Three" %}\n  {% blocktranslate count n=x %}{{ n }} four{% plural %}{{ n }} fours'
        "{% endblocktranslate %}\n</div>it's (no Python\n"
        "{% blocktranslate trimmed %}\n  Five\n  and six\n{% endblocktranslate %}"
    )
    found = {(one.id, one.context): one.locations for one in sources.texts(tmp_path) if one.id}
    assert found == {
        ("One", None): [("leads/words.py", 2)],
        (("%(n)s two", "%(n)s twos"), None): [("leads/words.py", 3)],
        ("May", "a month"): [("leads/words.py", 4)],
        ("Three", None): [("leads/templates/page.html", 2)],
        (("%(n)s four", "%(n)s fours"), None): [("leads/templates/page.html", 3)],
        ("Five and six", None): [("leads/templates/page.html", 5)],
    }
    assert gettext("One") == "One"


def test_no_text_hides_in_a_formatted_string():
    """What reads the sources, ours and Django's makemessages, does not look for texts there."""
    hidden = [
        f"{file}:{call.lineno}"
        for file in sources.files()
        if file.suffix == ".py"
        for formatted in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(formatted, ast.JoinedStr)
        for call in ast.walk(formatted)
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in sources.KEYWORDS
    ]
    assert hidden == []
