"""/api/v1: the one JSON interface, for the pages and for programs alike."""

from flask import Blueprint, Flask


def init_app(app: Flask) -> None:
    """Register the kit's resources. Features bring theirs, with `ApiBlueprint` and the same prefix."""
    from enferno.api.billing import billing_api
    from enferno.api.limits import limits_api
    from enferno.api.me import me
    from enferno.api.members import members
    from enferno.api.reference import reference
    from enferno.api.superadmin import superadmin
    from enferno.api.verifications import verifications
    from enferno.api.workspaces import workspaces

    v1 = Blueprint("api", __name__, url_prefix="/api/v1")
    for resource in (me, verifications, workspaces, members, billing_api, limits_api, superadmin, reference):
        v1.register_blueprint(resource)
    app.register_blueprint(v1)


def describe(app: Flask) -> None:
    """Make the document once, at start, so that a declaration that cannot be described stops the start."""
    from enferno.api.openapi import document

    with app.app_context():
        app.extensions["openapi"] = document(app)
