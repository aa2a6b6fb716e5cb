"""What may stand in a name, how one is cut, and what is left of a stranger's in a mail."""

import unicodedata

import pytest
from pydantic import ValidationError
from werkzeug.datastructures import MultiDict

from enferno.commands.accounts import make
from enferno.commands.frame import Refused
from enferno.names import TOLD, cleaned, fault_of, shortened, without_links
from enferno.user.forms import FORMS, ClaimForm
from enferno.user.models import User

FAMILY = "👩\u200d👩\u200d👧"
FINE = [
    "Ana", "O'Neil-Müller, Jr.", "李小龙", "محمد", "می\u200cخواهم", "क्\u200dष", "සන්\u200dධ්\u200dයා", FAMILY,
    "👩🏽\u200d💻", "🏳️\u200d🌈", "❤️\u200d🔥", "🇩🇪", "Æ", "Ω",
]  # fmt: skip
UNSEEN = [
    "Ana\x07", "Ana\r\nBen", "Ana\x85Ben", "Ana\u2028Ben", "a\u202egpj.exe", "a\u2066b\u2069", "a\u061cb",
    "Ad\u200bmin", "Ad\u00admin", "A\u200dB", "A\u200cB", "\u200dAna", "Ana\u200c", "म\u200dA", "Ana\ufeff!",
    "\ue000", "\ud800", "\u0378", "\ufdd0", "🏴\U000e0067\U000e0062", "\u3164", "Ana\u2800",
]  # fmt: skip
NOTHING = ["\u0301", "\u0301 \u0302", "\ufe0f"]


@pytest.fixture(autouse=True)
def plain_words(monkeypatch):
    monkeypatch.setattr("enferno.names._", lambda text: text)


@pytest.mark.parametrize("name", FINE)
def test_names_of_every_script_are_taken_as_they_are(name):
    assert cleaned(name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("name", [*UNSEEN, *NOTHING], ids=ascii)
def test_what_is_not_seen_or_turns_the_direction_is_refused(name):
    with pytest.raises(ValueError, match=r"not taken here|nothing that can be seen"):
        cleaned(name)


def test_a_name_has_one_spelling():
    assert cleaned("  Zoe\u0308 ") == "Zoë"
    assert cleaned("\u1112\u1161\u11ab") == "한"


def test_nothing_at_all_is_for_others_to_refuse():
    assert (cleaned(""), cleaned(None), fault_of("  ")) == ("", None, "")


@pytest.mark.parametrize(
    ("name", "most", "cut"),
    [
        ("Acme", 4, "Acme"),
        ("The Society of Friends of Good Bread", 25, "The Society of Friends of"),
        ("The Society of Friends, of Good Bread", 23, "The Society of Friends"),
        ("x" * 100, 80, "x" * 80),
        ("a" * 9 + "e\u0323\u0302x", 10, "a" * 9),
        (FAMILY * 3, 6, FAMILY),
        ("🇩🇪🇫🇷🇪🇸", 3, "🇩🇪"),
        ("👍🏽👍🏽", 3, "👍🏽"),
        ("कक्षा", 3, "क"),
    ],
)
def test_a_name_is_cut_at_a_word_or_else_between_letters(name, most, cut):
    assert shortened(name, most) == cut


@pytest.mark.parametrize("name", ["-" * 100, "–" * 90, "&" * 100])
def test_something_is_left_of_a_name_of_nothing_but_signs(name):
    assert shortened(name, 80) == name[:80]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("Dr. Seán O'Neil-Müller, Jr.", "Dr. Seán O'Neil-Müller, Jr"),
        ("https://evil.example/x?a=1", "https evil example x a 1"),
        ("WWW.Evil.Com", "WWW Evil Com"),
        ("evil。com", "evil com"),
        ("evil．com", "evil com"),
        ("evil｡com", "evil com"),
        ("evil\u2024com", "evil com"),
        ("mailto:you@evil.com", "mailto you evil com"),
        ("Call +1 (800) 555-0199", "Call ( ) -"),
        ("Area 51", "Area 51"),
        ("<b>Ana</b>", "b Ana b"),
        ("Your account is closed. Write to our desk before midnight", "Your account is closed. Write to our"),
    ],
)
def test_nothing_in_a_strangers_name_can_be_clicked(name, told):
    assert without_links(name) == told
    assert len(told) <= TOLD


def test_every_door_takes_names_by_the_same_rule(stage):
    """Whatever schema or form has a field called `name`, of the kit or of a feature, now or later."""
    contracts = [getattr(view, "__contract__", None) for view in stage.app.view_functions.values()]
    models = {contract.body for contract in contracts if contract and contract.body}
    named = [model for model in models if "name" in model.model_fields]
    assert {"MeChange", "WorkspaceIn", "WorkspaceChange", "UserIn", "UserChange", "ProjectIn"} <= {
        model.__name__ for model in named
    }
    with stage.app.test_request_context():
        for model in named:
            for name in ("gpj\u202eexe", "\u200b", "\u0301"):
                assert faults_of_name(model, name) == ["value_error"], model
            assert faults_of_name(model, " Zoe\u0308 ") == [], model
        for form in (FORMS["register_form"](), ClaimForm(User(email="ada@example.com", name=""))):
            form.name.process(MultiDict({"name": " Zoe\u0308 "}))
            assert form.name.data == "Zoë"
            form.name.process(MultiDict({"name": "gpj\u202eexe"}))
            assert not form.name.validate(form)


def faults_of_name(model, name) -> list[str]:
    """What a schema finds wrong with the name; a good one is kept in its one spelling."""
    try:
        made = model.model_validate({"name": name})
    except ValidationError as refused:
        return [fault["type"] for fault in refused.errors() if fault["loc"] == ("name",)]
    return [] if made.name == "Zoë" else ["kept as it was typed"]


def test_the_shell_takes_names_by_the_same_rule(stage):
    with stage.app.app_context(), pytest.raises(Refused, match="name: "):
        make("zoe@example.com", "violet-harbour-41-lantern", "gpj\u202eexe")
