"""The operator's resources: people, workspaces and activity over the whole installation."""

from flask import Blueprint

from enferno.api.superadmin.activity import activity
from enferno.api.superadmin.billing import billing
from enferno.api.superadmin.deletion import deletion
from enferno.api.superadmin.members import members
from enferno.api.superadmin.overview import overview
from enferno.api.superadmin.passwords import passwords
from enferno.api.superadmin.sessions import sessions
from enferno.api.superadmin.users import users
from enferno.api.superadmin.workspaces import workspaces

superadmin = Blueprint("superadmin", __name__, url_prefix="/superadmin")
for resource in (overview, users, passwords, sessions, deletion, workspaces, members, activity, billing):
    superadmin.register_blueprint(resource)
