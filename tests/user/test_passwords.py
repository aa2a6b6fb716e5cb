"""Which passwords are taken."""

import pytest

from enferno.user.common import most_used
from enferno.user.passwords import SHORTEST, fault_of, is_guessable, own_words
from tests.support.visitor import Visitor, block_of, link_in, mails_of, text_of
from tests.support.world import PASSWORD, make_person

ADA = "ada.lovelace@engines.example.com"
NEW_PASSWORD = "amber-gallery-77-pocket"
HOUR = 3600

# Of the kind that heads every published list, twelve characters and longer.
TRIED_FIRST = """
    password1234 passwordpassword Password123! P@ssw0rd1234 p4ssw0rdp4ssw0rd qwertyuiop123 qwerty123456 qwertyqwerty
    123456789012 987654321098 111111111111 aaaaaaaaaaaa 112233445566 123123123123 1q2w3e4r5t6y q1w2e3r4t5y6
    1qaz2wsx3edc zaq12wsxcde3 qazwsxedcrfv asdfghjkl123 qwer1234asdf abc123abc123 abcdefghijkl abcd1234abcd
    iloveyou1234 iloveyouforever administrator Administrator1! letmein12345 welcome12345 Welcome2024!! football1234
    superman1234 princess1234 charlie12345 monkeymonkey sweetheart12 unbelievable trustno1trustno1 changemeplease
    Summer2026!! January2026! rockyourockyou 147258369147 !@#$%^&*()_+
"""
GOOD = [
    PASSWORD,
    "correct horse battery staple",
    "kQ9#vLp2!mZx",
    "a9f8d7c6b5e4",
    "schnabeltasse im regen",
    "три слова под дождём",
    "my dog ate the blue sofa",
    "384756102938",
    "🌵🛶🧂🪁🥁🧿🪂🎻🧶🪴🦥🫖 and tea",
    "🌵🛶🧂🪁🥁🧿🪂🎻🧶🪴🦥🫖",
    "🌵🛶🧂🪁🥁🧿🪂🎻🧶🪴 dog",
    "x7 " * 4 + "lantern violet",
    "long enough to please anyone " * 4,
]


def test_what_anyone_would_try_first_is_refused():
    assert [password for password in TRIED_FIRST.split() if not is_guessable(password)] == []


