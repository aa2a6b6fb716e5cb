"""/api/v1: the one JSON interface, for the pages and for programs alike."""

from flask import Blueprint, Flask, Response, jsonify
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from enferno.access.guards import open_to_all


def init_app(app: Flask) -> None:
    """Register the kit's resources. Features bring theirs, with `ApiBlueprint` and the same prefix."""
    from enferno.api.me import me
    from enferno.api.members import members
    from enferno.api.superadmin import superadmin
    from enferno.api.workspaces import workspaces

    v1 = Blueprint("api", __name__, url_prefix="/api/v1")
    for resource in (me, workspaces, members, superadmin):
        v1.register_blueprint(resource)
    v1.add_url_rule("/openapi.json", "openapi", openapi)
    v1.add_url_rule("/docs", "docs", docs)
    app.register_blueprint(v1)


def describe(app: Flask) -> None:
    """Make the document once, at start, so that a declaration that cannot be described stops the start."""
    from enferno.api.openapi import document

    with app.app_context():
        app.extensions["openapi"] = document(app)


@open_to_all
def openapi() -> Response:
    from flask import current_app

    return jsonify(current_app.extensions["openapi"])


@open_to_all
def docs() -> ResponseReturnValue:
    from flask import current_app

    from enferno.pages import render_page

    return render_page(
        "api/docs", title=_("API"), data={"document": current_app.extensions["openapi"]}, layout="public"
    )
