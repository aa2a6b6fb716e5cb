"""The life of a subscription in a real browser, at the provider in a box."""

import re
from typing import Any

import pytest
from flask import Blueprint, Flask
from playwright.sync_api import Page, expect

from enferno.access.guards import requires
from enferno.access.permissions import Permission
from enferno.billing.gates import requires_feature
from enferno.billing.providers import ProviderUnavailable
from enferno.extensions import db
from enferno.settings import Settings
from enferno.user.models import User
from enferno.workspace.founding import found_workspace
from tests.browser.conftest import ready
from tests.support import databases
from tests.support.chromium import axe

HOME = "/w/acme/"
BILLING = "/w/acme/billing"
# Colours that are inherited change a frame later with each level of nesting.
SETTLE = """() => new Promise((done) => {
  let left = 20
  const next = () => (left-- ? requestAnimationFrame(next) : done())
  next()
})"""
FITS = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"


@pytest.fixture
def settings(settings: Settings, database: databases.Database, tmp_path: Any) -> Settings:
    """The application of the other browser tests, selling through the provider in a box."""
    return databases.settings_for(
        database, tmp_path, instance_path=settings.instance_path, base_url=settings.base_url, billing_provider="local"
    )


@pytest.fixture
def app(app: Flask) -> Flask:
    """With a page that a plan has to include, as a feature would write it."""
    example = Blueprint("example", __name__, url_prefix="/w/<slug>")

    @example.get("/audit")
    @requires(Permission.WORKSPACE_VIEW)
    @requires_feature("audit_log")
    def audit() -> str:
        return "<title>Audit</title><h1>Audited</h1>"

    app.register_blueprint(example)
    return app


def visit(page: Page, path: str = BILLING) -> Page:
    page.goto(path)
    ready(page)
    page.wait_for_load_state("networkidle")
    return page


def look(page: Page) -> None:
    """As a page must be, wherever it is looked at: nothing serious for axe, nothing wider than the screen."""
    for scheme in ("dark", "light"):
        page.emulate_media(color_scheme=scheme)
        page.evaluate(SETTLE)
        axe(page)
    assert page.evaluate(FITS), f"{page.url} is wider than the screen"


def offer(page: Page, plan: str) -> Any:
    return page.locator(".billing-offer").filter(has=page.get_by_role("heading", name=plan, exact=True))


def buy(page: Page, plan: str, button: str, card: str) -> None:
    offer(page, plan).get_by_role("button").click()
    page.wait_for_url(re.compile("/dev/billing/checkout/"))
    look(page)
    page.get_by_label(card).check()
    page.get_by_role("button", name=button).click()
    page.wait_for_url(re.compile("/w/acme/billing"))
    ready(page)


def later(page: Page, *steps: str) -> None:
    """Let time pass at the provider's desk, and come back."""
    page.goto("/dev/billing")
    for step in steps:
        page.get_by_role("button", name=f"A {step} later").click()
    look(page)
    visit(page)


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_whole_life_from_the_trial_to_the_end(page_as, world, width):
    page = visit(page_as(world.acme.owner.email, width=width))
    plan = page.locator(".billing-plan")
    expect(plan).to_contain_text("Free")
    look(page)

    buy(page, "Pro", "Start the trial", "Works now and fails at the renewal")
    expect(plan).to_contain_text("Pro")
    expect(plan).to_contain_text("On trial")
    look(page)

    offer(page, "Starter").get_by_role("button").click()
    question = page.get_by_role("alertdialog").or_(page.get_by_role("dialog")).first
    expect(question).to_contain_text(re.compile("Audit|audit"))
    axe(page, ".v-overlay--active")
    question.get_by_role("button", name=re.compile("Change")).click()
    expect(plan).to_contain_text("Starter")

    later(page, "week", "day")
    expect(page.get_by_role("main")).to_contain_text("The trial ends on")
    expect(visit(page, HOME).locator("body")).to_contain_text("The trial ends in 5 days.")

    later(page, "week")
    expect(visit(page, HOME).locator("body")).to_contain_text("The last payment failed. Everything goes on until")
    look(page)
    page.get_by_role("link", name="Change the card").click()
    expect(plan).to_contain_text("Payment failed")
    expect(page.get_by_role("main")).to_contain_text("The last payment failed")
    look(page)
    page.get_by_role("button", name="Change the card").first.click()
    page.get_by_label("Works, now and at every renewal").check()
    look(page)
    page.get_by_role("button", name="Use this card").click()
    visit(page)
    expect(plan).to_contain_text("Paid")
    expect(page.locator("body")).not_to_contain_text("The last payment failed")
    expect(page.get_by_role("table")).to_contain_text("Not paid")

    page.get_by_role("button", name="Cancel", exact=True).click()
    question = page.get_by_role("alertdialog").or_(page.get_by_role("dialog")).first
    question.get_by_role("button").last.click()
    expect(page.get_by_role("main")).to_contain_text("Ends on")
    page.get_by_role("button", name="Keep Starter").click()
    expect(page.get_by_role("main")).to_contain_text("Renews on")

    page.get_by_role("button", name="Card and address").click()
    page.get_by_role("button", name="End now").click()
    visit(page)
    expect(plan).to_contain_text("Free")
    expect(page.get_by_role("main")).to_contain_text("Your subscription has ended")
    look(page)


