"""One catalogue for Python, Jinja and pages: a word is found, translated and shown in all three."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from flask import Flask, render_template_string
from flask_babel import force_locale, gettext

from enferno.app import create_app
from enferno.i18n import available, chosen_language
from enferno.settings import Settings
from tests.support import databases

# In the kit: an error's title (Python), the shell's notice (Jinja), a heading of a page's template, a script's text.
PYTHON = "There is nothing here"
JINJA = "%(app)s needs JavaScript. Allow it for this site and load the page again."


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, translations_path=tmp_path / "translations")


@pytest.fixture
def shell(app: Flask) -> Any:
    def run(*words: str) -> str:
        result = app.test_cli_runner().invoke(args=["i18n", *words])
        assert result.exit_code == 0, result.output
        return result.output

    return run


def catalogue(path: Path) -> Catalog:
    with path.open("rb") as stream:
        return read_po(stream)


def sources(message: Any) -> set[str]:
    return {file for file, _line in message.locations}


def translate(file: Path, words: dict[str, str]) -> None:
    known = catalogue(file)
    for word, translation in words.items():
        known[word].string = translation
    with file.open("wb") as stream:
        write_po(stream, known)


def word_of(catalogue: Catalog, ending: str, folder: str) -> str:
    """A plain word that stands in a file of this kind, and is not used elsewhere."""
    for message in catalogue:
        files = sources(message)
        plain = isinstance(message.id, str) and message.id and "%" not in message.id and "{" not in message.id
        if plain and len(files) == 1 and all(file.endswith(ending) and folder in file for file in files):
            return str(message.id)
    raise AssertionError(f"no word of {folder}/**{ending} was found")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_extraction_finds_words_in_every_kind_of_source(shell: Any, settings: Settings) -> None:
    shell("extract")
    found = catalogue(settings.translations_path / "messages.pot")
    assert PYTHON in found
    assert JINJA in found
    word_of(found, ".html", "templates/pages/")
    word_of(found, ".js", "static/js/")
    word_of(found, ".html", "features/projects/pages/")
    word_of(found, ".py", "features/projects/")
    files = set().union(*(sources(message) for message in found))
    assert not [file for file in files if Path(file).is_absolute() or "/tests/" in file or "vendor" in file]


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_translated_word_reaches_python_jinja_and_pages(shell: Any, settings: Settings) -> None:
    shell("extract")
    assert "translate it, then run flask i18n compile" in shell("init", "de")
    file = settings.translations_path / "de" / "LC_MESSAGES" / "messages.po"
    in_template = word_of(catalogue(file), ".html", "templates/pages/")
    in_script = word_of(catalogue(file), ".js", "static/js/")
    translate(file, {PYTHON: "Hier ist nichts", JINJA: "%(app)s braucht JavaScript.", in_template: "Vorlage",
                     in_script: "Skript"})  # fmt: skip
    shell("compile")

    german = create_app(settings)
    with german.test_request_context("/"), force_locale("de"):
        assert gettext(PYTHON) == "Hier ist nichts"
        assert render_template_string("{{ _(word, app='X') }}", word=JINJA) == "X braucht JavaScript."

    page = german.test_client().get("/nowhere", headers={"Accept-Language": "de-AT, en;q=0.5"}).text
    assert '<html lang="de"' in page
    assert "Hier ist nichts" in page
    assert "braucht JavaScript." in page
    address = re.search(r'src="(/assets/words/de\.[0-9a-f]+\.js)"', page)
    assert address, "the page loads no words"
    script = german.test_client().get(address[1]).text
    words = json.loads(re.search(r"Kit\.words\((\{.*\}), \(n\)", script)[1])  # type: ignore[index]
    assert words[in_template] == "Vorlage"
    assert words[in_script] == "Skript"
    databases.dispose(german)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_an_update_keeps_translations_and_adds_what_is_new(shell: Any, settings: Settings) -> None:
    shell("extract")
    shell("init", "de")
    file = settings.translations_path / "de" / "LC_MESSAGES" / "messages.po"
    translate(file, {PYTHON: "Hier ist nichts"})
    template = settings.translations_path / "messages.pot"
    words = catalogue(template)
    words.add("A word of next week")
    with template.open("wb") as stream:
        write_po(stream, words)
    assert shell("update") == "Updated de.\n"
    after = catalogue(file)
    assert after[PYTHON].string == "Hier ist nichts"
    assert after["A word of next week"].string == ""


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("init", "de"), "First run: flask i18n extract"),
        (("init", "klingon"), "klingon is no language that is known"),
        (("update",), "First run: flask i18n extract"),
        (("compile",), "There is no language besides English. Begin one with: flask i18n init LOCALE"),
    ],
)
def test_a_step_out_of_turn_says_what_to_run_first(app: Flask, words: tuple[str, ...], line: str) -> None:
    result = app.test_cli_runner().invoke(args=["i18n", *words])
    assert result.exit_code == 1
    assert line in result.output
    assert result.output.count("\n") == 1


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_translation_with_another_placeholder_is_not_compiled(app: Flask, settings: Settings, shell: Any) -> None:
    """%(nmae)s for %(name)s would be an exception in the middle of somebody's page."""
    shell("extract")
    shell("init", "de")
    translate(settings.translations_path / "de" / "LC_MESSAGES" / "messages.po", {JINJA: "%(nmae)s braucht es."})
    result = app.test_cli_runner().invoke(args=["i18n", "compile"])
    assert result.exit_code == 1
    assert "unknown named placeholder" in result.output


def compiled(settings: Settings, name: str, words: dict[str, str]) -> None:
    made = Catalog(locale=name)
    for word, translation in words.items():
        made.add(word, translation)
    folder = settings.translations_path / name / "LC_MESSAGES"
    folder.mkdir(parents=True)
    with (folder / "messages.mo").open("wb") as stream:
        write_mo(stream, made)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_a_language_without_a_translation_is_not_offered(shell: Any, settings: Settings) -> None:
    """Begun and compiled, compiled from nothing, cut off, or not compiled at all: the pages would be English."""
    shell("extract")
    shell("init", "de")
    shell("compile")
    shell("init", "fr")
    compiled(settings, "it", {"Hello": ""})
    compiled(settings, "nl", {"Hello": "Hallo"})
    compiled(settings, "pl", {"Hello": "Witaj"})
    broken = settings.translations_path / "pl" / "LC_MESSAGES" / "messages.mo"
    broken.write_bytes(broken.read_bytes()[:30])
    app = create_app(settings)
    with app.test_request_context("/", headers={"Accept-Language": "de, fr, it, pl, nl"}):
        assert available() == ["en", "nl"]
        assert chosen_language() == "nl"
    databases.dispose(app)


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("accepted", "language"),
    [("pt-BR", "pt_BR"), ("pt-PT;q=0.9, de;q=0.8", "de"), ("fr", "en"), ("", "en"), ("en-GB, de;q=0.9", "en")],
)
def test_the_language_follows_the_browser(settings: Settings, accepted: str, language: str) -> None:
    for name in ("de", "pt_BR"):
        compiled(settings, name, {"Hello": name})
    app = create_app(settings)
    with app.test_request_context("/", headers={"Accept-Language": accepted}):
        assert available() == ["en", "de", "pt_BR"]
        assert chosen_language() == language
    databases.dispose(app)
