"""What stands around every page, in the real application."""

import re
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect
from sqlalchemy import select

from enferno.extensions import db
from enferno.user.models import User
from tests.browser.conftest import PageAs, ready
from tests.support.chromium import axe
from tests.support.world import PASSWORD

OWNER = "owner@acme.example.com"


@pytest.mark.parametrize(
    ("path", "email", "status", "title", "step"),
    [
        ("/w/nowhere/", OWNER, 404, "There is nothing here", "Open the app"),
        ("/nowhere", None, 404, "There is nothing here", "Go to the start page"),
        ("/superadmin/", OWNER, 403, "Your role does not allow this", "Go back"),
    ],
)
def test_an_error_says_what_to_do_next(
    page_as: PageAs, path: str, email: str | None, status: int, title: str, step: str
):
    page = page_as(email, scheme="dark" if email else "light")
    answer = page.goto(path)
    ready(page)
    assert answer.status == status
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    main = page.get_by_role("main")
    expect(main.get_by_role("link", name=step).or_(main.get_by_role("button", name=step))).to_be_visible()
    expect(main.locator(".kit-request-id")).to_have_count(0)
    axe(page)


def test_who_is_signed_out_comes_back_after_signing_in(page_as: PageAs):
    page = page_as(None)
    page.goto("/account/profile")
    page.wait_for_url(re.compile(r"/login\?next=/account/profile$"))
    ready(page)
    page.locator("input[name=email]").fill(OWNER)
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("form button[type=submit]").click()
    page.wait_for_url("**/account/profile")


def test_a_fault_of_ours_gives_a_request_id_to_quote(app: Flask, page_as: PageAs, monkeypatch: pytest.MonkeyPatch):
    def broken(*_given: Any) -> None:
        raise RuntimeError("the disk is on fire")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    page = page_as(OWNER)
    page.watch.expect("500: GET /")  # type: ignore[attr-defined]
    monkeypatch.setattr("enferno.user.sessions.find_session", broken)
    answer = page.goto("/app")
    ready(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Something broke on our side")
    expect(page.locator(".kit-request-id code")).to_have_text(answer.headers["x-request-id"])
    assert "disk" not in page.content()
    axe(page)


def test_the_operators_area_is_unmistakable(page_as: PageAs):
    page = page_as("root@example.com")
    page.goto("/superadmin/")
    ready(page)
    edge = page.evaluate("getComputedStyle(document.querySelector('.kit-side')).borderInlineStartColor")
    assert edge == "rgb(179, 65, 15)"
    names = page.get_by_role("navigation", name="Pages").get_by_role("link").all_inner_texts()
    assert names[:4] == ["Overview", "Users", "Workspaces", "Activity"]
    expect(page.get_by_role("link", name="Overview")).to_have_attribute("aria-current", "page")


def test_the_rail_of_a_phone_is_a_drawer_that_escape_closes(page_as: PageAs):
    page = page_as(OWNER, width="phone")
    page.goto("/w/acme/")
    ready(page)
    rail = page.get_by_role("navigation", name="Pages")
    expect(rail).to_have_count(0)
    page.get_by_role("button", name="Menu").click()
    expect(rail.get_by_role("link", name="Members")).to_be_visible()
    axe(page, ".v-overlay-container")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Menu")).to_be_hidden()
    expect(page.get_by_role("button", name="Menu")).to_be_focused()


def test_signing_out_is_in_the_persons_menu(page_as: PageAs):
    page = page_as(OWNER)
    page.goto("/w/acme/")
    ready(page)
    page.locator(".kit-me").click()
    page.get_by_role("menuitem", name="Sign out").click()
    page.wait_for_url(re.compile(r"/$"))
    ready(page)
    expect(page.get_by_role("link", name="Sign in").first).to_be_visible()


def test_another_workspace_is_made_from_the_switcher(page_as: PageAs):
    page = page_as(OWNER)
    page.goto("/w/acme/")
    ready(page)
    page.locator(".kit-switcher").click()
    page.get_by_role("menuitem", name="New workspace").click()
    page.get_by_label("Name").fill("Second try")
    page.get_by_role("button", name="Create workspace").click()
    page.wait_for_url("**/w/second-try/")
    ready(page)
    expect(page.locator(".kit-switcher")).to_contain_text("Second try")


def test_an_ended_session_costs_nothing_that_was_typed(app: Flask, page_as: PageAs):
    page = page_as(OWNER)
    page.goto("/account/profile")
    ready(page)
    page.get_by_label("Name").fill("Olga the Great")
    with app.app_context():
        db.session.scalars(select(User).where(User.email == OWNER)).one().end_sessions()
        db.session.commit()
    page.get_by_role("button", name="Save").first.click()
    again = page.get_by_role("dialog", name="You are signed out")
    with page.context.expect_page() as opened:
        again.get_by_role("link", name="Sign in").click()
    other = opened.value
    ready(other)
    other.locator("input[name=email]").fill(OWNER)
    other.locator("input[name=password]").fill(PASSWORD)
    other.locator("form button[type=submit]").click()
    other.wait_for_url("**/w/acme/")
    other.close()
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(again).to_be_hidden()
    # What was typed is sent again, and then the page loads itself anew, which a reload of ours would cut short.
    expect(page.get_by_text("Saved", exact=True)).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Olga the Great")
    page.reload()
    ready(page)
    expect(page.get_by_label("Name")).to_have_value("Olga the Great")
