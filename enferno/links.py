"""Links that let somebody in: where they lead, and that they are written down nowhere."""

import re

from flask import Flask, Response, request

__all__ = ["OPENING", "init_app", "without_token"]

# The first part of their paths; what follows is the token. nginx/nginx.conf and nginx/site.conf name them too.
OPENING = ("confirm", "reset")
LINK = re.compile(rf"^([/.]*(?:{'|'.join(OPENING)})/).+", re.IGNORECASE | re.DOTALL)


def init_app(app: Flask) -> None:
    app.after_request(keep_to_ourselves)


def without_token(path: str) -> str:
    """The path for a log: also where no route takes it, because somebody's mail program has changed the link."""
    return LINK.sub(r"\1[hidden]", path)


def keep_to_ourselves(response: Response) -> Response:
    """The page that a link opens names its host as referrer and no more. Not nothing: over TLS a form is refused
    without a referrer of this host."""
    if LINK.match(request.path):
        response.headers["Referrer-Policy"] = "strict-origin"
    return response
