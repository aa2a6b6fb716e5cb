"""docs/security.md from outside: what it claims, asked of nginx, uWSGI, PostgreSQL and Valkey as they are served.

The rules themselves are tested case by case inside; here they are seen to have arrived in front.
"""

import json
import re
from collections.abc import Iterator

import pytest

from tests.deploy.stack import HOST, Answer, Stack, Visitor
from tests.deploy.test_stack import PASSWORD, hashed_style, sign_up
from tests.support.servers import until


@pytest.fixture(scope="module")
def ana(served: Stack) -> Visitor:
    until(lambda: served.ask("/register").status == 200, "the first page of a server that has just begun")
    return sign_up(served, "ana.claims@example.com")


def json_of(visitor: Visitor, path: str, method: str, body: str, **headers: str) -> Answer:
    """A request as our page sends it: with the token, unless the headers say otherwise."""
    given = {"Content_Type": "application/json", "Referer": f"https://{HOST}/app", "X_CSRFToken": token(visitor)}
    return visitor.ask(path, method, body, **(given | headers))


def token(visitor: Visitor) -> str:
    return visitor.ask("/account/profile").text.partition('"csrf":"')[2].partition('"')[0]


def home(visitor: Visitor) -> str:
    """The address of the person's own workspace, in the interface."""
    return str(json.loads(visitor.ask("/api/v1/me/workspaces").body)["items"][0]["slug"])


def everywhere(served: Stack, ana: Visitor) -> Iterator[tuple[str, Answer]]:
    for path in (
        "/",
        "/login",
        "/api/v1/me",
        "/api/v1/openapi.json",
        hashed_style(served),
        "/nothing/here",
        "/healthz",
    ):
        yield path, served.ask(path, Origin="https://evil.example")
    for path in ("/api/v1/me", "/account/profile", f"/w/{home(ana)}/"):
        yield path, ana.ask(path, Origin="https://evil.example")


def test_no_part_invites_another_site(served: Stack, ana: Visitor) -> None:
    """3.4.2: neither the application, nor nginx, nor the files."""
    for path, answer in everywhere(served, ana):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")], path
    preflight = {"Origin": "https://evil.example", "Access_Control_Request_Method": "PATCH"}
    answer = ana.ask("/api/v1/me", "OPTIONS", **preflight)
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_pages_keep_their_policy_and_private_ones_are_kept_by_nobody(served: Stack, ana: Visitor) -> None:
    """3.4.3, 3.4.6, 14.3.2: nginx neither drops nor doubles a header."""
    for path, answer in everywhere(served, ana):
        if answer.headers.get_content_type() != "text/html":
            continue
        (said,) = answer.headers.get_all("Content-Security-Policy") or [""]
        assert "'nonce-" in said, path
        assert "unsafe" not in said, path
        assert "frame-ancestors 'none'" in said, path
    for path in ("/account/profile", "/api/v1/me", f"/w/{home(ana)}/members"):
        assert ana.ask(path).headers.get_all("Cache-Control") == ["no-store"], path


def test_the_cookie_is_bound_to_the_host_and_ends_with_signing_out(served: Stack) -> None:
    """3.3.1, 7.4.1, 14.3.1."""
    visitor = sign_up(served, "olaf.claims@example.com")
    visitor.cookies.clear()
    answer = visitor.send_form("/login", email="olaf.claims@example.com", password=PASSWORD)
    (line,) = [line for line in answer.headers.get_all("Set-Cookie") or [] if line.startswith("__Host-session=")]
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(line.split("; "))
    assert "Domain" not in line
    before = dict(visitor.cookies)
    form = {"Content_Type": "application/x-www-form-urlencoded", "Referer": f"https://{HOST}/app"}
    out = visitor.ask("/logout", "POST", f"csrf_token={token(visitor)}", **form)
    assert out.headers["Clear-Site-Data"] == '"cache", "storage"'
    visitor.cookies = before
    assert visitor.ask("/api/v1/me").status == 401


