"""The Dockerfile and docker-compose.yml, read as Docker reads them: nothing they name is missing, nothing is secret."""

import re
import shutil
import subprocess
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
import yaml

from enferno.settings import Settings
from tests.support.servers import ROOT

HEADERS = (ROOT / "nginx" / "headers.conf").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
ONCE = {"migrate"}
LONG = sorted(set(SERVICES) - ONCE)
DOCKERFILE = (ROOT / "Dockerfile").read_text()
# In .env of the one who installs, or known to be the same for all who use this file.
FIXED = {"ENV", "TRUSTED_PROXIES", "DATABASE_STATEMENT_TIMEOUT"}
# Not for a container: paths inside the image, and what only development chooses.
LEFT_OUT = {"log_format", "database_app_role", "migration_database_url"}


def test_the_services_are_the_ones_of_the_server_shape() -> None:
    assert set(SERVICES) == {"nginx", "website", "worker", "beat", "migrate", "postgres", "redis"}


@pytest.mark.parametrize("name", LONG)
def test_every_service_has_a_health_check_limits_and_a_restart(name: str) -> None:
    service = SERVICES[name]
    assert service["healthcheck"]["test"]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory"}
    assert service["restart"] == "unless-stopped"
    assert service["logging"]["options"]["max-size"], "a log without an end fills the disk"


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_every_file_that_a_service_names_exists(name: str) -> None:
    service = SERVICES[name]
    for volume in service.get("volumes", []):
        for mode in ("tls", "plain"):
            path = volume.replace("${NGINX:-tls}", mode).split(":")[0]
            assert not path.startswith("./") or path == "./certs" or (ROOT / path).exists(), path
            assert path.startswith("./") or path in COMPOSE["volumes"], path
    for word in service.get("healthcheck", {}).get("test", []):
        assert not word.startswith("deploy/") or (ROOT / word).exists(), word


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_waits_for_what_it_needs(name: str) -> None:
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        expected = "service_completed_successfully" if needed in ONCE else "service_healthy"
        assert how == {"condition": expected}
        assert needed in SERVICES


def test_no_secret_is_written_into_the_file() -> None:
    """What a setting keeps secret, and every password, comes from .env and stops the start when it is not there."""
    secret = {field.name.upper() for field in fields(Settings) if field.metadata["secret"]}
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if variable in secret or "PASSWORD" in variable or variable == "REDISCLI_AUTH":
                assert value == "" or "${" in str(value), f"{name}: {variable}"
    text = (ROOT / "docker-compose.yml").read_text()
    for credentials in re.findall(r"://[^@\s\"]*:([^@\s\"]+)@", text):
        # Only what is left of a substitution, or the words of an explanation.
        assert credentials.endswith("}") or credentials == "password", credentials
    used = set(re.findall(r"\$\{(\w+)", text))
    demanded = set(re.findall(r"\$\{(\w+):\?", text))
    passwords = {name for name in used if "PASSWORD" in name or name in {"SECRET_KEY", "SECURITY_PASSWORD_SALT"}}
    assert passwords <= demanded


def test_only_migrations_know_the_owner_of_the_tables() -> None:
    for name in set(SERVICES) - {"migrate", "postgres"}:
        given = SERVICES[name].get("environment", {})
        assert not any("OWNER" in str(value) for value in given.values()), name
        assert not given.get("MIGRATION_DATABASE_URL"), name
    assert "readykit_owner" in SERVICES["migrate"]["environment"]["MIGRATION_DATABASE_URL"]
    assert "readykit_app:" in SERVICES["website"]["environment"]["DATABASE_URL"]


@pytest.mark.parametrize("name", ["website", "worker", "beat", "migrate"])
def test_the_products_own_settings_reach_the_application_and_the_passwords_of_others_do_not(name: str) -> None:
    """All of .env is handed on, and what `environment` says wins: a password that is not the application's is ""."""
    assert SERVICES[name]["env_file"] == [{"path": ".env", "required": False}]
    given = SERVICES[name]["environment"]
    settings = {field.name.upper() for field in fields(Settings)}
    named = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    of_others = {one for one in named if re.search("PASSWORD|SECRET|(?<!VAL)KEY|TOKEN", one)} - settings
    assert "POSTGRES_OWNER_PASSWORD" in of_others
    assert {one: given.get(one) for one in of_others} == dict.fromkeys(of_others, "")
    assert bool(given["MIGRATION_DATABASE_URL"]) == (name == "migrate")


