"""Coming in, and the account, as people do it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PageAs, ready
from tests.support.chromium import axe
from tests.support.visitor import Visitor, link_in, mails_of
from tests.support.world import PASSWORD

ANYONE = ["/", "/login", "/register", "/reset", "/confirm", "/check-your-mail", "/api/v1/docs"]
SIGNED_IN = ["/account/profile", "/account/security", "/account/password", "/verify"]
EITHER_WAY = pytest.mark.parametrize(("width", "scheme"), [("desktop", "light"), ("phone", "dark")])
HOSTILE = "${constructor.constructor('window.hit=1')()} {{7*7}} <img src=x onerror=window.hit=1>"
NORA = "nora@new.example.com"


def fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), page.url


@EITHER_WAY
def test_the_pages_for_anyone_are_quiet_and_reachable(page_as: PageAs, width: str, scheme: str):
    page = page_as(None, width=width, scheme=scheme)
    for path in ANYONE:
        ready_at(page, path)
        expect(page.locator("h1")).to_have_count(1)
        axe(page)
        fits(page)


@EITHER_WAY
def test_the_account_is_quiet_and_reachable(page_as: PageAs, world, width: str, scheme: str):
    page = page_as(world.acme.owner.email, width=width, scheme=scheme)
    for path in SIGNED_IN:
        ready_at(page, path)
        expect(page.locator(".kit-skeleton")).to_have_count(0)
        axe(page)
        fits(page)


def ready_at(page: Page, path: str) -> Page:
    page.goto(path)
    return ready(page)


def test_from_the_landing_page_to_an_own_workspace(page_as: PageAs, app):
    page = page_as(None, width="phone")
    ready_at(page, "/")
    page.get_by_role("link", name="Create an account").click()
    page.get_by_label("Name").fill("Nora New")
    page.get_by_label("Email address").fill(NORA)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create account").click()
    expect(page.locator("h1")).to_have_text("Check your mail")
    expect(page.get_by_text(f"We sent a link to {NORA}")).to_be_visible()
    ready_at(page, link_in(mails_of(app, NORA)[0], "/confirm/"))
    axe(page)
    page.get_by_role("button", name="Yes, confirm it").click()
    page.wait_for_url("**/w/nora-new/")
    ready(page)


def test_another_browser_says_who_it_is_and_chooses_the_password(page_as: PageAs, app):
    """A6: what somebody else typed at the sign-up is not asked for, shown or kept."""
    Visitor(app).sign_up(NORA, HOSTILE, "amber-gallery-77-pocket")
    page = page_as(None, width="phone")
    ready_at(page, link_in(mails_of(app, NORA)[0], "/confirm/"))
    expect(page.get_by_label("Name")).to_have_value("")
    expect(page.get_by_label("Name")).to_be_focused()
    axe(page)
    fits(page)
    page.get_by_label("Name").fill("Nora New")
    page.get_by_label("Password", exact=True).fill("password1234")
    page.get_by_role("button", name="Yes, confirm it").click()
    expect(page.get_by_text("among the first to be tried")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Nora New")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Yes, confirm it").click()
    page.wait_for_url("**/login")
    page.get_by_label("Email address").fill(NORA)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/nora-new/")


def test_a_faulty_sign_up_keeps_what_was_typed_and_says_what_is_wrong_at_the_field(page_as: PageAs):
    page = page_as(None)
    ready_at(page, "/register")
    page.get_by_label("Name").fill(HOSTILE)
    page.get_by_label("Email address").fill(NORA)
    page.get_by_label("Password", exact=True).fill("password1234")
    page.get_by_role("button", name="Create account").click()
    expect(page.get_by_text("among the first to be tried")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value(HOSTILE)
    expect(page.get_by_label("Email address")).to_have_value(NORA)
    expect(page.get_by_label("Password", exact=True)).to_have_value("")
    expect(page.get_by_label("Password", exact=True)).to_be_focused()
    axe(page)
    assert page.evaluate("window.hit") is None


def test_signing_in_leads_to_the_page_that_was_wanted(page_as: PageAs, world):
    page = page_as(None)
    ready_at(page, "/w/acme/members")
    page.get_by_label("Email address").fill(world.acme.owner.email)
    page.get_by_label("Password", exact=True).fill("not the password at all")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("alert")).to_have_text("The address and the password do not belong together")
    expect(page.get_by_label("Email address")).to_have_value(world.acme.owner.email)
    page.get_by_role("button", name="Show the password").click()
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/acme/members")


def test_password_managers_find_their_fields(page_as: PageAs, world):
    page = page_as(None)
    ready_at(page, "/login")
    assert autocomplete(page) == {"email": "username", "password": "current-password"}
    ready_at(page, "/register")
    assert autocomplete(page) == {"name": "name", "email": "email", "password": "new-password"}
    page = page_as(world.acme.owner.email)
    ready_at(page, "/account/password")
    expected = {"username": "username", "password": "current-password", "new_password": "new-password"}
    assert autocomplete(page) == expected


def autocomplete(page: Page) -> dict[str, str]:
    fields = page.locator("form input[autocomplete]")
    return dict(fields.evaluate_all("all => all.map((one) => [one.name, one.autocomplete])"))


def test_a_hostile_name_is_text_on_every_page(page_as: PageAs, world):
    page = page_as(world.acme.owner.email)
    ready_at(page, "/account/profile")
    page.get_by_label("Name").fill(HOSTILE)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value(HOSTILE)
    for path in [*SIGNED_IN, *ANYONE]:
        ready_at(page, path)
        assert page.evaluate("window.hit") is None, path
    ready_at(page, "/account/security")
    expect(page.get_by_text(HOSTILE)).to_have_count(1)


def test_the_theme_is_kept_from_page_to_page(page_as: PageAs, world):
    page = page_as(world.acme.owner.email)
    ready_at(page, "/account/profile")
    with page.expect_response("**/api/v1/me"):
        page.get_by_label("Dark", exact=True).check()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    ready_at(page, "/account/security")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 20, 23)"


def test_a_session_is_ended_from_another(page_as: PageAs, app, world, live):
    other = Visitor(app, "198.51.100.7", host=live)
    other.sign_in(world.acme.owner.email, timezone="Asia/Tokyo")
    page = page_as(world.acme.owner.email)
    ready_at(page, "/account/security")
    there = page.get_by_role("listitem").filter(has_text="Tokyo · 198.51.100.7")
    expect(page.get_by_role("listitem").filter(has_text="This device")).to_have_count(1)
    there.get_by_role("button", name=re.compile("^End")).click()
    page.get_by_role("button", name="End it").click()
    expect(page.get_by_text("Session ended")).to_be_visible()
    expect(there).to_have_count(0)
    assert not other.is_signed_in


def test_a_password_is_changed_and_said_to_be(page_as: PageAs, world):
    page = page_as(world.acme.owner.email)
    ready_at(page, "/account/password")
    page.get_by_label("Your password now").fill(PASSWORD)
    page.get_by_label("New password").fill("amber-gallery-77-pocket")
    page.get_by_role("button", name="Change password").click()
    page.wait_for_url("**/account/security")
    expect(page.get_by_text("Your password is changed")).to_be_visible()


def test_the_reference_shows_an_operation_with_its_fields_and_a_command(page_as: PageAs):
    page = page_as(None)
    ready_at(page, "/api/v1/docs#me_change")
    operation = page.locator("#me_change")
    expect(operation.get_by_text("Whoever is signed in")).to_be_visible()
    expect(operation.get_by_role("rowheader", name="timezone").first).to_be_visible()
    expect(operation.locator("pre")).to_contain_text("curl -X PATCH")
    page.get_by_role("searchbox").fill("sessions")
    expect(page.locator(".docs-operation")).not_to_have_count(0)
    expect(page.locator("#me_change")).to_have_count(0)
