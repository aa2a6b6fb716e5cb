"""Where uploads are taken, and where they are not.

@blueprint.post("/w/<slug>/pictures/uploads")
@requires(Permission.PICTURES_EDIT)
@takes_uploads
def upload(slug: str) -> Response: ...

A request brings at most `BODY_LIMIT` bytes. A view that is declared like this takes MAX_UPLOAD, and its address ends in
/uploads, because nginx has to know before anybody has asked the application (nginx/site.conf).
"""

from collections.abc import Callable
from typing import Any, TypeVar

from flask import Flask, current_app, request

from enferno.author import AuthorFault, place_of
from enferno.machines import also_for_machines
from enferno.settings import current_settings

__all__ = ["BODY_LIMIT", "ENDING", "init_app", "insist_on_addresses", "takes_uploads"]

View = TypeVar("View", bound=Callable[..., Any])

# In bytes. A little below the limit of nginx (nginx/limits.conf), so that the application says what is too much.
BODY_LIMIT = 1_000_000
ENDING = "/uploads"


def takes_uploads(view: View) -> View:
    """Let this view's requests be as large as MAX_UPLOAD."""
    view.__takes_uploads__ = True  # type: ignore[attr-defined]
    return view


def init_app(app: Flask) -> None:
    app.before_request(also_for_machines(allow))


def allow() -> None:
    """Before anything reads the body."""
    if is_declared(current_app, request.endpoint):
        request.max_content_length = current_settings().max_upload


def is_declared(app: Flask, endpoint: str | None) -> bool:
    return getattr(app.view_functions.get(endpoint or ""), "__takes_uploads__", False)


def insist_on_addresses(app: Flask) -> None:
    """Refuse to start with an upload that nginx would stop.

    Raises:
        AuthorFault: the address of a view that takes uploads does not say so.
    """
    faults = [
        f"{place_of(app.view_functions[rule.endpoint])}: {rule.endpoint} takes uploads: let its address end in "
        f"{ENDING}, not {rule.rule}"
        for rule in app.url_map.iter_rules()
        if is_declared(app, rule.endpoint) and not rule.rule.endswith(ENDING)
    ]
    if faults:
        raise AuthorFault(*faults)
