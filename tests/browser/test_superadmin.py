"""The operator's pages in a real browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from enferno.workspace.founding import found_workspace
from tests.browser.conftest import ready
from tests.support.chromium import axe
from tests.support.crowd import crowd
from tests.support.world import make_user

HOSTILE = ["${constructor.constructor('alert(1)')()}", "{{7*7}}", "<img src=x onerror=alert(1)>"]


@pytest.fixture
def open_as_root(page_as, world):
    """Open one of the operator's pages as the superadmin."""

    def visit(path: str = "", page: Page | None = None, **options: str) -> Page:
        page = page or page_as(world.root.email, **options)
        page.goto(f"/superadmin/{path}")
        ready(page)
        page.wait_for_load_state("networkidle")
        return page

    return visit


def act(page: Page, name: str, action: str) -> None:
    """Choose from the menu at the end of a row."""
    row = page.get_by_role("row").filter(has_text=name)
    row.hover()
    row.get_by_role("button", name="What to do with").click()
    page.locator(".kit-menu-list .v-list-item").filter(has_text=action).click()


def dialog(page: Page, title: str):
    return page.get_by_role("dialog").or_(page.get_by_role("alertdialog")).filter(has_text=title)


def told(page: Page, text: str) -> None:
    expect(page.get_by_role("status").filter(has_text=text)).to_be_visible()


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_every_page_is_quiet_and_reachable_for_everyone(open_as_root, world, width):
    page = open_as_root(width=width)
    own = [f"users/{world.acme.owner.id}", f"workspaces/{world.acme.id}"]
    for path in ["", "users", "workspaces", "activity", *own]:
        open_as_root(path, page)
        for scheme in ("dark", "light"):
            page.emulate_media(color_scheme=scheme)
            axe(page)
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(fits), f"/superadmin/{path} is wider than the screen"


