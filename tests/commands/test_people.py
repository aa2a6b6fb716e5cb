"""`flask install`, `create`, `reset` and `add-role`."""

import json
import stat
from typing import Any

import pytest
from flask import Flask
from flask_security import verify_password
from sqlalchemy import select, text

from enferno.database import now
from enferno.extensions import db
from enferno.settings import Settings
from enferno.user.models import Session, User
from enferno.user.sessions import hashed
from tests.commands.conftest import Shell
from tests.support.visitor import mails_of
from tests.support.world import World

GOOD = "quartz-meadow-58-otter"


def person(app: Flask, email: str) -> dict[str, Any]:
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == email)).one()
        roles = [role.name for role in user.roles]
        return {"superadmin": user.is_superadmin, "roles": roles, "confirmed": user.confirmed_at is not None}


def accepts(app: Flask, email: str, password: str) -> bool:
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == email)).one()
        return verify_password(password, user.password)


def test_create_makes_a_person_who_can_sign_in_at_once(app: Flask, shell: Shell) -> None:
    result = shell("create", "-e", "Ana@Example.com", "-p", GOOD)
    assert (result.exit_code, result.output) == (0, "ana@example.com can sign in.\n")
    assert accepts(app, "ana@example.com", GOOD)
    assert person(app, "ana@example.com") == {"superadmin": False, "roles": [], "confirmed": True}


def test_a_password_that_was_given_is_never_repeated(shell: Shell) -> None:
    assert GOOD not in shell("create", "-e", "ana@example.com", "-p", GOOD).output
    assert GOOD not in shell("reset", "-e", "ana@example.com", "-p", GOOD + "-2").output


def test_without_a_password_one_is_made_and_shown_once(app: Flask, shell: Shell) -> None:
    output = shell("create", "-e", "ana@example.com").output
    shown = output.rpartition(": ")[2].strip()
    assert output.count(shown) == 1
    assert accepts(app, "ana@example.com", shown)


def test_create_makes_a_superadmin_only_when_asked(app: Flask, shell: Shell) -> None:
    shell("create", "-e", "ana@example.com", "-p", GOOD, "--super-admin")
    shell("create", "-e", "ben@example.com", "-p", GOOD)
    assert person(app, "ana@example.com")["superadmin"]
    assert not person(app, "ben@example.com")["superadmin"]


def test_an_address_that_has_an_account_is_refused_whatever_its_case(app: Flask, shell: Shell, world: World) -> None:
    result = shell("create", "-e", "ROOT@example.com", "-p", GOOD)
    assert result.exit_code == 1
    assert result.output == (
        "Error: root@example.com has an account already. For a new password run: flask reset -e root@example.com\n"
    )
    assert not accepts(app, "root@example.com", GOOD)


@pytest.mark.parametrize("address", ["ana", "ana@", "ana@example.com, ben@example.com", "ana@exa\nmple.com"])
def test_what_is_no_address_is_refused(shell: Shell, outside: Any, address: str) -> None:
    result = shell("create", "-e", address, "-p", GOOD)
    assert result.exit_code == 1
    assert "is no e-mail address" in result.output
    assert outside.scalar(text("SELECT count(*) FROM users")) == 0


@pytest.mark.parametrize("command", ["create", "reset"])
@pytest.mark.parametrize("password", ["short", "password1234", "example-root"])
def test_a_password_that_sign_up_refuses_is_refused_here(
    app: Flask, shell: Shell, world: World, command: str, password: str
) -> None:
    email = "root@example.com" if command == "reset" else "root2@example.com"
    result = shell(command, "-e", email, "-p", password)
    assert result.exit_code == 1
    assert result.output.startswith("Error: password: ")
    assert result.output.count("\n") == 1
    assert password not in result.output.replace(email, "")


def test_reset_gives_a_new_password_and_ends_every_session(app: Flask, shell: Shell, world: World) -> None:
    with app.app_context():
        db.session.add(
            Session(user_id=world.root.id, token_hash=hashed("t"), idle_until=now().replace(year=2099),
                    expires_at=now().replace(year=2099))
        )  # fmt: skip
        db.session.commit()
    result = shell("reset", "-e", "root@example.com", "-p", GOOD)
    assert result.output == "root@example.com has a new password; 1 session ended.\n"
    assert accepts(app, "root@example.com", GOOD)
    with app.app_context():
        assert db.session.get_one(User, world.root.id).open_sessions() == []
    [told] = mails_of(app, "root@example.com")
    assert told["Subject"] == "Your password for ReadyKit was changed"
    assert GOOD not in told.as_string()


