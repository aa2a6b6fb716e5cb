"""Every component of the kit on one page, over a made-up API: what the component tests drive and eyes look at.

python -m tests.browser.gallery.app 5110
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, request
from flask_babel import Babel
from flask_wtf import CSRFProtect

from enferno import pages

HERE = Path(__file__).parent
NAMES = ("Ana Alves", "Bo Berg", "Cleo Costa", "Dario Dietz", "Elif Eren", "Finn Fischer", "Gita Gupta", "Hugo Haas")
STATES = ("active", "invited", "suspended")


def make_gallery(instance: Path) -> Flask:
    app = Flask("enferno", instance_path=str(instance), static_folder=None)
    app.config.update(SECRET_KEY="a key for tests only", APP_NAME="ReadyKit", WTF_CSRF_ENABLED=True)
    Babel(app)
    CSRFProtect(app)
    pages.init_app(app, features=HERE / "features")
    # What the next answers of the API are, set by the tests.
    app.extensions["gallery"] = {"people": people(), "broken": False, "signed_out": False}
    pages.page_context(app, lambda: context(app))
    add_views(app)
    return app


def people() -> list[dict[str, Any]]:
    return [
        {
            "id": n,
            "name": f"{NAMES[n % len(NAMES)]} {n:02}",
            "email": f"person{n:02}@example.com",
            "state": STATES[n % 3],
            "projects": (n * 37) % 90,
            "created_at": f"2026-{n % 11 + 1:02}-{n % 27 + 1:02}T09:30:00Z",
        }
        for n in range(60)
    ]


def context(app: Flask) -> dict[str, Any]:
    signed_in = request.args.get("as") != "nobody"
    urls = {"home": "/", "sign_in": "/login", "sign_up": "/register"}
    own = {"app": "/", "profile": "/profile", "security": "/security", "sign_out": "/out", "superadmin": "/superadmin/"}
    if not signed_in or app.extensions["gallery"]["signed_out"]:
        return {"urls": urls}
    acme = {"slug": "acme", "name": "Acme", "url": "/", "api": "/api", "role": "owner", "is_team": True}
    noise = {"slug": "noise", "name": "Noise & Sons", "url": "/w/noise/", "is_team": True}
    return {
        "user": {"id": "1", "name": "Olga Owner", "email": "olga@acme.example.com", "timezone": "Europe/Berlin"},
        "workspace": acme,
        "workspaces": [acme, noise],
        "allowed": ["members.manage"],
        "nav": [
            {"label": "Home", "url": "/", "icon": "home"},
            {"label": "Projects", "url": "/projects", "icon": "folder"},
            {"label": "Members", "url": "/members", "icon": "members"},
            {"label": "Activity", "url": "/activity", "icon": "activity"},
            {"label": "Settings", "url": "/settings", "icon": "settings"},
        ],
        "urls": urls | own,
    }


def add_views(app: Flask) -> None:
    state = app.extensions["gallery"]

    @app.get("/")
    @app.get("/superadmin/")
    @app.get("/profile")
    def index() -> Response:
        return pages.render_page("gallery/index", title="Components", layout=request.args.get("layout", "app"))

    @app.get("/login")
    def login() -> Response:
        return pages.render_page("gallery/login", title="Sign in", layout="public")

    @app.patch("/api/v1/me")
    def me() -> Any:
        return jsonify(request.json)

    @app.get("/api/people")
    def listing() -> Any:
        if state["broken"]:
            return problem(500, "internal_error", "Something broke on our side")
        if state["signed_out"]:
            return problem(401, "unauthenticated", "Sign in to go on")
        return jsonify(page_of(state["people"]))

    @app.post("/api/people")
    def create() -> Any:
        if state["signed_out"]:
            return problem(401, "unauthenticated", "Sign in to go on")
        email = (request.json or {}).get("email", "")
        if "@" not in email:
            errors = [{"field": "email", "message": "This is not an address"}]
            return problem(422, "invalid", "Some fields need another look", errors)
        person = {"id": 1000, "name": email, "email": email, "state": "invited", "projects": 0, "created_at": None}
        state["people"].insert(0, person)
        return jsonify(person), 201

    @app.delete("/api/people/<int:person_id>")
    def remove(person_id: int) -> Any:
        state["people"] = [each for each in state["people"] if each["id"] != person_id]
        return "", 204


def page_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    words, wanted = request.args.get("search", "").lower(), request.args.get("state", "")
    found = [row for row in rows if words in row["name"].lower() and (not wanted or row["state"] == wanted)]
    sort = request.args.get("sort", "name")
    column = sort.removeprefix("-")
    found.sort(key=lambda row: "" if row[column] is None else row[column], reverse=sort.startswith("-"))
    page, size = int(request.args.get("page", 1)), int(request.args.get("per_page", 25))
    return {"items": found[(page - 1) * size : page * size], "total": len(found), "page": page, "per_page": size}


def problem(status: int, code: str, title: str, errors: list[dict[str, str]] | None = None) -> Response:
    response = jsonify({"type": "about:blank", "title": title, "status": status, "code": code, "errors": errors or []})
    response.status_code, response.mimetype = status, "application/problem+json"
    response.headers["X-Request-ID"] = "019aa3c4-5f6e-7a01-8c9d-1234567890ab"
    return response


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        make_gallery(Path(folder)).run(port=int(sys.argv[1]), threaded=True)
