"""The kit's components in a real browser, over a made-up API (tests/browser/gallery)."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from tests.browser.conftest import ready, share_compiled
from tests.browser.gallery.app import make_gallery, people
from tests.support.chromium import axe, open_page, serving

Open = Callable[..., Page]


@pytest.fixture(scope="module")
def gallery(tmp_path_factory: pytest.TempPathFactory, compiled: Path) -> Flask:
    return make_gallery(share_compiled(tmp_path_factory.mktemp("gallery"), compiled))


@pytest.fixture(scope="module")
def address(gallery: Flask) -> Iterator[str]:
    with serving(gallery) as found:
        yield found


@pytest.fixture(scope="module")
def window(address: str, chromium: Chromium) -> Iterator[Page]:
    """One window for the module: scripts come from its cache, as they do for people."""
    with open_page(chromium, address) as found:
        yield found


@pytest.fixture
def page(gallery: Flask, window: Page) -> Iterator[Page]:
    """The gallery on a desktop, as it was in the beginning, in a tab of its own; quiet at the end."""
    gallery.extensions["gallery"].update(people=people(), broken=False, signed_out=False)
    window.context.clear_cookies()
    watch = window.watch  # type: ignore[attr-defined]
    watch.reset()
    tab = window.context.new_page()
    tab.watch = watch  # type: ignore[attr-defined]
    tab.goto("/")
    yield ready(tab)
    tab.close()
    assert not watch.faults()


def names(page: Page) -> list[str]:
    expect(page.locator("table.kit-table")).to_have_attribute("aria-busy", "false")
    return page.locator("tbody th .kit-person-words > a").all_inner_texts()


# --- the table ---------------------------------------------------------------------------------------------------


def test_searching_narrows_the_table_and_stands_in_the_address(page: Page):
    page.get_by_role("searchbox", name="Search people").fill("elif")
    expect(page).to_have_url(re.compile(r"\?search=elif$"))
    expect(page.locator(".kit-table tbody tr")).to_have_count(7)
    assert all(name.startswith("Elif") for name in names(page))


def test_back_undoes_the_search_and_reload_keeps_it(page: Page):
    page.get_by_role("searchbox", name="Search people").fill("elif")
    expect(page.locator(".kit-table tbody tr")).to_have_count(7)
    page.reload()
    ready(page)
    expect(page.locator(".kit-table tbody tr")).to_have_count(7)
    page.go_back()
    expect(page.locator(".kit-table tbody tr")).to_have_count(25)
    expect(page.get_by_role("searchbox")).to_have_value("")


def test_sorting_by_a_number_begins_with_the_largest_and_says_so(page: Page):
    projects = page.get_by_role("columnheader", name="Projects")
    projects.get_by_role("button").click()
    expect(projects).to_have_attribute("aria-sort", "descending")
    expect(page).to_have_url(re.compile(r"sort=-projects"))
    counts = [int(text) for text in page.locator("td.kit-cell-number").all_inner_texts()]
    assert counts == sorted(counts, reverse=True)
    projects.get_by_role("button").click()
    expect(projects).to_have_attribute("aria-sort", "ascending")


def test_paging_stands_in_the_address_and_back_returns(page: Page):
    expect(page.get_by_text("1–25 of 60")).to_be_visible()
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("26–50 of 60")).to_be_visible()
    expect(page).to_have_url(re.compile(r"page=2"))
    page.get_by_role("button", name="Last page").click()
    expect(page.get_by_text("51–60 of 60")).to_be_visible()
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    page.go_back()
    expect(page.get_by_text("26–50 of 60")).to_be_visible()


def test_a_filter_begins_at_the_first_page_and_can_be_undone(page: Page):
    page.get_by_role("button", name="Next page").click()
    expect(page.get_by_text("26–50 of 60")).to_be_visible()
    page.locator(".kit-table-tools .v-field").click()
    page.get_by_role("option", name="invited").click()
    expect(page).to_have_url(re.compile(r"\?state=invited$"))
    expect(page.get_by_text("1–20 of 20")).to_be_visible()
    page.go_back()
    expect(page.get_by_text("26–50 of 60")).to_be_visible()


def test_a_search_without_a_match_says_so_and_clears(page: Page):
    page.get_by_role("searchbox").fill("nobody at all")
    expect(page.get_by_text("Nothing matches “nobody at all”")).to_be_visible()
    page.get_by_role("button", name="Clear the search").click()
    expect(page.locator(".kit-table tbody tr")).to_have_count(25)


def test_an_empty_list_offers_the_first_step(page: Page, gallery: Flask):
    gallery.extensions["gallery"]["people"] = []
    page.reload()
    expect(page.get_by_text("No people yet")).to_be_visible()
    page.locator(".kit-empty").get_by_role("button", name="Invite a person").click()
    expect(page.get_by_role("dialog", name="Invite a person")).to_be_visible()


def test_a_failure_shows_the_request_id_and_trying_again_recovers(page: Page, gallery: Flask):
    page.watch.expect("500: GET /api/people")  # type: ignore[attr-defined]
    gallery.extensions["gallery"]["broken"] = True
    page.reload()
    problem = page.get_by_role("alert").filter(has_text="Something broke on our side")
    expect(problem).to_be_visible()
    expect(problem.locator("code")).to_have_text("019aa3c4-5f6e-7a01-8c9d-1234567890ab")
    gallery.extensions["gallery"]["broken"] = False
    problem.get_by_role("button", name="Try again").click()
    expect(page.locator(".kit-table tbody tr")).to_have_count(25)


def test_rows_are_selected_and_handled_together(page: Page):
    page.get_by_role("checkbox", name="Select Ana Alves 00").check()
    page.get_by_role("checkbox", name="Select Ana Alves 08").check()
    expect(page.get_by_text("2 selected")).to_be_visible()
    page.get_by_role("button", name="Remove 2").click()
    expect(page.get_by_text("1–25 of 58")).to_be_visible()
    expect(page.get_by_role("searchbox")).to_be_visible()


# --- forms -------------------------------------------------------------------------------------------------------


def invite(page: Page, email: str) -> None:
    page.locator("header").get_by_role("button", name="Invite a person").click()
    page.get_by_label("Email").fill(email)
    page.keyboard.press("Enter")


def test_a_refused_field_says_why_and_what_was_typed_stays(page: Page):
    invite(page, "not an address")
    dialog = page.get_by_role("dialog", name="Invite a person")
    expect(dialog.get_by_text("This is not an address")).to_be_visible()
    expect(dialog.get_by_label("Email")).to_have_value("not an address")
    expect(dialog.get_by_label("Email")).to_be_focused()


def test_a_form_that_was_taken_closes_and_says_what_happened(page: Page):
    invite(page, "zoe@example.com")
    expect(page.get_by_text("Invitation sent to zoe@example.com")).to_be_visible()
    expect(page.get_by_role("dialog", name="Invite a person")).to_be_hidden()
    expect(page.get_by_text("1–25 of 61")).to_be_visible()


def test_a_dialog_with_something_typed_asks_before_it_closes(page: Page):
    page.locator("header").get_by_role("button", name="Invite a person").click()
    page.get_by_label("Email").fill("half")
    page.keyboard.press("Escape")
    expect(page.get_by_role("alertdialog", name="Discard what you typed?")).to_be_visible()
    page.get_by_role("button", name="Keep editing").click()
    expect(page.get_by_label("Email")).to_have_value("half")
    page.get_by_role("dialog", name="Invite a person").get_by_role("button", name="Cancel").click()
    page.get_by_role("button", name="Discard").click()
    expect(page.get_by_role("dialog", name="Invite a person")).to_be_hidden()


def test_an_untouched_dialog_closes_without_asking(page: Page):
    page.locator("header").get_by_role("button", name="Invite a person").click()
    expect(page.get_by_label("Email")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Invite a person")).to_be_hidden()


def test_leaving_the_page_with_something_typed_asks(page: Page):
    asked = []
    page.get_by_label("Name", exact=True).fill("Acme & Daughters")
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    page.goto("/login")
    assert asked == ["beforeunload"]


def test_a_session_that_ended_costs_nothing_that_was_typed(page: Page, gallery: Flask):
    state = gallery.extensions["gallery"]
    state["signed_out"] = True
    invite(page, "zoe@example.com")
    again = page.get_by_role("dialog", name="You are signed out")
    with page.context.expect_page() as other:
        again.get_by_role("link", name="Sign in").click()
    other.value.close()
    state["signed_out"] = False
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    expect(page.get_by_text("Invitation sent to zoe@example.com")).to_be_visible()
    assert state["people"][0]["email"] == "zoe@example.com"


# --- harm --------------------------------------------------------------------------------------------------------


def test_what_cannot_be_undone_wants_the_name_typed(page: Page):
    page.get_by_role("button", name="Delete Acme").click()
    dialog = page.get_by_role("alertdialog", name="Delete Acme?")
    delete = dialog.get_by_role("button", name="Delete Acme")
    expect(delete).to_be_disabled()
    dialog.get_by_label("Type Acme to confirm").fill("acm")
    expect(delete).to_be_disabled()
    dialog.get_by_label("Type Acme to confirm").fill("Acme")
    delete.click()
    expect(page.locator("#answer")).to_have_text("deleted")


def test_escape_is_a_no(page: Page):
    page.get_by_role("button", name="Delete Acme").click()
    expect(page.get_by_label("Type Acme to confirm")).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#answer")).to_have_text("kept")


def test_a_removal_can_be_undone_from_the_snackbar(page: Page):
    page.get_by_role("button", name="More about Ana Alves 00").click()
    page.get_by_role("menu").or_(page.get_by_role("listbox")).get_by_text("Remove").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Ana Alves 00 was removed")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#answer")).to_have_text("undone")
    expect(page.get_by_text("Ana Alves 00 was removed")).to_be_hidden()


# --- keyboard and theme ------------------------------------------------------------------------------------------


def test_the_palette_goes_to_a_page_and_runs_an_action(page: Page):
    page.keyboard.press("Control+k")
    box = page.get_by_role("combobox", name="Go to or do")
    expect(box).to_be_focused()
    box.fill("invite")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog", name="Invite a person")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("Control+k")
    box.fill("superadmin")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/superadmin/")


def test_slash_goes_to_the_search_and_letters_stay_letters_in_fields(page: Page):
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.type("n/")
    expect(page.get_by_role("searchbox")).to_have_value("n/")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_a_shortcut_of_the_page_runs_outside_of_fields(page: Page):
    page.locator("body").press("n")
    expect(page.get_by_role("dialog", name="Invite a person")).to_be_visible()


def test_the_skip_link_is_first_and_leads_to_the_content(page: Page):
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main#content")).to_be_focused()


def test_the_theme_is_remembered_and_there_before_the_first_paint(page: Page):
    page.keyboard.press("Control+k")
    page.get_by_role("option", name="Dark theme").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.goto("/login", wait_until="commit")
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    ready(page)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(19, 20, 23)"


# --- everywhere --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("width", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_component_has_a_serious_finding(gallery: Flask, address: str, chromium: Chromium, width: str, scheme: str):
    gallery.extensions["gallery"].update(people=people(), broken=False, signed_out=False)
    with open_page(chromium, address, width=width, scheme=scheme) as page:
        for path in ("/?layout=superadmin", "/?layout=public&as=nobody", "/"):
            page.goto(path)
            ready(page)
            expect(page.locator(".kit-table tbody tr")).to_have_count(25)
            axe(page)
        page.locator("header").get_by_role("button", name="Invite a person").click()
        page.get_by_label("Email").press("Enter")
        expect(page.get_by_text("This is not an address").last).to_be_visible()
        axe(page, ".v-overlay-container")
        page.reload()
        ready(page)
        page.get_by_role("button", name="Go to or do").first.click()
        expect(page.get_by_role("combobox", name="Go to or do")).to_be_focused()
        axe(page, ".v-overlay-container")
        assert not page.watch.faults()  # type: ignore[attr-defined]


def test_nothing_is_wider_than_a_phone(gallery: Flask, address: str, chromium: Chromium):
    with open_page(chromium, address, width="phone") as page:
        page.goto("/")
        ready(page)
        expect(page.locator(".kit-table tbody tr")).to_have_count(25)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_failed_navigation_shows_the_offline_page_and_nothing_private_is_kept(address: str, chromium: Chromium):
    with open_page(chromium, address) as page:
        page.watch.expect("ERR_INTERNET_DISCONNECTED|Failed to fetch")  # type: ignore[attr-defined]
        page.goto("/")
        page.evaluate("navigator.serviceWorker.ready.then(() => true)")
        page.reload()
        page.context.set_offline(True)
        page.goto("/profile")
        expect(page.get_by_role("heading", name="You are offline")).to_be_visible()
        assert "Olga" not in page.content()
        kept = page.evaluate(
            "caches.keys().then(async names => (await Promise.all(names.map(async name => "
            "(await (await caches.open(name)).keys()).map(request => new URL(request.url).pathname)))).flat())"
        )
        assert all(path.startswith("/assets/") for path in kept)
        page.context.set_offline(False)
        page.get_by_role("link", name="Try again").click()
        expect(page.get_by_role("heading", name="Components")).to_be_visible()