@pytest.mark.parametrize("words", [("reset", "-p", GOOD), ("add-role", "-r", "superadmin")])
def test_an_unknown_address_is_refused(shell: Shell, words: tuple[str, ...]) -> None:
    result = shell(*words, "-e", "nobody@example.com")
    assert (result.exit_code, result.output) == (1, "Error: Nobody has the address nobody@example.com.\n")


def test_add_role_makes_a_superadmin_and_says_so_when_nothing_changes(app: Flask, shell: Shell, world: World) -> None:
    first = shell("add-role", "-e", "stranger@example.com", "-r", "superadmin")
    again = shell("add-role", "-e", "stranger@example.com", "-r", "superadmin")
    assert first.output == "stranger@example.com has the role superadmin now.\n"
    assert (again.exit_code, again.output) == (0, "stranger@example.com has the role superadmin already.\n")
    assert person(app, "stranger@example.com")["roles"] == ["superadmin"]


def test_an_unknown_role_is_refused_with_those_that_are_known(shell: Shell, world: World) -> None:
    result = shell("add-role", "-e", "stranger@example.com", "-r", "emperor")
    assert (result.exit_code, result.output) == (1, "Error: There is no role emperor. Known: superadmin.\n")


def test_install_makes_the_first_superadmin_and_no_second(app: Flask, shell: Shell) -> None:
    assert shell("install", "-e", "ana@example.com", "-p", GOOD).exit_code == 0
    assert person(app, "ana@example.com")["superadmin"]
    again = shell("install", "-e", "ben@example.com", "-p", GOOD)
    assert again.exit_code == 0
    assert again.output.splitlines() == [
        "ana@example.com is the superadmin already: nothing was changed.",
        "For a new password: flask reset -e ana@example.com",
        "For another superadmin: flask create -e ben@example.com --super-admin",
    ]
    with app.app_context():
        assert list(db.session.scalars(select(User.email))) == ["ana@example.com"]


def test_install_after_setup_says_who_is_there_and_where_the_password_is(shell: Shell, settings: Settings) -> None:
    shell("install")
    again = shell("install")
    assert again.exit_code == 0
    assert again.output.splitlines() == [
        "superadmin@example.com is the superadmin already: nothing was changed.",
        f"The password that was made for it is in {settings.instance_path / 'demo-credentials.json'}.",
    ]


def test_install_without_an_address_writes_the_sign_in_for_its_owner_alone(
    app: Flask, shell: Shell, settings: Settings
) -> None:
    output = shell("install").output
    file = settings.instance_path / "demo-credentials.json"
    account = json.loads(file.read_text())["superadmin"]
    assert account["password"] in output
    assert accepts(app, account["email"], account["password"])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_install_with_an_address_writes_no_password_to_the_disk(shell: Shell, settings: Settings) -> None:
    shell("install", "-e", "ana@example.com")
    assert not (settings.instance_path / "demo-credentials.json").exists()


@pytest.mark.parametrize("command", ["install", "demo"])
def test_if_empty_does_nothing_where_anybody_has_an_account(
    shell: Shell, world: World, outside: Any, settings: Settings, command: str
) -> None:
    before = outside.scalar(text("SELECT count(*) FROM users"))
    outside.rollback()
    result = shell(command, "--if-empty")
    assert (result.exit_code, result.output) == (0, "")
    assert outside.scalar(text("SELECT count(*) FROM users")) == before
    assert not (settings.instance_path / "demo-credentials.json").exists()


def test_a_refused_command_leaves_nothing_behind(app: Flask, shell: Shell, outside: Any) -> None:
    assert shell("install", "-e", "ana@example.com", "-p", "short").exit_code == 1
    assert outside.scalar(text("SELECT count(*) FROM users")) == 0
    assert outside.scalar(text("SELECT count(*) FROM roles")) == 0
