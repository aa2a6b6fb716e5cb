"""Every way to write through the ORM touches what the current workspace has, or is refused."""

import pytest
from sqlalchemy import case, delete, exists, insert, literal, select, text, union_all, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from enferno.extensions import db
from enferno.tenancy import CrossWorkspace, NoWorkspace, UnscopedStatement, in_workspace, unscoped
from tests.isolation.orchard import Crate, Orchard, Tag, Tree, tree_tags
from tests.isolation.ways import Ways

ways = Ways()
MINE = ["oak A", "yew A"]
LEAVE_OUT = "Leave workspace_id out"
NEVER = "A row never changes its workspace"


def upsert(o, model):
    return {"sqlite": sqlite.insert, "postgresql": postgresql.insert}[o.kind](model)


def all_heights(o):
    return sorted(o.session.scalars(select(Tree.height)))


@ways.filtered(2)
def update_without_a_condition(o):
    return o.session.execute(update(Tree).values(height=9)).rowcount


@ways.filtered(0)
def update_by_a_foreign_id(o):
    return o.session.execute(update(Tree).where(Tree.id == o.b.oak).values(height=9)).rowcount


@ways.filtered(MINE)
def update_returning(o):
    return sorted(o.session.scalars(update(Tree).values(height=9).returning(Tree.name)))


@ways.filtered([9, 9])
def update_synchronised_by_fetching(o):
    found = o.session.scalars(select(Tree)).all()
    o.session.execute(update(Tree).values(height=9), execution_options={"synchronize_session": "fetch"})
    return [tree.height for tree in found]


@ways.filtered(0)
def update_where_exists(o):
    return o.session.execute(update(Tree).where(exists().where(Orchard.name == "orchard B")).values(height=9)).rowcount


@ways.filtered([1, 1])
def update_from_a_subquery(o):
    lowest = select(Tree.height).order_by(Tree.height.desc()).offset(1).limit(1).scalar_subquery()
    o.session.execute(update(Tree).values(height=lowest))
    return all_heights(o)


@ways.refused(UnscopedStatement, "Add `Orchard.workspace_id == current_workspace.id` to its WHERE")
def update_joined_to_another_model(o):
    joined = update(Tree).where(Tree.orchard_id == Orchard.id, Orchard.name == "orchard B")
    o.session.execute(joined.values(height=0), execution_options={"synchronize_session": False})


@ways.filtered([0, 0])
def update_joined_by_the_whole_key(o):
    own = (Tree.workspace_id == Orchard.workspace_id) & (Tree.orchard_id == Orchard.id)
    o.session.execute(update(Tree).where(own).values(height=0), execution_options={"synchronize_session": False})
    return all_heights(o)


@ways.refused(CrossWorkspace, NEVER)
def update_of_the_workspace(o):
    return o.session.execute(update(Tree).values(workspace_id=o.b.workspace))


@ways.refused(CrossWorkspace, NEVER)
def update_of_the_workspace_in_order(o):
    return o.session.execute(update(Tree).ordered_values((Tree.height, 1), (Tree.workspace_id, o.b.workspace)))


@ways.refused(CrossWorkspace, NEVER)
def update_of_the_workspace_by_text(o):
    return o.session.execute(update(Tree).values({"workspace_id": case((Tree.height > 0, o.b.workspace))}))


@ways.filtered(["oak A"])
def bulk_update_by_primary_key(o):
    o.session.execute(update(Tree), [{"workspace_id": o.a.workspace, "id": o.a.oak, "height": 9}])
    return sorted(o.session.scalars(select(Tree.name).where(Tree.height == 9)))


@ways.refused(CrossWorkspace, LEAVE_OUT)
def bulk_update_by_a_foreign_primary_key(o):
    o.session.execute(update(Tree), [{"workspace_id": o.b.workspace, "id": o.b.oak, "height": 9}])


@ways.refused(CrossWorkspace, LEAVE_OUT)
def bulk_update_mappings(o):
    o.session.bulk_update_mappings(Tree, [{"workspace_id": o.b.workspace, "id": o.b.oak, "height": 9}])


@ways.refused(CrossWorkspace, LEAVE_OUT)
def bulk_save_objects(o):
    tree = Tree(id=o.b.oak, name="mine", orchard_id=o.b.orchard)
    tree.__dict__["workspace_id"] = o.b.workspace
    o.session.bulk_save_objects([tree])


@ways.filtered(1)
def delete_without_a_condition(o):
    return o.session.execute(delete(Crate)).rowcount


@ways.filtered(0)
def delete_by_a_foreign_id(o):
    return o.session.execute(delete(Tree).where(Tree.id == o.b.oak)).rowcount


@ways.filtered(MINE)
def delete_returning(o):
    return sorted(o.session.scalars(delete(Tree).returning(Tree.name)))


