"""A newcomer's first minutes, for real: a fresh clone, `./setup.sh run`, a browser, Ctrl-C, and once more."""

import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.setup.clone import clone, ends, processes_of, running


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    # Not below pytest's own folder: PostgreSQL, run by root as another user, could not get through it.
    with tempfile.TemporaryDirectory(prefix="readykit-clone-") as place:
        yield clone(Path(place))


def test_one_command_leads_to_a_signed_in_workspace(folder: Path) -> None:
    with running(folder) as first:
        assert "Wrote .env with fresh secrets." in first.said
        assert first.get("/").block["page"] == "public/landing"
        home = first.sign_in("Demo member")
        assert home.path == "/w/fernhill-studio/"
        assert home.block["workspace"]["name"] == "Fernhill Studio"
        accounts = first.accounts()
        assert first.stop() == 0
    assert processes_of(folder) == {}
    assert stat.S_IMODE((folder / ".env").stat().st_mode) == 0o600
    assert stat.S_IMODE((folder / "instance").stat().st_mode) == 0o700

    secrets = (folder / ".env").read_text()
    with running(folder) as second:
        assert second.said.splitlines()[0].startswith(("┌", "+")), "a second start has nothing left to prepare"
        assert second.accounts() == accounts
        assert second.sign_in("Superadmin").block["user"]["is_superadmin"]
        assert second.stop() == 0
    assert (folder / ".env").read_text() == secrets
    assert processes_of(folder) == {}


def test_the_same_on_the_embedded_postgresql(folder: Path) -> None:
    before = (folder / "instance" / "demo-credentials.json").read_text()
    with running(folder, "--postgres") as server:
        assert server.sign_in("Demo member").path == "/w/fernhill-studio/"
        assert (folder / "instance" / "postgres" / "postmaster.pid").exists()
        assert server.stop() == 0
    assert not (folder / "instance" / "postgres" / "postmaster.pid").exists()
    assert (folder / "instance" / "demo-credentials.json").read_text() == before, "SQLite's sign-ins would be lost"
    assert processes_of(folder) == {}


def test_a_start_that_is_killed_takes_its_server_along(folder: Path) -> None:
    with running(folder) as server:
        children = set(processes_of(folder)) - {server.process.pid}
        assert children
        server.process.kill()
        assert all(ends(pid) for pid in children)
