"""The access matrix: every route, asked by everyone it may concern, with the status each gets.

    python -m tests.isolation.matrix --write      makes docs/access.md anew
    python -m tests.isolation.matrix              prints what has changed against it

docs/access.md is committed, and a test replays all of it on both databases. So nobody gains or loses access to anything
without a line in a diff that a reviewer has read.
"""

import re
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from werkzeug.test import TestResponse

from tests.isolation.interface import Route, Targets, furnish, with_body
from tests.support.stage import Stage, stage_on
from tests.support.world import Team

__all__ = ["ACTORS", "DOCUMENT", "Actor", "actors", "ask", "differences", "furnished", "read", "replay", "write"]

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "access.md"
COMMAND = "python -m tests.isolation.matrix --write"

ACTORS = {
    "anonymous": "nobody is signed in",
    "stranger": "signed in, belongs to no workspace",
    "neighbour": "owner of another workspace",
    "member": "belongs to this workspace",
    "admin": "belongs to this workspace",
    "owner": "belongs to this workspace",
    "suspended": "owner, in a workspace that is suspended",
    "deactivated": "still has the cookie of an account that was deactivated",
    "superadmin": "the operator; belongs to no workspace",
}
Statuses = dict[str, str]


@dataclass(frozen=True)
class Actor:
    name: str
    email: str | None
    team: Team


def actors(stage: Stage) -> list[Actor]:
    acme = stage.world.acme
    emails = {
        "anonymous": None,
        "stranger": stage.world.stranger.email,
        "neighbour": stage.world.noise.owner.email,
        "member": acme.member.email,
        "admin": acme.admin.email,
        "owner": acme.owner.email,
        "suspended": stage.shut.owner.email,
        "deactivated": stage.former.email,
        "superadmin": stage.world.root.email,
    }
    return [Actor(name, emails[name], stage.shut if name == "suspended" else acme) for name in ACTORS]


def ask(stage: Stage, targets: Targets, route: Route, actor: Actor, method: str = "") -> TestResponse:
    """One request with everything right about it but perhaps the caller."""
    path = targets.path(route, actor.email, actor.team)
    return stage.browser(actor.email).open(path, method or route.method, **with_body(targets.body(route, actor.team)))


def replay(stage: Stage, chosen: Iterable[Route] | None = None) -> dict[str, Statuses]:
    """Ask every route as every actor, each time in the same world; the table of what they got."""
    targets, table = Targets(stage), {}
    for route in chosen if chosen is not None else targets.routes:
        row = {"guard": route.guard}
        for actor in actors(stage):
            row[actor.name] = status_of(ask(stage, targets, route, actor))
            stage.reset()
        table[str(route)] = row
    return table


def status_of(answer: TestResponse) -> str:
    if answer.status_code not in {301, 302, 303, 307, 308}:
        return str(answer.status_code)
    return f"{answer.status_code} {answer.location.partition('?')[0]}"


def furnished(stage: Stage) -> Stage:
    """The stage with rows of every kind in both workspaces, which every reset brings back."""
    furnish(stage, (stage.world.acme, stage.world.noise))
    stage.snapshot.retake()
    return stage


def write(table: dict[str, Statuses]) -> str:
    sections = {"Pages": {}, "JSON interface": {}}  # type: dict[str, dict[str, Statuses]]
    for route, row in table.items():
        sections["JSON interface" if " /api/" in route else "Pages"][route] = row
    return HEAD + "\n".join(f"## {title}\n\n{lines(rows)}\n" for title, rows in sections.items())


def lines(rows: dict[str, Statuses]) -> str:
    columns = ["guard", *ACTORS]
    head = f"| route | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}\n"
    return head + "\n".join(
        f"| `{route}` | {' | '.join(row[column] for column in columns)} |" for route, row in rows.items()
    )


def read(text: str) -> dict[str, Statuses]:
    """The table that a document holds."""
    table = {}
    for route, cells in re.findall(r"^\| `([A-Z]+ /[^`]*)` \| (.*) \|$", text, re.MULTILINE):
        table[route] = dict(zip(["guard", *ACTORS], cells.split(" | "), strict=True))
    return table


def differences(found: dict[str, Statuses], committed: dict[str, Statuses]) -> list[str]:
    """What is not as it was reviewed, a line each."""
    told = [f"new: {route} {found[route]}" for route in found.keys() - committed.keys()]
    told += [f"gone: {route}" for route in committed.keys() - found.keys()]
    for route in found.keys() & committed.keys():
        told += [
            f"changed: {route} as {column}: {committed[route][column]} is now {status}"
            for column, status in found[route].items()
            if committed[route][column] != status
        ]
    return sorted(told)


HEAD = f"""# Who gets what

Every route, asked by everyone it may concern, and the status each gets. Made by `{COMMAND}`, never by hand;
`tests/isolation/test_matrix.py` asks all of it again on SQLite and on PostgreSQL. A new route fails there until its row
is in this file, so read the row before you commit it.

Each request is right in everything but perhaps its caller: ids that exist, a body that fits, the CSRF token. The 404 of
somebody who does not belong is the very answer that an id without anything behind it gets.

What begins with /dev/ stands in for mails and bills on a developer's machine; production does not have it.

{chr(10).join(f"- **{name}**: {words}" for name, words in ACTORS.items())}

"""


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory() as folder, stage_on("sqlite", Path(folder)) as stage:
        found = replay(furnished(stage))
    committed = read(DOCUMENT.read_text()) if DOCUMENT.exists() else {}
    print(*differences(found, committed) or ["Nothing has changed."], sep="\n")
    if "--write" in arguments:
        DOCUMENT.write_text(write(found))
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
