"""People: who they are and where they are signed in."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Set up signing in: Flask-Security over our models, our pages and our session rows."""
    from enferno import links
    from enferno.user import clocks, security, sessions

    security.init_app(app)
    sessions.init_app(app)
    links.init_app(app)
    clocks.init_app(app)
