"""Whatever the application needs can be installed the way the image does it, on every platform that people have.

Asks the package index, as whoever installs does: without network these tests fail, because nothing else can tell.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.servers import ROOT

# As uv calls them. Of Linux with the C library of Debian 12, or one as old.
PLATFORMS = {
    "Linux x86-64": "x86_64-unknown-linux-gnu",
    "Linux arm64": "aarch64-unknown-linux-gnu",
    "macOS arm64": "aarch64-apple-darwin",
    "macOS Intel": "x86_64-apple-darwin",
    "Windows": "x86_64-pc-windows-msvc",
}
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
UV = shutil.which("uv", path=str(Path(sys.prefix) / "bin")) or shutil.which("uv") or "uv"
DOCKERFILE = (ROOT / "Dockerfile").read_text()


def options_of_the_image() -> list[str]:
    """What the Dockerfile lets pip take, and with which checks."""
    found = re.search(r"pip wheel (.+) --wheel-dir", DOCKERFILE)
    assert found, "the Dockerfile collects its wheels in another way"
    words = found[1].split()
    kept = ("--require-hashes", "--no-deps", "--only-binary", "--no-binary")
    options = [word for number, word in enumerate(words) if word in kept or (number and words[number - 1] in kept[2:])]
    assert options[:2] == ["--require-hashes", "--no-deps"]
    return options


def install(
    requirements: Path, platform: str, python: str, folder: Path, *more: str
) -> subprocess.CompletedProcess[str]:
    """Everything but the installing itself."""
    where = ["--target", str(folder), "--python-platform", platform, "--python-version", python]
    command = [UV, "pip", "install", "--dry-run", *where, *options_of_the_image(), *more, "-r", str(requirements)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", PLATFORMS)
def test_everything_can_be_installed(name: str, tmp_path: Path) -> None:
    """For the first Python the index is asked; for the others uv remembers what it said."""
    for python in PYTHONS:
        known = [] if python == PYTHONS[0] else ["--offline"]
        done = install(ROOT / "requirements.txt", PLATFORMS[name], python, tmp_path, *known)
        assert done.returncode == 0, f"{name}, Python {python}: {done.stderr[-1500:]}"
        assert "flask==" in done.stderr


def test_a_package_without_a_wheel_is_found(tmp_path: Path) -> None:
    """One that the index has as source alone, and that the Dockerfile does not let off."""
    text = (ROOT / "requirements.txt").read_text()
    alone = tmp_path / "requirements.txt"
    found = re.search(r"^flask-principal==.+?(?=^\S)", text, re.M | re.S)
    assert found
    alone.write_text(found[0])
    let_off = install(alone, PLATFORMS["Linux x86-64"], "3.12", tmp_path)
    assert let_off.returncode == 0, let_off.stderr
    options = ["--no-deps", "--require-hashes", "--only-binary", ":all:"]
    command = [UV, "pip", "install", "--dry-run", "--target", str(tmp_path), *options, "-r", str(alone)]
    refused = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "no usable wheels" in refused.stderr


def test_what_builds_the_one_from_source_is_pinned_and_a_wheel_everywhere(tmp_path: Path) -> None:
    """And it is the only one that is let off."""
    assert re.findall(r"--no-binary (\S+)", DOCKERFILE) == ["flask-principal"]
    assert "--no-build-isolation" in DOCKERFILE, "pip would fetch a setuptools of its own, with no checksum"
    where = ["--target", str(tmp_path), "--python-version", "3.11", "--only-binary", ":all:", "--require-hashes"]
    command = [UV, "pip", "install", "--dry-run", *where, "-r", "requirements-build.txt"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
