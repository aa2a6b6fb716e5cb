"""Flask-Security: signing in, up and out, on our pages, with one identity, the address."""

import secrets
from typing import Any, cast

from flask import Flask, Response, current_app, request
from flask_babel import gettext as _
from flask_security import (
    Security,
    SQLAlchemyUserDatastore,
    password_changed,
    password_reset,
    user_not_registered,
    user_registered,
)

from enferno.database import new_id, now
from enferno.errors import Invalid, UnsupportedMediaType
from enferno.extensions import db
from enferno.mail.delivery import deliver
from enferno.settings import current_settings
from enferno.tasks.commit import effects_waiting
from enferno.user import confirming, limits
from enferno.user.addresses import normal_address
from enferno.user.form_pages import render_form
from enferno.user.forms import FORMS, local_path
from enferno.user.link_tokens import KeyedHash
from enferno.user.mails import AccountMails, called
from enferno.user.messages import message_config
from enferno.user.models import Role, User
from enferno.user.passwords import SHORTEST, Passwords
from enferno.user.sessions import row_of_this_browser
from enferno.user.unconfirmed import is_claim, sign_up_again

__all__ = ["datastore", "init_app"]

# Of the fields that people fill in none takes more than 254 characters; `next` is an address with its query.
LONGEST_FIELD = 2_000


class People(SQLAlchemyUserDatastore):
    """Flask-Security's way to our people: addresses are looked up as they are stored, so the index serves."""

    def find_user(self, case_insensitive: bool = False, **by: Any) -> User | None:
        if by.get("email"):
            by["email"] = normal_address(by["email"])
        user = cast(User | None, super().find_user(case_insensitive=False, **by))
        # Links name a person by this value, and whoever is shut out is let in by none.
        return None if user is not None and "fs_uniquifier" in by and not user.active else user

    def create_user(self, **given: Any) -> User:
        """Whoever signs up for an address that nobody has confirmed takes the place of who did so before."""
        before = self.find_user(email=given["email"])
        if before is not None and is_claim(before):
            return sign_up_again(before, given["name"], given["password"])
        return cast(User, super().create_user(**given))


datastore = People(db, User, Role)


def init_app(app: Flask) -> None:
    app.config["SECURITY_USER_IDENTITY_ATTRIBUTES"] = [{"email": {"mapper": normal_address}}]
    app.config["SECURITY_DATETIME_FACTORY"] = now
    app.config["SECURITY_PASSWORD_LENGTH_MIN"] = SHORTEST
    app.config.update(message_config(current_settings(app).translations_path))
    security = Security(
        datastore=datastore,
        mail_util_cls=AccountMails,
        password_util_cls=Passwords,
        render_template=render_form,  # type: ignore[arg-type]  # it hands on whatever a view may answer
        **FORMS,
    )
    security.init_app(app)
    security.hashing_context = KeyedHash()  # type: ignore[assignment]  # of a CryptContext it asks no more
    app.add_template_filter(called)
    security.want_json(lambda _request: False)
    forget_identities(app, security)
    user_registered.connect(found_first_workspace, app)
    user_not_registered.connect(found_in_vain, app)
    password_changed.connect(end_other_sessions, app)
    password_reset.connect(end_every_session, app)
    app.before_request(refuse_json)
    app.before_request(refuse_what_no_form_sends)
    app.after_request(stay_on_this_host)
    app.after_request(clear_on_sign_out)
    limits.init_app(app)
    confirming.init_app(app)


def forget_identities(app: Flask, security: Security) -> None:
    """Flask-Principal would gather the needs of whoever asks, before every request; guards ask the person instead."""
    app.before_request_funcs[None].remove(security.principal._on_before_request)


def found_first_workspace(_app: Flask, user: Any, **_more: Any) -> None:
    """Whoever signs up has a place to work in, made in the same transaction as the account."""
    from enferno.workspace.founding import found_workspace
    from enferno.workspace.reach import first_place

    # Who signs up again has one already.
    if user.id is None or first_place(user) is None:
        found_workspace(user, user.display_name)


def found_in_vain(app: Flask, form_data: dict[str, Any], **_more: Any) -> None:
    """The address was known: as much is written as for somebody new, and taken back, since time tells as well.

    As many tasks are handed on too, each about a mail that is not there.
    """
    before = effects_waiting()
    with db.session.begin_nested() as attempt:
        address = f"{secrets.token_hex(16)}@{secrets.token_hex(8)}.invalid"
        found_first_workspace(app, datastore.create_user(email=address, name=form_data["name"], password=None))
        handed_on = effects_waiting() - before
        attempt.rollback()
    for _task in range(handed_on):
        deliver.queue(new_id())


def end_other_sessions(_app: Flask, user: User, **_more: Any) -> None:
    """A new password ends every session but the one in which it was typed (ASVS 7.4.3)."""
    user.end_sessions(except_for=row_of_this_browser())


def end_every_session(_app: Flask, user: User, **_more: Any) -> None:
    """Who had to be sent a link is signed in nowhere afterwards, not even here (ASVS 6.4.3)."""
    user.end_sessions()


def refuse_json() -> None:
    """These doors are for forms; programs have the API. One way in is easier to guard than two."""
    if request.blueprint == "security" and request.is_json:
        raise UnsupportedMediaType


def refuse_what_no_form_sends() -> None:
    """Our forms send text, and as much of it as a field takes: anything else is refused before it costs something."""
    if request.blueprint != "security":
        return
    if request.files:
        raise Invalid(errors=[{"field": name, "message": _("This must be text")} for name in request.files])
    for name, value in request.form.items(multi=True):
        if len(value) > LONGEST_FIELD:
            raise Invalid.field(name, _("Use at most %(count)s characters", count=LONGEST_FIELD))


def stay_on_this_host(response: Response) -> Response:
    """Where one is led after a form was sent is a page of ours, however cunningly `next` was written (ASVS 3.7.2)."""
    if request.blueprint == "security" and 300 <= response.status_code < 400:
        response.location = local_path(response.location) or current_app.config["SECURITY_POST_LOGIN_VIEW"]
    return response


def clear_on_sign_out(response: Response) -> Response:
    """Nothing private stays in the browser (ASVS 14.3.1). Our own cookie is gone already; others' are not ours."""
    if request.endpoint == "security.logout" and response.status_code < 400:
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
