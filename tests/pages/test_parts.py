"""Components that belong to one folder of pages."""

from pathlib import Path

import pytest
from flask import Flask

from tests.pages.conftest import make_app


@pytest.fixture
def features(tmp_path: Path) -> Path:
    pages = tmp_path / "features" / "shop" / "pages"
    (pages / "parts").mkdir(parents=True)
    (pages / "index.html").write_text("<main><price-tag :cents='3'></price-tag></main>")
    (pages / "index.js").write_text("mountPage({ name: 'shop' })")
    (pages / "plain.html").write_text("<main>Plain</main>")
    (pages / "parts" / "price-tag.html").write_text("<b><coin-sign></coin-sign><kit-chart></kit-chart></b>")
    (pages / "parts" / "price-tag.js").write_text("Kit.component('price-tag', { props: { cents: Number } })")
    (pages / "parts" / "coin-sign.html").write_text("<i>c</i>")
    (pages / "parts" / "coin-sign.js").write_text("Kit.component('coin-sign', {})")
    return tmp_path / "features"


@pytest.fixture
def app(tmp_path: Path, features: Path) -> Flask:
    return make_app(tmp_path, features=features)


def script(app: Flask, page: str) -> str:
    built = app.extensions["pages"].assets.sources.build(f"pages/{page}.js")
    assert built is not None
    return built.content.decode()


def test_a_page_brings_the_parts_it_names_and_those_that_they_name(app):
    code = script(app, "shop/index")
    assert "component:price-tag" in code
    assert "component:coin-sign" in code
    assert code.index("Kit.component('price-tag'") < code.index("mountPage("), "a part is known before the page is made"


def test_a_page_that_names_no_part_brings_none(app):
    assert "price-tag" not in script(app, "shop/plain")


def test_what_a_part_needs_is_loaded_with_the_page(app):
    assert "kit-chart" in app.extensions["pages"].assets.sources.components_of("shop/index")


def test_a_part_is_no_page(app):
    assert {"shop/index", "shop/plain"} <= set(app.extensions["pages"].assets.sources.page_names())
    assert not [name for name in app.extensions["pages"].assets.sources.page_names() if "parts" in name]
