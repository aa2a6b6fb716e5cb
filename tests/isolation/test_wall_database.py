"""PostgreSQL's own wall: what passes the first one unseen meets the policies."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from sqlalchemy import create_engine, event, func, insert, select, text, update
from sqlalchemy.exc import ProgrammingError

from enferno.extensions import db
from enferno.tenancy import UnscopedStatement, in_workspace, unscoped
from enferno.tenancy.rowlevel import SAY, scope_applied
from tests.isolation.orchard import Orchard, Tree, tree_tags

COUNT = "SELECT count(*) FROM trees"


@pytest.fixture
def wall(orchards):
    """The orchards, where there is a second wall."""
    return orchards


@pytest.fixture(scope="module", params=["postgresql"])
def planted(request, planted_on):
    yield from planted_on(request.param)


@pytest.fixture
def around(wall):
    """A connection of the application's role around the first wall: an engine that somebody made by hand."""
    engine = create_engine(wall.app.config["SQLALCHEMY_DATABASE_URI"])
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def say(connection, side):
    connection.exec_driver_sql(SAY, (str(side.workspace), ""))


def test_without_a_workspace_the_role_sees_and_changes_nothing(around, wall):
    for table in ("trees", "orchards", "tree_tags"):
        assert around.scalar(text(f"SELECT count(*) FROM {table}")) == 0
    assert around.execute(text("UPDATE trees SET height = 0")).rowcount == 0
    assert around.execute(text("DELETE FROM trees")).rowcount == 0
    with pytest.raises(ProgrammingError, match="row-level security"):
        around.execute(insert(Orchard.__table__).values(workspace_id=wall.a.workspace, id=wall.a.oak, name="new"))


def test_with_a_workspace_the_role_sees_and_changes_that_one(around, wall):
    before = wall.of_b()
    say(around, wall.a)
    assert sorted(around.scalars(text("SELECT name FROM trees"))) == ["oak A", "yew A"]
    assert around.execute(update(Tree.__table__).values(height=7)).rowcount == 2
    assert around.execute(tree_tags.delete()).rowcount == 1
    around.commit()
    assert wall.of_b() == before


def test_a_row_cannot_be_written_into_or_moved_to_another_workspace(around, wall):
    say(around, wall.a)
    with pytest.raises(ProgrammingError, match="row-level security"), around.begin_nested():
        around.execute(insert(Orchard.__table__).values(workspace_id=wall.b.workspace, id=wall.a.oak, name="new"))
    with pytest.raises(ProgrammingError, match="row-level security"), around.begin_nested():
        around.execute(update(Orchard.__table__).values(workspace_id=wall.b.workspace))
    assert around.execute(text("DELETE FROM trees WHERE workspace_id = :b"), {"b": wall.b.workspace}).rowcount == 0


def test_the_workspace_is_forgotten_with_the_transaction(around, wall):
    say(around, wall.a)
    assert around.scalar(text(COUNT)) == 2
    around.commit()
    assert around.scalar(text(COUNT)) == 0  # the setting is '' now, and no longer NULL
    say(around, wall.b)
    around.rollback()
    assert around.scalar(text(COUNT)) == 0


def test_the_owner_of_the_tables_is_bound_by_the_policies_too(planted, wall):
    owner = create_engine(wall.outside.engine.url.set(username="readykit_owner"))
    with owner.connect() as connection:
        assert connection.scalar(text(COUNT)) == 0
        say(connection, wall.b)
        assert connection.scalar(text(COUNT)) == 2
    owner.dispose()


def test_a_view_with_security_invoker_keeps_the_workspace_and_one_without_does_not(around, wall):
    """Why the catalogue refuses the second kind: it reads as whoever made it, here a superuser."""
    for name, options in (("safe", "WITH (security_invoker = true)"), ("open", "")):
        wall.outside.execute(text(f"CREATE VIEW trees_{name} {options} AS SELECT * FROM trees"))
        wall.outside.execute(text(f"GRANT SELECT ON trees_{name} TO readykit_app"))
    wall.outside.commit()
    say(around, wall.a)
    assert around.scalar(text("SELECT count(*) FROM trees_safe")) == 2
    assert around.scalar(text("SELECT count(*) FROM trees_open")) == 4
    around.rollback()
    wall.outside.execute(text("DROP VIEW trees_safe, trees_open"))
    wall.outside.commit()


