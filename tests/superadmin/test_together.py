"""Two superadmins at the same moment: the second sees what the first did, or is refused."""

import contextlib
import threading

from sqlalchemy import func, select

from enferno.access.roles import MemberRole
from enferno.extensions import db
from enferno.user import administration, deletion
from enferno.user.models import SUPERADMIN, User
from tests.superadmin.conftest import API
from tests.support.client import Browser

# How long the first waits for the second to get as far; where a lock holds the second back, it goes on alone.
PATIENCE_SECONDS = 0.5


def meet_after(monkeypatch, module, name):
    """Let two threads leave the function `name` together, as far as nothing keeps one of them inside."""
    original, barrier = getattr(module, name), threading.Barrier(2)

    def together(*given, **more):
        found = original(*given, **more)
        with contextlib.suppress(threading.BrokenBarrierError):
            barrier.wait(PATIENCE_SECONDS)
        return found

    monkeypatch.setattr(module, name, together)


def at_once(*acts):
    """Run the acts in a thread each; gives the statuses of their answers."""
    answers = [0] * len(acts)

    def run(number):
        answers[number] = acts[number]().status_code

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def another_superadmin(stage, root, person):
    root.patch(f"{API}/users/{person.id}", json={"is_superadmin": True})
    return Browser(stage.app).sign_in(person.email)


def test_two_superadmins_who_unmake_each_other_do_not_both_succeed(monkeypatch, stage, root, world):
    sten = another_superadmin(stage, root, world.stranger)
    meet_after(monkeypatch, administration, "other_superadmins")
    answers = at_once(
        lambda: root.patch(f"{API}/users/{world.stranger.id}", json={"is_superadmin": False}),
        lambda: sten.patch(f"{API}/users/{world.root.id}", json={"is_superadmin": False}),
    )
    assert answers.count(200) <= 1
    assert not set(answers) & {500}
    with stage.app.app_context():
        query = select(func.count()).select_from(User).where(User.roles.any(name=SUPERADMIN), User.active)
        assert db.session.scalar(query) >= 1


def test_two_owners_who_are_deleted_at_once_do_not_leave_their_workspace_without_an_owner(
    monkeypatch, stage, root, outlook, world
):
    sten = another_superadmin(stage, root, world.stranger)
    outlook.add(world.acme, world.noise.member, MemberRole.OWNER)
    meet_after(monkeypatch, deletion, "belongings_of")
    answers = at_once(
        lambda: root.post(f"{API}/users/{world.acme.owner.id}/deletion", json={}),
        lambda: sten.post(f"{API}/users/{world.noise.member.id}/deletion", json={}),
    )
    assert answers.count(204) <= 1
    assert not set(answers) & {500}
    assert "owner" in outlook.members(world.acme.id).values()
