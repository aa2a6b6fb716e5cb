"""Projects as a part of the application: pages, navigation, examples, migration, and how to be rid of it."""

from flask_migrate import downgrade
from sqlalchemy import create_engine, inspect, select

from enferno.app import create_app
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import User
from features.projects.demo import NAMES, demo
from features.projects.models import Project
from tests.support import databases


def test_the_page_opens_for_members_alone(stage, member):
    assert member.get("/w/acme/projects").status_code == 200
    assert stage.browser(stage.world.noise.member.email).get("/w/acme/projects").status_code == 404


def test_the_examples_belong_to_the_people_of_the_workspace(stage):
    team = stage.world.acme
    with stage.app.app_context(), in_workspace(team.id):
        demo([db.session.get_one(User, person.id) for person in team.people])
        found = db.session.scalars(select(Project)).all()
        assert {project.name for project in found} == set(NAMES)
        assert {project.owner_user_id for project in found} == {person.id for person in team.people}


def test_a_deleted_workspace_takes_its_projects_and_no_others(stage, projects):
    with stage.app.app_context(), in_workspace(stage.world.acme.id) as workspace:
        workspace.delete()
    with stage.app.app_context(), in_workspace(stage.world.noise.id):
        assert len(db.session.scalars(select(Project)).all()) == 3


def test_its_tables_can_be_taken_back_and_the_rest_stays(database, tmp_path):
    app = create_app(databases.settings_for(database, tmp_path))
    with app.app_context():
        downgrade(revision="projects@base")
    databases.dispose(app)
    engine = create_engine(database.owner_url)
    tables = inspect(engine).get_table_names()
    engine.dispose()
    assert "projects" not in tables
    assert "memberships" in tables
