"""What happened in all workspaces."""

from sqlalchemy import func, select

from enferno.access.guards import superadmin_only
from enferno.api.contract import ApiBlueprint, Page
from enferno.api.lists import ordering
from enferno.api.superadmin.schemas import ActivityEverywhereOut, ActivityEverywhereQuery
from enferno.extensions import db
from enferno.superadmin.history import COUNTED, described, history
from enferno.tenancy import unscoped
from enferno.workspace.models import Activity

activity = ApiBlueprint("activity", __name__, url_prefix="/activity")

SORTS = {"created_at": Activity.created_at, "id": Activity.id}


@activity.get("")
@superadmin_only
def index(query: ActivityEverywhereQuery) -> Page[ActivityEverywhereOut]:
    """What happened, the newest first. The total says at most 10,000."""
    statement = history(query.workspace, query.kind, query.search)
    counted = statement.with_only_columns(Activity.id).limit(COUNTED).subquery()
    ordered = statement.order_by(*ordering(query.sort or "-created_at", SORTS, "-created_at"))
    with unscoped("the operator's view of what happened in all workspaces"):
        total = db.session.scalar(select(func.count()).select_from(counted))
        found = db.session.scalars(ordered.offset((query.page - 1) * query.per_page).limit(query.per_page)).all()
        return {"items": described(found), "total": total, "page": query.page, "per_page": query.per_page}
