"""Flask-Security: signing in, up and out, on our pages, with one identity, the address."""

from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_security import (
    RegisterFormV2,
    SQLAlchemyUserDatastore,
    user_registered,
)
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from enferno.database import now
from enferno.extensions import db, security
from enferno.mail import SecurityMail
from enferno.user.models import Role, User, normal_address

__all__ = ["datastore", "init_app"]


class People(SQLAlchemyUserDatastore):
    """Flask-Security's way to our people: addresses are looked up as they are stored, so the index serves."""

    def find_user(self, case_insensitive: bool = False, **by: Any) -> User | None:
        if by.get("email"):
            by["email"] = normal_address(by["email"])
        return super().find_user(case_insensitive=False, **by)


datastore = People(db, User, Role)


class SignUpForm(RegisterFormV2):
    """Name, address, password; nothing else is asked before somebody has seen the product."""

    name = StringField(_l("Name"), validators=[DataRequired(), Length(max=120)])


def identity(text: str) -> str:
    return normal_address(text)


def init_app(app: Flask) -> None:
    from enferno.user.forms import render_form

    app.config["SECURITY_USER_IDENTITY_ATTRIBUTES"] = [{"email": {"mapper": identity}}]
    app.config["SECURITY_DATETIME_FACTORY"] = now
    security.init_app(app, datastore, mail_util_cls=SecurityMail, register_form=SignUpForm, render_template=render_form)
    user_registered.connect(found_first_workspace, app)


def found_first_workspace(_app: Flask, user: User, **_more: Any) -> None:
    """Whoever signs up has a place to work in, made in the same transaction as the account."""
    from enferno.workspace.founding import found_workspace

    found_workspace(user, user.display_name)
