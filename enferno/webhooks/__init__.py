"""Where billing providers report: verified, stored, answered."""

import structlog
from flask import Blueprint, Flask, Response, request

from enferno.access.guards import provider_signed
from enferno.billing.account import billing
from enferno.billing.inbox import receive_alone
from enferno.billing.providers import NotAuthorised, NotGenuine
from enferno.errors import Error, NotFound

__all__ = ["LARGEST_EVENT", "init_app"]

log = structlog.get_logger()

# Bytes. Events are some kilobytes; this much is read before anybody knows who sent it.
LARGEST_EVENT = 1_000_000

webhooks = Blueprint("webhooks", __name__, url_prefix="/webhooks")


class Refused(Error):
    """Without a reason: whoever sends a forged webhook learns nothing from the answer."""

    status, code = 400, "refused"


class LoginRefused(Refused):
    status, code = 401, "unauthenticated"


def init_app(app: Flask) -> None:
    app.register_blueprint(webhooks)


@webhooks.post("/<key>")
@provider_signed
def take(key: str) -> Response:
    """Take an event in. Handling it comes later: providers want an answer at once."""
    provider = billing().providers.get(key)
    if provider is None:
        raise NotFound
    request.max_content_length = LARGEST_EVENT
    try:
        notice = provider.notice(request.get_data(), dict(request.headers))
    except NotGenuine as fault:
        log.warning("webhook_refused", provider=key, reason=str(fault), seconds_off=fault.seconds_off)
        raise (LoginRefused if isinstance(fault, NotAuthorised) else Refused) from fault
    if not notice.is_readable:
        log.error("webhook_unreadable", provider=key, event_id=notice.event_id, why=notice.payload["why"])
    receive_alone(provider.key, notice)
    return Response(status=200)