def test_the_3000_commonest_are_refused_however_they_are_made_long_enough():
    """And every one of the list that is long enough as it is (ASVS 6.2.4)."""
    everything, commonest = most_used()
    assert len(commonest) >= 2990, "some differ in signs alone"
    long = {password for password in everything if len(password) >= SHORTEST}
    for password in commonest:
        again = password * -(-SHORTEST // len(password))
        long |= {again, f"{password}-{password}-{password}", f"{password}letmein".ljust(SHORTEST, "1"), again.upper()}
    assert len(long) > 9000
    assert [password for password in long if not is_guessable(password)] == []


@pytest.mark.parametrize("password", GOOD)
def test_a_good_password_needs_no_capitals_digits_or_signs(app_words, password):
    assert fault_of(password, ["ReadyKit", "Ada", "Lovelace"]) == ""


@pytest.fixture
def app_words(monkeypatch):
    monkeypatch.setattr("enferno.user.passwords._", lambda text, **values: text % values)


@pytest.mark.parametrize(("length", "taken"), [(11, False), (12, True), (64, True), (128, True), (129, False)])
def test_12_to_128_characters_are_taken(app_words, length, taken):
    letters = "vqzkxjwypmnbtrgdhfclsoeiua"
    password = "".join(letters[(n * n + 7 * n) % 26] for n in range(length))
    assert (fault_of(password, []) == "") is taken


@pytest.mark.parametrize(
    "password",
    ["ReadyKit-2026!!", "readykitreadykit", "AdaLovelace1815", "lovelace.ada.1", "engines-engines-1", "R3adyK1t12345"],
)
def test_own_words_are_refused(app, password):
    with app.app_context():
        words = list(own_words(email=ADA, name="Ada Lovelace"))
        assert "your own name" in fault_of(password, words) or "first to be tried" in fault_of(password, words)


def test_the_names_of_own_workspaces_are_refused(app, world):
    owner = Visitor(app)
    owner.sign_in(world.noise.owner.email)
    form = block_of(owner.submit("/account/password", password=PASSWORD, new_password="Noise-Noise-2026"))["data"][
        "form"
    ]
    assert "your own name" in form["fields"]["new_password"]["errors"][0]


@pytest.fixture
def visitor(app) -> Visitor:
    make_person(app, ADA, "Ada Lovelace")
    return Visitor(app)


def new_password_faults(response) -> list[str]:
    return block_of(response)["data"]["form"]["fields"]["new_password"]["errors"]


def test_changing_the_password_needs_the_one_that_is(app, visitor):
    visitor.sign_in(ADA)
    form = block_of(visitor.submit("/account/password", password="another one entirely", new_password=NEW_PASSWORD))
    assert form["data"]["form"]["fields"]["password"]["errors"] == ["This is not your password"]
    assert not mails_of(app)
    answer = visitor.submit("/account/password", password=PASSWORD, new_password=NEW_PASSWORD)
    assert answer.location == "/account/security"
    visitor.sign_out()
    visitor.sign_in(ADA, NEW_PASSWORD)
    assert visitor.is_signed_in


def test_the_new_password_is_another_one_and_a_good_one(visitor):
    visitor.sign_in(ADA)
    same = visitor.submit("/account/password", password=PASSWORD, new_password=PASSWORD)
    assert new_password_faults(same) == ["This is the password you have now"]
    weak = visitor.submit("/account/password", password=PASSWORD, new_password="qwerty123456")
    assert len(new_password_faults(weak)) == 1


def test_a_changed_password_is_told_by_mail(app, visitor):
    visitor.sign_in(ADA)
    visitor.submit("/account/password", password=PASSWORD, new_password=NEW_PASSWORD)
    [mail] = mails_of(app, ADA)
    assert mail["Subject"] == "Your password for ReadyKit was changed"
    assert NEW_PASSWORD not in mail.as_string()


def asked_for_reset(app, visitor, email: str = ADA) -> str:
    assert visitor.submit("/reset", email=email).location == "/check-your-mail"
    return link_in(mails_of(app, ADA)[-1], "/reset/")


def test_a_reset_changes_the_password_and_signs_nobody_in(app, visitor):
    elsewhere = Visitor(app)
    elsewhere.sign_in(ADA)
    link = asked_for_reset(app, visitor)
    assert visitor.submit(link, password=NEW_PASSWORD).location == "/login"
    assert not visitor.is_signed_in
    assert not elsewhere.is_signed_in
    assert visitor.sign_in(ADA, PASSWORD).status_code == 200
    assert visitor.sign_in(ADA, NEW_PASSWORD).location == "/app"
    assert mails_of(app, ADA)[-1]["Subject"] == "Your password for ReadyKit was changed"


def test_a_reset_leaves_no_session_behind_not_even_the_one_that_asked(app, visitor):
    visitor.sign_in(ADA)
    link = asked_for_reset(app, visitor)
    visitor.submit(link, password=NEW_PASSWORD)
    assert not visitor.is_signed_in
    visitor.sign_in(ADA, NEW_PASSWORD)
    assert visitor.get("/api/v1/me/sessions").json["total"] == 1


def test_a_reset_link_works_once(app, visitor):
    link = asked_for_reset(app, visitor)
    visitor.submit(link, password=NEW_PASSWORD)
    assert visitor.get(link).location == "/reset"
    assert visitor.submit(link, password="a third one, longer still").location == "/reset"
    assert "used before" in block_of(visitor.get("/reset"))["data"]["notices"][-1]["text"]


def test_a_reset_link_works_for_an_hour(app, visitor, clock):
    link = asked_for_reset(app, visitor)
    clock.shift(HOUR - 60)
    assert visitor.get(link).status_code == 200
    clock.shift(120)
    assert visitor.get(link).location == "/reset"
    assert visitor.submit(link, password=NEW_PASSWORD).location == "/reset"
    assert "1 hour" in block_of(visitor.get("/reset"))["data"]["notices"][-1]["text"]


def test_an_older_link_dies_with_the_password_it_was_for(app, visitor):
    first, second = asked_for_reset(app, visitor), asked_for_reset(app, visitor)
    visitor.submit(second, password=NEW_PASSWORD)
    assert visitor.get(first).location == "/reset"


def test_asking_for_a_reset_tells_nothing_about_an_address(app, visitor):
    other = Visitor(app)
    known, unknown = visitor.submit("/reset", email=ADA), other.submit("/reset", email="nobody@example.com")
    assert (known.status_code, known.location, known.data) == (unknown.status_code, unknown.location, unknown.data)
    texts = [block_of(who.get("/check-your-mail"))["data"]["notices"][0]["text"] for who in (visitor, other)]
    assert texts[0].replace(ADA, "-") == texts[1].replace("nobody@example.com", "-")
    assert len(mails_of(app)) == 1


def test_a_reset_confirms_the_address_it_was_sent_to(app):
    visitor = Visitor(app)
    visitor.sign_up(ADA, "Ada Lovelace")
    link = asked_for_reset(app, visitor)
    visitor.submit(link, password=NEW_PASSWORD)
    assert visitor.sign_in(ADA, NEW_PASSWORD).location == "/app"


def test_proving_who_one_is_needs_the_password(visitor):
    visitor.sign_in(ADA)
    assert visitor.get("/verify").status_code == 200
    wrong = block_of(visitor.submit("/verify", password="another one entirely"))
    assert wrong["data"]["form"]["fields"]["password"]["errors"] == ["This is not your password"]
    assert visitor.submit("/verify", password=PASSWORD, next="/account/profile").location == "/account/profile"


def test_a_forged_host_never_gets_into_a_mail(app, visitor):
    token = block_of(visitor.get("/"))["csrf"]
    fields = {"csrf_token": token, "email": ADA}
    forged = {"Host": "evil.example.com", "X-Forwarded-Host": "evil.example.com"}
    base = {"environ_base": visitor.base["environ_base"]}
    assert visitor.client.post("/reset", data=fields, headers=forged, **base).status_code == 400
    visitor.client.post("/reset", data=fields, headers={"X-Forwarded-Host": "evil.example.com"}, **visitor.base)
    other = Visitor(app, host="127.0.0.1:5000")
    other.submit("/reset", email=ADA)
    mails = mails_of(app, ADA)
    assert len(mails) == 2
    for mail in mails:
        assert "http://localhost:5000/reset/" in text_of(mail)
        assert "evil" not in mail.as_string()
        assert "127.0.0.1" not in mail.as_string()
