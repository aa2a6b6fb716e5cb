"""The workspace's pages in a real browser: what people do on them, and that nothing typed becomes code."""

import pytest
from playwright.sync_api import Page, expect

from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from enferno.workspace.founding import found_workspace
from tests.browser.conftest import ready
from tests.support.chromium import axe
from tests.support.world import make_user

PAGES = ["", "members", "activity", "settings"]
HOSTILE = ["${constructor.constructor('alert(1)')()}", "{{7*7}}", "<img src=x onerror=alert(1)>"]


def visit(page: Page, path: str) -> Page:
    page.goto(path)
    ready(page)
    page.wait_for_load_state("networkidle")
    return page


def act(page: Page, name: str, action: str) -> None:
    """Choose from the menu of a member's row."""
    page.get_by_role("button", name=f"What to do with {name}").click()
    page.get_by_role("listitem").filter(has_text=action).or_(page.get_by_role("option", name=action)).or_(
        page.get_by_role("menuitem", name=action)
    ).first.click()


@pytest.mark.parametrize("width", ["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_quiet_and_reachable_for_everyone(page_as, world, width, scheme):
    page = page_as(world.acme.owner.email, width=width, scheme=scheme)
    for path in PAGES:
        visit(page, f"/w/acme/{path}")
        axe(page)
        fits = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
        assert page.evaluate(fits), f"/w/acme/{path} is wider than the screen"


@pytest.fixture
def hostile(app):
    """A workspace and people whose names try to be code."""
    with app.app_context():
        owner = make_user("hostile@example.com", HOSTILE[0])
        workspace = found_workspace(owner, HOSTILE[2])
        other = make_user("other@example.com", HOSTILE[1])
        workspace_id, slug, other_id = workspace.id, workspace.slug, other.id
        db.session.commit()
    with app.app_context(), in_workspace(workspace_id) as workspace:
        workspace.add(db.session.get_one(User, other_id))
        workspace.rename(HOSTILE[0])
    return slug


def test_hostile_names_are_text_on_every_page(page_as, hostile):
    page = page_as("hostile@example.com")
    page.on("dialog", lambda dialog: pytest.fail(f"a name ran as code: {dialog.message}"))
    for path in PAGES:
        visit(page, f"/w/{hostile}/{path}")
        assert HOSTILE[0] in page.inner_text("body"), path
        assert page.locator("img[src=x]").count() == 0
    visit(page, f"/w/{hostile}/members")
    expect(page.get_by_role("table")).to_contain_text(HOSTILE[1])
    visit(page, f"/w/{hostile}/activity")
    expect(page.get_by_role("table")).to_contain_text(f"renamed {HOSTILE[2]} to {HOSTILE[0]}")
    visit(page, f"/w/{hostile}/")
    expect(page.get_by_role("main")).to_contain_text(HOSTILE[0])


def test_an_owner_changes_a_role_takes_it_back_and_removes_a_member(page_as, world):
    page = visit(page_as(world.acme.owner.email), "/w/acme/members")
    row = page.get_by_role("row").filter(has_text="Mia of Acme")
    act(page, "Mia of Acme", "Make admin")
    expect(page.get_by_role("status").filter(has_text="Mia of Acme is now Admin")).to_be_visible()
    expect(row).to_contain_text("Admin")
    page.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text("Member")
    act(page, "Mia of Acme", "Remove")
    dialog = page.get_by_role("alertdialog")
    expect(dialog).to_contain_text("loses access at once")
    dialog.get_by_role("button", name="Remove Mia of Acme").click()
    expect(row).to_have_count(0)
    visit(page, "/w/acme/activity")
    expect(page.get_by_role("table")).to_contain_text("Olga of Acme removed Mia of Acme")


def test_the_last_owner_who_leaves_is_told_why_not(page_as, world):
    page = visit(page_as(world.acme.owner.email), "/w/acme/members")
    act(page, "Olga of Acme", "Leave")
    page.get_by_role("alertdialog").get_by_role("button", name="Leave").click()
    expect(page.get_by_text("A workspace needs an owner: make someone else one first")).to_be_visible()


def test_a_member_is_offered_only_what_a_member_may_do(page_as, world):
    page = visit(page_as(world.acme.member.email), "/w/acme/members")
    expect(page.get_by_role("button", name="What to do with Olga of Acme")).to_have_count(0)
    act(page, "Mia of Acme", "Leave")
    page.get_by_role("alertdialog").get_by_role("button", name="Cancel").click()
    visit(page, "/w/acme/settings")
    assert page.get_by_role("button", name="Save").count() == 0
    assert page.get_by_role("button", name="Delete everything").count() == 0
    assert page.get_by_role("button", name="Leave").count() == 1


def test_an_admin_gets_no_menu_for_the_owner(page_as, world):
    page = visit(page_as(world.acme.admin.email), "/w/acme/members")
    expect(page.get_by_role("button", name="What to do with Mia of Acme")).to_have_count(1)
    expect(page.get_by_role("button", name="What to do with Olga of Acme")).to_have_count(0)


def test_a_new_address_is_announced_and_the_old_one_leads_on(page_as, world):
    page = visit(page_as(world.acme.owner.email), "/w/acme/settings")
    page.get_by_role("textbox", name="Address").fill("noise")
    expect(page.get_by_text("Every link changes")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("This address is taken")).to_be_visible()
    page.get_by_role("textbox", name="Address").fill("rockets")
    page.get_by_role("textbox", name="Name").fill("Rockets")
    page.get_by_role("textbox", name="Name").press("Enter")
    page.wait_for_url("**/w/rockets/settings")
    ready(page)
    visit(page, "/w/acme/members?sort=-name")
    assert page.url.endswith("/w/rockets/members?sort=-name")


def test_a_workspace_is_deleted_by_typing_its_address(page_as, world):
    page = visit(page_as(world.acme.owner.email), "/w/acme/settings")
    page.get_by_role("button", name="Delete everything").click()
    dialog = page.get_by_role("alertdialog")
    go = dialog.get_by_role("button", name="Delete everything")
    expect(go).to_be_disabled()
    dialog.get_by_role("textbox").fill("acm")
    expect(go).to_be_disabled()
    dialog.get_by_role("textbox").fill("acme")
    go.click()
    page.wait_for_url("**/w/olga-of-acme/")
    ready(page)


def test_who_works_alone_never_reads_the_word_workspace_and_can_become_a_team(page_as, app):
    with app.app_context():
        found_workspace(make_user("solo@example.com", "Sara Solo"), "Sara Solo")
        db.session.commit()
    page = page_as("solo@example.com")
    for path in PAGES:
        visit(page, f"/w/sara-solo/{path}")
        assert "workspace" not in page.inner_text("body").lower(), path
    page.get_by_role("button", name="Become a team").click()
    members = page.get_by_role("navigation", name="Pages").get_by_role("link", name="Members")
    members.click()
    page.wait_for_url("**/members")
    ready(page)
    expect(page.get_by_text("Only you so far")).to_be_visible()


def test_who_works_alone_makes_another_workspace_from_the_own_menu(page_as, app):
    with app.app_context():
        found_workspace(make_user("solo@example.com", "Sara Solo"), "Sara Solo")
        db.session.commit()
    page = visit(page_as("solo@example.com", width="phone"), "/w/sara-solo/")
    page.get_by_role("button", name="Menu").click()
    page.locator(".kit-me").click()
    page.get_by_role("menuitem", name="New workspace").click()
    page.get_by_label("Name").fill("Second try")
    page.get_by_role("button", name="Create workspace").click()
    page.wait_for_url("**/w/second-try/")
    ready(page)
    page.get_by_role("button", name="Menu").click()
    expect(page.locator(".kit-switcher")).to_contain_text("Second try")


def test_the_history_is_narrowed_and_the_address_remembers_it(page_as, world):
    page = visit(page_as(world.acme.owner.email), "/w/acme/activity?kind=member.joined")
    rows = page.get_by_role("table").locator("tbody").get_by_role("row")
    expect(rows).to_have_count(2)
    page.get_by_label("Search names").fill("Adam")
    expect(rows).to_have_count(1)
    page.wait_for_url("**search=Adam**")
    page.reload()
    ready(page)
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("added Adam of Acme as admin")


def test_a_home_page_that_cannot_load_says_so_and_tries_again(page_as, world):
    page = page_as(world.acme.owner.email)
    page.watch.expect("503: GET /api/v1/workspaces/acme/overview")
    page.route("**/overview", lambda route: route.fulfill(status=503, json={"title": "Not now", "status": 503}))
    visit(page, "/w/acme/")
    expect(page.get_by_role("alert")).to_contain_text("Not now")
    page.unroute("**/overview")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("heading", name="What happened last")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