def test_a_raw_cursor_of_the_application_meets_the_second_wall(wall):
    """The first wall cannot see a cursor that was taken from under SQLAlchemy."""
    with in_workspace(wall.a.workspace):
        with db.session.connection().connection.cursor() as cursor:
            assert cursor.execute(COUNT).fetchone() == (0,)
        assert db.session.scalar(select(func.count()).select_from(Tree)) == 2
        with db.session.connection().connection.cursor() as cursor:
            assert cursor.execute(COUNT).fetchone() == (2,)
            assert cursor.execute("UPDATE trees SET height = 0").rowcount == 2
    with db.engine.raw_connection() as raw, raw.cursor() as cursor:
        assert cursor.execute(COUNT).fetchone() == (0,)


def test_a_function_that_runs_sql_given_as_a_value_meets_the_second_wall(wall):
    """The first wall sees a function with a parameter."""
    with in_workspace(wall.a.workspace):
        db.session.scalars(select(Tree)).all()
        words = func.ts_stat("SELECT to_tsvector('simple', name) FROM trees").table_valued("word")
        assert set(db.session.scalars(select(words.c.word))) == {"oak", "yew", "a"}


def test_a_connection_goes_back_to_the_pool_without_a_workspace(wall):
    for _ in range(20):
        with in_workspace(wall.a.workspace):
            assert db.session.scalar(select(func.count()).select_from(Tree)) == 2
        with unscoped("a test of the pool"):
            assert db.session.scalar(select(func.count()).select_from(Tree)) == 4
            db.session.rollback()
        with db.engine.raw_connection() as raw, raw.cursor() as cursor:
            assert cursor.execute(COUNT).fetchone() == (0,)


def test_the_workspace_is_said_once_in_a_transaction(wall):
    said = []

    def count(_connection, statement):
        said.append(statement)

    with scope_applied.connected_to(count), in_workspace(wall.a.workspace):
        for _ in range(10):
            db.session.scalars(select(Tree)).all()
        db.session.add(Orchard(name="new"))
        db.session.commit()
        assert len(said) == 1
        db.session.scalars(select(Tree)).all()
    assert len(said) == 2


def test_a_transaction_that_touches_no_workspace_says_nothing(wall):
    said = []

    def count(_connection, statement):
        said.append(statement)

    with scope_applied.connected_to(count), in_workspace(wall.a.workspace):
        db.session.scalar(select(1))
    assert said == []


def test_autocommit_is_refused_because_nothing_would_tell_the_workspace(wall):
    with in_workspace(wall.a.workspace), db.engine.connect() as connection:
        connection = connection.execution_options(isolation_level="AUTOCOMMIT")
        with pytest.raises(UnscopedStatement, match="AUTOCOMMIT"):
            connection.execute(select(Tree.__table__).where(Tree.workspace_id == wall.a.workspace))


def test_a_lost_connection_does_not_carry_its_memory_over(wall):
    """A connection replaced under the pool starts without a workspace, whatever its predecessor was told."""
    with in_workspace(wall.a.workspace):
        db.session.scalars(select(Tree)).all()
        db.session.connection().invalidate()
        db.session.rollback()
        assert len(db.session.scalars(select(Tree)).all()) == 2


def test_both_walls_say_the_same_under_load(wall):
    """What the first wall lets through is what the second shows, with eight workers on a small pool."""

    def work(number):
        side = (wall.a, wall.b)[number % 2]
        with wall.app.app_context(), in_workspace(side.workspace):
            names = set(db.session.scalars(select(Tree.name)))
            with db.session.connection().connection.cursor() as cursor:
                unseen = {row[0] for row in cursor.execute("SELECT name FROM trees")}
            return names == unseen == {f"oak {side.letter}", f"yew {side.letter}"}

    with ThreadPoolExecutor(4) as threads:
        assert all(threads.map(work, range(80)))


def test_the_second_wall_stands_when_the_first_is_taken_down(wall):
    """Every statement of the first wall's refusals, sent as it is by the application's role, finds A alone."""
    engine = create_engine(wall.app.config["SQLALCHEMY_DATABASE_URI"])

    @event.listens_for(engine, "begin")
    def enter(connection):
        say(connection, wall.a)

    trees = Tree.__table__
    with engine.connect() as connection:
        assert connection.execute(select(trees.c.name)).all() == [("oak A",), ("yew A",)]
        assert connection.scalar(select(func.count()).select_from(tree_tags)) == 1
        assert connection.execute(select(trees).where(trees.c.workspace_id == wall.b.workspace)).all() == []
        assert connection.execute(update(trees).where(trees.c.id == wall.b.oak).values(height=0)).rowcount == 0
    engine.dispose()


def test_copy_is_bound_by_the_policies(wall):
    with psycopg.connect(wall.app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", "")) as connection:
        connection.execute(SAY, (str(wall.a.workspace), ""))
        with connection.cursor().copy("COPY (SELECT name FROM trees ORDER BY name) TO STDOUT") as copied:
            assert b"".join(copied) == b"oak A\nyew A\n"
