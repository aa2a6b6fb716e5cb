"""A small application of its own: what is tested here is `enferno.pages`, not the kit around it."""

from pathlib import Path

import pytest
from flask import Flask

from enferno import pages

HERE = Path(__file__).parent


def make_app(instance: Path, *, production: bool = False, features: Path = HERE / "features") -> Flask:
    app = Flask("enferno", instance_path=str(instance), static_folder=None)
    app.config.update(SECRET_KEY="a key for tests only", APP_NAME="ReadyKit", WTF_CSRF_ENABLED=True)
    from flask_babel import Babel
    from flask_wtf import CSRFProtect

    Babel(app)
    CSRFProtect(app)
    pages.init_app(app, production=production, features=features)

    @app.get("/")
    def index():
        return pages.render_page("demo/index", title="Demo", data={"name": "${constructor.constructor('alert(1)')()}"})

    return app


@pytest.fixture
def app(tmp_path: Path) -> Flask:
    return make_app(tmp_path)
