"""docs/pages.md and the templates of the other pages, in a real browser: what a page teaches is a page that works."""

import re
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Blueprint, Flask
from playwright.sync_api import Page, expect

from enferno.access.guards import requires
from enferno.access.permissions import Permission
from enferno.app import create_app
from enferno.pages import render_page
from enferno.settings import ROOT, Settings
from tests.browser.conftest import ready
from tests.docs.reading import all_blocks, blocks, placed_words
from tests.support import databases

PAGES_PAGE = ROOT / "docs" / "pages.md"
PARSE = "(text) => { try { new Function(text); return '' } catch (fault) { return `${fault}` } }"
LOST = """(names) => names.filter((name) => {
  let found = window
  for (const part of name.split('.')) {
    if (found === undefined || found === null) return true
    found = part === 'Kit' ? Kit : found[part]
  }
  return found === undefined
})"""


@pytest.fixture
def app(settings: Settings, tmp_path: Path) -> Any:
    """With the page of docs/pages.md at /w/<slug>/example, as a feature would bring it."""
    features = tmp_path / "features"
    features.mkdir()
    (features / "projects").symlink_to(ROOT / "features" / "projects")
    here = features / "example" / "pages"
    here.mkdir(parents=True)
    (here / "index.html").write_text(blocks(PAGES_PAGE, "html")[0].text)
    (here / "index.js").write_text(blocks(PAGES_PAGE, "js")[0].text)
    app = create_app(replace(settings, features_path=features))
    example = Blueprint("example", __name__, url_prefix="/w/<slug>/example")

    @example.get("")
    @requires(Permission.WORKSPACE_VIEW)
    def index() -> Any:
        return render_page("example/index", title="Projects", layout="app")

    app.register_blueprint(example)
    yield app
    databases.dispose(app)
    shutil.rmtree(features)


def visit(page: Page, path: str) -> Page:
    page.goto(path)
    return ready(page)


def test_the_page_that_is_taught_mounts_and_does_what_it_says(app: Flask, page_as: Any, world: Any) -> None:
    page = visit(page_as(world.acme.member.email), "/w/acme/example")
    page.get_by_role("button", name="New project").click()
    page.get_by_label("Name").fill("Voyager")
    page.get_by_role("button", name="Create project").click()
    expect(page.get_by_text("Voyager was created")).to_be_visible()
    expect(page.get_by_role("table")).to_contain_text("Voyager")


def test_the_test_that_is_taught_passes(page_as: Any, world: Any) -> None:
    namespace: dict[str, Any] = {}
    exec(compile(blocks(PAGES_PAGE, "python")[-1].text, str(PAGES_PAGE), "exec"), namespace)
    namespace["test_a_member_sees_the_projects"](page_as, world)


def test_every_script_is_one_that_a_browser_reads(page_as: Any, world: Any) -> None:
    """Each is parsed, and whatever it and the pages' text call `Kit.…` is there."""
    page = visit(page_as(world.acme.member.email), "/w/acme/")
    empty = page.context.new_page()  # without a policy that forbids to read text as code
    scripts = [block for block in all_blocks() if block.kind == "js"]
    assert scripts
    faults = [f"{one.where}: {said}" for one in scripts if (said := empty.evaluate(PARSE, one.text))]
    named = {name: block.where for block in all_blocks() for name in kit_names(block.text)}
    for file in (ROOT / "docs").glob("*.md"):
        named |= {name: place for place, word in placed_words(file) for name in kit_names(word)}
    lost = page.evaluate(LOST, sorted(named))
    faults += [f"{named[name]}: there is no {name}" for name in lost]
    assert len(named) > 10
    assert not faults, "\n".join(faults)


def kit_names(text: str) -> set[str]:
    """`Kit.api.get/post(…)` is two names; what a page puts into `Kit.page` is its own."""
    found = set()
    for name in re.findall(r"\bKit(?:\.[A-Za-z]+)+(?:/[a-z]+)*", text):
        first, *others = name.split("/")
        found |= {first, *(f"{first.rpartition('.')[0]}.{other}" for other in others)}
    return {name for name in found if not name.startswith(("Kit.page.", "Kit.Problem."))}
