"""The newcomer's journey: from the landing page to a project of one's own, in one sitting."""

import re
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import expect

from tests.browser.conftest import ready
from tests.support.chromium import axe


def link_in_the_last_mail(app: Flask) -> str:
    outbox = app.extensions["settings"].instance_path / "outbox"
    newest = max(outbox.glob("*.eml"), key=lambda file: file.stat().st_mtime_ns)
    text = newest.read_text().replace("=\n", "").replace("=3D", "=")
    found = re.search(r"http://localhost:\d+(/confirm/\S+)", text)
    assert found, text
    return found[1]


@pytest.mark.parametrize("width", ["desktop", "phone"])
def test_a_newcomer_signs_up_and_creates_a_project(app: Flask, page_as: Any, width: str) -> None:
    page = page_as(None, width=width)
    page.goto("/")
    ready(page)
    page.get_by_role("link", name="Create an account").first.click()
    ready(page)
    page.get_by_label("Name").fill("Nina Newcomer")
    page.get_by_label("Email address").fill("nina@example.com")
    page.get_by_label("Password", exact=True).fill("seven green lanterns 12")
    page.get_by_role("button", name="Create account").click()
    page.wait_for_url("**/check-your-mail")
    page.goto(link_in_the_last_mail(app))
    ready(page)
    page.get_by_role("button", name="Yes, confirm it").click()
    page.wait_for_url("**/w/**")
    ready(page)
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert "workspace" not in page.inner_text("body").lower()
    page.goto(page.url + "projects")
    ready(page)
    page.get_by_role("button", name=re.compile("project", re.IGNORECASE)).first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Name").fill("The first one")
    dialog.get_by_role("button", name=re.compile("Add|Create|Save")).click()
    expect(page.get_by_text("The first one").first).to_be_visible()
    axe(page)
