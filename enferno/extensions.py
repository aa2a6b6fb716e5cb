"""One object per extension; `create_app` binds them to an application."""

from flask_babel import Babel
from flask_caching import Cache
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_migrate import Migrate
from flask_security import Security
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect

from enferno.database import Base
from enferno.tenancy.session import ScopedRegistryKey, WorkspaceSession

db = SQLAlchemy(model_class=Base, session_options={"class_": WorkspaceSession, "scopefunc": ScopedRegistryKey()})
migrate = Migrate(compare_type=True)
security = Security()
babel = Babel()
cache = Cache()
limiter = Limiter(key_func=get_remote_address)
csrf = CSRFProtect()