def test_a_declined_card_is_said_where_it_was_typed(page_as, world):
    page = visit(page_as(world.acme.owner.email))
    offer(page, "Starter").get_by_role("button").click()
    page.get_by_label("Is declined").check()
    page.get_by_role("button", name="Pay €9.00").click()
    expect(page.get_by_role("alert")).to_contain_text("The card was declined")
    look(page)
    page.get_by_role("link", name="Back without buying").click()
    expect(page.locator(".billing-plan")).to_contain_text("Free")


def test_who_may_not_pay_sees_the_plan_and_no_amount(page_as, world):
    page = visit(page_as(world.acme.admin.email))
    expect(page.get_by_role("main")).to_contain_text("Olga of Acme can change the plan.")
    expect(page.locator(".billing-offer")).to_have_count(0)
    expect(page.get_by_role("main")).not_to_contain_text("€")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_prices_are_shown_by_month_and_by_year(page_as, width):
    page = visit(page_as(width=width), "/pricing")
    expect(page.get_by_role("main")).to_contain_text("€9.00")
    look(page)
    page.get_by_role("button", name="Yearly").click()
    expect(page.get_by_role("main")).to_contain_text("€90.00")


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_the_operator_sees_revenue_subscriptions_and_events(page_as, world, width):
    owner = visit(page_as(world.acme.owner.email))
    buy(owner, "Starter", "Pay €9.00", "Works, now and at every renewal")
    page = visit(page_as(world.root.email, width=width), "/superadmin/billing")
    expect(page.get_by_role("main")).to_contain_text("€9.00")
    expect(page.get_by_role("row").filter(has_text="Acme")).to_be_visible()
    look(page)
    visit(page, "/superadmin/billing/events")
    expect(page.get_by_role("row").filter(has_text="checkout.completed")).to_be_visible()
    look(page)


# --- what the plan does not include --------------------------------------------------------------------------------


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_page_that_the_plan_lacks_leads_to_the_plan_and_back(page_as, world, width):
    page = visit(page_as(world.acme.owner.email, width=width), HOME)
    page.watch.expect("402: GET /w/acme/audit")
    visit(page, "/w/acme/audit")
    main = page.get_by_role("main")
    expect(main.get_by_role("heading", level=1)).to_have_text("Your plan does not include this")
    expect(main).to_contain_text("Free does not include “Audit log”.")
    expect(main).to_contain_text("€19.00")
    expect(main).to_contain_text("14 days free.")
    look(page)
    page.get_by_role("button", name="Go back").click()
    page.wait_for_url(re.compile("/w/acme/$"))

    visit(page, "/w/acme/audit").get_by_role("link", name="Go on with Pro").click()
    page.wait_for_url(re.compile(r"/w/acme/billing\?plan=pro"))
    ready(page)
    expect(offer(page, "Pro").get_by_role("button")).to_be_focused()
    expect(offer(page, "Pro")).to_be_in_viewport()
    look(page)
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("/dev/billing/checkout/"))
    page.get_by_role("button", name="Start the trial").click()
    page.wait_for_url(re.compile("/w/acme/billing"))
    ready(page)
    expect(page.locator(".billing-plan")).to_contain_text("Pro")
    page.goto("/w/acme/audit")
    expect(page.get_by_role("heading")).to_have_text("Audited")


def test_who_may_not_pay_is_told_whom_to_ask(page_as, world):
    page = page_as(world.acme.member.email, width="phone")
    page.watch.expect("402: GET /w/acme/audit")
    visit(page, "/w/acme/audit")
    main = page.get_by_role("main")
    expect(main).to_contain_text("can change the plan")
    expect(main).to_contain_text("Pro")
    expect(main).not_to_contain_text("€")
    expect(main).not_to_contain_text("free")
    expect(main.get_by_role("link", name="Go on with")).to_have_count(0)
    look(page)


def test_who_works_alone_reads_of_a_plan_and_of_no_workspace(app, page_as, world):
    with app.app_context():
        found_workspace(db.session.get_one(User, world.stranger.id), "Sten Stranger")
        db.session.commit()
    page = page_as(world.stranger.email)
    page.watch.expect("402: GET /w/sten-stranger/audit")
    for path in ("audit", "billing", "projects"):
        main = visit(page, f"/w/sten-stranger/{path}").get_by_role("main")
        expect(main).not_to_contain_text(re.compile("workspace", re.IGNORECASE))
    expect(page.get_by_role("link", name="Your plan")).to_be_visible()