def test_the_overview_shows_the_numbers_and_leads_to_the_lists(open_as_root):
    page = open_as_root()
    users = page.get_by_role("link").filter(has_text="Users").filter(has_text="new in 30 days")
    expect(users).to_contain_text("8")
    expect(page.get_by_role("img", name="Sign-ups per day in the last 30 days")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Rosa Root")
    users.click()
    expect(page).to_have_url(re.compile("/superadmin/users$"))


def test_a_list_of_thousands_says_how_many_there_are_and_is_searched(app, open_as_root):
    crowd(app, users=2_000)
    page = open_as_root("users")
    expect(page.get_by_role("navigation", name="Pages").filter(has_text="of")).to_contain_text("1–25 of 2,008")
    page.get_by_role("searchbox").fill("person001234")
    expect(page.get_by_role("row").filter(has_text="person001234@crowd.example.com")).to_be_visible()
    expect(page).to_have_url(re.compile("search=person001234"))
    page.reload()
    expect(page.get_by_role("searchbox")).to_have_value("person001234")


def test_a_user_is_made_and_the_password_is_shown_once(open_as_root):
    page = open_as_root("users")
    page.get_by_role("button", name="New user").click()
    form = dialog(page, "New user")
    form.get_by_label("Name", exact=True).fill("Nina New")
    form.get_by_label("Email address").fill("owner@acme.example.com")
    form.get_by_role("button", name="Create user").click()
    expect(form).to_contain_text("Someone has this address already")
    form.get_by_label("Email address").fill("nina@example.com")
    page.keyboard.press("Enter")
    secret = dialog(page, "The new password")
    expect(secret.locator("code")).to_have_text(re.compile(r"^[a-z2-9]{4}(-[a-z2-9]{4}){4}$"))
    axe(page, ".v-overlay--active")
    secret.get_by_role("button", name="Done").click()
    expect(page.get_by_role("row").filter(has_text="nina@example.com")).to_be_visible()
    expect(page.locator("code")).to_have_count(0)


def test_somebody_is_deactivated_and_it_is_undone(open_as_root):
    page = open_as_root("users")
    act(page, "Mia of Acme", "Deactivate")
    dialog(page, "Deactivate Mia of Acme?").get_by_role("button", name="Deactivate").click()
    row = page.get_by_role("row").filter(has_text="Mia of Acme")
    expect(row).to_contain_text("Deactivated")
    page.get_by_role("button", name="Undo").click()
    expect(row).not_to_contain_text("Deactivated")


def test_a_change_is_saved_and_nobody_takes_the_superadmin_from_oneself(open_as_root):
    page = open_as_root("users")
    act(page, "Mia of Acme", "Edit")
    form = dialog(page, "Edit user")
    form.get_by_label("Name", exact=True).fill("Mia Changed")
    page.keyboard.press("Enter")
    expect(page.get_by_role("row").filter(has_text="Mia Changed")).to_be_visible()
    act(page, "Rosa Root", "Edit")
    expect(dialog(page, "Edit user").get_by_label("Superadmin")).to_be_disabled()


def test_a_deletion_says_first_what_it_does_and_asks_for_a_new_owner_and_the_address(open_as_root, world):
    page = open_as_root(f"users/{world.acme.owner.id}")
    page.get_by_role("button", name="More").or_(page.get_by_role("button", name="What to do with")).first.click()
    page.locator(".kit-menu-list .v-list-item").filter(has_text="Delete").click()
    form = dialog(page, "Delete Olga of Acme?")
    expect(form).to_contain_text("1 workspace needs a new owner")
    axe(page, ".v-overlay--active")
    button = form.get_by_role("button", name="Delete user")
    form.get_by_label("Type owner@acme.example.com to confirm").fill("owner@acme.example.com")
    expect(button).to_be_disabled()
    form.get_by_label("New owner of Acme").click()
    page.locator(".v-autocomplete__content .v-list-item").filter(has_text="Mia of Acme").click()
    button.click()
    expect(page).to_have_url(re.compile("/superadmin/users$"))
    expect(page.get_by_role("row").filter(has_text="Olga of Noise")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Olga of Acme")).to_have_count(0)


def test_a_workspace_is_suspended_and_restored_after_a_question(open_as_root):
    page = open_as_root("workspaces")
    act(page, "Acme", "Suspend")
    question = dialog(page, "Suspend Acme?")
    expect(question).to_contain_text("Its 3 members are shut out")
    question.get_by_label("Why, for the history").fill("The invoice of May is open")
    axe(page, ".v-overlay--active")
    question.get_by_role("button", name="Suspend workspace").click()
    expect(page.get_by_role("row").filter(has_text="Acme")).to_contain_text("Suspended")
    act(page, "Acme", "Restore")
    dialog(page, "Restore Acme?").get_by_role("button", name="Restore workspace").click()
    told(page, "Acme is open again")
    expect(page.get_by_role("row").filter(has_text="Acme")).not_to_contain_text("Suspended")
    page.goto("/superadmin/activity?workspace=acme")
    expect(page.get_by_text("shut this for everyone (The invoice of May is open)")).to_be_visible()


def test_a_workspace_is_deleted_only_once_its_address_is_typed(open_as_root, world):
    page = open_as_root(f"workspaces/{world.noise.id}")
    page.get_by_role("button", name="More").or_(page.get_by_role("button", name="What to do with Noise")).first.click()
    page.locator(".kit-menu-list .v-list-item").filter(has_text="Delete").click()
    question = dialog(page, "Delete Noise?")
    button = question.get_by_role("button", name="Delete workspace")
    expect(button).to_be_disabled()
    question.get_by_label("Type noise to confirm").fill("noise")
    button.click()
    expect(page).to_have_url(re.compile("/superadmin/workspaces$"))
    expect(page.get_by_role("row").filter(has_text="Acme")).to_be_visible()
    expect(page.get_by_role("row").filter(has_text="Noise")).to_have_count(0)


def test_a_member_is_added_and_gets_another_role(open_as_root, world):
    page = open_as_root(f"workspaces/{world.acme.id}")
    page.get_by_role("button", name="Add member").click()
    form = dialog(page, "Add member")
    form.get_by_label("Email address").fill("nobody@example.com")
    page.keyboard.press("Enter")
    expect(form).to_contain_text("Nobody has an account with this address")
    form.get_by_label("Email address").fill(world.stranger.email)
    page.keyboard.press("Enter")
    row = page.get_by_role("row").filter(has_text="Sten Stranger")
    expect(row).to_contain_text("Member")
    act(page, "Sten Stranger", "Change role")
    change = dialog(page, "Role of Sten Stranger")
    change.get_by_role("combobox").first.click()
    page.locator(".v-select__content .v-list-item").filter(has_text="Owner").click()
    change.get_by_role("button", name="Change role").click()
    expect(row).to_contain_text("Owner")


def test_activity_is_narrowed_to_one_workspace_and_to_all_again(open_as_root):
    page = open_as_root("activity?workspace=acme")
    table = page.get_by_role("table")
    expect(table).to_contain_text("added Mia of Acme as member")
    expect(table).not_to_contain_text("Noise")
    page.get_by_role("button", name="Show every workspace").click()
    expect(table).to_contain_text("Noise")
    expect(page).to_have_url(re.compile("/superadmin/activity$"))


def test_an_answer_that_fails_is_said_and_tried_again(open_as_root, page_as, world):
    page = page_as(world.root.email)
    page.watch.expect("503")
    page.route("**/api/v1/superadmin/overview", lambda route: route.fulfill(status=503, json={"title": "Not now"}))
    open_as_root("", page)
    expect(page.get_by_role("alert")).to_contain_text("Not now")
    page.unroute("**/api/v1/superadmin/overview")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("main")).to_contain_text("new in 30 days")


@pytest.fixture
def hostile(app):
    """A workspace and people whose names try to be code; gives their ids."""
    with app.app_context():
        owner, other = make_user("hostile@example.com", HOSTILE[0]), make_user("other@example.com", HOSTILE[2])
        workspace = found_workspace(owner, HOSTILE[1])
        ids = {"owner": owner.id, "other": other.id, "workspace": workspace.id}
        db.session.commit()
    with app.app_context(), in_workspace(ids["workspace"]) as workspace:
        workspace.add(db.session.get_one(User, ids["other"]))
        workspace.rename(HOSTILE[2])
    return ids


def test_hostile_names_are_text_on_every_page(open_as_root, hostile):
    page = open_as_root()
    page.on("dialog", lambda dialog: pytest.fail(f"a name ran as code: {dialog.message}"))
    shown = {
        "": HOSTILE[:1],
        "users?search=example.com": [HOSTILE[0], HOSTILE[2]],
        f"users/{hostile['owner']}": [HOSTILE[0], HOSTILE[2]],
        "workspaces": [HOSTILE[2], HOSTILE[0]],
        f"workspaces/{hostile['workspace']}": [HOSTILE[2], HOSTILE[0]],
        "activity": [HOSTILE[1], HOSTILE[2]],
    }
    for path, names in shown.items():
        open_as_root(path, page)
        for name in names:
            expect(page.get_by_role("main")).to_contain_text(name)
        assert page.locator("img[src=x]").count() == 0, path
        assert "49" not in page.title(), path


def test_hostile_names_are_text_in_the_dialogs(open_as_root, hostile):
    page = open_as_root(f"users/{hostile['owner']}")
    page.on("dialog", lambda dialog: pytest.fail(f"a name ran as code: {dialog.message}"))
    page.get_by_role("button", name="More").or_(page.get_by_role("button", name="What to do with")).first.click()
    page.locator(".kit-menu-list .v-list-item").filter(has_text="Delete").click()
    form = dialog(page, f"Delete {HOSTILE[0]}?")
    expect(form).to_contain_text(f"New owner of {HOSTILE[2]}")
    form.get_by_label(f"New owner of {HOSTILE[2]}").click()
    expect(page.locator(".v-autocomplete__content")).to_contain_text(HOSTILE[2])
    assert page.locator("img[src=x]").count() == 0
