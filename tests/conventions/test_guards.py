"""Who may come in is declared, never assumed (case 31)."""

import re

import pytest
from flask import Flask

from enferno.access import refuse_unguarded
from enferno.access.guards import GUARDS_OF_EXTENSIONS, guard_of, open_to_all, provider_signed, requires
from enferno.access.permissions import Permission, permission_map
from enferno.author import AuthorFault
from enferno.extensions import csrf
from tests.conventions.source import ROOT, modules, texts

# Every view that anyone may call, with the reason.
OPEN = {
    "public.landing": "the first page",
    "public.pricing": "what it costs",
    "public.check_your_mail": "says the same to everyone after a form with an address",
    "health.alive": "asked by the load balancer; tells nothing",
    "health.ready": "asked by the load balancer; names parts, not why one is missing",
    "api.reference.openapi": "the description of the interface holds no data",
    "api.reference.docs": "the same, for people",
    "static": "the same files for everyone",
    "security.login": "nobody is signed in before it",
    "security.logout": "signing out twice is not a fault; asks for the CSRF token",
    "security.register": "signing up; can be switched off",
    "security.forgot_password": "who forgot a password cannot sign in",
    "security.reset_password": "the link in the mail is the proof",
    "security.send_confirmation": "an unconfirmed account cannot sign in",
    "security.confirm_email": "the link in the mail is the proof",
}
# Views whose caller proves who it is by a signature over the body.
SIGNED = {
    "webhooks.take": "the billing provider, over the very bytes it sent",
}


def test_every_view_declares_a_guard(stage):
    assert [endpoint for endpoint in stage.app.view_functions if guard_of(endpoint, stage.app) is None] == []


def test_the_views_that_are_open_to_all_are_those_with_a_reason(stage):
    # Stand-ins for what is outside, which production does not have; see tests/mail/test_dev.py and tests/billing/.
    machine = {rule.endpoint for rule in stage.app.url_map.iter_rules() if rule.rule.startswith("/dev/")}
    found = {endpoint for endpoint in stage.app.view_functions if guard_of(endpoint, stage.app) is open_to_all}
    assert found - machine == set(OPEN), "Guard it, or write into OPEN why anyone may call it"


def test_the_views_that_providers_sign_are_listed(stage):
    found = {endpoint for endpoint in stage.app.view_functions if guard_of(endpoint, stage.app) is provider_signed}
    assert found == set(SIGNED)


def test_the_table_of_guards_for_extensions_names_no_view_that_is_gone(stage):
    assert set(GUARDS_OF_EXTENSIONS) <= set(stage.app.view_functions)


def test_no_view_is_let_off_the_csrf_token():
    """ASVS 3.5.1; a provider's signature stands in its place where a view is `@provider_signed`."""
    assert (csrf._exempt_views, csrf._exempt_blueprints) == (set(), set())


def test_the_start_is_refused_with_a_view_that_declares_nothing(stage):
    other = Flask("other")
    other.extensions.update(stage.app.extensions)
    other.add_url_rule("/x", "bare", lambda: "x", methods=["GET"])
    with pytest.raises(AuthorFault, match=r"test_guards.py:\d+: bare: declare who may call it"):
        refuse_unguarded(other)


def test_the_start_is_refused_with_a_permission_that_no_role_holds(stage):
    from enum import StrEnum

    Unknown = StrEnum("Unknown", {"FLY": "bird:fly"})
    other = Flask("other")
    other.extensions.update(stage.app.extensions)
    other.add_url_rule("/x", "bird", requires(Unknown.FLY)(lambda: "x"))
    with pytest.raises(AuthorFault, match="no role holds"):
        refuse_unguarded(other)


def test_every_permission_is_held_by_a_role_and_no_role_is_empty(stage):
    permissions = permission_map(stage.app)
    assert all(permissions.holders.values())
    assert all(permissions.roles.values())
    assert {str(permission) for permission in Permission} <= set(permissions.holders)


def test_every_permission_is_asked_for_somewhere(stage):
    """By a guard, by the domain, or by a page that shows what `allowed` says."""
    asked = {
        str(guard.permission)
        for e in stage.app.view_functions
        if (guard := guard_of(e, stage.app)) and guard.permission
    }
    pages = "\n".join(path.read_text() for kind in (".html", ".js") for path in texts(kind))
    code = "\n".join(path.read_text() for path in modules() if path.name != "permissions.py")
    for permission in set(permission_map(stage.app).holders) - asked:
        constant = next((one.name for one in Permission if one == permission), permission)
        assert f"'{permission}'" in pages or re.search(rf"Permission\.{constant}\b", code), (
            f"{permission} opens nothing: ask for it with @requires(...), or take it out"
        )


def test_a_higher_role_may_all_that_a_lower_one_may(stage):
    roles = permission_map(stage.app).roles
    assert roles["member"] <= roles["admin"] <= roles["owner"]
    assert roles["owner"] == set(permission_map(stage.app).holders)


def test_what_a_page_asks_about_exists(stage):
    """`can('members:manage')` with a name that nothing holds would hide a button for ever."""
    known = set(permission_map(stage.app).holders)
    for kind in (".html", ".js"):
        for path in texts(kind):
            for permission in re.findall(r"\bcan\(\s*['\"]([\w:-]+)['\"]", path.read_text()):
                assert permission in known, f"{path.relative_to(ROOT)}: {permission}"
