"""Every way around the ORM: Core, text, raw connections, cursors. Proven to stay inside, or refused."""

import pytest
from sqlalchemy import (
    DDL,
    bindparam,
    delete,
    exists,
    func,
    insert,
    join,
    select,
    table,
    tablesample,
    text,
    union,
    update,
)
from sqlalchemy.schema import CreateTableAs, CreateView
from sqlalchemy.sql import column

from enferno.extensions import db
from enferno.tenancy import CrossWorkspace, TenancyError, UnscopedStatement
from tests.isolation.orchard import Orchard, Tag, Tree, tree_tags
from tests.isolation.ways import Ways

pytestmark = pytest.mark.filterwarnings("ignore:SELECT statement has a cartesian product")
ways = Ways()
trees, orchards_ = Tree.__table__, Orchard.__table__
ADD = "`Tree.workspace_id == current_workspace.id` to its WHERE"
ONLY_MODELS = "SQL text cannot be kept inside a workspace"
LEAVE_OUT = "Leave workspace_id out"


@ways.refused(UnscopedStatement, ADD)
def select_from_a_table(o):
    return o.session.execute(select(trees)).all()


@ways.filtered(["oak A", "yew A"])
def select_from_a_table_with_the_condition(o):
    return sorted(o.session.scalars(select(trees.c.name).where(Tree.workspace_id == o.a.workspace)))


@ways.refused(CrossWorkspace, LEAVE_OUT)
def select_from_a_table_with_another_workspace(o):
    return o.session.execute(select(trees).where(trees.c.workspace_id == o.b.workspace)).all()


@ways.refused(UnscopedStatement, ADD)
def condition_under_an_or(o):
    return o.session.execute(select(trees).where((trees.c.workspace_id == o.a.workspace) | (trees.c.height > 2))).all()


@ways.refused(UnscopedStatement, ADD)
def condition_negated(o):
    return o.session.execute(select(trees).where(~(trees.c.workspace_id == o.b.workspace))).all()


@ways.refused(UnscopedStatement, ADD)
def condition_by_in(o):
    return o.session.execute(select(trees).where(trees.c.workspace_id.in_([o.a.workspace, o.b.workspace]))).all()


@ways.refused(UnscopedStatement, ADD)
def condition_on_itself(o):
    return o.session.execute(select(trees).where(trees.c.workspace_id == trees.c.workspace_id)).all()


@ways.refused(UnscopedStatement, ADD)
def condition_on_another_alias(o):
    other = trees.alias()
    return o.session.execute(select(trees, other).where(other.c.workspace_id == o.a.workspace)).all()


@ways.refused(UnscopedStatement, ADD)
def condition_in_having(o):
    grouped = select(trees.c.workspace_id, func.count()).group_by(trees.c.workspace_id)
    return o.session.execute(grouped.having(trees.c.workspace_id == o.a.workspace)).all()


@ways.refused(UnscopedStatement, ADD)
def condition_on_the_outer_join_side(o):
    on = (orchards_.c.id == trees.c.orchard_id) & (trees.c.workspace_id == o.a.workspace)
    return o.session.execute(select(trees.c.name).select_from(trees.outerjoin(orchards_, on))).all()


@ways.refused(UnscopedStatement, "workspace_id == current_workspace.id")
def core_column_joined_to_an_entity(o):
    return o.session.execute(select(Orchard.name, trees.c.name).join(trees, trees.c.orchard_id == Orchard.id)).all()


@ways.filtered([("orchard A", "oak A"), ("orchard A", "yew A")])
def core_column_joined_by_the_whole_key(o):
    on = (trees.c.orchard_id == Orchard.id) & (trees.c.workspace_id == Orchard.workspace_id)
    query = select(Orchard.name, trees.c.name).join(trees, on).order_by(trees.c.name)
    return [tuple(row) for row in o.session.execute(query)]


@ways.refused(UnscopedStatement, "workspace_id == current_workspace.id")
def core_column_beside_an_entity(o):
    return o.session.execute(select(Orchard, trees.c.name)).all()


@ways.refused(UnscopedStatement, ADD)
def core_count(o):
    return o.session.scalar(select(func.count()).select_from(trees))


@ways.refused(UnscopedStatement, ADD)
def core_union(o):
    mine = select(trees.c.name).where(trees.c.workspace_id == o.a.workspace)
    return o.session.scalars(union(mine, select(trees.c.name))).all()


