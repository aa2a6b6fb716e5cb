"""How often one may try, and that nobody else pays for it."""

from collections.abc import Iterator

import pytest

from tests.support.stage import Stage, stage_on
from tests.support.visitor import Visitor, block_of, mails_of
from tests.support.world import PASSWORD, make_person

ADA, BEN = "ada@example.com", "ben@example.com"
WRONG = "not her password at all"
MINUTES = 60


@pytest.fixture(scope="module")
def standing_stage(tmp_path_factory) -> Iterator[Stage]:
    """What counts tries is no database, so one is enough."""
    with stage_on("sqlite", tmp_path_factory.mktemp("stage")) as found:
        yield found


@pytest.fixture
def ada(app):
    make_person(app, BEN, "Ben Example")
    return make_person(app, ADA, "Ada Example")


def tried(visitor: Visitor, times: int, email: str = ADA) -> list[int]:
    token = block_of(visitor.get("/login"))["csrf"]
    return [visitor.submit("/login", token, email=email, password=WRONG).status_code for _ in range(times)]


def test_ten_wrong_passwords_are_enough_for_a_quarter_of_an_hour(app, ada, clock):
    visitor = Visitor(app)
    assert tried(visitor, 11) == [200] * 10 + [429]
    refusal = visitor.sign_in(ADA)
    assert refusal.status_code == 429
    assert 0 < int(refusal.headers["Retry-After"]) <= 15 * MINUTES
    assert block_of(refusal)["data"]["detail"].startswith("Try again in 1")
    clock.shift(16 * MINUTES)
    assert visitor.sign_in(ADA).location == "/app"


def test_an_unknown_address_is_refused_just_the_same(app, ada):
    assert tried(Visitor(app), 11, "nobody@example.com") == [200] * 10 + [429]


def test_nobody_else_is_locked_out_by_it(app, ada):
    attacker = Visitor(app, "203.0.113.9")
    tried(attacker, 11)
    assert Visitor(app, "192.0.2.7").sign_in(ADA).location == "/app"
    assert attacker.sign_in(BEN).location == "/app"


def test_one_network_address_cannot_go_through_all_accounts(app, ada):
    attacker = Visitor(app, "203.0.113.9")
    token = block_of(attacker.get("/login"))["csrf"]
    answers = [
        attacker.submit("/login", token, email=f"person{n}@example.com", password=WRONG).status_code for n in range(51)
    ]
    assert answers == [200] * 50 + [429]
    assert Visitor(app, "192.0.2.7").sign_in(ADA).location == "/app"


def test_many_network_addresses_are_stopped_while_the_owners_browser_is_let_in(app, ada):
    owner = Visitor(app, "192.0.2.7")
    owner.sign_in(ADA)
    owner.sign_out()
    for n in range(10):
        tried(Visitor(app, f"203.0.113.{n}"), 10)
    assert Visitor(app, "203.0.113.99").sign_in(ADA).status_code == 429
    assert owner.sign_in(ADA).location == "/app"


def test_a_network_of_ipv6_counts_as_one(app, ada):
    for n in range(2):
        tried(Visitor(app, f"2001:db8:1:2::{n}"), 5)
    assert Visitor(app, "2001:db8:1:2:ffff::1").sign_in(ADA).status_code == 429
    assert Visitor(app, "2001:db8:1:3::1").sign_in(ADA).location == "/app"


def test_right_passwords_do_not_count(app, ada):
    visitor = Visitor(app)
    for _ in range(12):
        assert visitor.sign_in(ADA).location == "/app"
        visitor.sign_out()


@pytest.mark.parametrize("path", ["/reset", "/confirm"])
def test_a_mailbox_gets_three_links_an_hour_whoever_asks(app, ada, path):
    for n in range(3):
        assert Visitor(app, f"203.0.113.{n}").submit(path, email=ADA).status_code == 302
    assert Visitor(app, "203.0.113.3").submit(path, email=ADA.upper()).status_code == 429
    assert len(mails_of(app, ADA)) <= 3
    assert Visitor(app, "203.0.113.3").submit(path, email=BEN).status_code == 302


def test_a_known_address_gets_three_mails_an_hour_from_signing_up(app, ada):
    answers = [Visitor(app, f"203.0.113.{n}").sign_up(ADA).status_code for n in range(4)]
    assert answers == [302, 302, 302, 429]
    assert len(mails_of(app, ADA)) == 3


@pytest.mark.parametrize("path", ["/reset", "/confirm"])
def test_a_network_address_asks_for_twenty_links_an_hour(app, path):
    visitor = Visitor(app)
    answers = [visitor.submit(path, email=f"p{n}@example.com").status_code for n in range(21)]
    assert answers == [302] * 20 + [429]


def test_a_password_is_not_guessed_from_a_session_left_open(app, ada):
    visitor = Visitor(app)
    visitor.sign_in(ADA)
    answers = [visitor.submit("/verify", password=WRONG).status_code for _ in range(11)]
    assert answers == [200] * 10 + [429]
    other = Visitor(app)
    other.sign_in(ADA)
    assert other.submit("/verify", password=PASSWORD).status_code == 302
