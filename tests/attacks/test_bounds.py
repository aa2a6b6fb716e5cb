"""Every text that comes in fits into every column that it reaches. SQLite takes any length; PostgreSQL answers 500."""

import itertools
import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import BaseModel
from sqlalchemy import String, select
from wtforms import PasswordField
from wtforms.validators import Length

from enferno.access.permissions import permission_map
from enferno.billing.account import billing
from enferno.extensions import db
from enferno.i18n import available
from enferno.mail.sending import LONGEST_SUBJECT
from enferno.names import shortened
from enferno.user.devices import device_of, known_zones, place_of
from enferno.user.models import User
from enferno.user.passwords import LONGEST
from enferno.workspace.events import Event
from enferno.workspace.models import LONGEST_NAME, Workspace
from enferno.workspace.naming import slug_of
from tests.deploy.stack import Visitor as OverTheNet
from tests.support.visitor import Visitor
from tests.support.world import PASSWORD, hashed

# Bounds that no schema states. An address has 254 characters (RFC 5321, 4.5.3.1.3), before the @ 64; the library
# that reads addresses refuses longer ones.
ADDRESS, BEFORE_THE_AT, HEX_OF_256_BITS, UUID_TEXT = 254, 64, 64, 36
NUMBERED = len("-99ffff")


def longest(found: Any) -> int:
    return max(map(len, found), default=0)


def reaching(column: str) -> list[Any]:
    """What is written into a column: "Schema.field", "Form.field", "command.option", or a number that code sees to."""
    parts = column.split(".")
    if column in REACHED:
        return REACHED[column]
    return SAME_EVERYWHERE.get(parts[1], [])


REACHED: dict[str, list[Any]] = {
    "users.email": ["UserIn.email", "UserChange.email", "SignUpForm.email", "create.email", "install.email"],
    "users.name": ["UserIn.name", "UserChange.name", "MeChange.name", "SignUpForm.name", "ClaimForm.name"],
    "users.password": [lambda: len(hashed(PASSWORD))],
    "users.fs_uniquifier": [HEX_OF_256_BITS],
    "users.theme": ["MeChange.theme"],
    "users.locale": ["MeChange.locale", lambda: longest(available())],
    "users.timezone": ["MeChange.timezone", lambda: longest(known_zones())],
    "roles.name": [len("superadmin")],
    "roles.description": [len("Runs this installation")],
    "workspaces.name": ["WorkspaceIn.name", "WorkspaceChange.name", lambda: len(shortened("x" * 120, LONGEST_NAME))],
    "workspaces.slug": ["WorkspaceChange.slug", lambda: len(slug_of("x" * 120)) + NUMBERED],
    "workspace_slugs.slug": ["WorkspaceChange.slug", lambda: len(slug_of("x" * 120)) + NUMBERED],
    "memberships.role": ["MemberIn.role", "MemberChange.role", lambda: longest(permission_map().roles)],
    "activities.kind": [lambda: longest(Event.known)],
    "activities.actor_name": ["UserIn.name", "MeChange.name", "SignUpForm.name", BEFORE_THE_AT],
    "activities.about": [300],
    "sessions.token_hash": [HEX_OF_256_BITS],
    "sessions.device": [lambda: len(device_of("Firefox/140 (" + "x" * 5000))],
    "sessions.place": [lambda: longest(place_of(zone) for zone in known_zones())],
    "sessions.address": [len("0000:0000:0000:0000:0000:ffff:192.168.100.228")],
    "outbound_mails.recipient": [ADDRESS],
    "outbound_mails.subject": [LONGEST_SUBJECT],
    "projects.name": ["ProjectIn.name", "ProjectChange.name"],
    "projects.status": ["ProjectIn.status", "ProjectChange.status"],
    "local_customers.name": ["UserIn.name", "WorkspaceIn.name"],
    "local_customers.email": [ADDRESS],
}
# Columns of the same meaning in several tables.
SAME_EVERYWHERE: dict[str, list[Any]] = {
    "plan": ["CheckoutIn.plan", "SubscriptionChange.plan", lambda: longest(plan.key for plan in billing().catalogue)],
    "interval": ["CheckoutIn.interval", "SubscriptionChange.interval"],
    "currency": ["CheckoutIn.currency"],
    "named_workspace": [UUID_TEXT],
}
# What our own code writes, from a short list; and what a provider says, which is measured where it is taken in.
NOT_TYPED = re.compile(
    r"""
    \w+\.(state|status|provider|last_error|delivery|card|kind)
    | (billing_events|billing_accounts|subscriptions|checkouts)\.\w+
    | local_\w+\.(id|customer_id|subscription_id|success_url|cancel_url)
    """,
    re.VERBOSE,
)
# Texts that come in and are kept nowhere.
KEPT_NOWHERE = {
    "sort", "search", "kind", "workspace", "owner", "status", "state",  # what a list is asked for
    "reason",  # in the history's JSON, which has no length
}  # fmt: skip
KEPT_NOWHERE_OF = {
    "PasswordIn.password": "compared", "UserIn.password": "hashed", "MemberIn.email": "looked up",
    "SignInForm.email": "looked up", "AskForResetForm.email": "looked up", "AskForConfirmationForm.email": "looked up",
    "reset.email": "looked up", "add-role.email": "looked up", "add-role.role": "looked up",
}  # fmt: skip


