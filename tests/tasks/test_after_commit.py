"""Effects go out after the commit, once, and never for what was rolled back."""

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from enferno.extensions import db
from enferno.tasks import after_commit
from enferno.tenancy import in_workspace
from enferno.user.models import User
from tests.support.world import World, make_user


@pytest.fixture
def session(app: Flask) -> Any:
    with app.app_context():
        yield db.session


def test_an_effect_waits_for_the_commit_and_happens_once(session: Any) -> None:
    happened: list[str] = []
    after_commit(lambda: happened.append("told"))
    session.flush()
    assert happened == []
    session.commit()
    session.commit()
    assert happened == ["told"]


def test_effects_happen_in_the_order_in_which_they_were_asked_for(session: Any) -> None:
    happened: list[int] = []
    for number in range(3):
        after_commit(lambda number=number: happened.append(number))
    session.commit()
    assert happened == [0, 1, 2]


def test_a_rollback_takes_the_effect_back(session: Any) -> None:
    happened: list[str] = []
    session.execute(text("SELECT 1"))
    after_commit(lambda: happened.append("told"))
    session.rollback()
    session.commit()
    assert happened == []


def test_a_session_that_is_closed_without_a_commit_takes_the_effect_back(session: Any) -> None:
    happened: list[str] = []
    session.execute(text("SELECT 1"))
    after_commit(lambda: happened.append("told"))
    session.remove()
    session.commit()
    assert happened == []


def test_a_savepoint_that_is_released_leaves_its_effect_to_the_commit(session: Any) -> None:
    happened: list[str] = []
    with session.begin_nested():
        after_commit(lambda: happened.append("inside"))
    assert happened == []
    session.commit()
    assert happened == ["inside"]


def test_a_savepoint_that_is_rolled_back_takes_only_its_own_effects(session: Any) -> None:
    happened: list[str] = []
    after_commit(lambda: happened.append("before"))
    savepoint = session.begin_nested()
    after_commit(lambda: happened.append("inside"))
    with session.begin_nested():
        after_commit(lambda: happened.append("deeper"))
    savepoint.rollback()
    after_commit(lambda: happened.append("behind"))
    session.commit()
    assert happened == ["before", "behind"]


def test_a_rollback_after_released_savepoints_takes_everything_back(session: Any) -> None:
    happened: list[str] = []
    with session.begin_nested():
        after_commit(lambda: happened.append("inside"))
    session.rollback()
    session.commit()
    assert happened == []


def test_an_effect_may_use_the_database_and_see_what_was_committed(app: Flask, session: Any) -> None:
    seen: list[int] = []

    def look() -> None:
        with app.app_context():
            seen.append(db.session.query(User).count())

    make_user("new@example.com", "New")
    after_commit(look)
    session.commit()
    assert seen == [1]


def test_an_effect_that_fails_harms_neither_the_commit_nor_the_next_effect(session: Any) -> None:
    happened: list[str] = []

    def fail() -> None:
        raise RuntimeError("the world outside is broken")

    make_user("new@example.com", "New")
    after_commit(fail)
    after_commit(lambda: happened.append("told"))
    session.commit()
    assert happened == ["told"]
    assert session.query(User).count() == 1


def test_an_effect_belongs_to_the_unit_of_work_that_asked_for_it(app: Flask, world: World) -> None:
    happened: list[str] = []
    with app.app_context():
        after_commit(lambda: happened.append("outer"))
        with in_workspace(world.acme.id):
            after_commit(lambda: happened.append("inner"))
        assert happened == ["inner"]
        db.session.commit()
    assert happened == ["inner", "outer"]


def test_a_commit_that_fails_sends_nothing(session: Any) -> None:
    happened: list[str] = []
    make_user("same@example.com", "One")
    session.commit()
    after_commit(lambda: happened.append("told"))
    session.add(User(email="same@example.com", name="Two", password="x", fs_uniquifier="y"))
    with pytest.raises(Exception, match=r"UNIQUE|unique|duplicate"):
        session.commit()
    session.rollback()
    assert happened == []
