"""What is decided first: who you are, whether it is yours, whether you may, whether our page sent it; then the body."""

import pytest

GOOD = {"name": "Ada"}
BAD = {"name": [], "more": 1}


@pytest.fixture
def post(probes):
    """Post to the view that asks for the permission to manage the workspace."""

    def send(email, team, **options):
        return probes.browser(email).post(f"/api/v1/probe/{team}", **options)

    return send


@pytest.mark.parametrize(
    "body", [{"json": GOOD}, {"json": BAD}, {"data": b"{", "content_type": "application/json"}, {}]
)
def test_the_caller_is_judged_before_the_body(probes, post, body):
    acme, noise = probes.world.acme, probes.world.noise
    assert post(None, acme.slug, **body).status_code == 401
    assert post(noise.owner.email, acme.slug, **body).status_code == 404
    assert post(acme.owner.email, "no-such-workspace", **body).status_code == 404
    assert post(acme.member.email, acme.slug, **body).status_code == 403
    assert post(probes.shut.owner.email, probes.shut.slug, **body).status_code == 403


def test_the_token_is_asked_for_before_the_body_and_after_the_permission(probes):
    acme = probes.world.acme
    for person, status in ((acme.owner, 400), (acme.member, 403), (probes.world.stranger, 404)):
        browser = probes.browser(person.email)
        browser.csrf = ""
        answer = browser.post(f"/api/v1/probe/{acme.slug}", json=BAD)
        assert answer.status_code == status
    assert answer.json["code"] == "not_found"


def test_with_everything_right_the_body_is_read(probes, post):
    acme = probes.world.acme
    assert post(acme.owner.email, acme.slug, json=BAD).status_code == 422
    assert post(acme.owner.email, acme.slug, json=GOOD).status_code == 201