@pytest.mark.parametrize("name", ["website", "worker", "beat", "migrate"])
def test_every_setting_reaches_the_application(name: str) -> None:
    """A new setting belongs into x-settings of docker-compose.yml, as NAME: ${NAME:-}."""
    given = set(SERVICES[name]["environment"])
    wanted = {field.name.upper() for field in fields(Settings) if field.name not in LEFT_OUT}
    wanted = {name for name in wanted if not name.endswith("_PATH")}
    missing = wanted - given - FIXED
    assert not missing, f"write into x-settings of docker-compose.yml: {', '.join(sorted(missing))}"


def test_the_settings_of_the_file_make_a_production() -> None:
    """With every demanded value given, the application finds no fault in its settings."""
    given = {
        "BASE_URL": "https://app.example.com",
        "SMTP_URL": "smtp://user:secret@mail.example.com:587",
        "MAIL_FROM": "Acme <hello@example.com>",
    }

    def fill(match: re.Match[str]) -> str:
        name, _, rest = match[1].partition(":")
        return given.get(name, "") if rest.startswith("-") else given.get(name, "x" * 40)

    for name in ("website", "worker", "beat", "migrate"):
        environment = SERVICES[name]["environment"]
        settings = Settings.from_environ({k: re.sub(r"\$\{([^}]+)\}", fill, v) for k, v in environment.items()})
        assert settings.is_production
        assert settings.trusted_proxies == 1


def test_nothing_but_nginx_is_reachable_from_outside() -> None:
    assert [name for name in SERVICES if "ports" in SERVICES[name]] == ["nginx"]
    assert COMPOSE["networks"]["back"] == {"internal": True}
    for name in ("postgres", "redis"):
        assert SERVICES[name]["networks"] == ["back"]


def test_the_worker_may_finish_what_it_does() -> None:
    from enferno.tasks.broker import options

    limit = options(Settings(secret_key="x" * 40, security_password_salt="x" * 40))["task_time_limit"]
    assert int(SERVICES["worker"]["stop_grace_period"].removesuffix("s")) > limit


def stages() -> list[str]:
    return re.findall(r"^FROM \S+ AS (\w+)$", DOCKERFILE, re.M)


def test_the_image_is_built_in_stages_and_runs_as_nobody_special() -> None:
    assert stages() == ["build", "website", "nginx"]
    for stage in ("website", "nginx"):
        text = DOCKERFILE.partition(f"AS {stage}\n")[2].partition("\nFROM ")[0]
        users = re.findall(r"^USER (\S+)$", text, re.M)
        assert users
        assert users[-1] not in ("root", "0")
        for word in ("HEALTHCHECK", "CMD", "STOPSIGNAL"):
            assert re.search(rf"^{word} ", text, re.M), f"{stage} has no {word}"


def test_the_targets_of_the_services_are_stages() -> None:
    for name, service in SERVICES.items():
        target = service.get("build", {}).get("target")
        assert target in (None, *stages()), name


def test_every_file_that_the_image_copies_exists_and_none_is_ignored() -> None:
    ignored = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and line[0] != "#"]
    for sources in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.M):
        for source in sources.split():
            assert (ROOT / source).exists(), source
            assert source.rstrip("/") not in ignored, source
    for needed in ("deploy", "enferno", "features", "migrations", "nginx", "run.py", "requirements.txt"):
        assert needed not in ignored, needed


