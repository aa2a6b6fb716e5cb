"""Every way to read through the ORM gives what the current workspace has, or is refused."""

import pytest
from sqlalchemy import (
    exists,
    extract,
    func,
    lambda_stmt,
    lateral,
    literal_column,
    select,
    text,
    true,
    tuple_,
    union,
    union_all,
)
from sqlalchemy.orm import (
    Bundle,
    aliased,
    contains_eager,
    joinedload,
    selectin_polymorphic,
    selectinload,
    subqueryload,
    with_polymorphic,
)

from enferno.tenancy import UnscopedStatement
from tests.isolation.orchard import Crate, Fruit, Orchard, Pear, Quince, Tag, Tree, tree_tags
from tests.isolation.ways import Ways

pytestmark = pytest.mark.filterwarnings("ignore:SELECT statement has a cartesian product")
ways = Ways()
MINE = ["oak A", "yew A"]


def names(found):
    return sorted(row.name for row in found)


@ways.filtered(MINE)
def select_an_entity(o):
    return names(o.session.scalars(select(Tree)))


@ways.filtered(MINE)
def select_a_column(o):
    return sorted(o.session.scalars(select(Tree.name)))


@ways.filtered(MINE)
def select_a_bundle(o):
    return sorted(bundle.name for bundle in o.session.scalars(select(Bundle("b", Tree.name))))


@ways.filtered(2)
def count(o):
    return o.session.scalar(select(func.count()).select_from(Tree))


@ways.filtered(2)
def count_a_subquery(o):
    return o.session.scalar(select(func.count()).select_from(select(Tree).subquery()))


@ways.filtered(3)
def sum_(o):
    return o.session.scalar(select(func.sum(Tree.height)))


@ways.filtered([("orchard A", 2)])
def group_by(o):
    query = select(Orchard.name, func.count(Tree.id)).join(Orchard.trees).group_by(Orchard.name)
    return [tuple(row) for row in o.session.execute(query)]


@ways.filtered([("oak A", 3), ("yew A", 3)])
def window_function(o):
    query = select(Tree.name, func.sum(Tree.height).over()).order_by(Tree.name)
    return [tuple(row) for row in o.session.execute(query)]


@ways.filtered(MINE)
def aliased_entity(o):
    return names(o.session.scalars(select(aliased(Tree))))


@ways.filtered(MINE)
def aliased_subquery(o):
    return names(o.session.scalars(select(aliased(Tree, select(Tree).subquery()))))


@ways.filtered(MINE)
def cte(o):
    found = select(Tree).cte()
    return sorted(o.session.scalars(select(found.c.name)))


@ways.filtered(["oak A", "oak A", "yew A", "yew A"])
def recursive_cte(o):
    start = select(Tree.id, Tree.name, literal_column("0").label("depth")).cte(recursive=True)
    again = select(Tree.id, Tree.name, literal_column("1")).join(start, start.c.id == Tree.id).where(start.c.depth == 0)
    return sorted(o.session.scalars(select(start.union_all(again).c.name)))


@ways.filtered(["oak A", "orchard A", "yew A"])
def union_of_two(o):
    return sorted(o.session.scalars(union(select(Tree.name), select(Orchard.name))))


@ways.filtered(MINE)
def union_as_entity(o):
    both = union_all(select(Tree).where(Tree.height < 2), select(Tree).where(Tree.height >= 2)).subquery()
    return names(o.session.scalars(select(aliased(Tree, both))))


@ways.filtered(MINE)
def from_statement_of_a_select(o):
    return names(o.session.scalars(select(Tree).from_statement(select(Tree).order_by(Tree.name))))


@ways.filtered(2)
def scalar_subquery(o):
    return o.session.scalar(select(select(func.count(Tree.id)).scalar_subquery()))


@ways.filtered([2])
def hybrid_property(o):
    return list(o.session.scalars(select(Tree.tallest)))


@ways.filtered([2])
def column_property_subquery(o):
    return [crate.trees_in_all for crate in o.session.scalars(select(Crate))]


@ways.filtered(["orchard A"])
def in_a_subquery(o):
    return names(o.session.scalars(select(Orchard).where(Orchard.id.in_(select(Tree.orchard_id)))))


