"""A web process that is killed in the middle of a request (cases/faults, 2)."""

import json
import os
import signal
import threading

import psycopg

from tests.deploy.stack import HOST, Stack
from tests.deploy.test_stack import rows, sign_up
from tests.support.servers import until


def children(parent: int) -> set[int]:
    found = set()
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                with open(f"/proc/{entry}/stat") as file:
                    if int(file.read().rpartition(")")[2].split()[1]) == parent:
                        found.add(int(entry))
            except OSError:
                continue
    return found


def test_a_process_killed_in_the_middle_of_a_request_leaves_nothing_half_done(served: Stack) -> None:
    """It has written an event and waits for the new address of the workspace, which somebody is just taking."""
    visitor = sign_up(served, "kim@example.com")
    slug = json.loads(visitor.ask("/api/v1/me/workspaces").body)["items"][0]["slug"]
    address = f"/api/v1/workspaces/{slug}"
    token = visitor.ask("/account/profile").text.partition('"csrf":"')[2].partition('"')[0]
    headers = {"Content_Type": "application/json", "X_CSRFToken": token, "Referer": f"https://{HOST}/"}
    answers: list[int] = []

    def move() -> None:
        body = json.dumps({"slug": "kims-place", "name": "Half moved"})
        answers.append(visitor.ask(address, "PATCH", body, **headers).status)

    state = f"SELECT name, slug FROM workspaces WHERE slug IN ('{slug}', 'kims-place')"
    events = "SELECT kind FROM activities WHERE kind IN ('workspace.moved', 'workspace.renamed')"
    before = rows(served, state), rows(served, events)
    workers = children(served.website.process.pid)
    with psycopg.connect(host=served.postgres.socket, user="postgres", dbname="readykit") as other:
        other.execute(
            "INSERT INTO workspaces (id, slug, name, created_at)"
            " VALUES ('018f0000-0000-7000-8000-00000000000a', 'kims-place', 'Other', now())"
        )
        at_work = threading.Thread(target=move)
        at_work.start()
        blocked = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'readykit_app'"
        until(lambda: rows(served, blocked), "the request that waits")
        for pid in workers:
            os.kill(pid, signal.SIGKILL)
        at_work.join()
        other.rollback()
    assert answers == [503]
    until(lambda: not rows(served, blocked), "the database to let go of it")
    assert (rows(served, state), rows(served, events)) == before
    until(lambda: served.ask("/healthz").status == 200, "the processes back", 10)
    assert visitor.ask(address, "PATCH", json.dumps({"slug": "kims-place"}), **headers).status == 200