def test_no_secret_and_nothing_made_on_this_machine_gets_into_an_image() -> None:
    ignored = set((ROOT / ".dockerignore").read_text().split("\n"))
    assert {".env", ".env.*", ".git", ".venv", "instance"} <= ignored
    # What the guide writes into the folder: keys and dumps, for git as well.
    assert {"certs", "letsencrypt", "*.dump", "*.dump.part"} <= ignored
    assert {"/certs/", "/letsencrypt/", "*.dump", "*.dump.part"} <= set((ROOT / ".gitignore").read_text().split("\n"))
    assert not re.search(r"^(ENV|ARG) .*(SECRET|PASSWORD|SALT|TOKEN)", DOCKERFILE, re.M)


def test_packages_are_pinned_by_their_hashes_and_bytecode_is_made_ahead() -> None:
    assert "--require-hashes" in DOCKERFILE
    assert "compileall" in DOCKERFILE
    assert "python -m deploy.publish" in DOCKERFILE


@pytest.mark.parametrize("mode", ["plain", "tls"])
def test_nginx_accepts_its_configuration(mode: str, tmp_path: Path) -> None:
    from tests.deploy.stack import NGINX, write_certificate

    folder = tmp_path / "nginx"
    shutil.copytree(ROOT / "nginx", folder)
    (folder / "here").symlink_to(mode)
    for name in ("run", "temp", "files", "certs", "acme"):
        (folder / name).mkdir()
    write_certificate(folder / "certs")
    command = [NGINX, "-t", "-q", "-p", str(folder), "-c", "nginx.conf"]
    tested = subprocess.run(command, capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr


def test_no_network_may_say_who_asks_until_one_is_named() -> None:
    """A18: the private networks are also those of Docker's bridges, whose gateway hands on what anybody sends."""
    file = ROOT / "nginx" / "plain" / "server.conf"
    assert not re.search(r"^\s*set_real_ip_from", file.read_text(), re.M)
    assert re.search(r"^# set_real_ip_from [\d./]+;$", file.read_text(), re.M), "show what to write"
    assert not any("real_ip" in conf.read_text() for conf in ROOT.glob("nginx/**/*.conf") if conf != file)


def test_a_network_without_ipv6_is_not_reached_over_it() -> None:
    """A18: Docker would hand such visitors on from the bridge's gateway, and all of them would be one client."""
    assert not COMPOSE["networks"]["front"].get("enable_ipv6")
    assert all(re.fullmatch(r"0\.0\.0\.0:\d+:\d+", port) for port in SERVICES["nginx"]["ports"])


def test_both_ways_to_run_nginx_bring_the_same_files() -> None:
    assert "tls here" in DOCKERFILE
    included = set(re.findall(r"include here/([\w.-]+);", "".join(f.read_text() for f in ROOT.glob("nginx/*.conf"))))
    for mode in ("plain", "tls"):
        assert included <= {file.name for file in (ROOT / "nginx" / mode).iterdir()}


def test_nginx_sends_the_security_headers_of_the_application() -> None:
    """nginx/headers.conf repeats enferno/pages/headers.py for what the application has not said itself."""
    from flask import Flask

    from enferno.pages.headers import init_headers

    app = Flask("headers")
    init_headers(app, production=True)
    app.add_url_rule("/", view_func=lambda: ("", 200, {"Content-Type": "text/plain"}))
    wanted = {
        name: value
        for name, value in app.test_client().get("/").headers
        if name not in {"Content-Type", "Content-Length", "Cache-Control"}
    }
    values = dict(
        re.findall(r'^map \$upstream_http_\w+ \$(\w+) \{\s+"" "?([^";]+?(?:;[^";]+)?)"?;\s+\}$', HEADERS, re.M)
    )
    added = re.findall(r"^add_header (\S+) \$(\w+) always;$", (ROOT / "nginx/added.conf").read_text(), re.M)
    assert {name: values[variable] for name, variable in added if variable in values} == wanted


def test_no_location_of_nginx_loses_the_security_headers() -> None:
    """A12: one `add_header` in a block takes away all that stand outside of it."""
    for file in ROOT.glob("nginx/**/*.conf"):
        for block in re.findall(r"\{[^{}]*\}", file.read_text()):
            assert "add_header" not in block or "include added.conf;" in block, f"{file.name}: include added.conf"
