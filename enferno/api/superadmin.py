"""The operator's resources: people, workspaces and activity over the whole installation."""

from enferno.api.contract import ApiBlueprint

superadmin = ApiBlueprint("superadmin", __name__, url_prefix="/superadmin")
