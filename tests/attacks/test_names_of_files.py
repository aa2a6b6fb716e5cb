"""A11: an address below /assets/ that no file can have is a 404, and no fault of the application."""

import pytest

from deploy.healthy import ask
from enferno.pages.assets import LONGEST_NAME
from tests.deploy.stack import HOST, Stack

NAMES = {
    "256 bytes": "a" * 256,
    "256 bytes with a hash": "a" * 256 + ".0123456789ab.css",
    "256 bytes in a folder": "css/" + "a" * 256,
    "a thousand folders": "a/" * 1000,
    "letters of two bytes": "ä" * 130,
    "letters of four bytes": "🙂" * 64 + ".0123456789ab.css",
    "NUL": "css/kit\0.css",
    "NUL at the end": "css/kit.css\0",
    "NUL with a hash": "css/kit\0.0123456789ab.css",
    "the folder itself": "",
    "another folder": "../../.env",
    "a line end": "css/kit\r\n.css",
    "backslashes": "..\\..\\.env",
}


@pytest.mark.parametrize("name", NAMES)
def test_the_application_knows_no_such_file(served: Stack, name: str) -> None:
    """A11: asked over its socket, as nginx would hand it over."""
    before = len(served.website.log)
    assert ask(served.door, f"/assets/{NAMES[name]}", HOST).startswith(b"HTTP/1.1 404")
    assert "Traceback" not in served.website.log[before:]


@pytest.mark.parametrize("name", sorted(set(NAMES) - {"another folder", "backslashes"}))
def test_nor_does_nginx(served: Stack, name: str) -> None:
    """A11: NUL in an address nginx refuses wherever it stands, before it has looked which address it is."""
    path = "/assets/" + "".join(f"%{byte:02x}" for byte in NAMES[name].encode())
    answer = served.ask(path)
    assert answer.status == (400 if "\0" in NAMES[name] else 404)


def test_no_file_of_ours_has_a_longer_name(served: Stack) -> None:
    """A11: what the application refuses to look for."""
    folder = served.instance / "assets"
    names = [str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file()]
    assert len(names) > 100
    assert max(len(name) for name in names) <= LONGEST_NAME
    assert all(name.isascii() for name in names)
