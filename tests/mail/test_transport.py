"""The way to the server: encrypted where it can be, and a password never goes readable over the net."""

import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiosmtpd.smtp import AuthResult
from sqlalchemy import select

from enferno.extensions import db
from enferno.mail import OutboundMail, send
from enferno.mail.models import QUEUED, SENT
from enferno.mail.transport import NotEncrypted, encrypt, needs_tls
from tests.support import databases
from tests.support.servers import mail_server


class Offers:
    """What `encrypt` asks of a server that offers nothing."""

    def ehlo_or_helo_if_needed(self) -> None:
        return

    def has_extn(self, _name: str) -> bool:
        return False


@pytest.fixture
def database(tmp_path: Path) -> Iterator[databases.Database]:
    """One is enough: what is looked at here lies behind it."""
    with databases.fresh("sqlite", tmp_path) as found:
        yield found


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("certificate")
    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", str(folder / "key.pem")]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    command = ["openssl", "req", "-x509", *key, "-out", str(folder / "certificate.pem"), *name]
    subprocess.run(command, check=True, capture_output=True)
    return folder


@pytest.fixture
def encryption(certificate: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate / "certificate.pem", certificate / "key.pem")
    return context


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let this process trust that certificate, as it would trust a real one."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate.pem"))


def outcome(app: Any) -> tuple[str, str | None]:
    with app.app_context():
        send("nora@example.com", "Hello", "text")
        db.session.commit()
        mail = db.session.scalars(select(OutboundMail)).one()
        return mail.status, mail.last_error


def knows(password: str) -> Any:
    def check(_server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any) -> AuthResult:
        return AuthResult(success=data.password == password.encode())

    return check


def test_starttls_is_used_where_it_is_offered(sending: Any, encryption: Any, trusted: None) -> None:
    with mail_server(tls_context=encryption) as server:
        assert outcome(sending(smtp_url=f"smtp://localhost:{server.port}")) == (SENT, None)
    assert server.encrypted == [True]


def test_a_server_with_a_certificate_that_nobody_vouches_for_gets_no_mail(sending: Any, encryption: Any) -> None:
    with mail_server(tls_context=encryption) as server:
        assert outcome(sending(smtp_url=f"smtp://localhost:{server.port}")) == (QUEUED, "SSLCertVerificationError")
    assert server.mails == []


def test_a_server_that_goes_by_another_name_gets_no_mail(sending: Any, encryption: Any, trusted: None) -> None:
    with mail_server(tls_context=encryption) as server:
        assert outcome(sending(smtp_url=f"smtp://127.0.0.1:{server.port}")) == (QUEUED, "SSLCertVerificationError")


def test_tls_from_the_start(sending: Any, encryption: Any, trusted: None) -> None:
    with mail_server(ssl_context=encryption) as server:
        assert outcome(sending(smtp_url=f"smtps://localhost:{server.port}")) == (SENT, None)
    assert len(server.mails) == 1


def test_it_signs_in_with_the_password_of_the_address(sending: Any, encryption: Any, trusted: None) -> None:
    """Characters that an address cannot hold are percent-encoded in it."""
    signing_in = {"authenticator": knows("p@ss/word"), "auth_required": True}
    with mail_server(tls_context=encryption, **signing_in) as server:
        url = f"smtp://us%40er:p%40ss%2Fword@localhost:{server.port}"
        assert outcome(sending(smtp_url=url)) == (SENT, None)


def test_a_wrong_password_leaves_the_mail_in_the_queue(sending: Any, encryption: Any, trusted: None) -> None:
    with mail_server(tls_context=encryption, authenticator=knows("right"), auth_required=True) as server:
        url = f"smtp://user:wrong@localhost:{server.port}"
        assert outcome(sending(smtp_url=url))[0] == QUEUED
    assert server.mails == []


def test_a_password_does_not_go_readable_over_the_net() -> None:
    """Outside of production that is the one thing refused; in production every mail is (tests/attacks)."""
    with pytest.raises(NotEncrypted):
        encrypt(Offers(), "mail.example.com", needed=True)  # type: ignore[arg-type]
    encrypt(Offers(), "mail.example.com", needed=False)  # type: ignore[arg-type]
    assert needs_tls(urlsplit("smtp://user:password@mail.example.com"))
    assert not needs_tls(urlsplit("smtp://mail.example.com"))
    assert not needs_tls(urlsplit("smtp://user:password@127.0.0.1"))
