"""What anyone may see."""

from flask import Flask


def init_app(app: Flask) -> None:
    from enferno.public.health import health
    from enferno.public.pages import public

    app.register_blueprint(public)
    app.register_blueprint(health)
