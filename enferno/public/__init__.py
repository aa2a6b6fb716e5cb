"""What anyone may see."""

from flask import Flask


def init_app(app: Flask) -> None:
    from enferno.public import local_billing
    from enferno.public.health import health
    from enferno.public.pages import public

    app.register_blueprint(public)
    app.register_blueprint(health)
    local_billing.init_app(app)