@pytest.fixture
def bounds(stage) -> Iterator[dict[str, int | None]]:
    """Every text that can be sent, by schema, form or command, with its bound; None for none."""
    with stage.app.test_request_context():
        yield {**schema_bounds(stage.app), **form_bounds(stage.app), **command_bounds(stage.app)}


def schema_bounds(app) -> dict[str, int | None]:
    found: dict[str, int | None] = {}
    for view in app.view_functions.values():
        contract = getattr(view, "__contract__", None)
        for model in filter(None, (contract and contract.body, contract and contract.query)):
            found |= texts_of(model)
    return found


def texts_of(model: type[BaseModel]) -> dict[str, int | None]:
    schema = model.model_json_schema()
    parts = {model.__name__: schema} | schema.get("$defs", {})
    found = {}
    for name, part in parts.items():
        for field, declared in part.get("properties", {}).items():
            kinds = [resolved(kind, schema) for kind in declared.get("anyOf", [declared])]
            texts = [kind for kind in kinds if kind.get("type") == "string" and "format" not in kind]
            if texts:
                sizes = [size_of(kind) for kind in texts]
                found[f"{name}.{field}"] = None if None in sizes else max(sizes)
    return found


def resolved(kind: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    if "allOf" in kind:
        kind = kind["allOf"][0]
    return schema["$defs"][kind["$ref"].rpartition("/")[2]] if "$ref" in kind else kind


def size_of(kind: dict[str, Any]) -> int | None:
    choices = kind.get("enum") or ([kind["const"]] if "const" in kind else None)
    if choices:
        return longest(choices)
    exactly = re.fullmatch(r"\^\[[^]]+\]\{(\d+)\}\$", kind.get("pattern", ""))
    return int(exactly[1]) if exactly else kind.get("maxLength")


def form_bounds(app) -> dict[str, int | None]:
    from enferno.user.forms import FORMS, ClaimForm, PasswordAgainForm

    found: dict[str, int | None] = {}
    for form in (*FORMS.values(), app.extensions["security"].forms["send_confirmation_form"].cls, ClaimForm):
        ada = User(email="ada@example.com", name="Ada")
        for field in form(ada) if form is ClaimForm else form(user=ada) if form is PasswordAgainForm else form():
            if field.type in {"SubmitField", "CSRFTokenField", "HiddenField", "BooleanField"} or field.name == "next":
                continue
            stated = [check.max for check in field.validators if isinstance(check, Length) and check.max > 0]
            if isinstance(field, PasswordField) or "password" in field.name:
                continue  # hashed, and the hash is of one length
            found[f"{form.__name__}.{field.name}"] = min(stated, default=ADDRESS if field.name == "email" else None)
    return found


def command_bounds(app) -> dict[str, int | None]:
    """The options of our commands that are text; an address is checked as that of a sign-up is."""
    ours = {name: command for name, command in app.cli.commands.items() if "enferno" in module_of(command)}
    return {
        f"{name}.{option.name}": ADDRESS if option.name == "email" else None
        for name, command in ours.items()
        for option in command.params
        if option.type.name == "text" and option.name in {"email", "role", "name"}
    }


def module_of(command: Any) -> str:
    return getattr(command.callback, "__module__", "") or ""


def columns() -> dict[str, int]:
    return {
        f"{table.name}.{column.name}": column.type.length
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, String) and column.type.length
    }


