"""The life of a subscription in a real browser, at the provider in a box."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from enferno.settings import Settings
from tests.browser.conftest import ready
from tests.support import databases
from tests.support.chromium import axe

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
    expect(page.locator("body")).to_contain_text("The trial ends in 5 days.")

    later(page, "week")
    expect(plan).to_contain_text("Payment failed")
    expect(page.locator("body")).to_contain_text("The last payment failed. Everything goes on until")
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
    expect(page.get_by_role("main")).to_contain_text("An owner can change the plan.")
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
