"""A request is small, unless its view takes uploads and its address says so."""

from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask, request

from enferno.app import create_app
from enferno.author import AuthorFault
from enferno.settings import Settings
from enferno.uploads import BODY_LIMIT, insist_on_addresses, takes_uploads

MAX_UPLOAD = 3_000_000


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        env="testing",
        secret_key="x" * 40,
        security_password_salt="x" * 40,
        instance_path=tmp_path,
        max_upload=MAX_UPLOAD,
    )


@pytest.fixture
def app(settings: Settings) -> Flask:
    """With two views of a feature, as they would stand in its blueprint, one of which takes uploads."""
    app = create_app(settings)
    app.before_request_funcs[None] = [hook for hook in app.before_request_funcs[None] if "guard" not in hook.__module__]
    app.add_url_rule("/pictures/uploads", "pictures", takes_uploads(size), methods=["POST"])
    app.add_url_rule("/notes", "notes", lambda: size(), methods=["POST"])
    return app


def size() -> str:
    return str(len(request.files["file"].read()))


def send(app: Flask, path: str, length: int) -> tuple[int, str]:
    answer = app.test_client().post(path, data={"file": (BytesIO(b"x" * length), "a.png")})
    return answer.status_code, answer.text


def test_a_view_that_takes_uploads_takes_as_much_as_the_setting_says(app: Flask) -> None:
    assert send(app, "/pictures/uploads", 2_900_000) == (200, "2900000")
    assert send(app, "/pictures/uploads", 3_100_000)[0] == 413


def test_every_other_view_takes_a_megabyte(app: Flask) -> None:
    assert send(app, "/notes", BODY_LIMIT - 1000) == (200, str(BODY_LIMIT - 1000))
    assert send(app, "/notes", BODY_LIMIT + 1)[0] == 413


@pytest.mark.parametrize("path", ["/pictures", "/pictures/uploads/", "/uploads/pictures", "/pictureuploads"])
def test_the_start_is_refused_with_an_upload_that_nginx_would_stop(app: Flask, path: str) -> None:
    app.add_url_rule(path, "misplaced", takes_uploads(lambda: ""), methods=["POST"])
    with pytest.raises(
        AuthorFault, match=r"test_uploads.py:\d+: misplaced takes uploads: let its address end in /uploads"
    ):
        insist_on_addresses(app)