@ways.filtered(2)
def legacy_query_delete(o):
    return o.session.query(Tree).delete()


@ways.filtered(2)
def legacy_query_update(o):
    return o.session.query(Tree).update({"height": 9})


@ways.filtered([])
def dml_in_a_cte(o):
    if o.kind == "sqlite":  # which has none
        o.session.execute(delete(Tree))
        return all_heights(o)
    gone = delete(Tree).where(Tree.workspace_id == o.a.workspace).returning(Tree.id).cte("gone")
    assert len(o.session.scalars(select(gone.c.id)).all()) == 2
    return all_heights(o)


@ways.refused(UnscopedStatement, "workspace_id == current_workspace.id")
def dml_in_a_cte_without_a_condition(o):
    gone = delete(Tree.__table__).returning(Tree.__table__.c.id).cte("gone")
    return o.session.scalars(select(gone.c.id)).all()


@ways.filtered("A")
def insert_without_a_workspace(o):
    o.session.execute(insert(Orchard).values(name="new"))
    found = o.session.scalars(select(Orchard).where(Orchard.name == "new")).one()
    return "A" if found.workspace_id == o.a.workspace else "elsewhere"


@ways.refused(CrossWorkspace, LEAVE_OUT)
def insert_for_another_workspace(o):
    o.session.execute(insert(Orchard).values(workspace_id=o.b.workspace, name="new"))


@ways.refused(CrossWorkspace, LEAVE_OUT)
def insert_many_for_another_workspace(o):
    o.session.execute(insert(Orchard), [{"name": "new", "workspace_id": o.b.workspace}, {"name": "newer"}])


@ways.refused(CrossWorkspace, LEAVE_OUT)
def insert_many_returning(o):
    rows = [{"name": "new", "workspace_id": side.workspace} for side in (o.a, o.b)]
    return o.session.scalars(insert(Orchard).returning(Orchard.id), rows).all()


@ways.refused(CrossWorkspace, LEAVE_OUT)
def bulk_insert_mappings(o):
    o.session.bulk_insert_mappings(Orchard, [{"name": "new", "workspace_id": o.b.workspace}])


@ways.filtered(["copy", "copy"])
def insert_from_select(o):
    found = select(Tree.workspace_id, Tree.id, literal("copy"))
    o.session.execute(insert(Tag).from_select(["workspace_id", "id", "name"], found))
    return [tag.name for tag in o.session.scalars(select(Tag).where(Tag.name == "copy"))]


@ways.filtered(["oak A", "orchard A", "tag A", "yew A"])
def insert_from_a_union(o):
    both = union_all(
        select(Tree.workspace_id, Tree.id, Tree.name), select(Orchard.workspace_id, Orchard.id, Orchard.name)
    )
    o.session.execute(insert(Tag).from_select(["workspace_id", "id", "name"], both))
    return sorted(o.session.scalars(select(Tag.name)))


@ways.refused(CrossWorkspace, LEAVE_OUT)
def insert_from_select_for_another_workspace(o):
    found = select(literal(o.b.workspace), Tree.id, Tree.name)
    o.session.execute(insert(Tag).from_select(["workspace_id", "id", "name"], found))


@ways.refused(UnscopedStatement, "workspace_id == current_workspace.id")
def insert_from_select_of_the_other(o):
    theirs = aliased(Orchard.__table__)
    found = select(theirs.c.workspace_id, theirs.c.id, theirs.c.name)
    o.session.execute(insert(Tag.__table__).from_select(["workspace_id", "id", "name"], found))


@ways.filtered(["new orchard A"])
def upsert_of_ones_own(o):
    given = upsert(o, Orchard).values(id=o.a.orchard, name="x")
    o.session.execute(
        given.on_conflict_do_update(index_elements=["workspace_id", "id"], set_={"name": "new orchard A"})
    )
    return sorted(o.session.scalars(select(Orchard.name)))


@ways.refused(CrossWorkspace, LEAVE_OUT)
def upsert_of_a_foreign_row(o):
    given = upsert(o, Orchard).values(workspace_id=o.b.workspace, id=o.b.orchard, name="mine")
    o.session.execute(given.on_conflict_do_update(index_elements=["workspace_id", "id"], set_={"name": "mine"}))


@ways.refused(CrossWorkspace, NEVER)
def upsert_that_moves(o):
    given = upsert(o, Orchard).values(id=o.a.orchard, name="mine")
    moved = {"workspace_id": o.b.workspace}
    o.session.execute(given.on_conflict_do_update(index_elements=["workspace_id", "id"], set_=moved))


@ways.refused(UnscopedStatement, "SQL text")
def upsert_with_text(o):
    given = upsert(o, Orchard).values(id=o.a.orchard, name="mine")
    taken = {"name": text("(SELECT max(name) FROM orchards)")}
    o.session.execute(given.on_conflict_do_update(index_elements=["workspace_id", "id"], set_=taken))