@ways.filtered([])
def not_in_a_subquery(o):
    return names(o.session.scalars(select(Orchard).where(Orchard.id.not_in(select(Tree.orchard_id)))))


@ways.filtered(["orchard A"])
def tuple_in_a_subquery(o):
    key = tuple_(Orchard.workspace_id, Orchard.id)
    query = select(Orchard).where(key.in_(select(Tree.workspace_id, Tree.orchard_id)))
    return names(o.session.scalars(query))


@ways.filtered([("orchard A", 2)])
def lateral_subquery(o):
    if o.kind == "sqlite":  # which has no LATERAL: the same as a correlated subquery
        inner = select(func.max(Tree.height)).where(Tree.orchard_id == Orchard.id).scalar_subquery()
        return [tuple(row) for row in o.session.execute(select(Orchard.name, inner))]
    inner = lateral(select(func.max(Tree.height).label("top")).where(Tree.orchard_id == Orchard.id))
    return [tuple(row) for row in o.session.execute(select(Orchard.name, inner.c.top).join(inner, true()))]


@ways.filtered([("oak A", 1), ("yew A", 0)])
def correlated_subquery(o):
    other = aliased(Tree)
    taller = select(func.count(other.id)).where(other.height > Tree.height).correlate(Tree).scalar_subquery()
    return [tuple(row) for row in o.session.execute(select(Tree.name, taller).order_by(Tree.name))]


@ways.filtered([("oak A", "orchard A"), ("yew A", "orchard A")])
def join_on_a_relationship(o):
    query = select(Tree.name, Orchard.name).join(Tree.orchard).order_by(Tree.name)
    return [tuple(row) for row in o.session.execute(query)]


@ways.filtered([("oak A", "orchard A"), ("yew A", "orchard A")])
def join_that_forgets_the_workspace(o):
    query = select(Tree.name, Orchard.name).join(Orchard, true()).order_by(Tree.name)
    return [tuple(row) for row in o.session.execute(query)]


@ways.filtered([("oak A", "orchard A"), ("yew A", "orchard A")])
def cartesian_product(o):
    return [tuple(row) for row in o.session.execute(select(Tree.name, Orchard.name).order_by(Tree.name))]


@ways.filtered([("orchard A", None)])
def outer_join(o):
    query = select(Orchard.name, Tree.name).outerjoin(Tree, (Tree.orchard_id == Orchard.id) & (Tree.height > 2))
    return [tuple(row) for row in o.session.execute(query)]


@ways.refused(UnscopedStatement, "select(...).subquery()")
def full_outer_join(o):
    return o.session.execute(select(Orchard.name, Tree.name).join(Tree, Tree.orchard_id == Orchard.id, full=True)).all()


@ways.filtered(["tag A"])
def select_from_a_join(o):
    return sorted(o.session.scalars(select(Tag.name).select_from(Tree).join(Tree.tags)))


@ways.filtered([("oak A", ["tag A"]), ("yew A", [])])
def joined_load(o):
    found = o.session.scalars(select(Tree).options(joinedload(Tree.tags)).order_by(Tree.name)).unique()
    return [(tree.name, names(tree.tags)) for tree in found]


@ways.filtered([("oak A", ["tag A"]), ("yew A", [])])
def selectin_load(o):
    found = o.session.scalars(select(Tree).options(selectinload(Tree.tags)).order_by(Tree.name))
    return [(tree.name, names(tree.tags)) for tree in found]


@ways.filtered([MINE])
def subquery_load(o):
    return [names(one.trees) for one in o.session.scalars(select(Orchard).options(subqueryload(Orchard.trees)))]


@ways.filtered([MINE])
def contains_eager_load(o):
    query = select(Orchard).join(Orchard.trees).options(contains_eager(Orchard.trees))
    return [names(one.trees) for one in o.session.scalars(query).unique()]


@ways.filtered([MINE])
def lazy_load(o):
    return [names(one.trees) for one in o.session.scalars(select(Orchard))]


@ways.filtered([["tag A"], []])
def lazy_load_through_a_link_table(o):
    return [names(tree.tags) for tree in o.session.scalars(select(Tree).order_by(Tree.name))]


@ways.filtered([])
def any_(o):
    return o.session.scalars(select(Orchard).where(Orchard.trees.any(Tree.height > 2))).all()


