"""The description of the interface: for programs as OpenAPI, for people as a page."""

from flask import Blueprint, Response, current_app, jsonify, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from enferno.access.guards import open_to_all
from enferno.pages import render_page

reference = Blueprint("reference", __name__)


@reference.get("/openapi.json")
@open_to_all
def openapi() -> Response:
    return jsonify(current_app.extensions["openapi"])


@reference.get("/docs")
@open_to_all
def docs() -> ResponseReturnValue:
    """The page fetches the document, which is larger than any page should be."""
    return render_page("api/docs", title=_("API"), data={"document": url_for(".openapi")}, layout="public")
