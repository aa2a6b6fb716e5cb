"""What can go wrong, as the domain says it. `enferno/answers.py` turns it into problem details or a page."""

from typing import Any, ClassVar, TypeAlias

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

__all__ = [
    "AddressesUsedUp",
    "AlreadyMember",
    "Conflict",
    "EmailTaken",
    "Error",
    "Inactive",
    "Invalid",
    "LastOwner",
    "LastSuperadmin",
    "NotAllowed",
    "NotAlone",
    "NotFound",
    "NotJSON",
    "OwnAccount",
    "OwnerNeeded",
    "PasswordNeeded",
    "SlugTaken",
    "Suspended",
    "Unauthenticated",
    "UnsupportedMediaType",
    "Words",
]

Words: TypeAlias = LazyString | str


class Error(Exception):
    """A refusal that the caller should understand: a status, a code for programs, a sentence for people."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[Words] = _l("This cannot be done")

    @property
    def more(self) -> dict[str, Any]:
        """What programs are told besides (RFC 9457, extension members)."""
        return {}

    def __init__(self, detail: Words = "", *, errors: list[dict[str, str]] | None = None) -> None:
        self.detail = detail
        self.errors = errors or []
        super().__init__(str(self.code))


class NotFound(Error):
    status, code = 404, "not_found"
    title = _l("There is nothing here")


class Unauthenticated(Error):
    status, code = 401, "unauthenticated"
    title = _l("Sign in to go on")


class NotAllowed(Error):
    status, code = 403, "forbidden"
    title = _l("Your role does not allow this")


class PasswordNeeded(Error):
    """The caller may do it, once the password was typed again."""

    status, code = 403, "recent_password_required"
    title = _l("Type your password once more to go on")


class Suspended(Error):
    """Said to members alone, so it may name the workspace."""

    status, code = 403, "workspace_suspended"

    def __init__(self, name: str) -> None:
        super().__init__(_l("Nothing is lost. Whoever runs this service can open it again: write to them."))
        self.title = _l("%(name)s is suspended", name=name)  # type: ignore[misc]


class Conflict(Error):
    status, code = 409, "conflict"
    title = _l("This does not fit what is there already")


class Invalid(Error):
    """Input with faults; each names its field."""

    status, code = 422, "invalid"
    title = _l("Some fields need another look")

    @classmethod
    def field(cls, name: str, message: Words) -> "Invalid":
        return cls(errors=[{"field": name, "message": str(message)}])


class NotJSON(Error):
    status, code = 400, "not_json"
    title = _l("The body is not JSON")


class UnsupportedMediaType(Error):
    status, code = 415, "unsupported_media_type"
    title = _l("Send the body as application/json")


class LastOwner(Conflict):
    code = "last_owner"
    title = _l("A workspace needs an owner: make someone else one first")


class AlreadyMember(Conflict):
    code = "already_member"
    title = _l("This person belongs to the workspace already")


class OwnAccount(Conflict):
    code = "own_account"
    title = _l("Another superadmin has to do this: it is your own account")


class LastSuperadmin(Conflict):
    code = "last_superadmin"
    title = _l("Someone has to run this installation: make someone else a superadmin first")


class Inactive(Conflict):
    code = "inactive"
    title = _l("This person is deactivated: activate the account first")


class OwnerNeeded(Conflict):
    """Workspaces that would be left without an owner; each is named."""

    code = "owner_needed"
    title = _l("Choose who owns these workspaces from now on")


class NotAlone(Conflict):
    code = "not_alone"
    title = _l("Others belong here: remove them first")


class SlugTaken(Invalid):
    code = "slug_taken"

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "slug", "message": str(_l("This address is taken"))}])


class AddressesUsedUp(Conflict):
    """Each former address stays reserved, so that links lead on: their number is bounded."""

    code = "addresses_used_up"
    title = _l("This workspace had too many addresses before: go back to one of them, or keep this one")


class EmailTaken(Invalid):
    code = "email_taken"

    def __init__(self) -> None:
        super().__init__(errors=[{"field": "email", "message": str(_l("Someone has this address already"))}])
