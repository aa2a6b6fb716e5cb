"""A18: a visitor has one address, in whatever way the proxy in front writes it."""

import logging

import pytest
import structlog
from sqlalchemy import create_engine, text
from structlog.testing import LogCapture

from enferno.extensions import limiter
from enferno.network import UNKNOWN, network, one_spelling
from tests.support.visitor import Visitor, block_of
from tests.support.world import make_person

ADA = "ada@example.com"
WRONG = "not her password at all"
WAYS = [
    "203.0.113.5",
    "203.0.113.5:5678",
    "::ffff:203.0.113.5",
    "::FFFF:cb00:7105",
    "[::ffff:203.0.113.5]:443",
    " 203.0.113.5 ",
]
SPELLINGS = {
    "203.0.113.5": WAYS,
    "2001:db8::1": ["2001:db8::1", "[2001:db8::1]:443", "[2001:db8::1]", "2001:DB8:0:0::1", "2001:db8::1%eth0"],
    UNKNOWN: ["", "unknown", "_hidden", "999.1.2.3", "203.0.113.005", "[", "[]:80", ":80", "203.0.113.5:", "a" * 10**6],
}


@pytest.mark.parametrize(("one", "way"), [(one, way) for one, ways in SPELLINGS.items() for way in ways])
def test_every_way_of_writing_an_address_has_one_spelling(one, way):
    """A18: it fits the column of sessions, which takes 45 letters, and is its own spelling."""
    assert one_spelling(way) == one
    assert one_spelling(one_spelling(way)) == one
    assert len(one) <= 45


@pytest.fixture
def app(stage, monkeypatch):
    """As behind one proxy."""
    monkeypatch.setattr(stage.app.wsgi_app, "x_for", 1)
    return stage.app


def behind(app, said: str) -> Visitor:
    visitor = Visitor(app, "10.0.0.1")
    visitor.base["environ_base"]["HTTP_X_FORWARDED_FOR"] = said
    return visitor


def test_a_guesser_has_one_counter_however_his_address_is_written(app):
    """A18: with a port every connection was a visitor of its own, or all were one "unknown"."""
    make_person(app, ADA)
    answers = []
    for n in range(11):
        visitor = behind(app, WAYS[n % len(WAYS)])
        token = block_of(visitor.get("/"))["csrf"]
        answers.append(visitor.submit("/login", token, email=ADA, password=WRONG).status_code)
    assert answers == [200] * 10 + [429]
    for other in ("203.0.113.6:5678", "::ffff:203.0.113.7"):
        assert behind(app, other).sign_in(ADA).location == "/app", other


@pytest.mark.parametrize(
    ("one", "way"),
    [("203.0.113.5", WAYS[1]), ("203.0.113.5", WAYS[2]), ("2001:db8::1", "[2001:db8::1]:443"), (UNKNOWN, "x" * 300)],
)
def test_the_log_and_the_list_of_sessions_have_the_same_spelling(stage, app, one, way):
    """A18: garbage of 300 letters was more than the column takes, and a 500 on PostgreSQL."""
    make_person(app, ADA)
    kept, capture = structlog.get_config(), LogCapture()
    structlog.configure(processors=[capture], wrapper_class=structlog.make_filtering_bound_logger(logging.INFO))
    try:
        assert behind(app, way).sign_in(ADA).location == "/app"
    finally:
        structlog.configure(**kept)
    logged = {line["address"] for line in capture.entries if "address" in line}
    engine = create_engine(stage.database.owner_url)
    with engine.connect() as connection:
        kept_in_row = connection.execute(
            text("SELECT address FROM sessions JOIN users ON users.id = user_id WHERE email = :email"), {"email": ADA}
        ).scalar_one()
    engine.dispose()
    assert logged == {kept_in_row} == {one}


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.5", "203.0.113.5"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64"),
        (UNKNOWN, UNKNOWN),
    ],
)
def test_a_subscriber_counts_as_one_also_where_a_limit_names_no_key(app, address, counted):
    """A18: 18 quintillion addresses of one /64 are one; the limiter's own default counted each."""
    with app.test_request_context("/", environ_base={"REMOTE_ADDR": address}):
        assert network() == counted
        assert limiter._key_func() == counted
