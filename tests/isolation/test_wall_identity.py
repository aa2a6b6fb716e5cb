"""Every way to hold, forge, carry or revive an object: it cannot be read, written or followed in another workspace."""

import pickle
from uuid import uuid4

import pytest
from sqlalchemy import inspect, select
from sqlalchemy.orm import make_transient, make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.exc import ObjectDeletedError

from enferno.extensions import db
from enferno.tenancy import CrossWorkspace, TenancyError, in_workspace, serve, unscoped
from tests.isolation.orchard import Orchard, Tag, Tree
from tests.isolation.ways import Ways

pytestmark = pytest.mark.filterwarnings("ignore:The Query.get")
ways = Ways()
ASKED = "the current workspace is filled in"
WRITTEN = "would be written while"


def stolen(o, kind=Tree):
    """A row of B, as an object that its own session has let go."""
    with in_workspace(o.b.workspace):
        thing = o.session.scalars(select(kind)).first()
        o.session.expunge(thing)
        return thing


def forged(o):
    """An object that claims to be a stored row of B."""
    tree = Tree.__new__(Tree)
    Tree.__mapper__.class_manager.setup_instance(tree)
    set_committed_value(tree, "workspace_id", o.b.workspace)
    set_committed_value(tree, "id", o.b.oak)
    make_transient_to_detached(tree)
    return tree


@ways.like_absent
def get(o, id):
    return o.session.get(Tree, id)


@ways.refused(CrossWorkspace, ASKED)
def get_by_the_whole_key(o):
    return o.session.get(Tree, (o.b.workspace, o.b.oak))


@ways.refused(CrossWorkspace, ASKED)
def get_by_a_dictionary(o):
    return o.session.get(Tree, {"workspace_id": o.b.workspace, "id": o.b.oak})


@ways.like_absent
def get_one(o, id):
    return o.session.get_one(Tree, id)


@ways.like_absent
def legacy_get(o, id):
    return o.session.query(Tree).get((o.a.workspace, id))


@ways.refused(CrossWorkspace, "Leave workspace_id out")
def legacy_get_by_the_whole_key(o):
    return o.session.query(Tree).get((o.b.workspace, o.b.oak))


@ways.filtered(None)
def get_with_populate_existing(o):
    return o.session.get(Tree, o.b.oak, populate_existing=True)


@ways.like_absent
def get_for_update(o, id):
    return o.session.get(Tree, id, with_for_update=True)


def hold(o):
    """Bring a row of B into A's identity map, as only `unscoped` can."""
    with unscoped("a test looks at both"):
        return o.session.get(Tree, (o.b.workspace, o.b.oak))


@ways.refused(CrossWorkspace, ASKED)
def get_from_a_warm_identity_map(o):
    hold(o)
    o.now()
    return o.session.get(Tree, (o.b.workspace, o.b.oak))


@ways.like_absent
def get_by_id_from_a_warm_identity_map(o, id):
    hold(o)
    return o.session.get(Tree, id)


@ways.refused(TenancyError, "workspace")
def refresh_what_was_held(o):
    tree = hold(o)
    o.now()
    o.session.refresh(tree)


@ways.refused(TenancyError, "workspace")
def expired_attribute_of_what_was_held(o):
    tree = hold(o)
    o.session.expire(tree)
    o.now()
    return tree.name


@ways.refused(TenancyError, "workspace")
def lazy_load_from_what_was_held(o):
    tree = hold(o)
    o.now()
    return tree.orchard.name


@ways.refused(TenancyError, "workspace")
def lazy_collection_of_what_was_held(o):
    tree = hold(o)
    o.now()
    return tree.tags


@ways.refused(CrossWorkspace, WRITTEN)
def change_what_was_held(o):
    hold(o).name = "mine"
    o.now()
    o.session.flush()


@ways.refused(CrossWorkspace, WRITTEN)
def delete_what_was_held(o):
    o.session.delete(hold(o))
    o.now()
    o.session.flush()


@ways.refused(CrossWorkspace, WRITTEN)
def change_what_was_stolen(o):
    tree = stolen(o)
    o.session.add(tree)
    tree.name = "mine"
    o.now()
    o.session.flush()


@ways.refused(CrossWorkspace, WRITTEN)
def delete_what_was_stolen(o):
    tree = stolen(o)
    o.now()
    o.session.delete(tree)
    o.session.flush()


@ways.refused(TenancyError, "workspace")
def refresh_what_was_stolen(o):
    tree = stolen(o)
    o.session.add(tree)
    o.now()
    o.session.refresh(tree)


@ways.refused(TenancyError, "workspace")
def lazy_load_from_what_was_stolen(o):
    tree = stolen(o)
    o.session.add(tree)
    o.now()
    return tree.orchard.name


@ways.refused(CrossWorkspace, WRITTEN)
def change_what_was_forged(o):
    tree = forged(o)
    o.session.add(tree)
    tree.name = "mine"
    o.now()
    o.session.flush()


@ways.refused(TenancyError, "workspace")
def read_what_was_forged(o):
    tree = forged(o)
    o.session.add(tree)
    o.now()
    return tree.name


@ways.refused(CrossWorkspace, WRITTEN)
def delete_what_was_forged(o):
    tree = forged(o)
    o.now()
    o.session.delete(tree)
    o.session.flush()


