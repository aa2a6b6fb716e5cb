"""A1: however an address is written, there is one account, one counter and one mark for it."""

import base64
import json
import logging
import shutil
import sys
import time
import unicodedata

import pytest
import structlog
from sqlalchemy import select
from structlog.testing import LogCapture

from enferno.extensions import db, limiter
from enferno.user import limits
from enferno.user.addresses import LONGEST, normal_address, read_address
from enferno.user.attempts import account_mark
from enferno.user.known_browsers import is_known
from enferno.user.models import User
from tests.support.visitor import Visitor, block_of, mails_of
from tests.support.world import PASSWORD, make_person

ANA = "ana@acme.example"
WAYS = [
    "ana@acme.example",
    "ANA@Acme.EXAMPLE",
    " ana@acme.example\t",
    "ana@ａcme.example",
    "ana@acme。example",
    "ana@acme．example",
    "ana@acme｡example",
    "ana@ＡＣＭＥ。ＥＸＡＭＰＬＥ",
]
FAMILIES = [
    (ANA, WAYS),
    ("ana@bücher.example", ["ana@BÜCHER.example", "ana@xn--bcher-kva.example", "Ana@XN--BCHER-KVA.example"]),
    ("ana@bücher.example", [unicodedata.normalize("NFD", "ana@bücher.example")]),
    ("josé@acme.example", [unicodedata.normalize("NFD", "josé@acme.example"), "JOSÉ@ACME.example"]),
]
WRONG = "not her password at all"


@pytest.fixture
def app(stage):
    shutil.rmtree(stage.app.extensions["settings"].instance_path / "outbox", ignore_errors=True)
    return stage.app


@pytest.fixture
def lines(app):
    """What is logged, whatever the level of the tests."""
    kept, capture = structlog.get_config(), LogCapture()
    structlog.configure(processors=[capture], wrapper_class=structlog.make_filtering_bound_logger(logging.DEBUG))
    yield capture.entries
    structlog.configure(**kept)


def marks_in(lines) -> list[str]:
    return [line["account"] for line in lines if line["event"] == "sign_in_failed"]


@pytest.mark.parametrize(("one", "ways"), FAMILIES)
def test_every_way_of_writing_an_address_has_the_spelling_that_is_stored(stage, one, ways):
    """A1: in the model, however the row is made."""
    assert {normal_address(way) for way in ways} == {one}
    assert User(email=ways[-1]).email == one


def test_a_spelling_is_its_own_spelling():
    """A1: else what is stored would differ from what is looked up. Every letter there is, and what is no address."""
    changed = []
    for number in range(0x80, sys.maxunicode + 1, 97):
        one = normal_address(f"a{chr(number)}b@acme.example")
        if normal_address(one) != one or len(one) > LONGEST:
            changed.append(hex(number))
    assert changed == []


@pytest.mark.parametrize("text", ["", "ana", "ana@", "ana@localhost", "a b@acme.example", "İ" * 126 + "@acme.example"])
def test_what_is_no_address_is_refused_and_has_a_spelling_nevertheless(text):
    """A1: a limit counts it, and it is always the same."""
    with pytest.raises(ValueError):
        read_address(text)
    assert normal_address(normal_address(text)) == normal_address(text)


@pytest.mark.parametrize("text", ["a" * 10**6, "é" * 10**6 + "@acme.example", "ana@" + "ü." * 500_000])
def test_a_megabyte_of_letters_costs_next_to_nothing(text):
    """A1: the spelling is asked for several times by one request, before any limit is known."""
    began = time.thread_time()
    for _ in range(10):
        normal_address(text)
    assert time.thread_time() - began < 0.2


def test_a_guesser_has_one_counter_whatever_he_types(app):
    """A1: ten wrong passwords from one network, then none, in whatever spelling."""
    make_person(app, ANA)
    visitor = Visitor(app, "203.0.113.9")
    token = block_of(visitor.get("/"))["csrf"]
    answers = [
        visitor.submit("/login", token, email=WAYS[n % len(WAYS)], password=WRONG).status_code for n in range(12)
    ]
    assert answers == [200] * 10 + [429] * 2


@pytest.mark.parametrize("counter", [limits.account, limits.account_here, limits.account_elsewhere])
def test_every_counter_of_an_account_is_one_for_all_spellings(app, counter):
    """A1: also that of all networks together; it was 160 of 160 tries that were let through."""
    counted = set()
    for way in WAYS:
        with app.test_request_context("/login", method="POST", data={"email": way}):
            counted.add(counter())
    assert len(counted) == 1