def test_every_column_is_long_enough_for_every_text_that_reaches_it(bounds):
    """A2: the form took 120 letters for a name, and the workspace's name 80: 500, and for unknown addresses alone."""
    sized = {column: size for column, size in columns().items() if reaching(column)}
    assert len(sized) > 25
    short = [
        f"{column} holds {size}, and {source} brings {bound}"
        for column, size in sized.items()
        for source, bound in bounds_of(reaching(column), bounds)
        if bound is None or bound > size
    ]
    assert short == []


def bounds_of(sources: list[Any], bounds: dict[str, int | None]) -> Iterator[tuple[Any, int | None]]:
    for source in sources:
        if isinstance(source, str):
            yield source, bounds[source]
        else:
            yield source, source() if callable(source) else source


def test_of_every_column_it_is_said_what_reaches_it(stage):
    """A2: a column that is new is in none of the lists above, and fails here until somebody has measured it."""
    unsaid = [column for column in columns() if not reaching(column) and not NOT_TYPED.fullmatch(column)]
    assert unsaid == [], "say in REACHED which inputs are written there"


def test_of_every_text_that_comes_in_it_is_said_where_it_goes(bounds):
    """A2: and so does a field, a form or an option."""
    named = {
        source for source in itertools.chain(*REACHED.values(), *SAME_EVERYWHERE.values()) if isinstance(source, str)
    }
    assert len(bounds) > 30
    assert sorted(named - set(bounds)) == [], "not there any more"
    unsaid = {
        field for field in set(bounds) - named - set(KEPT_NOWHERE_OF) if field.partition(".")[2] not in KEPT_NOWHERE
    }
    assert sorted(unsaid) == [], "say in REACHED to which column it goes, or in KEPT_NOWHERE_OF that it goes nowhere"
    assert sorted(set(KEPT_NOWHERE_OF) - set(bounds)) == [], "not there any more"


@pytest.mark.parametrize(
    "name", ["x" * 81, "x" * 120, "Bread " * 20, "e\u0301" * 60, "👩\u200d👩\u200d👧" * 24, "名" * 120]
)
def test_a_long_name_signs_up_and_names_a_workspace(stage, name):
    """A2: 302 for known and unknown addresses alike; the workspace's name is cut with sense."""
    emails = "ada@example.com", stage.world.acme.owner.email
    answers = [Visitor(stage.app).sign_up(email, name.strip()) for email in emails]
    assert [(answer.status_code, answer.location) for answer in answers] == [(302, "/check-your-mail")] * 2
    with stage.app.app_context():
        found = db.session.scalars(select(Workspace.name).order_by(Workspace.created_at.desc()).limit(1)).one()
    assert 0 < len(found) <= LONGEST_NAME
    assert name.strip().startswith(found) or "\u0301" in name
    assert not found.endswith((" ", "\u200d", "\u0301"))


def test_whoever_the_operator_makes_with_a_long_name_gets_a_workspace_too(stage):
    """A2: the other place where a workspace is named after a person."""
    root = stage.browser(stage.world.root.email)
    made = root.post("/api/v1/superadmin/users", json={"name": "y" * 120, "email": "long@example.com"})
    assert made.status_code == 201
    visitor = Visitor(stage.app)
    visitor.sign_in("long@example.com", made.json["password"])
    assert visitor.get("/app").location == f"/w/{'y' * 40}/"


def test_what_a_browser_says_of_itself_is_cut(stage):
    """A2: headers are texts that come in as well."""
    visitor = Visitor(stage.app)
    visitor.base["environ_base"]["HTTP_USER_AGENT"] = "Mozilla/5.0 (" + "Ωx;" * 2000 + ") Firefox/140.0"
    answer = visitor.sign_in(stage.world.acme.owner.email, timezone="Europe/" + "x" * 1900)
    assert answer.status_code == 302
    assert visitor.is_signed_in


@pytest.mark.parametrize("letters", [80, 81, 120])
def test_a_long_name_signs_up_in_the_shape_of_production(served, letters):
    """A2: nginx, uWSGI, and PostgreSQL as the application's role."""
    answer = OverTheNet(served).send_form(
        "/register", name="x" * letters, email=f"long{letters}@example.com", password=PASSWORD
    )
    assert (answer.status, answer.headers["Location"]) == (302, "/check-your-mail")


def test_a_password_is_bounded_before_it_is_hashed():
    """A2: the one text without a column of its own length."""
    assert LONGEST <= 128
