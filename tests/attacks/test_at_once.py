"""A14, A15: what is sent several times at the same moment is done once, and each gets the page it would get alone."""

import shutil
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import create_engine, text

from enferno.extensions import limiter
from tests.support.visitor import Visitor, block_of, link_in, mails_of
from tests.support.world import PASSWORD, make_person

ADA, NEW = "ada@example.com", "nora@new.example.com"
TIMES = 4


@pytest.fixture
def app(stage):
    shutil.rmtree(stage.app.extensions["settings"].instance_path / "outbox", ignore_errors=True)
    return stage.app


@pytest.fixture
def rows(stage):
    engine = create_engine(stage.database.owner_url)

    def ask(query, **values):
        with engine.connect() as connection:
            return connection.execute(text(query), values).all()

    yield ask
    engine.dispose()


def at_once(visitors, act):
    """Everyone has opened the page and holds its token before anyone sends the form."""
    for visitor in visitors:
        visitor.csrf()
    ready = Barrier(len(visitors), timeout=30)

    def run(numbered):
        ready.wait()
        return act(*numbered)

    with ThreadPoolExecutor(len(visitors)) as pool:
        return list(pool.map(run, enumerate(visitors)))


def notices(visitor, path):
    return [notice["text"] for notice in block_of(visitor.get(path))["data"]["notices"]]


def test_a_reset_link_used_four_times_at_once_works_once(app, rows):
    """A14: it worked four times; whoever came last had the account."""
    make_person(app, ADA)
    Visitor(app).submit("/reset", email=ADA)
    link = link_in(mails_of(app, ADA)[0], "/reset/")
    passwords = [f"amber-gallery-{number}-pocket" for number in range(71, 71 + TIMES)]
    visitors = [Visitor(app, f"203.0.113.{number}") for number in range(TIMES)]

    def use(number, visitor):
        answer = visitor.submit(link, password=passwords[number])
        # On a busy machine SQLite lets nobody wait longer than four seconds for whoever writes.
        return (visitor.submit(link, password=passwords[number]) if answer.status_code == 503 else answer).location

    answers = at_once(visitors, use)
    assert sorted(answers) == ["/login"] + ["/reset"] * (TIMES - 1)
    for location, visitor in zip(answers, visitors, strict=True):
        if location == "/reset":
            assert "used before" in notices(visitor, "/reset")[-1]
    assert len(mails_of(app, ADA)) == 2, "the link, and one notice of one change"
    works = [bool(Visitor(app).sign_in(ADA, password).location) for password in passwords]
    assert works == [location == "/login" for location in answers]


def test_a_link_that_confirms_used_four_times_at_once_works_once(app, rows):
    """A14: one is told that the address is confirmed, the others that it is already."""
    Visitor(app).sign_up(NEW)
    link = link_in(mails_of(app, NEW)[0], "/confirm/")
    visitors = [Visitor(app, f"203.0.113.{number}") for number in range(TIMES)]
    answers = at_once(visitors, lambda _number, visitor: visitor.submit(link, name="Nora", password=PASSWORD).location)
    assert answers == ["/login"] * TIMES
    told = [notices(visitor, "/login") for visitor in visitors]
    assert sorted(told) == [["This address is confirmed already: sign in"]] * (TIMES - 1) + [
        ["Your address is confirmed"]
    ]


def test_sign_ups_for_one_address_at_once_get_the_page_of_any_other(app, rows):
    """A15: one got 409, and nobody else ever does: an address that somebody is taking just now would be told."""
    alone = Visitor(app)
    usual = alone.sign_up("alone@new.example.com", "Nora New")
    page = notices(alone, "/check-your-mail")
    visitors = [Visitor(app, f"203.0.113.{number}") for number in range(3)]
    answers = at_once(visitors, lambda _number, visitor: visitor.sign_up(NEW, "Nora New"))
    assert {(answer.status_code, answer.location, answer.data) for answer in answers} == {
        (usual.status_code, usual.location, usual.data)
    }
    for visitor in visitors:
        assert notices(visitor, "/check-your-mail") == [page[0].replace("alone@new.example.com", NEW)]
    assert rows("SELECT count(*) FROM users WHERE email = :email", email=NEW) == [(1,)]
    # While nobody has confirmed, each takes the place of the one before.
    assert {mail["Subject"] for mail in mails_of(app, NEW)} == {"Confirm your address for ReadyKit"}


def test_sign_ups_under_one_name_at_once_each_get_a_workspace(app, rows):
    """A15: they meet in the address that is made of the name, which is unique as well."""
    visitors = [Visitor(app, f"203.0.113.{number}") for number in range(3)]
    answers = at_once(visitors, lambda number, visitor: visitor.sign_up(f"nora{number}@new.example.com", "Nora Same"))
    assert [answer.status_code for answer in answers] == [302] * 3
    slugs = [slug for (slug,) in rows("SELECT slug FROM workspaces WHERE name = 'Nora Same'")]
    assert len(set(slugs)) == 3
    with app.app_context():
        limiter.reset()
    assert Visitor(app).sign_in("nora0@new.example.com", PASSWORD).status_code == 200, "not confirmed yet"
