"""When trust changes, what was handed out before opens nothing; and an address belongs to whoever reads its mail."""

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, select, text

from enferno.database import now
from enferno.extensions import db
from enferno.tasks.housekeeping import purge_unconfirmed_accounts
from enferno.tenancy import unscoped
from enferno.user.models import User
from enferno.workspace.models import Membership
from tests.support.client import Browser
from tests.support.visitor import Visitor, block_of, link_in, mails_of
from tests.support.world import PASSWORD, make_person

ADA = "ada@example.com"
API = "/api/v1/superadmin"
THEIRS, MINE = "amber-gallery-77-pocket", "copper-meadow-19-window"


@pytest.fixture
def app(stage):
    """One application for all tests of the module, and no mail of the one before."""
    shutil.rmtree(stage.app.extensions["settings"].instance_path / "outbox", ignore_errors=True)
    return stage.app


@pytest.fixture
def world(app, stage):
    return stage.world


@pytest.fixture
def outside(stage):
    engine = create_engine(stage.database.owner_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def root(app, world) -> Browser:
    return Browser(app).sign_in(world.root.email)


def id_of(app, email: str):
    with app.app_context():
        return db.session.scalars(select(User.id).where(User.email == email)).one()


def change(root, who, **fields):
    assert root.patch(f"{API}/users/{who}", json=fields).status_code == 200


# Each is what somebody does to an account, as `act(app, root, id, link)`.
EVENTS = {
    "another address": lambda _app, root, who, _link: change(root, who, email="ada@elsewhere.example.com"),
    "another address and back": lambda _app, root, who, _link: [
        change(root, who, email=email) for email in ("ada@elsewhere.example.com", ADA)
    ],
    "deactivated": lambda _app, root, who, _link: change(root, who, active=False),
    "deactivated and activated": lambda _app, root, who, _link: [
        change(root, who, active=active) for active in (False, True)
    ],
    "made a superadmin": lambda _app, root, who, _link: change(root, who, is_superadmin=True),
    "unmade a superadmin": lambda _app, root, who, _link: [
        change(root, who, is_superadmin=yes) for yes in (True, False)
    ],
    "given a password": lambda _app, root, who, _link: root.post(f"{API}/users/{who}/password"),
    "deleted": lambda _app, root, who, _link: root.post(f"{API}/users/{who}/deletion", json={"new_owners": {}}),
    "given a role in the shell": lambda app, _root, _who, _link: app.test_cli_runner().invoke(
        args=["add-role", "-e", ADA, "-r", "superadmin"]
    ),
    "reset in the shell": lambda app, _root, _who, _link: app.test_cli_runner().invoke(args=["reset", "-e", ADA]),
    "another link used": lambda app, _root, _who, link: Visitor(app).submit(link, password=MINE),
    "own password changed": lambda app, _root, _who, _link: changes_password(app),
}


def changes_password(app):
    ada = Visitor(app)
    ada.sign_in(ADA)
    assert ada.submit("/account/password", password=PASSWORD, new_password=MINE).location == "/account/security"


@pytest.mark.parametrize("event", EVENTS)
def test_what_was_handed_out_before_trust_changed_opens_nothing(app, root, event):
    """A5: links to choose a password and every session end with another address, password, role or state."""
    who = make_person(app, ADA).id
    ada = Visitor(app)
    ada.sign_in(ADA)
    first, second = [
        link_in(mails_of(app, ADA)[-1], "/reset/") for _ in range(2) if Visitor(app).submit("/reset", email=ADA)
    ]
    assert ada.is_signed_in
    assert Visitor(app).get(first).status_code == 200
    EVENTS[event](app, root, who, second)
    assert not ada.is_signed_in
    assert Visitor(app).get(first).location == "/reset"
    assert Visitor(app).submit(first, password=THEIRS).location == "/reset"
    assert Visitor(app).sign_in(ADA, THEIRS).status_code == 200


UNCONFIRMED = {name: EVENTS[name] for name in EVENTS if name != "own password changed"}


@pytest.mark.parametrize("event", UNCONFIRMED)
def test_a_link_that_confirms_ends_when_trust_changes(app, root, event):
    """A5: and so does the link with which the address would have been confirmed."""
    signing_up = Visitor(app)
    signing_up.sign_up(ADA)
    link = link_in(mails_of(app, ADA)[-1], "/confirm/")
    Visitor(app).submit("/reset", email=ADA)
    UNCONFIRMED[event](app, root, id_of(app, ADA), link_in(mails_of(app, ADA)[-1], "/reset/"))
    assert signing_up.get(link).location == "/confirm"
    assert signing_up.submit(link).location == "/confirm"
    assert not signing_up.is_signed_in


def test_confirming_ends_the_links_of_before(app):
    """A5: with the address, everything that was sent to it so far is used up."""
    signing_up = Visitor(app)
    signing_up.sign_up(ADA)
    Visitor(app).submit("/reset", email=ADA)
    confirm, reset = link_in(mails_of(app, ADA)[0], "/confirm/"), link_in(mails_of(app, ADA)[-1], "/reset/")
    signing_up.submit(confirm)
    assert signing_up.is_signed_in
    assert Visitor(app).get(reset).location == "/reset"
    assert Visitor(app).get(confirm).location == "/login"


def test_a_link_asked_for_while_shut_out_opens_nothing_afterwards(app, root):
    """A5: the mail about a second sign-up goes out to a deactivated account too, and holds a link."""
    who = make_person(app, ADA).id
    change(root, who, active=False)
    Visitor(app).sign_up(ADA)
    link = link_in(mails_of(app, ADA)[-1], "/reset/")
    assert Visitor(app).get(link).location == "/reset"
    change(root, who, active=True)
    assert Visitor(app).get(link).location == "/reset"


def test_the_operator_stays_signed_in_with_another_address_of_ones_own(app, root, world):
    other = Browser(app).sign_in(world.root.email)
    change(root, world.root.id, email="rosa@elsewhere.example.com")
    assert [who.get("/api/v1/me").status_code for who in (root, other)] == [200, 401]
    change(root, world.root.id, name="Rosa R.")


def first_strangers_then_ours(app) -> tuple[Visitor, Visitor]:
    stranger, ours = Visitor(app, "198.51.100.9"), Visitor(app)
    stranger.sign_up(ADA, "Not Ada", THEIRS)
    ours.sign_up(ADA, "Ada", MINE)
    return stranger, ours


def opens_with(app, password: str) -> bool:
    return Visitor(app, "203.0.113.80").sign_in(ADA, password).status_code == 302


@pytest.mark.parametrize("mail", [0, 1], ids=["first mail", "second mail"])
def test_the_last_sign_up_counts_in_its_own_browser(app, mail):
    """A6: who signs up after a stranger and confirms is in at once, with what they typed and nothing of the other."""
    _, ours = first_strangers_then_ours(app)
    ours.submit(link_in(mails_of(app, ADA)[mail], "/confirm/"))
    assert ours.is_signed_in
    home = block_of(ours.get(ours.get("/app").location))
    assert (home["user"]["name"], home["workspace"]["name"], home["workspace"]["slug"]) == ("Ada", "Ada", "ada")
    assert not opens_with(app, THEIRS)
    assert opens_with(app, MINE)


CONFIRMING = {
    "in a third browser": lambda app, _ours: Visitor(app, "203.0.113.77"),
    "in ours": lambda _app, ours: ours,
}


@pytest.mark.parametrize("where", CONFIRMING)
@pytest.mark.parametrize("order", ["stranger alone", "stranger last"])
def test_another_browser_chooses_name_and_password(app, order, where):
    """A6: the stranger's password opens nothing, whether they were alone in signing up or the last to do so."""
    ours = Visitor(app)
    if order == "stranger last":
        ours.sign_up(ADA, "Ada", MINE)
    Visitor(app, "198.51.100.9").sign_up(ADA, "Not Ada", THEIRS)
    who = CONFIRMING[where](app, ours)
    link = link_in(mails_of(app, ADA)[0], "/confirm/")
    form = block_of(who.get(link))["data"]["form"]
    assert {name: field["value"] for name, field in form["fields"].items()} == {"name": "", "password": ""}
    refused = block_of(who.submit(link))["data"]["form"]["fields"]
    assert refused["name"]["errors"]
    assert refused["password"]["errors"]
    assert block_of(who.submit(link, name="Ada", password="password1234"))["data"]["form"]["fields"]["password"][
        "errors"
    ]
    assert not opens_with(app, THEIRS)
    assert who.submit(link, name="Ada L.", password="violet-harbour-41-lantern").location == "/login"
    assert not who.is_signed_in
    assert not opens_with(app, THEIRS)
    assert who.sign_in(ADA, "violet-harbour-41-lantern").location == "/app"
    home = block_of(who.get(who.get("/app").location))
    assert (home["user"]["name"], home["workspace"]["name"], home["workspace"]["slug"]) == ("Ada L.", "Ada L.", "ada-l")


def test_a_reset_takes_an_unconfirmed_account_over_in_the_same_way(app):
    """A6: the other link in a mail to the address proves the same, and drops what a stranger typed as well."""
    Visitor(app, "198.51.100.9").sign_up(ADA, "Not Ada", THEIRS)
    ours = Visitor(app)
    ours.submit("/reset", email=ADA)
    ours.submit(link_in(mails_of(app, ADA)[-1], "/reset/"), password=MINE)
    assert not opens_with(app, THEIRS)
    ours.sign_in(ADA, MINE)
    home = block_of(ours.get(ours.get("/app").location))
    assert (home["user"]["name"], home["workspace"]["name"]) == ("ada", "ada")


def test_an_address_mended_by_the_operator_brings_no_password_along(app, root):
    """A6: the operator vouches for the address, and not for who typed the password."""
    Visitor(app).sign_up(ADA, "Ada", THEIRS)
    change(root, id_of(app, ADA), email="ada@right.example.com")
    assert Visitor(app).sign_in("ada@right.example.com", THEIRS).status_code == 200
    who = Visitor(app)
    who.submit("/reset", email="ada@right.example.com")
    who.submit(link_in(mails_of(app, "ada@right.example.com")[-1], "/reset/"), password=MINE)
    assert who.sign_in("ada@right.example.com", MINE).location == "/app"


def test_a_second_sign_up_is_told_from_a_first_one_by_nothing(app):
    """A6: the answer, what the cookie holds, and the mail are those of a first sign-up."""
    Visitor(app).sign_up(ADA, "Ada", THEIRS)
    again, fresh = Visitor(app), Visitor(app)
    answers = [again.sign_up(ADA, "Ada"), fresh.sign_up("nora@new.example.com", "Ada")]
    assert len({(each.status_code, each.location, each.data) for each in answers}) == 1
    cookies = []
    for who in (again, fresh):
        with who.client.session_transaction(**who.base) as cookie:
            cookies.append({name: len(str(value)) for name, value in cookie.items() if name != "_flashes"})
    assert cookies[0] == cookies[1]
    subjects = [mails_of(app, email)[-1]["Subject"] for email in (ADA, "nora@new.example.com")]
    assert subjects[0] == subjects[1]


def test_who_was_shut_out_before_confirming_does_not_come_back_by_signing_up(app, root):
    """A6: the operator's no stands."""
    Visitor(app).sign_up(ADA)
    change(root, id_of(app, ADA), active=False)
    Visitor(app).sign_up(ADA, "Ada", MINE)
    with app.app_context():
        ada = db.session.scalars(select(User).where(User.email == ADA)).one()
        assert (ada.active, ada.name) == (False, "Nora New")


def grow_old(app, email: str, days: float) -> None:
    with app.app_context():
        user = db.session.scalars(select(User).where(User.email == email)).one()
        user.created_at = now() - timedelta(days=days)
        db.session.commit()


def sweep(app) -> None:
    with app.app_context():
        purge_unconfirmed_accounts.perform(None, [], {})


def test_what_nobody_confirmed_in_a_week_is_gone_with_its_workspace(app, outside):
    """A6: the account, its workspace and its address are free again; a younger one stays."""
    for email, days in ((ADA, 7.1), ("young@example.com", 6.9)):
        Visitor(app).sign_up(email, "Ada")
        grow_old(app, email, days)
    sweep(app)
    assert outside.execute(text("SELECT email FROM users WHERE confirmed_at IS NULL")).scalars().all() == [
        "young@example.com"
    ]
    assert outside.execute(text("SELECT slug FROM workspaces WHERE name = 'Ada'")).scalars().all() == ["ada-2"]


@pytest.mark.parametrize("by", ["the operator", "the shell"])
def test_who_is_given_a_password_is_vouched_for(app, root, by):
    """A6: it was of no use to an account that nobody had confirmed, and went with the next sign-up for the address."""
    Visitor(app).sign_up(ADA, "Mallory", THEIRS)
    if by == "the operator":
        given = root.post(f"{API}/users/{id_of(app, ADA)}/password").json["password"]
    else:
        given = MINE
        assert app.test_cli_runner().invoke(args=["reset", "-e", ADA, "-p", MINE]).exit_code == 0
    Visitor(app).sign_up(ADA, "Mallory", THEIRS)
    ada = Visitor(app)
    assert ada.sign_in(ADA, given).status_code == 302
    assert ada.is_signed_in
    assert Visitor(app).sign_in(ADA, THEIRS).status_code == 200
    with app.app_context():
        assert db.session.scalars(select(User.name).where(User.email == ADA)).one() == ""


def test_a_link_is_mailed_to_nobody_who_was_shut_out(app, root):
    """A5: it would open nothing."""
    Visitor(app).sign_up(ADA)
    change(root, id_of(app, ADA), active=False)
    before = len(mails_of(app, ADA))
    assert Visitor(app).submit("/confirm", email=ADA).location == "/check-your-mail"
    assert len(mails_of(app, ADA)) == before


KEPT = [
    "confirmed",
    "superadmin",
    "made by the operator",
    "in another's workspace",
    "with a member",
    "with a bill",
    "off",
]


@pytest.mark.parametrize("what", KEPT)
def test_what_somebody_has_to_do_with_is_not_swept(app, root, world, outside, what):
    """A6: never an account that was confirmed, has a role, was made by the operator, or has others or a bill."""
    signing_up = Visitor(app)
    if what == "made by the operator":
        root.post(f"{API}/users", json={"name": "Ada", "email": ADA})
    else:
        signing_up.sign_up(ADA)
    if what == "confirmed":
        signing_up.submit(link_in(mails_of(app, ADA)[-1], "/confirm/"))
    elif what == "superadmin":
        change(root, id_of(app, ADA), is_superadmin=True)
    elif what == "in another's workspace":
        root.post(f"{API}/workspaces/{world.acme.id}/members", json={"email": ADA})
    elif what == "with a member":
        root.post(f"{API}/workspaces/{place_of(app, ADA)}/members", json={"email": world.stranger.email})
    elif what == "with a bill":
        pays(app, place_of(app, ADA))
    elif what == "off":
        # Without the row, the next sign-up for the address would be let in.
        change(root, id_of(app, ADA), active=False)
    grow_old(app, ADA, 30)
    before = outside.execute(text("SELECT count(*) FROM workspaces")).scalar_one()
    outside.rollback()
    sweep(app)
    assert outside.execute(text("SELECT count(*) FROM users WHERE email = :email"), {"email": ADA}).scalar_one() == 1
    assert outside.execute(text("SELECT count(*) FROM workspaces")).scalar_one() == before


def place_of(app, email: str):
    with app.app_context(), unscoped("a test looks for a workspace"):
        return db.session.scalars(
            select(Membership.workspace_id).join(User, User.id == Membership.user_id).where(User.email == email)
        ).one()


def pays(app, workspace_id) -> None:
    from enferno.billing.models import BillingAccount

    with app.app_context():
        db.session.add(BillingAccount(provider="stripe", customer_id="cus_1", account_of_id=workspace_id))
        db.session.commit()
