"""What people change about themselves."""

import pytest

from enferno.extensions import db
from tests.support.statements import count_statements
from tests.support.visitor import block_of

ME = "/api/v1/me"
HOSTILE = "${constructor.constructor('alert(1)')()} <img src=x onerror=alert(1)>"


@pytest.fixture
def ada(stage):
    return stage.browser(stage.world.acme.member.email)


def test_somebody_who_is_not_signed_in_is_nobody(stage):
    assert stage.browser().get(ME).status_code == 401


def test_one_sees_oneself_and_no_secret(ada, world):
    me = ada.get(ME).json
    assert me["email"] == world.acme.member.email
    assert set(me) == {"id", "email", "name", "theme", "locale", "timezone", "created_at"}


def test_seeing_oneself_takes_at_most_four_statements(app, ada):
    ada.get(ME)
    with app.app_context(), count_statements(db.engine) as statements:
        assert ada.get(ME).status_code == 200
    assert len(statements) <= 4, statements


def test_name_zone_and_theme_are_kept(ada):
    change = {"name": "  Ada Lovelace ", "timezone": "Europe/London", "theme": "dark"}
    assert ada.patch(ME, json=change).status_code == 200
    me = ada.get(ME).json
    assert (me["name"], me["timezone"], me["theme"]) == ("Ada Lovelace", "Europe/London", "dark")


def test_what_is_not_given_stays(ada):
    ada.patch(ME, json={"timezone": "Europe/London", "name": "Ada"})
    ada.patch(ME, json={"theme": "light", "name": None})
    me = ada.get(ME).json
    assert (me["name"], me["timezone"], me["theme"]) == ("Ada", "Europe/London", "light")


def test_the_zone_goes_back_to_the_browsers_with_null(ada):
    ada.patch(ME, json={"timezone": "Europe/London"})
    ada.patch(ME, json={"timezone": None, "locale": None})
    assert ada.get(ME).json["timezone"] is None


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "  "),
        ("name", "x" * 121),
        ("name", "two\nlines"),
        ("name", ["a", "list"]),
        ("timezone", "Europe/Nowhere"),
        ("timezone", "../../etc/passwd"),
        ("locale", "tlh"),
        ("theme", "pink"),
        ("email", "other@example.com"),
        ("active", True),
    ],
)
def test_a_faulty_change_names_its_field_and_changes_nothing(ada, field, value):
    before = ada.get(ME).json
    answer = ada.patch(ME, json={"theme": "dark", field: value})
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == field
    assert ada.get(ME).json == before


def test_a_hostile_name_is_data_and_no_markup(ada):
    ada.patch(ME, json={"name": HOSTILE})
    for path in ("/account/profile", "/account/security", "/account/password", "/"):
        page = ada.get(path)
        assert "<img" not in page.text
        assert block_of(page)["user"]["name"] == HOSTILE


@pytest.mark.parametrize("path", ["/account/profile", "/account/security", "/account/password", "/verify"])
def test_the_account_is_for_those_who_are_signed_in(stage, path):
    answer = stage.browser().get(path)
    assert (answer.status_code, answer.location) == (302, f"/login?next={path}")


def test_the_profile_offers_the_languages_there_are(ada):
    languages = block_of(ada.get("/account/profile"))["data"]["languages"]
    assert {"value": "en", "title": "English"} in languages


def test_one_session_is_this_one(ada):
    sessions = ada.get(f"{ME}/sessions").json["items"]
    assert [session["is_current"] for session in sessions] == [True]
    assert "token_hash" not in sessions[0]


@pytest.mark.parametrize("session", ["01234567-89ab-7def-8123-456789abcdef", "nonsense"])
def test_a_session_that_is_not_ones_own_is_not_there(ada, session):
    assert ada.delete(f"{ME}/sessions/{session}").status_code == 404
