"""What every answer tells the browser to allow, and what no page of ours needs to be allowed (ASVS 3.4, 14.3)."""

import re

import pytest
from flask import Flask

from enferno.links import LINK
from enferno.pages.headers import init_headers
from tests.isolation.interface import Targets

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.fixture(scope="module")
def answers(standing_stage):
    """What every GET answers to a visitor, to an owner and to the operator."""
    stage = standing_stage
    targets, found = Targets(stage), []
    for route in (route for route in targets.routes if route.method == "GET"):
        for email in (None, stage.world.acme.owner.email, stage.world.root.email):
            found.append(stage.browser(email).get(targets.path(route, email, stage.world.acme)))
    stage.reset()
    return [answer for answer in found if not answer.request.path.startswith("/static/")]


def pages(answers):
    return [answer for answer in answers if answer.mimetype == "text/html" and answer.status_code not in {302, 308}]


def test_every_answer_says_what_it_is_and_keeps_to_itself(answers):
    assert len(answers) >= 60
    for answer in answers:
        # A page that a link with a token has opened does not even tell ourselves which link it was.
        own = {"Referrer-Policy": "strict-origin"} if LINK.match(answer.request.path) else {}
        assert {name: answer.headers.get(name) for name in ALWAYS} == ALWAYS | own, answer.request.path


def test_private_answers_are_kept_by_nobody(answers):
    for answer in answers:
        assert answer.headers["Cache-Control"] == "no-store", answer.request.path


def test_every_page_has_a_strict_policy(answers):
    """ASVS 3.4.3, 3.4.6: a nonce, nothing inline without it, nothing evaluated, framed by nobody, no other host."""
    for answer in pages(answers):
        policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
        nonce = re.search(r"'nonce-([\w-]{20,})'", policy["script-src"])[1]
        assert policy["script-src"] == policy["style-src"] == f"'self' 'nonce-{nonce}'"
        assert policy["default-src"] == policy["connect-src"] == "'self'"
        assert policy["object-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


def test_no_two_answers_share_a_nonce(answers):
    nonces = [re.search(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"])[1] for answer in pages(answers)]
    assert len(nonces) == len(set(nonces)) >= 30


def test_no_page_holds_anything_that_the_policy_would_stop(answers):
    """Every script and style in the page has this answer's nonce; no handlers, no style attributes, no other host."""
    for answer in pages(answers):
        nonce = re.search(r"'nonce-([\w-]+)'", answer.headers["Content-Security-Policy"])[1]
        for tag in re.findall(r"<(?:script|style)\b[^>]*>", answer.text):
            assert f'nonce="{nonce}"' in tag or 'type="application/json"' in tag or ' src="/' in tag, tag
        outside = re.sub(r"<script\b.*?</script>", "", answer.text, flags=re.DOTALL)
        assert not re.search(r"<[^>]+\s(?:on\w+|style)=", outside), answer.request.path
        assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", outside), answer.request.path


def test_hsts_is_sent_in_production_for_a_year():
    for production in (True, False):
        app = Flask("headers")
        init_headers(app, production=production)
        app.add_url_rule("/", "index", lambda: "hello")
        sent = app.test_client().get("/").headers.get("Strict-Transport-Security", "")
        assert ("max-age=31536000" in sent) == production


@pytest.mark.parametrize(
    "name", ["</script><script>alert(1)</script>", "<!--", "<img src=x onerror=alert(1)>", "\u2028'\"&"]
)
def test_what_people_type_stays_data_in_the_block_of_json(stage, name):
    """ASVS 1.2.1 and 1.2.3."""
    acme = stage.world.acme
    assert stage.browser(acme.owner.email).patch(acme.api, json={"name": name}).status_code == 200
    page = stage.browser(acme.owner.email).get(f"/w/{acme.slug}/").text
    assert name not in page
    assert "<script>alert" not in page
    assert "onerror=alert(1)>" not in page
