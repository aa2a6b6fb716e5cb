"""docs/deployment.md, "Without Docker": its units and commands, held against what the same files need in the images.

systemd itself is not asked: what runs these tests has none.
"""

import configparser
import io
import re
import subprocess
from pathlib import Path

import pytest
from dotenv import dotenv_values

from enferno.settings import Settings
from tests.deploy.stack import NGINX, write_certificate
from tests.deploy.test_images import DOCKERFILE, SERVICES
from tests.docs.reading import blocks
from tests.support.servers import ROOT, free_port

PAGE = ROOT / "docs" / "deployment.md"
TEXT = PAGE.read_text()
BEGIN = TEXT.count("\n", 0, TEXT.index("## Without Docker"))
END = TEXT.count("\n", 0, TEXT.index("## Where a router is in front"))
OURS = ("migrate", "website", "worker", "beat")
STATE = "/var/lib/readykit"
DOOR = "/run/readykit"


def section(kind: str) -> list[str]:
    return [block.text for block in blocks(PAGE, kind) if BEGIN < block.line < END]


def commands() -> list[str]:
    found = [block for block in blocks(PAGE, "sh") if BEGIN < block.line < END]
    return [command for block in found for command in block.commands]


def unit(name: str) -> dict[str, list[str]]:
    """All values of each name in [Service]: systemd adds up what configparser would replace."""
    description = {"migrate": "static files and migrations"}.get(name, name)
    text = next(text for text in section("ini") if f"Description=ReadyKit: {description}\n" in text)
    parsed = configparser.ConfigParser(strict=False, interpolation=None)
    parsed.read_string(text)
    assert parsed.has_section("Service")
    found: dict[str, list[str]] = {}
    for line in text.partition("[Service]")[2].partition("\n[")[0].strip().splitlines():
        key, _, value = line.partition("=")
        found.setdefault(key, []).append(value)
    return found


def test_there_is_a_unit_for_every_part() -> None:
    assert len(section("ini")) == len(OURS) + 1
    for name in (*OURS, "nginx"):
        assert unit(name)["ExecStart"]
        assert f"`readykit-{name}.service`" in TEXT


def test_the_environment_is_that_of_a_server_and_complete() -> None:
    """Without ENV it would show the pages of development to the world; without TRUSTED_PROXIES all visitors are one."""
    given, owner = (dotenv_values(stream=io.StringIO(text)) for text in section("dotenv"))
    assert (given["ENV"], given["TRUSTED_PROXIES"], given["INSTANCE_PATH"]) == ("production", "1", STATE)
    filled = {name: value or "x" * 48 for name, value in given.items()}
    assert Settings.from_environ(filled).is_production
    demanded = {name for name, value in SERVICES["website"]["environment"].items() if ":?" in value}
    assert demanded - {"REDIS_PASSWORD"} <= set(given)
    assert set(owner) == {"MIGRATION_DATABASE_URL"}
    assert "MIGRATION_DATABASE_URL" not in given


def test_what_systemd_would_take_for_a_value_is_none() -> None:
    """In its files a comment has a line of its own."""
    assert not re.search(r"^\w+=.*\s#", "".join(section("dotenv")), re.M)


@pytest.mark.parametrize("name", OURS)
def test_a_unit_of_the_application_runs_as_its_user_with_its_settings(name: str) -> None:
    service = unit(name)
    assert (service["User"], service["Group"]) == (["readykit"], ["readykit"])
    assert (service["StateDirectory"], service["StateDirectoryMode"]) == ([Path(STATE).name], ["0750"])
    assert service["WorkingDirectory"] == ["/srv/readykit"]
    owner = ["/etc/readykit-owner.env"] if name == "migrate" else []
    assert service["EnvironmentFile"] == ["/etc/readykit.env", *owner]
    for command in service["ExecStart"]:
        program, *words = command.split()
        assert program.startswith("/srv/readykit/.venv/bin/")
        assert (ROOT / program.removeprefix("/srv/readykit/")).exists(), program
        assert all((ROOT / word).exists() for word in words if word.startswith("deploy/")), command


