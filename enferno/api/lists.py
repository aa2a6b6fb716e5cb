"""One way to make a list: a statement, the columns it may be sorted by, the columns that are searched."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, or_, select

from enferno.api.contract import ListQuery, Page
from enferno.errors import Invalid
from enferno.extensions import db

__all__ = ["page_of"]


def page_of(
    statement: Select[Any],
    query: ListQuery,
    *,
    sorts: Mapping[str, Any],
    default: str,
    search: Sequence[Any] = (),
) -> Page[Any]:
    """The page of `statement` that `query` asks for: two statements, whatever its size.

    Args:
        sorts: The names that `sort` may have, and the column each stands for.
        default: The sort when none is asked for, such as "name" or "-created_at".
        search: The columns in which the searched text may stand.

    Raises:
        Invalid: `sort` names no known column.
    """
    if query.search:
        statement = statement.where(or_(*(contains(column, query.search) for column in search)))
    total = db.session.scalar(select(func.count()).select_from(statement.order_by(None).subquery()))
    ordered = statement.order_by(*ordering(query.sort or default, sorts, default))
    rows = db.session.scalars(ordered.offset((query.page - 1) * query.per_page).limit(query.per_page))
    return Page(items=list(rows.unique()), total=total or 0, page=query.page, per_page=query.per_page)


def contains(column: Any, text: str) -> Any:
    """Case-insensitive; `%` and `_` in the text stand for themselves."""
    return column.icontains(text, autoescape=True)


def ordering(sort: str, sorts: Mapping[str, Any], default: str) -> list[Any]:
    """The column asked for, then the first of the others so that pages never overlap."""
    name = sort.removeprefix("-")
    if name not in sorts:
        raise Invalid.field("sort", _("Sort by one of %(names)s", names=", ".join(sorts)))
    column = sorts[name]
    last = sorts.get("id") if name != "id" else None
    first = column.desc() if sort.startswith("-") else column.asc()
    return [first] if last is None else [first, last]