@ways.refused(UnscopedStatement, ADD)
def core_cte(o):
    everyone = select(trees).cte()
    return o.session.execute(select(everyone)).all()


@ways.refused(UnscopedStatement, ADD)
def core_exists(o):
    return o.session.scalar(select(exists().where(trees.c.height > 2)))


@ways.refused(UnscopedStatement, "tree_tags.c.workspace_id == current_workspace.id")
def association_table(o):
    return o.session.execute(select(tree_tags)).all()


@ways.refused(UnscopedStatement, "workspace_id == current_workspace.id")
def core_join(o):
    return o.session.execute(select(Tag.id).select_from(join(trees, tree_tags, true_of(trees)))).all()


def true_of(one):
    return one.c.id == tree_tags.c.tree_id


@ways.refused(UnscopedStatement, "which no model declares")
def undeclared_table(o):
    return o.session.execute(select(column("name")).select_from(table("barns"))).all()


@ways.refused(UnscopedStatement, ADD)
def lightweight_table(o):
    return o.session.execute(select(column("name")).select_from(table("trees", column("name")))).all()


@ways.refused(UnscopedStatement, ADD)
def session_connection(o):
    return o.session.connection().execute(select(trees)).all()


@ways.refused(UnscopedStatement, ADD)
def orm_statement_on_a_connection(o):
    return o.session.connection().execute(select(Tree)).all()


@ways.refused(UnscopedStatement, ADD)
def engine_connection(o):
    with db.engine.connect() as connection:
        return connection.execute(select(trees)).all()


@ways.filtered(["oak A", "yew A"])
def engine_connection_with_the_condition(o):
    with db.engine.connect() as connection:
        return sorted(connection.scalars(select(trees.c.name).where(trees.c.workspace_id == o.a.workspace)))


@ways.refused(UnscopedStatement, ADD)
def engine_begin(o):
    with db.engine.begin() as connection:
        return connection.execute(update(trees).values(height=0)).rowcount


@ways.refused(UnscopedStatement, ONLY_MODELS)
def exec_driver_sql(o):
    return o.session.connection().exec_driver_sql("SELECT * FROM trees").all()


@ways.refused(UnscopedStatement, "SQL text")
def text_statement(o):
    return o.session.execute(text("SELECT * FROM trees")).all()


@ways.refused(UnscopedStatement, "SQL text")
def text_with_a_bound_workspace(o):
    """Text is not parsed, so a condition in it proves nothing."""
    return o.session.execute(text("SELECT * FROM trees WHERE workspace_id = :id"), {"id": o.a.workspace.hex}).all()


@ways.refused(UnscopedStatement, "SQL text")
def text_that_writes(o):
    return o.session.execute(text("UPDATE trees SET height = 0"))


@ways.refused(UnscopedStatement, "SQL text")
def text_in_columns(o):
    return o.session.execute(select(text("name FROM trees --"))).all()


@ways.refused(UnscopedStatement, "SQL text")
def text_as_from(o):
    return o.session.execute(select(column("name")).select_from(text("trees"))).all()


@ways.refused(UnscopedStatement, ADD)
def core_update(o):
    return o.session.execute(update(trees).values(height=0))


@ways.refused(UnscopedStatement, ADD)
def core_update_by_id(o):
    return o.session.execute(update(trees).where(trees.c.id == o.b.oak).values(height=0))


@ways.refused(CrossWorkspace, LEAVE_OUT)
def core_update_of_another_workspace(o):
    return o.session.execute(update(trees).where(trees.c.workspace_id == o.b.workspace).values(height=0))


@ways.refused(CrossWorkspace, "A row never changes its workspace")
def core_update_of_the_workspace(o):
    mine = update(trees).where(trees.c.workspace_id == o.a.workspace)
    return o.session.execute(mine.values(workspace_id=o.b.workspace))


@ways.refused(CrossWorkspace, "A row never changes its workspace")
def core_update_of_the_workspace_by_parameters(o):
    mine = update(trees).where(trees.c.workspace_id == bindparam("here"), trees.c.id == bindparam("this"))
    rows = [{"here": o.a.workspace, "this": o.a.oak, "workspace_id": o.b.workspace}]
    return o.session.connection().execute(mine, rows)