@pytest.mark.parametrize("name", ["website", "worker", "beat"])
def test_a_unit_runs_what_the_container_runs(name: str) -> None:
    service = unit(name)
    image = re.findall(r'^CMD \["(uwsgi.*)"\]$', DOCKERFILE, re.M)[0].split('", "')
    command = SERVICES[name].get("command", image)
    assert service["ExecStart"] == ["/srv/readykit/.venv/bin/" + " ".join(command)]
    grace = SERVICES[name].get("stop_grace_period")
    assert grace is None or service["TimeoutStopSec"] == [grace.removesuffix("s")]
    assert service["Restart"] == ["always"]


def test_only_the_website_has_the_folder_of_the_socket() -> None:
    """systemd takes it away when its unit stops: of a second one, that would be in the midst of the first."""
    assert [name for name in (*OURS, "nginx") if "RuntimeDirectory" in unit(name)] == ["website"]
    website = unit("website")
    assert (website["RuntimeDirectory"], website["RuntimeDirectoryMode"]) == ([Path(DOOR).name], ["0750"])
    socket = f"{DOOR}/website.sock"
    assert f"UWSGI_SOCKET={socket}" in website["Environment"][0].split()
    assert f"unix:{socket}" in (ROOT / "nginx" / "upstream.conf").read_text()


def test_nginx_may_open_the_socket_and_the_ports_and_is_not_root() -> None:
    service = unit("nginx")
    assert (service["User"], service["SupplementaryGroups"]) == (["www-data"], ["readykit"])
    assert service["AmbientCapabilities"] == service["CapabilityBoundingSet"] == ["CAP_NET_BIND_SERVICE"]
    assert service["KillSignal"] == [re.findall(r"^STOPSIGNAL (SIGQUIT)$", DOCKERFILE, re.M)[0]]
    assert service["ExecStart"] == ["/usr/sbin/nginx -p /srv/nginx -c nginx.conf"]
    log = service["StandardOutput"][0].removeprefix("append:")
    made = next(command for command in commands() if command.startswith("install") and command.endswith(log))
    assert "-o www-data" in made, "systemd would make it as root, and nginx opens it once more by itself"
    assert f"install -d {Path(log).parent}" in commands()


def test_nobody_is_led_to_the_setup_of_development() -> None:
    assert not any("setup.sh" in command for command in commands())
    pinned = [command for command in commands() if "pip install" in command]
    assert [command.split()[-1] for command in pinned] == ["requirements-build.txt", "requirements.txt"]
    assert all("--require-hashes" in command and (ROOT / command.split()[-1]).exists() for command in pinned)


@pytest.fixture
def prepared(tmp_path: Path) -> Path:
    """The folder that the guide's own commands make of nginx/, but for the owners and the certificate."""
    there = tmp_path / "nginx"
    for command in commands():
        if "/srv/nginx" not in command or "letsencrypt" in command:
            continue
        here = re.sub(r"-[og] [\w-]+ ?", "", command.replace("/srv/nginx", str(there)))
        subprocess.run(["/bin/sh", "-c", here], cwd=ROOT, check=True)
    write_certificate(there / "certs")
    return there


def test_the_commands_make_a_folder_that_nginx_accepts(prepared: Path) -> None:
    assert (prepared / "files" / "assets").readlink() == Path(STATE) / "assets"
    listen = {name: (prepared / "here" / name).read_text() for name in ("listen.conf", "listen-plain.conf")}
    assert listen == {
        "listen.conf": "listen 443 ssl http2 default_server;\nlisten [::]:443 ssl http2 default_server;\n",
        "listen-plain.conf": "listen 80 default_server;\nlisten [::]:80 default_server;\n",
    }
    used = set(re.findall(r"\b(files|pages|run|temp|acme|certs)(?=/|;)", nginx_text(prepared)))
    assert {name for name in used if not (prepared / name).is_dir()} == set()
    move_ports(prepared)
    command = [NGINX, "-t", "-q", "-p", str(prepared), "-c", "nginx.conf"]
    tested = subprocess.run(command, capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr


def nginx_text(folder: Path) -> str:
    return "".join(file.read_text() for file in folder.rglob("*.conf"))


def move_ports(folder: Path) -> None:
    """To some that are free, on loopback: this machine may lack IPv6, and the right to the others."""
    for name in ("listen.conf", "listen-plain.conf", "listen-health.conf"):
        file = folder / "here" / name
        line = file.read_text().splitlines()[0]
        file.write_text(re.sub(r"^listen (?:[\d.]+:)?\d+", f"listen 127.0.0.1:{free_port()}", line) + "\n")