@ways.filtered(MINE)
def not_any(o):
    other = aliased(Orchard)
    return names(o.session.scalars(select(Tree).where(~exists(other.id).where(other.name == "orchard B"))))


@ways.filtered([])
def any_of_a_self_reference(o):
    return o.session.scalars(select(Tree).where(Tree.graft.has(Tree.height > 2))).all()


@ways.filtered(MINE)
def has(o):
    return names(o.session.scalars(select(Tree).where(~Tree.orchard.has(Orchard.name == "orchard B"))))


@ways.filtered([])
def any_through_a_link_table(o):
    return o.session.scalars(select(Tree).where(Tree.tags.any(Tag.name == "tag B"))).all()


@ways.filtered([])
def exists_over_a_select(o):
    return o.session.scalars(select(Orchard).where(select(Tree).where(Tree.height > 2).exists())).all()


@ways.filtered([])
def exists_where(o):
    return o.session.scalars(select(Orchard).where(exists().where(Tree.height > 2))).all()


@ways.filtered(False)
def exists_of_a_column(o):
    return o.session.scalar(select(exists(Tree.id).where(Tree.height > 2)))


@ways.filtered([("oak A", False), ("yew A", False)])
def exists_among_the_columns(o):
    query = select(Tree.name, exists().where(Orchard.name == "orchard B")).order_by(Tree.name)
    return [tuple(row) for row in o.session.execute(query)]


@ways.refused(UnscopedStatement, "add `Orchard.workspace_id == current_workspace.id` to its WHERE")
def exists_over_a_core_table(o):
    elsewhere = Orchard.__table__
    return o.session.scalars(select(Tree).where(exists().where(elsewhere.c.name == "orchard B"))).all()


@ways.filtered(["tag A"])
def association_table_joined(o):
    query = select(Tag.name).join(
        tree_tags, (tree_tags.c.tag_id == Tag.id) & (tree_tags.c.workspace_id == Tag.workspace_id)
    )
    return list(o.session.scalars(query))


@ways.refused(UnscopedStatement, "tree_tags.c.workspace_id == current_workspace.id")
def association_table_joined_by_half_its_key(o):
    return o.session.scalars(select(Tag.name).join(tree_tags, tree_tags.c.tag_id == Tag.id)).all()


@ways.filtered(MINE)
def legacy_query(o):
    return names(o.session.query(Tree))


@ways.filtered(2)
def legacy_query_count(o):
    return o.session.query(Tree).count()


@ways.filtered(False)
def legacy_query_exists(o):
    return o.session.scalar(select(o.session.query(Tree).filter(Tree.height > 2).exists()))


@ways.filtered(["oak A"])
def legacy_query_slice(o):
    return names(o.session.query(Tree).order_by(Tree.name)[:1])


@ways.filtered(None)
def legacy_query_get(o):
    return o.session.query(Tree).filter_by(id=o.b.oak).one_or_none()


@ways.filtered(MINE)
def lambda_statement(o):
    return names(o.session.scalars(lambda_stmt(lambda: select(Tree))))


@ways.filtered(["fig A", "pear A", "quince A"])
def single_table_inheritance(o):
    return names(o.session.scalars(select(Fruit)))


@ways.filtered(["pear A"])
def inherited_class(o):
    return names(o.session.scalars(select(Pear)))


@ways.filtered([("quince A", 1)])
def joined_table_inheritance(o):
    return [(quince.name, quince.sourness) for quince in o.session.scalars(select(Quince))]


@ways.filtered([1])
def the_joined_table_alone(o):
    return list(o.session.scalars(select(Quince.sourness)))


@ways.filtered(["quince A"])
def a_row_of_the_joined_table_by_its_id(o):
    assert o.session.get(Quince, o.b.tag) is None
    return [o.session.get(Quince, o.a.tag).name]


@ways.filtered(["fig A", "pear A", "quince A"])
def with_polymorphic_entity(o):
    return names(o.session.scalars(select(with_polymorphic(Fruit, [Pear, Quince]))))


@ways.filtered(["fig A", "pear A", "quince A"])
def selectin_polymorphic_load(o):
    return names(o.session.scalars(select(Fruit).options(selectin_polymorphic(Fruit, [Pear, Quince]))))