@ways.refused(CrossWorkspace, LEAVE_OUT)
def core_update_many_of_which_one_is_foreign(o):
    mine = update(trees).where(trees.c.workspace_id == bindparam("here"), trees.c.id == bindparam("this"))
    rows = [{"here": side.workspace, "this": side.oak, "height": 0} for side in (o.a, o.b)]
    return o.session.connection().execute(mine, rows)


@ways.refused(UnscopedStatement, ADD)
def core_update_from_another_table(o):
    mine = orchards_.c.workspace_id == o.a.workspace
    return o.session.execute(update(trees).where(mine, trees.c.orchard_id == orchards_.c.id).values(height=0))


@ways.refused(UnscopedStatement, ADD)
def core_delete(o):
    return o.session.execute(delete(trees))


@ways.refused(CrossWorkspace, LEAVE_OUT)
def core_delete_of_another_workspace(o):
    return o.session.execute(delete(trees).where(trees.c.workspace_id == o.b.workspace))


@ways.refused(CrossWorkspace, LEAVE_OUT)
def core_insert_for_another_workspace(o):
    return o.session.execute(insert(orchards_).values(workspace_id=o.b.workspace, name="x"))


@ways.refused(CrossWorkspace, LEAVE_OUT)
def core_insert_of_many_of_which_one_is_foreign(o):
    rows = [{"workspace_id": side.workspace, "name": f"new {side.letter}"} for side in (o.a, o.b)]
    return o.session.execute(insert(orchards_), rows)


@ways.refused(CrossWorkspace, LEAVE_OUT)
def core_insert_of_multiple_values(o):
    rows = [{"workspace_id": side.workspace, "name": f"new {side.letter}"} for side in (o.a, o.b)]
    return o.session.execute(insert(orchards_).values(rows))


@ways.refused(CrossWorkspace, LEAVE_OUT)
def core_insert_on_a_connection(o):
    return o.session.connection().execute(insert(orchards_), {"workspace_id": o.b.workspace, "name": "x"})


@ways.refused(CrossWorkspace, LEAVE_OUT)
def insert_into_a_link_table(o):
    return o.session.execute(insert(tree_tags), {"workspace_id": o.b.workspace, "tree_id": o.b.yew, "tag_id": o.b.tag})


@ways.refused(UnscopedStatement, "Leave workspace_id out, or give it as a value")
def insert_an_expression_as_the_workspace(o):
    theirs = select(Tree.workspace_id).limit(1).scalar_subquery()
    return o.session.execute(insert(orchards_).values(workspace_id=theirs, name="x"))


@ways.refused(UnscopedStatement, ADD)
def insert_from_select_of_a_table(o):
    rows = select(trees.c.workspace_id, trees.c.id, trees.c.name)
    return o.session.execute(insert(orchards_).from_select(["workspace_id", "id", "name"], rows))


@ways.refused(UnscopedStatement, ONLY_MODELS)
def text_as_ddl(o):
    return o.session.execute(DDL("DELETE FROM trees"))


@ways.refused(UnscopedStatement, ONLY_MODELS)
def a_table_made_of_a_query(o):
    return o.session.execute(CreateTableAs(select(trees), "copied"))


@ways.refused(UnscopedStatement, ONLY_MODELS)
def a_view_of_everything(o):
    return o.session.execute(CreateView(select(trees), "everyone"))


@ways.refused(UnscopedStatement, ADD)
def a_sample_of_a_table(o):
    return o.session.execute(select(tablesample(trees, func.bernoulli(100)))).all()


@ways.refused(UnscopedStatement, ADD)
def a_table_under_another_name(o):
    statement = select(trees).execution_options(schema_translate_map={None: None})
    return o.session.execute(statement).all()


@ways.refused(UnscopedStatement, ADD)
def an_alias_of_an_alias(o):
    return o.session.execute(select(trees.alias().alias())).all()


@ways.refused(TenancyError, "SQL text")
def dbapi_text_through_a_savepoint(o):
    with o.session.begin_nested():
        o.now()
        return o.session.execute(text("DELETE FROM trees"))


@ways.each()
def test_a_way_around_the_orm_stays_inside_or_is_refused(way, orchards):
    way.try_in_a(orchards)


@ways.each()
def test_a_way_around_the_orm_is_refused_without_a_workspace(way, orchards):
    way.try_without_a_workspace(orchards)
