"""The words of pages, one script per language."""

from io import BytesIO
from pathlib import Path

from enferno.pages.words import extract, word_script

CATALOGUE = r"""
msgid ""
msgstr ""
"Content-Type: text/plain; charset=utf-8\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\n"

msgid "Remove {name}"
msgstr "{name} entfernen"

msgid "{n} person"
msgid_plural "{n} people"
msgstr[0] "{n} Person"
msgstr[1] "{n} Personen"

msgid "Not yet"
msgstr ""
"""


def words_in(source: str) -> list:
    return [(message[1], message[2]) for message in extract(BytesIO(source.encode()), (), (), {})]


def test_words_are_found_in_templates_and_scripts():
    source = "${ t('Members') } Kit.t(\"Say \\\"x\\\"\") this.tn('{n} person', '{n} people', n) t(variable) cart('no')"
    assert words_in(source) == [
        ("gettext", "Members"),
        ("gettext", 'Say "x"'),
        ("ngettext", ("{n} person", "{n} people")),
    ]


def test_a_language_is_one_script_with_the_words_that_are_translated(tmp_path: Path):
    (tmp_path / "messages.po").write_text(CATALOGUE)
    script = word_script([tmp_path / "messages.po"], "de").content.decode()
    assert '"Remove {name}":"{name} entfernen"' in script
    assert '"{n} person":["{n} Person","{n} Personen"]' in script
    assert "Not yet" not in script


def test_a_language_without_a_catalogue_has_no_script(tmp_path: Path):
    assert word_script([tmp_path / "messages.po"], "fr") is None