@ways.filtered(MINE)
def with_for_update(o):
    return names(o.session.scalars(select(Tree).with_for_update()))


@ways.filtered(MINE)
def yield_per(o):
    return sorted(tree.name for part in o.session.scalars(select(Tree)).yield_per(1).partitions() for tree in part)


@ways.filtered(MINE)
def streamed_results(o):
    return names(o.session.scalars(select(Tree).execution_options(stream_results=True, max_row_buffer=1)))


@ways.filtered([])
def beyond_the_last_row(o):
    return o.session.scalars(select(Tree).offset(2).limit(10**6)).all()


@ways.filtered(["yew A"])
def order_by_and_limit(o):
    return names(o.session.scalars(select(Tree).order_by(Tree.height.desc()).limit(1)))


@ways.filtered([])
def filter_by_a_foreign_id(o):
    return o.session.scalars(select(Tree).where(Tree.orchard_id == o.b.orchard)).all()


@ways.filtered(MINE)
def or_around_the_conditions(o):
    return names(o.session.scalars(select(Tree).where((Tree.height > 0) | (Tree.workspace_id == o.b.workspace))))


@ways.filtered(MINE)
def harmless_text(o):
    """Text that can name no table; anything more is refused, as below."""
    return names(o.session.scalars(select(Tree).where(text("true"))))


@ways.refused(UnscopedStatement, "SQL text")
def text_as_a_condition(o):
    return o.session.scalars(select(Tree).where(text("1 = 1) OR (1 = 1"))).all()


@ways.refused(UnscopedStatement, "SQL text")
def literal_column_with_a_subquery(o):
    return o.session.scalars(select(Tree.name, literal_column("(SELECT max(height) FROM trees)"))).all()


@ways.refused(UnscopedStatement, "SQL text")
def text_in_order_by(o):
    return o.session.scalars(select(Tree).order_by(text("(SELECT count(*) FROM trees)"))).all()


@ways.refused(UnscopedStatement, "SQL text")
def prefix(o):
    return o.session.scalars(select(Tree.name).prefix_with("(SELECT 1) + ")).all()


@ways.refused(UnscopedStatement, "SQL text")
def suffix(o):
    return o.session.scalars(select(Tree.name).suffix_with("UNION SELECT name FROM trees")).all()


@ways.refused(UnscopedStatement, "SQL text")
def operator_made_of_text(o):
    return o.session.scalars(select(Tree).where(Tree.name.op("<> '') OR (''=")("x"))).all()


@ways.refused(UnscopedStatement, "SQL text")
def operator_that_is_an_or(o):
    return o.session.scalars(select(Tree).where((Tree.height > 0).op("OR", precedence=100)(true()))).all()


@ways.refused(UnscopedStatement, "SQL text")
def extract_of_text(o):
    return o.session.scalars(select(Tree.name).where(extract("year FROM now()) > 0 OR (0", Tree.height) > 0)).all()


@ways.filtered(["oak A"])
def operator_of_the_database(o):
    return names(o.session.scalars(select(Tree).where(Tree.name.op("LIKE")("oak%"))))


@ways.refused(UnscopedStatement, "SQL text")
def hint(o):
    return o.session.scalars(select(Tree).with_hint(Tree, "ONLY")).all()


@ways.refused(UnscopedStatement, "SQL text")
def from_statement_of_text(o):
    return o.session.scalars(select(Tree).from_statement(text("SELECT * FROM trees"))).all()


@ways.refused(UnscopedStatement, "SQL text")
def text_with_columns(o):
    found = text("SELECT name FROM trees").columns(Tree.name).subquery()
    return o.session.scalars(select(found.c.name)).all()


@ways.filtered([3, 3, 3])
def subquery_among_the_columns(o):
    return list(o.session.scalars(select(select(func.sum(Tree.height)).scalar_subquery()).select_from(Fruit)))


@ways.each()
def test_a_read_stays_inside_the_workspace(way, orchards):
    way.try_in_a(orchards)


@ways.each()
def test_a_read_without_a_workspace_is_refused(way, orchards):
    way.try_without_a_workspace(orchards)


def test_enough_ways_to_read_are_tried():
    assert len(ways.all) >= 60
    assert len({way.name for way in ways.all}) == len(ways.all)