def add_project(page: Page, name: str) -> None:
    page.get_by_role("button", name="New project").first.click()
    page.get_by_label("Name").fill(name)
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_role("table")).to_contain_text(name)


def test_what_the_plan_has_no_room_for_is_switched_off_and_says_why(page_as, world):
    page = visit(page_as(world.acme.owner.email), "/w/acme/projects")
    for name in ("Apollo", "Gemini", "Mercury"):
        expect(page.get_by_role("main")).not_to_contain_text("used on Free")
        add_project(page, name)
    new = page.get_by_role("button", name="New project")
    expect(new).to_be_disabled()
    expect(page.get_by_role("main")).to_contain_text("Projects: 3 of 3 used on Free.")
    look(page)

    page.get_by_role("heading", level=1).click()
    page.keyboard.press("n")
    expect(page.locator(".kit-snackbar-warning")).to_contain_text("Projects: 3 of 3 used on Free.")
    expect(page.get_by_role("dialog")).to_have_count(0)

    page.get_by_role("button", name="What to do with Apollo").click()
    page.get_by_role("menuitem", name="Delete").click()
    expect(new).to_be_enabled()
    page.get_by_role("button", name="Undo").click()
    expect(new).to_be_disabled()
    page.get_by_role("main").get_by_role("link", name="See plans").click()
    page.wait_for_url(re.compile(r"/w/acme/billing\?plan=starter"))


def test_who_may_not_pay_is_told_who_can_where_there_is_no_room(page_as, world):
    page = visit(page_as(world.acme.member.email), "/w/acme/projects")
    for name in ("Apollo", "Gemini", "Mercury"):
        add_project(page, name)
    expect(page.get_by_role("main")).to_contain_text("Projects: 3 of 3 used on Free. An owner can change the plan.")
    expect(page.get_by_role("link", name="See plans")).to_have_count(0)


def test_room_that_somebody_else_took_is_said_in_the_form_which_keeps_what_was_typed(page_as, world):
    page, other = (visit(page_as(who.email), "/w/acme/projects") for who in (world.acme.owner, world.acme.member))
    for name in ("Apollo", "Gemini"):
        add_project(page, name)
    page.get_by_role("button", name="New project").click()
    page.get_by_label("Name").fill("The one too many")
    add_project(visit(other, "/w/acme/projects"), "Mercury")
    page.get_by_role("button", name="Create project").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Your plan's limit is reached")
    expect(dialog).to_contain_text("Projects: 3 of 3 used on Free. Included in Starter, Pro, Enterprise.")
    expect(dialog.get_by_role("link", name="See plans")).to_have_attribute("href", "/w/acme/billing?plan=starter")
    expect(page.get_by_label("Name")).to_have_value("The one too many")
    axe(page, ".v-overlay--active")
    expect(page.get_by_role("button", name="New project", include_hidden=True).first).to_be_disabled()


# --- the provider is down ------------------------------------------------------------------------------------------


def test_a_provider_that_does_not_answer_is_said_in_words_and_the_rest_is_there(app, page_as, world, monkeypatch):
    page = page_as(world.acme.owner.email)
    buy(visit(page), "Starter", "Pay €9.00", "Works, now and at every renewal")
    local = app.extensions["billing"].provider()

    def away(*_given: Any, **_named: Any) -> None:
        raise ProviderUnavailable

    for act in ("invoices_of", "cancel_at_end"):
        monkeypatch.setattr(type(local), act, away)
    page.watch.expect("503: ")
    visit(page)
    expect(page.locator(".billing-plan")).to_contain_text("Starter")
    expect(page.get_by_role("main")).to_contain_text("The invoices cannot be read right now")
    look(page)
    page.get_by_role("button", name="Cancel", exact=True).click()
    question = page.get_by_role("alertdialog")
    expect(question).to_contain_text("Projects: up to 3")
    question.get_by_role("button", name="Cancel Starter").click()
    expect(page.locator(".kit-snackbar")).to_contain_text("Billing does not answer right now; nothing was changed")
    expect(page.locator(".billing-plan")).to_contain_text("Paid")
    monkeypatch.undo()
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_role("table")).to_contain_text("€9.00")


def test_a_plan_that_was_tried_is_offered_without_a_trial(page_as, world):
    page = page_as(world.acme.owner.email)
    expect(visit(page, "/pricing").get_by_role("main")).to_contain_text("14 days free.")
    buy(visit(page), "Pro", "Start the trial", "Works, now and at every renewal")
    expect(page.get_by_role("main")).to_contain_text("Each member who joins adds €19.00 a month")
    for path in ("/pricing", BILLING):
        expect(visit(page, path).get_by_role("main")).not_to_contain_text("14 days")
