"""The security headers of every response (cases: CSP with a nonce, framing, sniffing, referrer, caching)."""

import secrets

from flask import Flask, Response, g, request

from enferno.machines import also_for_machines

HSTS = "max-age=31536000; includeSubDomains"

# Of every answer, unless the view has said otherwise.
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


def always_sent(*, production: bool) -> dict[str, str]:
    """The headers of every answer, of the application and of its static files alike; nginx adds the same."""
    return ALWAYS | ({"Strict-Transport-Security": HSTS} if production else {})


def csp_nonce() -> str:
    """This request's nonce; made when first asked for."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(18)
    nonce: str = g.csp_nonce
    return nonce


def content_security_policy(nonce: str) -> str:
    """No inline script or style without the nonce, no eval, nothing from another host."""
    return "; ".join([
        "default-src 'self'",
        f"script-src 'self' 'nonce-{nonce}'",
        f"style-src 'self' 'nonce-{nonce}'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ])  # fmt: skip


def init_headers(app: Flask, *, production: bool) -> None:
    always = always_sent(production=production)

    @app.after_request
    @also_for_machines
    def harden(response: Response) -> Response:
        headers = response.headers
        # Looked through once: werkzeug's `setdefault` does so for each header, twice.
        given = {name.lower() for name, _value in headers}
        for name, value in always.items():
            if name.lower() not in given:
                headers.add(name, value)
        if response.mimetype == "text/html":
            headers.setdefault("Content-Security-Policy", content_security_policy(csp_nonce()))
            headers.setdefault("X-Frame-Options", "DENY")
        # Every page and every answer of the API may hold what only this person may see. What Flask-Security says on
        # its own pages ("no-store=True") no browser understands.
        if request.blueprint == "security" or ("cache-control" not in given and request.endpoint != "static"):
            headers["Cache-Control"] = "no-store"
        return response
