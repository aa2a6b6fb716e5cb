"""Mails go out once, after the commit, and are tried again until they are out or given up in sight."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from enferno.database import now
from enferno.extensions import db
from enferno.mail import OutboundMail, send
from enferno.mail.delivery import deliver, drain_mail
from enferno.mail.models import GIVEN_UP, MOST_TRIES, QUEUED, SENT
from tests.support.servers import MailServer, free_port, silence

TO = "nora@example.com"


def hand_in(app: Flask, **changes: Any) -> None:
    with app.app_context():
        send(**({"to": TO, "subject": "Hello", "body_text": "Grüße\n"} | changes))
        db.session.commit()


def drain(app: Flask) -> None:
    with app.app_context():
        drain_mail()
        db.session.commit()


def kept(app: Flask) -> OutboundMail:
    with app.app_context():
        return db.session.scalars(select(OutboundMail)).one()


def test_a_mail_is_delivered_once_after_the_commit(sending: Any, server: MailServer, delivered: Any) -> None:
    app = sending()
    with app.app_context():
        send(TO, "Hello", "Grüße\n", body_html="<p>Grüße</p>")
        assert server.mails == []
        db.session.commit()
    drain(app)
    (mail,) = delivered()
    assert (mail["To"], mail["From"], mail["Subject"]) == (TO, "Acme <hello@acme.example.com>", "Hello")
    assert mail.get_body(("plain",)).get_content().splitlines() == ["Grüße"]
    assert mail.get_body(("html",)).get_content().splitlines() == ["<p>Grüße</p>"]
    assert mail["Message-ID"] == f"<{kept(app).id}@localhost>"
    assert mail["Auto-Submitted"] == "auto-generated"


def test_a_mail_that_was_sent_forgets_its_text(sending: Any) -> None:
    """A link to reset a password does not belong in the database for two weeks."""
    app = sending()
    hand_in(app, body_text="https://app.example.com/reset/secret", body_html="<a>secret</a>")
    mail = kept(app)
    assert (mail.status, mail.body_text, mail.body_html, mail.last_error) == (SENT, "", None, None)
    assert mail.sent_at is not None


def test_a_rollback_takes_the_mail_back(sending: Any, server: MailServer) -> None:
    app = sending()
    with app.app_context():
        send(TO, "Hello", "text")
        db.session.rollback()
        db.session.commit()
    drain(app)
    assert server.mails == []


@pytest.mark.parametrize("field", ["to", "subject"])
@pytest.mark.parametrize("line_end", ["\r\n", "\n", "\r", "\x0b", "\u2028", "\x85"])
def test_a_line_end_cannot_begin_a_header_of_its_own(field: str, line_end: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        send(**({"to": TO, "subject": "Hi", "body_text": "x"} | {field: f"{TO}{line_end}Bcc: all@example.com"}))


@pytest.mark.parametrize("field", ["to", "subject"])
@pytest.mark.parametrize("nothing", ["", "\0"])
def test_nothing_is_no_address_and_no_subject(field: str, nothing: str) -> None:
    with pytest.raises(ValueError, match="one line"):
        send(**({"to": TO, "subject": "Hi", "body_text": "x"} | {field: nothing}))


def test_a_long_subject_is_cut_and_a_foreign_one_arrives(sending: Any, delivered: Any) -> None:
    hand_in(sending(), subject="Ж" * 300)
    assert delivered()[0]["Subject"] == "Ж" * 255


def test_with_the_server_down_the_mail_waits_and_goes_out_when_it_is_back(
    sending: Any, server: MailServer, delivered: Any
) -> None:
    app = sending()
    server.stop()
    hand_in(app)
    waiting = kept(app)
    assert (waiting.status, waiting.tries, waiting.last_error) == (QUEUED, 1, "ConnectionRefusedError")
    assert waiting.body_text == "Grüße\n"
    server.start()
    drain(app)
    assert delivered() == [], "it was tried before its time"
    with time_machine.travel(now() + timedelta(seconds=61)):
        drain(app)
    assert len(delivered()) == 1
    assert (kept(app).status, kept(app).tries) == (SENT, 2)


def test_each_try_comes_twice_as_late_and_after_the_twelfth_the_mail_is_given_up(sending: Any) -> None:
    app = sending(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    pauses: list[timedelta] = []
    with time_machine.travel(now(), tick=False) as clock:
        hand_in(app)
        while kept(app).status == QUEUED:
            pauses.append(kept(app).next_try_at - now())
            clock.move_to(kept(app).next_try_at)
            drain(app)
        last = kept(app)
    minutes = [round(pause.total_seconds() / 60) for pause in pauses]
    assert minutes == [1, 2, 4, 8, 16, 32, 64, 128, 256, 360, 360]
    assert (last.status, last.tries, last.last_error) == (GIVEN_UP, MOST_TRIES, "ConnectionRefusedError")
    assert last.body_text, "what was not sent can still be read"


def test_a_server_that_is_busy_is_asked_again(sending: Any, server: MailServer) -> None:
    app = sending()
    server.answer = "451 Not now"
    hand_in(app)
    assert (kept(app).status, server.tried) == (QUEUED, 1)
    server.answer = ""
    with time_machine.travel(now() + timedelta(minutes=2)):
        drain(app)
    assert kept(app).status == SENT


def test_a_recipient_whom_the_server_does_not_know_is_not_asked_for_again(sending: Any, server: MailServer) -> None:
    app = sending()
    server.answer = "550 No such person: nora@example.com"
    hand_in(app)
    assert (kept(app).status, kept(app).last_error) == (GIVEN_UP, "SMTPRecipientsRefused")
    with time_machine.travel(now() + timedelta(days=1)):
        drain(app)
    assert server.tried == 1


def test_a_text_that_the_server_refuses_is_tried_again(sending: Any, server: MailServer) -> None:
    app = sending()
    server.answer, server.refuse = "554 Looks like an advertisement", "DATA"
    hand_in(app)
    assert (kept(app).status, kept(app).last_error) == (QUEUED, "SMTPDataError")


def test_an_address_that_no_mail_can_carry_is_given_up_and_blocks_no_other(sending: Any, delivered: Any) -> None:
    app = sending()
    hand_in(app, to="not an address <")
    assert kept(app).status == GIVEN_UP
    with app.app_context():
        send(TO, "Hello", "text")
        db.session.commit()
    assert [mail["To"] for mail in delivered()] == [TO]


def test_a_server_that_says_nothing_is_left_after_five_seconds(sending: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from enferno.mail import transport

    assert transport.TIMEOUT_SECONDS == 5
    monkeypatch.setattr(transport, "TIMEOUT_SECONDS", 0.2)
    with silence() as port:
        app = sending(smtp_url=f"smtp://127.0.0.1:{port}")
        hand_in(app)
    assert (kept(app).status, kept(app).last_error) == (QUEUED, "SMTPServerDisconnected")


def test_many_mails_and_a_dead_server_cost_one_try(sending: Any, server: MailServer) -> None:
    """Waiting for the same silence a hundred times would keep the worker from all else."""
    app = sending(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    with app.app_context():
        for number in range(5):
            send(f"person{number}@example.com", "Hello", "text")
        db.session.commit()
    with time_machine.travel(now() + timedelta(minutes=5)):
        drain(app)
        with app.app_context():
            tries = sorted(db.session.scalars(select(OutboundMail.tries)))
    assert tries == [1, 1, 1, 1, 2]


def test_two_workers_at_once_send_one_mail(sending: Any, server: MailServer) -> None:
    app = sending(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    hand_in(app)
    mail_id = kept(app).id
    with app.app_context():
        db.session.get_one(OutboundMail, mail_id).next_try_at = now()
        db.session.commit()
    app = sending()
    together = threading.Barrier(4)
    faults: list[BaseException] = []

    def work() -> None:
        with app.app_context():
            together.wait()
            try:
                deliver(mail_id)
                db.session.commit()
            except BaseException as fault:
                faults.append(fault)

    workers = [threading.Thread(target=work) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert faults == []
    assert len(server.mails) == 1


def test_a_mail_whose_worker_was_killed_is_sent_two_minutes_later(
    sending: Any, server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = sending()

    def die(*_any: Any) -> None:
        raise SystemExit("killed")

    with monkeypatch.context() as patched:
        patched.setattr("enferno.mail.delivery.transmit", die)
        with pytest.raises(SystemExit):
            hand_in(app)
    with time_machine.travel(now() + timedelta(seconds=110)):
        drain(app)
        assert server.mails == []
    with time_machine.travel(now() + timedelta(seconds=121)):
        drain(app)
        assert len(server.mails) == 1


def test_no_transaction_is_open_while_the_server_is_asked(
    sending: Any, outside: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A slow mail server must not hold a connection of the pool, nor a lock on SQLite."""
    app = sending()
    seen: list[bool] = []
    monkeypatch.setattr("enferno.mail.delivery.transmit", lambda *_any: seen.append(db.session().in_transaction()))
    hand_in(app)
    assert seen == [False]


def test_without_a_server_mails_land_in_the_folder(app: Flask) -> None:
    hand_in(app)
    (file,) = (app.extensions["settings"].instance_path / "outbox").glob("*.eml")
    assert b"Subject: Hello" in file.read_bytes()
    assert kept(app).status == SENT


def test_asking_for_a_reset_takes_no_part_in_the_mail_servers_trouble(sending: Any, world: Any, browser: Any) -> None:
    """The answer is the same for a known and an unknown address, whatever the mail server does."""
    app = sending(smtp_url=f"smtp://127.0.0.1:{free_port()}")
    answers = []
    for email in ("owner@acme.example.com", "nobody@example.com"):
        client = app.test_client()
        token = client.get("/reset").text.partition('"csrf":"')[2].partition('"')[0]
        answer = client.post("/reset", data={"email": email, "csrf_token": token})
        answers.append((answer.status_code, answer.headers.get("Location")))
    assert answers[0] == answers[1]
    assert answers[0][0] in (200, 302)