@ways.refused(CrossWorkspace, "was made while")
def a_new_object_for_another_workspace(o):
    o.session.add(Orchard(workspace_id=o.b.workspace, name="new"))
    o.session.flush()


@ways.refused(CrossWorkspace, "cannot move to")
def a_moved_object(o):
    tree = o.session.get(Tree, o.a.oak)
    o.now()
    tree.workspace_id = o.b.workspace


@ways.refused(CrossWorkspace, "cannot move to")
def an_object_without_a_workspace(o):
    tree = o.session.get(Tree, o.a.oak)
    o.now()
    tree.workspace_id = None


@ways.refused(CrossWorkspace, "was moved from")
def an_object_moved_behind_the_mappers_back(o):
    tree = o.session.get(Tree, o.a.oak)
    o.now()
    tree.__dict__["workspace_id"] = o.b.workspace
    tree.name = "mine"
    o.session.flush()


@ways.refused(CrossWorkspace, "while")
def a_new_object_moved_behind_the_mappers_back(o):
    orchard = Orchard(name="new")
    orchard.__dict__["workspace_id"] = o.b.workspace
    o.session.add(orchard)
    o.session.flush()


@ways.like_absent
def a_child_of_a_foreign_parent(o, id):
    parent = o.b.orchard if id == o.b.oak else id
    o.session.add(Tree(id=o.a.tag, name="new", orchard_id=parent))
    try:
        o.session.flush()
    except IntegrityError as refusal:
        return type(refusal)


@ways.like_absent
def a_row_that_refers_to_a_foreign_one_of_its_own_kind(o, id):
    o.session.get(Tree, o.a.oak).graft_id = id
    try:
        o.session.flush()
    except IntegrityError as refusal:
        return type(refusal)


@ways.like_absent
def a_link_to_a_foreign_row(o, id):
    try:
        o.session.execute(insert(tree_tags).values(workspace_id=o.a.workspace, tree_id=id, tag_id=o.a.tag))
    except IntegrityError as refusal:
        return type(refusal)


@ways.like_absent
def an_id_that_is_taken_elsewhere(o, id):
    o.session.add(Tree(id=id, name="new", orchard_id=o.a.orchard))
    o.session.flush()


@ways.filtered("free")
def a_unique_value_that_is_taken_elsewhere(o):
    o.session.add(Orchard(name="orchard B"))
    o.session.flush()
    return "free"


@ways.filtered([])
def deleting_the_parent(o):
    o.session.delete(o.session.get(Orchard, o.a.orchard))
    o.session.flush()
    return all_heights(o)


@ways.filtered([None])
def deleting_what_is_referred_to(o):
    o.session.get(Tree, o.a.yew).graft_id = o.a.oak
    o.session.flush()
    o.session.delete(o.session.get(Tree, o.a.oak))
    o.session.flush()
    return list(o.session.scalars(select(Tree.graft_id)))


@ways.each()
def test_a_write_stays_inside_the_workspace(way, orchards):
    way.try_in_a(orchards)


@ways.each()
def test_a_write_without_a_workspace_is_refused(way, orchards):
    if way.go in (a_moved_object, an_object_moved_behind_the_mappers_back, an_object_without_a_workspace):
        with pytest.raises(NoWorkspace):
            way.go(orchards)
    else:
        way.try_without_a_workspace(orchards)


def test_inside_unscoped_a_new_row_must_name_its_workspace(orchards):
    for go in (
        lambda: db.session.execute(insert(Orchard).values(name="new")),
        lambda: db.session.execute(insert(Orchard), [{"name": "new"}, {"name": "newer"}]),
        lambda: (db.session.add(Orchard(name="new")), db.session.flush()),
    ):
        with pytest.raises(CrossWorkspace, match="must name its workspace"), unscoped("a test of writing"):
            go()
        db.session.rollback()


def test_inside_unscoped_a_row_still_keeps_its_workspace(orchards):
    with pytest.raises(CrossWorkspace, match=NEVER), unscoped("a test of moving"):
        db.session.execute(update(Tree).values(workspace_id=orchards.a.workspace))
    with pytest.raises(CrossWorkspace, match="cannot move"), unscoped("a test of moving"):
        db.session.get(Tree, (orchards.b.workspace, orchards.b.oak)).workspace_id = orchards.a.workspace


def test_inside_unscoped_both_workspaces_are_seen_and_written(orchards):
    with unscoped("a test of the way out"):
        assert sorted(db.session.scalars(select(Orchard.name))) == ["orchard A", "orchard B"]
        db.session.add(Orchard(workspace_id=orchards.b.workspace, name="new"))
        db.session.commit()
    with in_workspace(orchards.b.workspace):
        assert sorted(db.session.scalars(select(Orchard.name))) == ["new", "orchard B"]
