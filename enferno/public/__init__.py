"""What anyone may see."""

from flask import Flask

from enferno.settings import current_settings


def init_app(app: Flask) -> None:
    from enferno.public import local_billing
    from enferno.public.health import health
    from enferno.public.pages import closed, public

    app.register_blueprint(public)
    if not current_settings(app).signup_open:
        app.add_url_rule("/register", "closed", closed)
    app.register_blueprint(health)
    local_billing.init_app(app)
