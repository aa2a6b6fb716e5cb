"""The fields that people fill in to come in, and what is checked about each; Flask-Security does the rest."""

import unicodedata
from typing import Any, cast

from flask import request
from flask_babel import lazy_gettext as _l
from flask_security import (
    ChangePasswordForm,
    ForgotPasswordForm,
    LoginForm,
    RegisterFormV2,
    ResetPasswordForm,
    SendConfirmationForm,
    VerifyForm,
)
from flask_security.utils import get_message
from flask_wtf import FlaskForm
from wtforms import Field, Form, PasswordField, StringField
from wtforms.validators import DataRequired, Length, ValidationError

from enferno.extensions import security
from enferno.names import fault_of
from enferno.user.addresses import is_address
from enferno.user.attempts import note_failed_sign_in, note_wrong_password
from enferno.user.mails import nobody
from enferno.user.models import User
from enferno.user.unconfirmed import held, is_claim

__all__ = ["FORMS", "local_path"]


def normal(text: object) -> object:
    """A name in its one spelling. What is no text is the validators' to refuse."""
    return unicodedata.normalize("NFC", text).strip() if isinstance(text, str) else text


def nothing_unseen(_form: Form, field: Field) -> None:
    fault = fault_of(field.data) if isinstance(field.data, str) else ""
    if fault:
        raise ValidationError(fault)


def person_name() -> StringField:
    return StringField(
        _l("Name"),
        filters=[normal],
        validators=[
            DataRequired(_l("Tell us what to call you")),
            Length(max=120, message=_l("Use at most %(max)d characters")),
            nothing_unseen,
        ],
    )


class LocalNext:
    """Where to go on to: a page of this site, or nowhere in particular. A link to elsewhere is dropped silently."""

    def validate_next(self, field: Field) -> None:
        field.data = local_path(field.data)


class SignInForm(LocalNext, LoginForm):
    """Address and password. There is no "remember me": a session lasts until it is ended or idle for too long."""

    remember = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.next.data = local_path(self.next.data)

    def validate(self, **kwargs: Any) -> bool:
        """Whoever knows the password learns what keeps them out; anyone else learns nothing (ASVS 6.3.8)."""
        valid = super().validate(**kwargs)
        if not valid and self.user_authenticated:
            self.form_errors = [str(error) for error in self.email.errors]
            self.email.errors = []
        if not valid:
            note_failed_sign_in(self)
        return valid


class SignUpForm(LocalNext, RegisterFormV2):
    """Name, address, password; nothing else is asked before somebody has seen the product."""

    name = person_name()

    def validate(self, **kwargs: Any) -> bool:
        """An address that nobody has confirmed is free: this sign-up takes the place of the one before."""
        valid = super().validate(**kwargs)
        before = cast(User | None, self.existing_email_user)
        if valid or before is None or not is_claim(before):
            return valid
        before = held(before)
        if before is not None and is_claim(before):
            self.email.errors = []
        return not self.errors


class ClaimForm(FlaskForm):  # type: ignore[misc]
    """Name and password of whoever has the mailbox, where the sign-up may have been somebody else's."""

    name = person_name()
    password = PasswordField(_l("Password"), validators=[DataRequired(_l("Type the password"))])

    def __init__(self, user: User, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.user = user

    def validate_password(self, field: Field) -> None:
        faults, field.data = security.password_util.validate(
            field.data, True, email=self.user.email, name=self.name.data or ""
        )
        if faults:
            raise ValidationError(" ".join(map(str, faults)))


class AskForResetForm(ForgotPasswordForm):
    """Also for whoever lost the link that confirms the address: the link in this mail proves the same."""

    def validate(self, **kwargs: Any) -> bool:
        if not super().validate(**kwargs) and not is_address(self.email.data):
            return False
        if self.email.errors and not self.requires_confirmation:
            self.user = nobody(self.email.data or "")
        self.email.errors = []
        self.requires_confirmation = False
        return True


class AskForConfirmationForm(SendConfirmationForm):
    """The answer tells nothing of the address, and neither does the time it takes."""

    def validate(self, **kwargs: Any) -> bool:
        if not super().validate(**kwargs) and not is_address(self.email.data):
            return False
        # Of somebody who was shut out no link is taken.
        if self.email.errors or not (self.user and self.user.is_active):
            self.user = nobody(self.email.data or "")
        self.email.errors = []
        return True


class NewPasswordForm(ResetPasswordForm):
    """One field that can be shown, instead of two that cannot."""

    password_confirm = None


class PasswordChangeForm(ChangePasswordForm):
    """The password one has, and the one to have."""

    new_password_confirm = None

    def validate(self, **kwargs: Any) -> bool:
        valid = super().validate(**kwargs)
        same = get_message("PASSWORD_IS_THE_SAME")[0]
        if get_message("INVALID_PASSWORD")[0] in self.password.errors:
            note_wrong_password()
        if same in self.password.errors:
            self.password.errors = []
            self.new_password.errors = [same]
        return valid


class PasswordAgainForm(VerifyForm):
    """The password, of somebody who is signed in already."""

    def validate(self, **kwargs: Any) -> bool:
        valid = super().validate(**kwargs)
        if not valid:
            note_wrong_password()
        return valid


FORMS: dict[str, Any] = {
    "login_form": SignInForm,
    "register_form": SignUpForm,
    "forgot_password_form": AskForResetForm,
    "reset_password_form": NewPasswordForm,
    "send_confirmation_form": AskForConfirmationForm,
    "change_password_form": PasswordChangeForm,
    "verify_form": PasswordAgainForm,
}


def local_path(target: str | None) -> str:
    """The path on this site that `target` names, or nothing: no host, no scheme, no way around either (ASVS 3.7.2)."""
    target = (target or "").strip()
    if any(ord(character) < 32 for character in target) or "\\" in target:
        return ""
    target = target.removeprefix(request.host_url.rstrip("/")) if target.startswith(request.host_url) else target
    return target if target.startswith("/") and not target.startswith("//") else ""
