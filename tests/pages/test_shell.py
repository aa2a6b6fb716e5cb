"""The one block of JSON that a page starts from."""

import datetime as dt
import json
import re
from decimal import Decimal
from uuid import UUID

import pytest
from flask import Flask
from pydantic import BaseModel

from enferno import pages
from enferno.pages.shell import json_block


class Person(BaseModel):
    name: str
    at: dt.datetime


NOON = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)


def block_of(text: str) -> dict:
    return json.loads(re.search(r'id="page-data"[^>]*>(.*?)</script>', text, re.DOTALL)[1])


@pytest.mark.parametrize("text", ["</script><script>alert(1)</script>", "<!--", "a & b", "it's", "\u2028\u2029"])
def test_no_text_can_leave_the_block(text: str):
    written = str(json_block({"name": text}))
    assert not re.search("[<>&'\u2028\u2029]", written)
    assert json.loads(written) == {"name": text}


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (NOON, "2026-11-21T12:00:00+00:00"),
        (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Decimal("1.10"), "1.10"),
        ({"b", "a"}, ["a", "b"]),
        (Person(name="Ana", at=NOON), {"name": "Ana", "at": "2026-11-21T12:00:00Z"}),
    ],
)
def test_models_dates_and_ids_may_be_in_a_pages_data(value, written):
    assert json.loads(str(json_block({"v": value}))) == {"v": written}


def test_what_has_no_form_is_a_fault_and_not_a_guess():
    with pytest.raises(TypeError, match="object cannot be part of a page's data"):
        json_block({"v": object()})


def test_a_page_has_every_part_even_when_nobody_provides_it(app: Flask):
    block = block_of(app.test_client().get("/").text)
    assert {"user", "workspace", "workspaces", "allowed", "nav", "urls", "csrf", "flash", "theme"} <= block.keys()


def test_a_provider_that_fails_breaks_a_page_but_not_the_page_of_an_error(app: Flask):
    def provider() -> dict:
        raise RuntimeError("the database is away")

    pages.page_context(app, provider)

    @app.get("/broken")
    def broken():
        return pages.render_error(status=503, code="unavailable", title="Not available")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    assert app.test_client().get("/").status_code == 500
    answer = app.test_client().get("/broken")
    assert (answer.status_code, block_of(answer.text)["title"]) == (503, "Not available")


def test_an_error_page_that_cannot_be_made_is_a_plain_one(app: Flask, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("enferno.pages.shell.render_page", lambda *_a, **_k: 1 / 0)
    with app.test_request_context():
        answer = pages.render_error(status=500, code="internal_error", title="Something broke <on> our side")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "Something broke &lt;on&gt; our side" in text
    assert "<script" not in text


def test_the_theme_of_the_device_is_in_the_first_bytes(app: Flask):
    client = app.test_client()
    client.set_cookie("theme", "dark")
    assert 'data-theme="dark"' in client.get("/").text
    client.set_cookie("theme", '"><script>')
    assert 'data-theme="system"' in client.get("/").text
