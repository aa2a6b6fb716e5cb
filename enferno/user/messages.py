"""What Flask-Security says, in our words. It looks them up in our catalogue when it says them."""

from pathlib import Path
from typing import Any

__all__ = ["message_config"]


def N_(text: str) -> str:
    """Gettext's own name for: extract this now, translate it later."""
    return text


MESSAGES = {
    "GENERIC_AUTHN_FAILED": (N_("The address and the password do not belong together"), "error"),
    "CONFIRMATION_REQUIRED": (N_("Confirm your address first: open the link we sent you"), "error"),
    "DISABLED_ACCOUNT": (N_("This account is switched off. Ask those who run this site."), "error"),
    "CONFIRM_REGISTRATION": (N_("We sent a link to %(email)s. Open it to confirm the address."), "info"),
    "CONFIRMATION_REQUEST": (
        N_("If %(email)s is waiting to be confirmed, a new link is on its way."),
        "info",
    ),
    "PASSWORD_RESET_REQUEST": (
        N_("If %(email)s has an account here, a link to choose a new password is on its way."),
        "info",
    ),
    "EMAIL_CONFIRMED": (N_("Your address is confirmed"), "success"),
    "ALREADY_CONFIRMED": (N_("This address is confirmed already: sign in"), "info"),
    "INVALID_CONFIRMATION_TOKEN": (N_("This link does not work, or no longer. Ask for a new one."), "error"),
    "CONFIRMATION_EXPIRED": (N_("This link was good for %(within)s. Ask for a new one."), "error"),
    "INVALID_RESET_PASSWORD_TOKEN": (N_("This link does not work, or was used before. Ask for a new one."), "error"),
    "PASSWORD_RESET_EXPIRED": (N_("This link was good for %(within)s. Ask for a new one."), "error"),
    "PASSWORD_RESET_NO_LOGIN": (N_("Your password is changed. Sign in with the new one."), "success"),
    "PASSWORD_CHANGE": (N_("Your password is changed, and your other sessions have ended"), "success"),
    "PASSWORD_IS_THE_SAME": (N_("This is the password you have now"), "error"),
    "INVALID_PASSWORD": (N_("This is not your password"), "error"),
    "PASSWORD_NOT_PROVIDED": (N_("Type the password"), "error"),
    "PASSWORD_INVALID_LENGTH": (N_("Use at least %(length)s characters"), "error"),
    "EMAIL_NOT_PROVIDED": (N_("Type your address"), "error"),
    "INVALID_EMAIL_ADDRESS": (N_("This is not an address"), "error"),
    "EMAIL_ALREADY_ASSOCIATED": (N_("Someone has this address already"), "error"),
    "REAUTHENTICATION_REQUIRED": (N_("Type your password again before you go on"), "info"),
    "REAUTHENTICATION_SUCCESSFUL": (N_("Thank you, go on"), "success"),
    "UNAUTHENTICATED": (N_("Sign in to go on"), "info"),
    "API_ERROR": (N_("This must be text"), "error"),
}


def message_config(catalogues: Path) -> dict[str, Any]:
    """The settings that make Flask-Security say these, in the languages of `catalogues`."""
    return {f"SECURITY_MSG_{name}": said for name, said in MESSAGES.items()} | {
        "SECURITY_I18N_DOMAIN": "messages",
        "SECURITY_I18N_DIRNAME": [str(catalogues)],
    }
