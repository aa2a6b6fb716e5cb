"""A shadow of two workspaces: who belongs to which, what is in them, and so what every request must answer.

It knows the rules as a person would tell them and nothing of tables, guards or sessions.
"""

from dataclasses import dataclass, field
from itertools import count

__all__ = ["Project", "Shadow", "Team"]

STAFF = {"owner", "admin"}


@dataclass
class Project:
    name: str
    owner: str | None


@dataclass
class Team:
    key: str
    slug: str
    name: str
    roles: dict[str, str]
    projects: dict[str, Project] = field(default_factory=dict)
    suspended: bool = False
    events: int = 1

    def owners(self) -> int:
        return list(self.roles.values()).count("owner")

    def lose(self, person: str) -> None:
        """The person goes; the projects stay, and nobody answers for them."""
        del self.roles[person]
        self.events += 1
        for project in self.projects.values():
            if project.owner == person:
                project.owner = None


class Shadow:
    """Every method changes what the real thing would change, and says the status it must answer with."""

    def __init__(self, teams: list[Team]) -> None:
        self.teams = {team.key: team for team in teams}
        self.claimed = {team.slug: team.key for team in teams}
        self.numbers = count(1)

    def gate(self, actor: str, team: Team, roles: set[str] | None = None) -> int | None:
        """The refusal that comes before everything else."""
        if actor not in team.roles:
            return 404
        if team.suspended or (roles is not None and team.roles[actor] not in roles):
            return 403
        return None

    def unseen_by(self, actor: str) -> list[Team]:
        return [team for team in self.teams.values() if actor not in team.roles]

    def reachable(self, actor: str) -> set[str]:
        return {team.slug for team in self.teams.values() if actor in team.roles and not team.suspended}

    def add(self, team: Team, person: str, role: str) -> bool:
        if person in team.roles:
            return False
        team.roles[person] = role
        team.events += 1
        return True

    def change_role(self, actor: str, team: Team, person: str, role: str) -> int:
        if refusal := self.gate(actor, team, STAFF):
            return refusal
        if person not in team.roles:
            return 404
        if team.roles[person] == role:
            return 200
        if "owner" in {team.roles[person], role} and team.roles[actor] != "owner":
            return 403
        if team.roles[person] == "owner" and team.owners() < 2:
            return 409
        team.roles[person] = role
        team.events += 1
        return 200

    def remove(self, actor: str, team: Team, person: str) -> int:
        if refusal := self.gate(actor, team, STAFF):
            return refusal
        if person not in team.roles:
            return 404
        if team.roles[person] == "owner" and team.roles[actor] != "owner":
            return 403
        return self.go(team, person)

    def leave(self, actor: str, team: Team) -> int:
        return self.gate(actor, team) or self.go(team, actor)

    def go(self, team: Team, person: str) -> int:
        if team.roles[person] == "owner" and team.owners() < 2:
            return 409
        team.lose(person)
        return 204

    def suspend(self, team: Team, suspended: bool) -> int:
        team.events += team.suspended != suspended
        team.suspended = suspended
        return 204

    def rename(self, actor: str, team: Team, name: str) -> int:
        if refusal := self.gate(actor, team, STAFF):
            return refusal
        team.events += team.name != name
        team.name = name
        return 200

    def move(self, actor: str, team: Team, slug: str) -> int:
        if refusal := self.gate(actor, team, STAFF):
            return refusal
        if self.claimed.setdefault(slug, team.key) != team.key:
            return 422
        team.events += team.slug != slug
        team.slug = slug
        return 200

    def create(self, actor: str, team: Team, owner: str | None) -> int:
        if refusal := self.gate(actor, team):
            return refusal
        return 422 if owner is not None and owner not in team.roles else 201

    def created(self, team: Team, found: str, name: str, owner: str | None) -> None:
        team.projects[found] = Project(name, owner)
        team.events += 1

    def edit(self, actor: str, team: Team, found: str, name: str, owner: str | None) -> int:
        if refusal := self.gate(actor, team):
            return refusal
        if found not in team.projects:
            return 404
        if owner is not None and owner not in team.roles:
            return 422
        wanted = Project(name, owner)
        team.events += team.projects[found] != wanted
        team.projects[found] = wanted
        return 200

    def delete(self, actor: str, team: Team, found: str) -> int:
        if refusal := self.gate(actor, team, STAFF):
            return refusal
        if found not in team.projects:
            return 404
        del team.projects[found]
        team.events += 1
        return 204

    def visit(self, actor: str, slug: str) -> tuple[int, str]:
        """A page at any address, had before or never: its status, and where it leads."""
        team = self.teams.get(self.claimed.get(slug, ""))
        if team is None or actor not in team.roles:
            return 404, ""
        if slug != team.slug:
            return 308, team.slug
        return (403 if team.suspended else 200), ""