def test_nothing_is_changed_without_the_token(served: Stack, ana: Visitor) -> None:
    """3.5.1: with the cookie alone, and with somebody else's token."""
    name = json.loads(ana.ask("/api/v1/me").body)["name"]
    other = token(sign_up(served, "piet.claims@example.com"))
    for given in ("", other):
        answer = json_of(ana, "/api/v1/me", "PATCH", '{"name": "Theirs"}', X_CSRFToken=given)
        assert (answer.status, json.loads(answer.body)["code"]) == (400, "csrf")
    assert json.loads(ana.ask("/api/v1/me").body)["name"] == name


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        ('{"name": "Ana"}', "text/plain", 415),
        ('{"name": "Ana", "is_superadmin": true}', "application/json", 422),
        ('{"name": "Ana", "workspace_id": "x"}', "application/json", 422),
    ],
)
def test_what_the_interface_does_not_know_is_refused(ana: Visitor, body: str, content_type: str, status: int) -> None:
    """3.5.2, 15.3.3."""
    assert json_of(ana, "/api/v1/me", "PATCH", body, Content_Type=content_type).status == status


def test_a_parameter_given_twice_is_refused(ana: Visitor) -> None:
    """15.3.7."""
    assert ana.ask(f"/api/v1/workspaces/{home(ana)}/members?search=a&search=b").status == 422


def test_anothers_workspace_is_one_that_is_not_there(served: Stack, ana: Visitor) -> None:
    """8.2.2: to the byte, as nginx hands it on."""
    mia = sign_up(served, "mia.claims@example.com")
    for path in ("/w/{}/", "/api/v1/workspaces/{}", "/api/v1/workspaces/{}/members"):
        mia.ask(path.format("no-such-workspace"))  # the first page after signing in sets a cookie, whatever it is
        theirs, nothing = (mia.ask(path.format(slug)) for slug in (home(ana), "z" * len(home(ana))))
        assert (theirs.status, nothing.status) == (404, 404)
        assert theirs.headers.keys() == nothing.headers.keys()
        assert without_ids(theirs, home(ana)) == without_ids(nothing, "z" * len(home(ana)))


def without_ids(answer: Answer, slug: str) -> str:
    """The body without what each answer has of its own: its id, its nonce, a token with its signature, the address."""
    unlike = rf"{answer.headers['X-Request-ID']}|(?<=nonce=\")[^\"]+|(?<=\"csrf\":\")[^\"]+|{slug}(?![\w-])"
    return re.sub(unlike, "…", answer.text)


@pytest.mark.parametrize("password", ["elevenchars", "passwordpassword", "Rita-Claims-2026"])
def test_a_bad_password_opens_no_account(served: Stack, password: str) -> None:
    """6.2.1, 6.2.4, 6.2.11, at the form that strangers fill in."""
    answer = Visitor(served).send_form(
        "/register", name="Rita Claims", email="rita.claims@example.com", password=password
    )
    assert answer.status == 200
    assert '"new_password":' in answer.text or '"password":' in answer.text
    assert not [mail for mail in served.mails.mails if mail.rcpt_tos == ["rita.claims@example.com"]]


@pytest.mark.parametrize("path", ["/login?next=//evil.example.net", "/login?next=https://evil.example.net/"])
def test_signing_in_leads_to_ourselves(served: Stack, ana: Visitor, path: str) -> None:
    """3.7.2."""
    answer = Visitor(served).send_form(path, email="ana.claims@example.com", password=PASSWORD)
    assert answer.status == 302
    assert answer.headers["Location"].startswith("/")
    assert "evil" not in answer.headers["Location"]


def test_what_belongs_on_a_developers_machine_is_not_there(served: Stack, ana: Visitor) -> None:
    """13.4.2, 13.4.3: no stand-ins, no debugger, no source, no list of files."""
    for path in ("/dev/mail", "/dev/billing", "/console", "/?__debugger__=yes&cmd=resource&f=debugger.js", "/static/"):
        answer = ana.ask(path)
        assert answer.status == (200 if path.startswith("/?") else 404), path
        assert "debugger" not in answer.text.lower(), path


def test_a_line_end_in_an_address_begins_no_line_in_any_log(served: Stack) -> None:
    """16.4.1, 16.2.1: every line of the application and of nginx stays one JSON object."""
    began = len(served.website.log), len(served.nginx.log)
    served.ask('/w/claims%0d%0a{"event":"forged"}', User_Agent='x"}{"event":"forged"')
    served.ask("/w/claims-after")
    lines = served.website.log[began[0] :].splitlines() + served.nginx.log[began[1] :].splitlines()
    found = [line for line in lines if "claims" in line]
    assert found
    for line in found:
        assert json.loads(line).get("event") != "forged", line
