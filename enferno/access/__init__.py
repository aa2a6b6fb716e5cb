"""Who may do what."""

from flask import Flask


def init_app(app: Flask) -> None:
    """Load the permission map and put the guard before every view."""
    from enferno.access import guards, permissions

    permissions.init_app(app)
    guards.init_app(app)


def refuse_unguarded(app: Flask) -> None:
    from enferno.access import guards

    guards.refuse_unguarded(app)
