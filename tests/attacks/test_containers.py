"""What somebody finds who has got into a container, as far as docker-compose.yml and the Dockerfile decide it."""

import re
from pathlib import Path

import pytest

from deploy.strip import leftovers
from tests.deploy.test_images import DOCKERFILE, SERVICES
from tests.support.servers import ROOT


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_container_has_no_right_of_root_and_nothing_to_write_to_but_what_it_names(name: str) -> None:
    """A26. Write `<<: *service` into a new service, and what it writes into `tmpfs` or `volumes`."""
    service = SERVICES[name]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["read_only"] is True
    assert 0 < service["pids_limit"] <= 500
    for mount in service["tmpfs"]:
        assert "size=" in mount, f"{mount} may take all of the memory"
    # The two images of others are run as the user that their entrypoint would become, which takes rights of root.
    assert service.get("user", "") == {"postgres": "postgres", "redis": "valkey"}.get(name, "")


@pytest.mark.parametrize("name", ["website", "worker", "beat", "migrate"])
def test_the_application_writes_to_its_instance_folder_which_the_image_has_given_to_it(name: str) -> None:
    """A26: a new volume gets the owner that its folder has in the image."""
    folder = re.search(r"INSTANCE_PATH=(\S+)", DOCKERFILE)
    assert folder
    assert f"instance:{folder[1]}" in SERVICES[name]["volumes"]
    assert re.search(rf"install --directory --owner readykit --group readykit --mode 0750 .*{folder[1]}", DOCKERFILE)


def test_the_socket_is_shared_by_nginx_and_the_website_alone() -> None:
    """A8, A26."""
    sharing = {name for name, service in SERVICES.items() if "door:" in str(service.get("volumes"))}
    assert sharing == {"nginx", "website"}
    assert "door:/run/readykit:ro" in SERVICES["nginx"]["volumes"]
    groups = set(re.findall(r"groupadd --system --gid (\d+) readykit", DOCKERFILE))
    assert len(groups) == 1
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.M) == ["readykit:readykit", "www-data:readykit"]


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_no_password_is_on_a_command_line(name: str) -> None:
    """A26: every process of the machine reads those. `$$` is a variable of the container's shell."""
    service = SERVICES[name]
    for words in (
        service.get("command", []),
        service.get("healthcheck", {}).get("test", []),
        service.get("entrypoint", []),
    ):
        text = " ".join([words] if isinstance(words, str) else words)
        assert not re.search(r"(?<!\$)\$\{?\w*(PASSWORD|SECRET|KEY|AUTH|SALT|URL)", text), text
        assert "--requirepass" not in text


def test_the_guide_puts_no_password_on_a_command_line() -> None:
    """A26."""
    page = (ROOT / "docs" / "deployment.md").read_text()
    assert not re.search(r"flask create[^\n]* (-p|--password)", page)


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_what_it_runs_on_can_be_named_by_its_digest(name: str) -> None:
    """A26: by whoever has tried it; none is known in here."""
    service = SERVICES[name]
    if "build" in service:
        assert set(service["build"]["args"]) == {"PYTHON_DIGEST", "DEBIAN_DIGEST"}
    elif not service["image"].startswith("readykit-"):
        assert re.search(r"\$\{\w+_DIGEST:-\}$", service["image"]), service["image"]
    outside = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert all(base.endswith("_DIGEST}") for base in outside), outside


def test_no_installer_is_in_what_is_shipped(tmp_path: Path) -> None:
    """A26: the environment is made without pip, and the image's own Python loses it."""
    assert "venv --without-pip .venv" in DOCKERFILE
    website = DOCKERFILE.partition("AS website")[2].partition("\nFROM ")[0]
    assert "python /tmp/strip.py" in website
    assert not re.search(r"apt-get|gcc|build-essential|pip install", website)
    library, programs = tmp_path / "lib", tmp_path / "bin"
    installers = ("pip", "pip-23.0.1.dist-info", "setuptools", "setuptools-65.5.1.dist-info", "wheel", "ensurepip")
    others = ("email", "pipes.py", "wheelhouse", "site.py", "distutils-extra")
    for name in (*installers, "pkg_resources", "_distutils_hack", *others):
        (library / name).mkdir(parents=True)
    programs.mkdir()
    for name in ("pip", "pip3", "pip3.11", "wheel", "easy_install-3.11", "python3", "pipx-is-not-it", "wheelbarrow"):
        (programs / name).touch()
    found = {entry.name for entry in leftovers([library], [programs])}
    assert {entry.name for entry in library.iterdir()} - found == set(others)
    assert {entry.name for entry in programs.iterdir()} - found == {"python3", "pipx-is-not-it", "wheelbarrow"}
