"""Settings of the libraries that a later version must not change back without anyone noticing."""

from datetime import timedelta

from flask_security import hash_password


def test_passwords_are_hashed_with_argon2id(stage):
    """ASVS 11.4.2, at the smallest cost that OWASP recommends."""
    with stage.app.app_context():
        hashed = hash_password("violet-harbour-41-lantern")
    assert hashed.startswith("$argon2id$")
    assert "m=19456,t=2,p=1" in hashed


def test_the_library_does_what_a_product_for_the_open_net_needs(stage):
    config = stage.app.config
    assert config["SECURITY_RETURN_GENERIC_RESPONSES"] is True
    assert config["SECURITY_RESET_PASSWORD_WITHIN"] == timedelta(minutes=60)
    assert timedelta(minutes=10) >= config["SECURITY_FRESHNESS"] > timedelta(0)
    assert config["SECURITY_FRESHNESS_ALLOW_AUTH_TOKEN"] is False
    assert config["SECURITY_API_ENABLED_METHODS"] == ["session"]


def test_a_token_in_a_header_or_a_query_signs_nobody_in(stage):
    headers = {"Authentication-Token": "x", "Authorization": "Bearer x"}
    answer = stage.browser().get("/api/v1/me", headers=headers, query_string={"auth_token": "x"})
    assert answer.status_code == 401
