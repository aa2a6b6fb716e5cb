"""What a careless author of a feature writes, and what the application says before it starts."""

from uuid import UUID, uuid4

import pytest
from sqlalchemy import ForeignKey, Index, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, registry

from enferno.app import create_app
from enferno.author import AuthorFault
from enferno.database import NAMING_CONVENTION
from enferno.tenancy import NoWorkspace, WorkspaceScoped, belongs_to, in_workspace
from enferno.tenancy.declarations import model_faults
from enferno.workspace.models import Workspace
from tests.support import databases


@pytest.fixture
def Model():
    """A declarative base of its own for each test."""

    class Made(DeclarativeBase):
        metadata = MetaData(naming_convention=NAMING_CONVENTION)
        registry = registry(metadata=metadata)

    Workspace.__table__.to_metadata(Made.metadata)
    return Made


def faults(model):
    return [told for _part, told in model_faults(model.__table__, model)]


def test_a_plain_scoped_model_and_a_reference_are_right(Model):
    class Shelf(WorkspaceScoped, Model):
        __tablename__ = "shelves"
        __table_args__ = (UniqueConstraint("workspace_id", "name"), Index(None, "workspace_id", "name", unique=True))
        name: Mapped[str] = mapped_column(String(60))

    class Book(WorkspaceScoped, Model):
        __tablename__ = "books"
        shelf: Mapped[Shelf] = belongs_to(Shelf, ondelete="CASCADE", backref="books")
        sequel = belongs_to("Book", ondelete="SET NULL")

    Model.registry.configure()
    assert faults(Shelf) == faults(Book) == []
    assert Book.__table__.c.shelf_id.nullable is False
    assert Book.__table__.c.sequel_id.nullable is True


def test_the_order_of_the_base_classes_is_told(Model):
    with pytest.raises(TypeError, match=r"class Shelf\(WorkspaceScoped, db.Model\)"):

        class Shelf(Model, WorkspaceScoped):
            __tablename__ = "shelves"


def test_a_workspace_id_without_the_scope_is_told(Model):
    class Shelf(Model):
        __tablename__ = "shelves"
        id: Mapped[UUID] = mapped_column(primary_key=True)
        workspace_id: Mapped[UUID] = mapped_column(ForeignKey("workspaces.id"))

    assert "class Shelf(WorkspaceScoped, db.Model)" in faults(Shelf)[0]


def test_a_reference_by_half_a_key_is_told(Model):
    class Shelf(WorkspaceScoped, Model):
        __tablename__ = "shelves"

    class Book(WorkspaceScoped, Model):
        __tablename__ = "books"
        shelf_id: Mapped[UUID] = mapped_column(ForeignKey("shelves.id"))

    assert "shelf = belongs_to(Shelf) instead of the column" in faults(Book)[0]


def test_a_model_of_nobody_that_refers_to_rows_of_somebody_is_told(Model):
    class Shelf(WorkspaceScoped, Model):
        __tablename__ = "shelves"

    class Book(Model):
        __tablename__ = "books"
        id: Mapped[UUID] = mapped_column(primary_key=True)
        shelf_id: Mapped[UUID] = mapped_column(ForeignKey("shelves.id"))

    assert "class Book(WorkspaceScoped, db.Model)" in faults(Book)[0]


@pytest.mark.parametrize("way", ["column", "constraint", "index"])
def test_a_value_that_is_unique_for_everybody_is_told(Model, way):
    class Shelf(WorkspaceScoped, Model):
        __tablename__ = "shelves"
        __table_args__ = {
            "column": (),
            "constraint": (UniqueConstraint("name"),),
            "index": (Index(None, "name", unique=True),),
        }[way]
        name: Mapped[str] = mapped_column(String(60), unique=way == "column")

    assert '__table_args__ = (UniqueConstraint("workspace_id", "name"),)' in faults(Shelf)[0]


def test_a_target_that_is_not_declared_yet_is_told(Model):
    with pytest.raises(TypeError, match=r'belongs_to\("Shelf", table="\.\.\."\)'):

        class Book(WorkspaceScoped, Model):
            __tablename__ = "books"
            shelf = belongs_to("Shelf")


def test_a_target_declared_later_can_be_named_with_its_table(Model):
    class Book(WorkspaceScoped, Model):
        __tablename__ = "books"
        shelf = belongs_to("Shelf", table="shelves")

    class Shelf(WorkspaceScoped, Model):
        __tablename__ = "shelves"

    Model.registry.configure()
    assert faults(Book) == []


@pytest.mark.parametrize("options", [{"ondelete": "DELETE"}, {"ondelete": "SET NULL", "nullable": False}])
def test_an_impossible_reference_is_told(options):
    with pytest.raises(ValueError, match=r"ondelete|nullable"):
        belongs_to("Shelf", **options)


def test_the_application_does_not_start_with_such_a_model(tmp_path, monkeypatch):
    url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    settings = databases.settings_for(databases.Database("sqlite", url, url, url), tmp_path)
    monkeypatch.setattr("enferno.tenancy.declarations.model_faults", lambda _table, _model: [("id", "a fault")])
    with pytest.raises(AuthorFault, match=r"enferno/\w+/models.py:\d+: a fault"):
        create_app(settings)


def test_a_slug_is_no_workspace(app):
    with app.app_context(), pytest.raises(TypeError, match=r"Workspace\.slug == 'acme'"), in_workspace("acme"):
        pass


def test_a_new_workspace_has_to_be_flushed_first(app):
    with app.app_context(), pytest.raises(TypeError, match="Flush a new workspace"), in_workspace(Workspace(name="x")):
        pass


def test_what_to_write_without_a_workspace_names_all_three_places(app):
    with app.app_context(), pytest.raises(NoWorkspace) as refusal, in_workspace(uuid4()):
        raise NoWorkspace
    assert all(word in str(refusal.value) for word in ("/w/<slug>/", "with in_workspace(", "with unscoped("))
