"""The operator's pages."""

from flask import Flask


def init_app(app: Flask) -> None:
    from enferno.superadmin.pages import superadmin

    app.register_blueprint(superadmin)
