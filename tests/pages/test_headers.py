"""What every answer says about itself."""

import re
from pathlib import Path

from flask import Flask

from tests.pages.conftest import make_app

POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


def test_the_policy_is_exactly_this(app: Flask):
    answer = app.test_client().get("/")
    policy = answer.headers["Content-Security-Policy"]
    nonce = re.search(r"'nonce-([\w-]{24})'", policy)[1]
    assert policy == POLICY.format(nonce=nonce)
    assert "unsafe" not in policy


def test_every_inline_script_carries_the_nonce_of_its_answer(app: Flask):
    answer = app.test_client().get("/")
    nonce = re.search(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"])[1]
    inline = re.findall(r"<script(?![^>]* src=)[^>]*>", answer.text)
    assert inline
    assert all(f'nonce="{nonce}"' in tag for tag in inline)


def test_no_nonce_is_used_twice(app: Flask):
    client = app.test_client()
    assert len({client.get("/").headers["Content-Security-Policy"] for _ in range(5)}) == 5


def test_no_page_has_inline_styles_or_handlers(app: Flask):
    text = app.test_client().get("/").text
    assert not re.search(r"<[^>]+\sstyle=", text)
    assert not re.search(r"<[^>]+\son\w+=", text)


def test_pages_are_never_kept_by_a_cache(app: Flask):
    assert app.test_client().get("/").headers["Cache-Control"] == "no-store"


def test_production_asks_for_tls_and_development_does_not(tmp_path: Path):
    assert "Strict-Transport-Security" not in make_app(tmp_path).test_client().get("/").headers
    headers = make_app(tmp_path, production=True).test_client().get("/").headers
    assert headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_page_fetched_ahead_leaves_what_is_to_be_said(app: Flask):
    from flask import flash

    @app.get("/say")
    def say() -> str:
        flash("Saved")
        return ""

    client = app.test_client()
    client.get("/say")
    assert "Saved" not in client.get("/", headers={"Sec-Purpose": "prefetch"}).text
    assert "Saved" in client.get("/").text
    assert "Saved" not in client.get("/").text
