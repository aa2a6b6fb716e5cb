"""One object per extension; `create_app` binds them to an application."""

from pathlib import Path

from flask import Flask, current_app
from flask_babel import Babel
from flask_caching import Cache
from flask_limiter import Limiter
from flask_migrate import Migrate
from flask_security import Security
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from werkzeug.local import LocalProxy

from enferno.database import Base
from enferno.network import network
from enferno.tenancy.session import ScopedRegistryKey, WorkspaceSession

MIGRATIONS = Path(__file__).resolve().parent.parent / "migrations"

db = SQLAlchemy(model_class=Base, session_options={"class_": WorkspaceSession, "scopefunc": ScopedRegistryKey()})
migrate = Migrate(compare_type=True, render_as_batch=False)
# Flask-Security keeps what the settings of one application switched on, so every application has one of its own.
security: Security = LocalProxy(lambda: current_app.extensions["security"])  # type: ignore[assignment]
babel = Babel()
cache = Cache()
limiter = Limiter(key_func=network)
csrf = CSRFProtect()


def init_app(app: Flask) -> None:
    """Bind those that need nothing but the configuration; the rest is bound where it is set up."""
    db.init_app(app)
    migrate.init_app(app, db, directory=str(MIGRATIONS))
    cache.init_app(app)
    limiter.init_app(app)
    csrf.init_app(app)
