"""Case 40: two workspaces and seven people do whatever comes to mind, and everyone always sees what the shadow says.

3,000 steps on SQLite and 1,000 on PostgreSQL; ISOLATION_STEPS=200000 for a long night. The same steps every time.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from enferno.access.roles import MemberRole
from enferno.app import create_app
from enferno.errors import AlreadyMember
from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.user.models import SUPERADMIN, Role, User
from enferno.workspace.founding import found_workspace
from enferno.workspace.models import Membership
from tests.conftest import DATABASES
from tests.isolation.interface import NOBODY
from tests.isolation.shadow import Shadow, Team
from tests.support import databases
from tests.support.client import Browser
from tests.support.snapshot import Snapshot
from tests.support.world import make_person

STEPS = {"sqlite": int(os.environ.get("ISOLATION_STEPS", "3000")), "postgresql": 1000}
EACH = 50
# Steps of one example: what people do, and what everyone looks at once more at its end. Some end a little early.
STEPS_OF_ONE = 60

PEOPLE = [f"p{number}" for number in range(7)]
# Who is there in the beginning; the rest belongs nowhere.
BEGINNING = {"violet": {"p0": "owner", "p1": "admin", "p2": "member"}, "amber": {"p3": "owner", "p4": "member"}}
SLUGS = ["violet", "amber", "one", "two", "three", "never"]

PAGES = ["", "members", "projects", "activity"]

# Somebody: one of the seven, or one of those who belong to the team at that moment, so that most steps do something.
people = st.sampled_from(PEOPLE) | st.integers(0, 6)
teams = st.sampled_from(sorted(BEGINNING))
roles = st.sampled_from([str(role) for role in MemberRole])
slugs = st.sampled_from(SLUGS[:-1])
picks = st.integers(0, 1000)
Someone = str | int


class Ground:
    """The application with two workspaces, everyone signed in, and its rows as they were in the beginning."""

    def __init__(self, database: databases.Database, folder: Path) -> None:
        self.app = create_app(databases.settings_for(database, folder))
        self.steps = 0
        made = [make_person(self.app, f"{name}@example.com", name) for name in [*PEOPLE, "root"]]
        self.ids = {person.name: person.id for person in made}
        with self.app.app_context():
            root = db.session.get_one(User, self.ids["root"])
            root.roles.append(Role(name=SUPERADMIN))
            db.session.commit()
        self.workspaces = {key: self.found(key, roles) for key, roles in BEGINNING.items()}
        self.browsers = {name: Browser(self.app).sign_in(f"{name}@example.com") for name in self.ids}
        self.snapshot = Snapshot(database)

    def found(self, key: str, roles: dict[str, str]) -> Any:
        with self.app.app_context():
            first = next(iter(roles))
            workspace_id = found_workspace(db.session.get_one(User, self.ids[first]), key).id
            db.session.commit()
        with self.app.app_context(), in_workspace(workspace_id) as workspace:
            for name, role in list(roles.items())[1:]:
                workspace.add(db.session.get_one(User, self.ids[name]), role)
        return workspace_id

    def name_of(self, user_id: str | None) -> str | None:
        return next((name for name, found in self.ids.items() if str(found) == user_id), None)


class TwoWorkspaces(RuleBasedStateMachine):
    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.ground.snapshot.restore()
        beginning = [Team(key, key, key, dict(roles), events=len(roles)) for key, roles in BEGINNING.items()]
        self.shadow = Shadow(beginning)

    # What people do

    @rule(team=teams, person=people, role=roles)
    def join(self, team: str, person: Someone, role: str) -> None:
        person = self.someone(person, team)
        joins = self.shadow.add(self.shadow.teams[team], person, role)
        try:
            with self.inside(team) as workspace:
                workspace.add(db.session.get_one(User, self.ground.ids[person]), role)
        except AlreadyMember:
            assert not joins
        else:
            assert joins

    @rule(actor=people, team=teams, person=people, role=roles)
    def change_role(self, actor: Someone, team: str, person: Someone, role: str) -> None:
        actor, person = self.someone(actor, team), self.someone(person, team)
        path = f"{self.api(team)}/members/{self.ground.ids[person]}"
        self.send(actor, "PATCH", path, self.shadow.change_role(actor, self.team(team), person, role), role=role)

    @rule(actor=people, team=teams, person=people)
    def remove(self, actor: Someone, team: str, person: Someone) -> None:
        actor, person = self.someone(actor, team), self.someone(person, team)
        path = f"{self.api(team)}/members/{self.ground.ids[person]}"
        self.send(actor, "DELETE", path, self.shadow.remove(actor, self.team(team), person))

    @rule(actor=people, team=teams)
    def leave(self, actor: Someone, team: str) -> None:
        actor = self.someone(actor, team)
        path = f"{self.api(team)}/members/me"
        self.send(actor, "DELETE", path, self.shadow.leave(actor, self.team(team)))

    @rule(team=teams, suspended=st.integers(0, 3).map(lambda number: number == 3))
    def suspend(self, team: str, suspended: bool) -> None:
        path = f"/api/v1/superadmin/workspaces/{self.ground.workspaces[team]}/suspension"
        self.send("root", "POST" if suspended else "DELETE", path, self.shadow.suspend(self.team(team), suspended))

    @rule(actor=people, team=teams, number=st.integers(1, 3))
    def rename(self, actor: Someone, team: str, number: int) -> None:
        actor = self.someone(actor, team)
        name = f"{team} {number}"
        self.send(actor, "PATCH", self.api(team), self.shadow.rename(actor, self.team(team), name), name=name)

    @rule(actor=people, team=teams, slug=slugs)
    def move(self, actor: Someone, team: str, slug: str) -> None:
        actor = self.someone(actor, team)
        path = self.api(team)
        self.send(actor, "PATCH", path, self.shadow.move(actor, self.team(team), slug), slug=slug)

    @rule(actor=people, team=teams, owner=st.none() | people)
    def create(self, actor: Someone, team: str, owner: Someone | None) -> None:
        actor, owner = self.someone(actor, team), self.someone(owner, team)
        name = f"{team} project {next(self.shadow.numbers)}"
        status = self.shadow.create(actor, self.team(team), owner)
        answer = self.send(actor, "POST", f"{self.api(team)}/projects", status, name=name, owner_id=self.id_of(owner))
        if status == 201:
            self.shadow.created(self.team(team), answer.json["id"], name, owner)

    @rule(actor=people, team=teams, pick=picks, owner=st.none() | people)
    def edit(self, actor: Someone, team: str, pick: int, owner: Someone | None) -> None:
        actor, owner = self.someone(actor, team), self.someone(owner, team)
        found, name = self.project(pick), f"{team} edited {pick % 3}"
        status = self.shadow.edit(actor, self.team(team), found, name, owner)
        path = f"{self.api(team)}/projects/{found}"
        self.send(actor, "PATCH", path, status, name=name, owner_id=self.id_of(owner))

    @rule(actor=people, team=teams, pick=picks)
    def delete(self, actor: Someone, team: str, pick: int) -> None:
        actor = self.someone(actor, team)
        found = self.project(pick)
        path = f"{self.api(team)}/projects/{found}"
        self.send(actor, "DELETE", path, self.shadow.delete(actor, self.team(team), found))

    # What people see

    @rule(actor=people, team=teams)
    def read_projects(self, actor: Someone, team: str) -> None:
        actor = self.someone(actor, team)
        answer = self.get(actor, f"{self.api(team)}/projects?per_page=100", self.shadow.gate(actor, self.team(team)))
        if answer.status_code == 200:
            seen = {one["id"]: (one["name"], self.ground.name_of(one["owner_id"])) for one in answer.json["items"]}
            expected = {found: (one.name, one.owner) for found, one in self.team(team).projects.items()}
            assert seen == expected

    @rule(actor=people, team=teams)
    def read_members(self, actor: Someone, team: str) -> None:
        actor = self.someone(actor, team)
        answer = self.get(actor, f"{self.api(team)}/members?per_page=100", self.shadow.gate(actor, self.team(team)))
        if answer.status_code == 200:
            seen = {self.ground.name_of(one["user_id"]): one["role"] for one in answer.json["items"]}
            assert seen == self.team(team).roles

    @rule(actor=people, team=teams)
    def read_activity(self, actor: Someone, team: str) -> None:
        actor = self.someone(actor, team)
        answer = self.get(actor, f"{self.api(team)}/activity?per_page=1", self.shadow.gate(actor, self.team(team)))
        if answer.status_code == 200:
            assert answer.json["total"] == self.team(team).events

    @rule(actor=people, team=teams, pick=picks)
    def read_one_project(self, actor: Someone, team: str, pick: int) -> None:
        actor = self.someone(actor, team)
        found = self.project(pick)
        missing = None if found in self.team(team).projects else 404
        self.get(actor, f"{self.api(team)}/projects/{found}", self.shadow.gate(actor, self.team(team)) or missing)

    @rule(actor=people, team=teams, text=st.sampled_from(["violet", "amber", "project", "edited"]))
    def search(self, actor: Someone, team: str, text: str) -> None:
        actor = self.someone(actor, team)
        path = f"{self.api(team)}/projects?search={text}"
        answer = self.get(actor, path, self.shadow.gate(actor, self.team(team)))
        if answer.status_code == 200:
            expected = [one for one in self.team(team).projects.values() if text in one.name]
            assert answer.json["total"] == len(expected)

    @rule(actor=st.sampled_from(PEOPLE))
    def read_own_workspaces(self, actor: str) -> None:
        answer = self.get(actor, "/api/v1/me/workspaces", None)
        assert {one["slug"] for one in answer.json["items"]} == self.shadow.reachable(actor)

    @rule(
        actor=st.sampled_from(PEOPLE),
        slug=st.sampled_from(SLUGS),
        page=st.sampled_from(["", "members", "projects", "activity"]),
    )
    def open_a_page(self, actor: str, slug: str, page: str) -> None:
        status, leads_to = self.shadow.visit(actor, slug)
        answer = self.get(actor, f"/w/{slug}/{page}", status if status != 200 else None)
        assert not leads_to or answer.location == f"/w/{leads_to}/{page}"

    @rule(team=teams)
    def read_through_the_domain(self, team: str) -> None:
        with self.inside(team) as workspace:
            seen = {one.user.name: one.role for one in db.session.query(Membership)}
            assert workspace.name == self.team(team).name
        assert seen == self.team(team).roles

    # How

    def teardown(self) -> None:
        """At the end everyone looks at everything once more."""
        for team in BEGINNING:
            self.read_through_the_domain(team)
            for actor in PEOPLE:
                self.read_projects(actor, team)

    def someone(self, who: Someone | None, key: str) -> Any:
        members = sorted(self.team(key).roles)
        return members[who % len(members)] if isinstance(who, int) else who

    def team(self, key: str) -> Team:
        return self.shadow.teams[key]

    def api(self, key: str) -> str:
        return f"/api/v1/workspaces/{self.team(key).slug}"

    def id_of(self, person: str | None) -> str | None:
        return None if person is None else str(self.ground.ids[person])

    def project(self, pick: int) -> str:
        """Any project of either workspace, or one that was never there."""
        known = [found for team in self.shadow.teams.values() for found in team.projects]
        return [*known, NOBODY][pick % (len(known) + 1)]

    @contextmanager
    def inside(self, key: str) -> Iterator[Any]:
        self.ground.steps += 1
        with self.ground.app.app_context(), in_workspace(self.ground.workspaces[key]) as workspace:
            yield workspace

    def send(self, actor: str, method: str, path: str, status: int, **body: Any) -> Any:
        self.ground.steps += 1
        answer = self.ground.browsers[actor].open(path, method, **({"json": body} if body else {}))
        assert answer.status_code == status, (actor, method, path, body, answer.status, status)
        return answer

    def get(self, actor: str, path: str, status: int | None) -> Any:
        """Read as `actor`: the status must be the shadow's, and nothing of a workspace that is not his may be in it."""
        self.ground.steps += 1
        answer = self.ground.browsers[actor].get(path)
        assert answer.status_code == (status or 200), (actor, path, answer.status, status)
        for team in self.shadow.unseen_by(actor):
            # The address that was asked for is the caller's own word.
            text = answer.text.replace(path.partition("?")[0], "")
            assert f"{team.key} project" not in text
            assert str(self.ground.workspaces[team.key]) not in text
        return answer


@pytest.fixture(params=DATABASES)
def ground(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[str, Ground]]:
    with databases.fresh(request.param, tmp_path) as database:
        found = Ground(database, tmp_path)
        yield request.param, found
        found.snapshot.close()
        databases.dispose(found.app)


def test_whatever_two_workspaces_do_everyone_sees_what_the_shadow_says(ground: tuple[str, Ground]):
    kind, found = ground
    machine = type("OnThisGround", (TwoWorkspaces,), {"ground": found})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=-(-STEPS[kind] // STEPS_OF_ONE),
            stateful_step_count=EACH,
            derandomize=True,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
    assert found.steps >= STEPS[kind]
