"""An act that wants the password once more: asked for in place, and then done."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ready
from tests.browser.test_superadmin import act, dialog
from tests.support.chromium import axe, cookie_of
from tests.support.client import Browser
from tests.support.world import PASSWORD

TITLE = "Confirm that it is you"


@pytest.fixture
def after_a_while(app: Any, world: Any, live: str, page_as: Any) -> Any:
    """The operator's list of people, in a browser whose owner typed the password long ago."""

    def visit(**options: str) -> Page:
        browser = Browser(app).sign_in(world.root.email)
        with browser.client.session_transaction() as cookie:
            cookie["fs_paa"] = 0
        page: Page = page_as(**options)
        page.context.add_cookies([cookie_of(app, browser, live)])
        page.goto("/superadmin/users")
        page.watch.expect(r"403: (PATCH|POST) /api/v1/superadmin/")  # type: ignore[attr-defined]
        return ready(page)

    return visit


@pytest.mark.parametrize(("width", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_the_password_is_asked_for_in_place_and_the_act_goes_on(after_a_while: Any, width: str, scheme: str) -> None:
    page = after_a_while(width=width, scheme=scheme)
    page.watch.expect(r"422: POST /api/v1/me/verifications")
    act(page, "Mia of Acme", "Edit")
    form = dialog(page, "Edit user")
    form.get_by_label("Name", exact=True).fill("Mia Changed")
    page.keyboard.press("Enter")
    again = dialog(page, TITLE)
    field = again.get_by_label("Password")
    expect(field).to_be_focused()
    axe(page, ".v-overlay--active:has(input[name=password])")
    field.fill("not the password at all")
    page.keyboard.press("Enter")
    expect(again).to_contain_text("This is not your password")
    field.fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(again).to_have_count(0)
    expect(form).to_have_count(0)
    expect(page.get_by_role("row").filter(has_text="Mia Changed")).to_be_visible()
    act(page, "Mia Changed", "Edit")
    form.get_by_label("Name", exact=True).fill("Mia Once More")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="Mia Once More")).to_be_visible()


def test_who_gives_up_keeps_what_was_typed_and_nothing_is_changed(after_a_while: Any) -> None:
    page = after_a_while()
    act(page, "Mia of Acme", "Edit")
    form = dialog(page, "Edit user")
    form.get_by_label("Name", exact=True).fill("Mia Changed")
    page.keyboard.press("Enter")
    dialog(page, TITLE).get_by_role("button", name="Cancel").click()
    expect(dialog(page, TITLE)).to_have_count(0)
    expect(form).to_contain_text("Type your password once more to go on")
    expect(form.get_by_label("Name", exact=True)).to_have_value("Mia Changed")
    page.reload()
    expect(page.get_by_role("row").filter(has_text="Mia of Acme")).to_be_visible()


def test_deleting_a_workspace_asks_for_it_too(app: Any, world: Any, live: str, page_as: Any) -> None:
    """A27: on the owner's own page, in the same dialog; who gives up has deleted nothing."""
    browser = Browser(app).sign_in(world.acme.owner.email)
    with browser.client.session_transaction() as cookie:
        cookie["fs_paa"] = 0
    page: Page = page_as()
    page.context.add_cookies([cookie_of(app, browser, live)])
    page.watch.expect(r"403: DELETE /api/v1/workspaces/acme")  # type: ignore[attr-defined]
    page.watch.expect(r"Problem: Type your password once more")  # type: ignore[attr-defined]
    page.goto("/w/acme/settings")
    ready(page)
    for button in ("Cancel", ""):
        page.get_by_role("button", name="Delete everything").click()
        sure = page.get_by_role("alertdialog")
        sure.get_by_role("textbox").fill("acme")
        sure.get_by_role("button", name="Delete everything").click()
        again = dialog(page, TITLE)
        if button:
            again.get_by_role("button", name=button).click()
            expect(page.get_by_text("Type your password once more to go on")).to_be_visible()
    again.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/w/olga-of-acme/")
    ready(page)