@ways.refused(CrossWorkspace, WRITTEN)
def pickled_and_revived(o):
    tree = pickle.loads(pickle.dumps(stolen(o)))
    o.session.add(tree)
    tree.name = "mine"
    o.now()
    o.session.flush()


@ways.refused(CrossWorkspace, ASKED)
def merge_what_was_stolen(o):
    tree = stolen(o)
    tree.name = "mine"
    o.now()
    o.session.merge(tree)
    o.session.flush()


@ways.refused(CrossWorkspace, WRITTEN)
def merge_without_loading(o):
    tree = stolen(o)
    o.now()
    merged = o.session.merge(tree, load=False)
    merged.name = "mine"
    o.session.flush()


@ways.refused(CrossWorkspace, "Leave workspace_id out")
def merge_of_a_new_object_with_the_whole_key(o):
    o.session.merge(Tree(workspace_id=o.b.workspace, id=o.b.oak, name="mine"))
    o.session.flush()


@ways.filtered([])
def merge_of_a_new_object_with_its_id_makes_a_row_of_ones_own(o):
    o.session.merge(Tree(id=o.b.oak, name="mine", orchard_id=o.a.orchard))
    o.session.flush()
    return o.session.scalars(select(Tree).where(Tree.height > 2)).all()


@ways.refused(CrossWorkspace, "cannot move to")
def transient_again_and_moved(o):
    tree = o.session.get(Tree, o.a.oak)
    o.now()
    make_transient(tree)
    tree.workspace_id = o.b.workspace
    o.session.add(tree)
    o.session.flush()


@ways.refused(CrossWorkspace, WRITTEN)
def transient_again_after_theft(o):
    tree = stolen(o)
    make_transient(tree)
    tree.id, tree.name = uuid4(), "copy"
    o.session.add(tree)
    o.now()
    o.session.flush()


@ways.refused(CrossWorkspace, WRITTEN)
def object_made_in_b(o):
    with in_workspace(o.b.workspace):
        tree = Tree(name="new", orchard_id=o.b.orchard)
    o.session.add(tree)
    o.now()
    o.session.flush()


@ways.refused(CrossWorkspace, WRITTEN)
def appended_to_a_collection(o):
    mine = o.session.get(Orchard, o.a.orchard)
    assert len(mine.trees) == 2
    mine.trees.append(stolen(o))
    o.now()
    o.session.flush()


@ways.refused(CrossWorkspace, WRITTEN)
def linked_through_a_link_table(o):
    mine = o.session.get(Tree, o.a.yew)
    mine.tags.append(stolen(o, Tag))
    mine.tags[0].name = "mine"
    o.now()
    o.session.flush()


@ways.refused(CrossWorkspace, "serves")
def session_carried_into_another_workspace(o):
    carried = o.session()
    carried.scalars(select(Tree)).all()
    o.now()
    with in_workspace(o.b.workspace):
        return carried.scalars(select(Tree)).all()


@ways.refused(CrossWorkspace, "serves")
def lazy_load_after_the_context_was_switched(o):
    tree = o.session.get(Tree, o.a.oak)
    o.now()
    with in_workspace(o.b.workspace):
        return tree.orchard


@ways.refused(CrossWorkspace, "serves")
def expired_attribute_after_the_context_was_switched(o):
    tree = o.session.get(Tree, o.a.oak)
    o.session.expire(tree)
    o.now()
    with in_workspace(o.b.workspace):
        return tree.name


@ways.each()
def test_an_object_cannot_be_carried_across(way, orchards):
    way.try_in_a(orchards)


@pytest.mark.parametrize("way", [w for w in ways.all if w.go in (get, get_by_the_whole_key, get_by_a_dictionary)])
def test_get_without_a_workspace_is_refused(way, orchards):
    way.try_without_a_workspace(orchards)


def test_what_is_made_in_a_session_is_followed_only_inside_it(orchards):
    """Lazy loads from an object made here, whose foreign key names a row of B, find nothing."""
    with in_workspace(orchards.a.workspace):
        tree = Tree(name="new", orchard_id=orchards.b.orchard)
        db.session.add(tree)
        with db.session.no_autoflush:
            db.session().enable_relationship_loading(tree)
            assert tree.orchard is None
        db.session.expunge(tree)


def test_a_row_that_moved_outside_is_gone_and_not_followed(orchards):
    with in_workspace(orchards.a.workspace):
        tree = db.session.get(Tree, orchards.a.yew)
        db.session.commit()
        table = Tree.__table__
        orchards.outside.execute(table.delete().where(table.c.id == orchards.a.yew))
        key = {"workspace_id": orchards.b.workspace, "id": orchards.a.yew, "orchard_id": orchards.b.orchard}
        orchards.outside.execute(table.insert().values(name="moved", height=1, **key))
        orchards.outside.commit()
        with pytest.raises(ObjectDeletedError):
            assert tree.name
        db.session.rollback()


def test_only_the_same_workspace_may_be_served_again(orchards):
    with serve(orchards.a.workspace):
        assert db.session.get(Tree, orchards.a.oak)
    with pytest.raises(CrossWorkspace, match="in_workspace"), serve(orchards.b.workspace):
        pass
    with serve(orchards.a.workspace):
        assert inspect(db.session.get(Tree, orchards.a.oak)).persistent
