"""The page of the projects in a real browser."""

import pytest
from playwright.sync_api import expect

from enferno.extensions import db
from enferno.tenancy import in_workspace
from features.projects.models import Project
from tests.browser.conftest import chromium, compiled, database, live, page_as, ready, settings  # noqa: F401
from tests.support.chromium import axe

HOSTILE = ["${constructor.constructor('alert(1)')()}", "{{7*7}}", "<img src=x onerror=alert(1)>"]


def visit(page, path="/w/acme/projects"):
    page.goto(path)
    ready(page)
    page.wait_for_load_state("networkidle")
    return page


@pytest.fixture
def projects(app, world):
    with app.app_context(), in_workspace(world.acme.id) as workspace:
        owner = workspace.membership_of(world.acme.member.id)
        db.session.add_all([Project(name="Apollo", owner=owner), Project(name="Gemini", status="done")])


@pytest.mark.parametrize(("width", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_the_page_is_quiet_and_reachable_for_everyone(page_as, world, projects, width, scheme):  # noqa: F811
    page = visit(page_as(world.acme.owner.email, width=width, scheme=scheme))
    expect(page.get_by_role("table")).to_contain_text("Apollo")
    axe(page)
    page.get_by_role("button", name="New project").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    axe(page)


def test_a_project_is_made_changed_deleted_and_brought_back(page_as, world):  # noqa: F811
    page = visit(page_as(world.acme.owner.email))
    expect(page.get_by_text("No projects yet")).to_be_visible()
    page.keyboard.press("n")
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Create project").click()
    expect(dialog).to_contain_text("This is required")
    dialog.get_by_label("Name").fill("Voyager")
    dialog.get_by_label("Name").press("Enter")
    row = page.get_by_role("row").filter(has_text="Voyager")
    expect(row).to_contain_text("Olga of Acme")

    row.get_by_role("button", name="Voyager", exact=True).click()
    dialog.get_by_role("combobox", name="Owner").fill("Mia")
    page.get_by_role("option", name="Mia of Acme").click()
    dialog.get_by_role("button", name="Save project").click()
    expect(row).to_contain_text("Mia of Acme")

    row.get_by_role("button", name="What to do with Voyager").click()
    page.get_by_text("Delete", exact=True).click()
    expect(row).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(row).to_contain_text("Mia of Acme")


def test_the_list_is_narrowed_and_the_address_remembers_it(page_as, world, projects):  # noqa: F811
    page = visit(page_as(world.acme.member.email), "/w/acme/projects?status=done")
    rows = page.get_by_role("table").locator("tbody").get_by_role("row")
    expect(rows).to_have_count(1)
    expect(rows).to_contain_text("Gemini")
    expect(page.get_by_role("button", name="What to do with Gemini")).to_have_count(1)


def test_hostile_names_are_text(page_as, world, app):  # noqa: F811
    with app.app_context(), in_workspace(world.acme.id):
        db.session.add_all([Project(name=name) for name in HOSTILE])
    page = page_as(world.acme.owner.email)
    page.on("dialog", lambda dialog: pytest.fail(f"a name ran as code: {dialog.message}"))
    visit(page)
    for name in HOSTILE:
        row = page.get_by_role("row").filter(has=page.get_by_role("button", name=name, exact=True))
        expect(row).to_have_count(1)
        row.get_by_role("button", name=f"What to do with {name}").click()
        page.get_by_text("Delete", exact=True).click()
        expect(page.get_by_text(f"{name} was deleted")).to_be_visible()
    for path in ("/w/acme/", "/w/acme/activity"):
        visit(page, path)
        for name in HOSTILE:
            expect(page.get_by_role("main")).to_contain_text(f"deleted the project {name}")
    assert page.locator("img[src=x]").count() == 0
