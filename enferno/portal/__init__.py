"""The workspace's pages, for those who belong to it."""

from flask import Flask

from enferno.pages import page_context as provide


def init_app(app: Flask) -> None:
    from enferno.portal.account import account
    from enferno.portal.context import page_context
    from enferno.portal.pages import portal
    from enferno.portal.upgrade import init_app as answer_plan_required

    app.register_blueprint(portal)
    app.register_blueprint(account)
    provide(app, page_context)
    answer_plan_required(app)