@pytest.mark.parametrize("path", ["/reset", "/confirm", "/register"])
def test_a_mailbox_gets_three_mails_an_hour_whatever_is_typed(app, path):
    """A1: it was 52 mails to one mailbox in a minute."""
    make_person(app, ANA)
    answers = []
    for n, way in enumerate(WAYS[2:6]):
        visitor = Visitor(app, f"203.0.113.{n}")
        answers.append(visitor.submit(path, email=way, name="Eve", password=PASSWORD).status_code)
    assert answers == [302] * 3 + [429]
    assert len(mails_of(app, ANA)) <= 3


def test_every_spelling_signs_in_to_the_one_account_and_none_makes_a_second(app):
    """A1: what is typed at the door, by who signs up and in the operator's pages."""
    make_person(app, ANA)
    for way in WAYS[::3]:
        assert Visitor(app).sign_in(way).location == "/app", way
    with app.app_context():
        limiter.reset()
    Visitor(app).sign_up(WAYS[3])
    with app.app_context():
        assert db.session.scalars(select(User.email).where(User.email.like("%@acme.example"))).all() == [ANA]


@pytest.mark.parametrize("way", WAYS)
def test_the_operators_pages_know_an_address_in_every_spelling(stage, app, way):
    """A1: making somebody, moving somebody, adding a member."""
    make_person(app, ANA)
    root, acme = stage.browser(stage.world.root.email), stage.world.acme
    api = "/api/v1/superadmin"
    taken = root.post(f"{api}/users", json={"name": "Ana", "email": way})
    assert (taken.status_code, taken.json["code"]) == (422, "email_taken")
    assert root.patch(f"{api}/users/{acme.member.id}", json={"email": way}).json["code"] == "email_taken"
    assert root.post(f"{api}/workspaces/{acme.id}/members", json={"email": way}).json["email"] == ANA


@pytest.mark.parametrize("way", WAYS)
def test_a_browser_that_is_known_is_known_by_every_spelling(app, way):
    """A1: the owner goes on being let in while strangers guess, however the address is typed."""
    make_person(app, ANA)
    owner = Visitor(app)
    owner.sign_in(way)
    with app.test_request_context("/", headers={"Cookie": f"known={owner.cookie('known')}"}):
        assert all(is_known(other) for other in WAYS)
        assert not is_known("ben@acme.example")


def test_the_log_has_one_mark_for_every_spelling(app, lines):
    """A1: so an attack on one account is seen as one."""
    with app.app_context():
        assert len({account_mark(way) for way in WAYS}) == 1
    for way in (ANA, WAYS[5]):
        Visitor(app).sign_in(way, WRONG)
    assert len(marks_in(lines)) == 2
    assert len(set(marks_in(lines))) == 1


def test_what_stands_for_an_address_needs_our_key_to_be_found_out(app, lines):
    """A23: in the cookie, in the log and in the counters; a plain hash is looked up in a list of addresses."""
    from hashlib import md5, sha1, sha256, sha512

    make_person(app, ANA)
    visitor = Visitor(app)
    visitor.sign_in(ANA, WRONG)
    visitor.sign_in(ANA)
    cookie = visitor.cookie("known").partition(".")[0]
    in_cookie = json.loads(base64.urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4)))
    seen = f"{in_cookie} {lines} {list(limiter.storage.storage)}"
    [in_log] = marks_in(lines)
    assert len(in_cookie[0]) == 32
    for way in (*WAYS, *(way.strip().lower() for way in WAYS)):
        assert way.strip() not in seen
        for plain in (md5, sha1, sha256, sha512):
            assert plain(way.encode()).hexdigest()[:16] not in seen
    assert in_log not in f"{in_cookie} {list(limiter.storage.storage)}", "one mark for two uses"


def test_a_browser_stays_known_while_the_key_is_changed(app, monkeypatch):
    """A23: its mark is keyed, and was made with the key of before."""
    make_person(app, ANA)
    owner = Visitor(app, "192.0.2.7")
    owner.sign_in(ANA)
    monkeypatch.setitem(app.config, "SECRET_KEY_FALLBACKS", [app.config["SECRET_KEY"]])
    monkeypatch.setitem(app.config, "SECRET_KEY", "another key, for as long as this test runs")
    kept = owner.cookie("known")
    with app.test_request_context("/", headers={"Cookie": f"known={kept}"}):
        assert is_known(ANA)
