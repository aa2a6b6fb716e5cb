"""nginx, uWSGI, Celery, PostgreSQL as the unprivileged role, Valkey and SMTP, with the files that the images use."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy

import psycopg
import pytest

from deploy.healthy import ask
from enferno.pages.headers import ALWAYS, HSTS
from tests.deploy.stack import HOST, Stack, Visitor
from tests.support.servers import ROOT, until

PASSWORD = "violet-harbour-41-lantern"
AS_BEFORE = ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy")


def hashed_style(served: Stack) -> str:
    page = served.ask("/").text
    found = re.search(r"/assets/css/[\w.-]+\.css", page)
    assert found, "the landing page names no stylesheet"
    return found[0]


def sign_up(served: Stack, email: str) -> Visitor:
    """Fill the form in, and confirm with the link of the mail that the worker has delivered, which signs in."""
    visitor = Visitor(served)
    answer = visitor.send_form("/register", name="Nora New", email=email, password=PASSWORD)
    assert answer.status in (200, 302), answer.text
    found = until(lambda: [mail for mail in served.mails.mails if mail.rcpt_tos == [email]], f"a mail to {email}")
    text = message_from_bytes(found[0].content, policy=policy.default).get_body(("plain",)).get_content()
    link = re.search(rf"https://{HOST}(\S+)", text)
    assert link, text
    assert visitor.send_form(link[1]).status == 302
    return visitor


def rows(served: Stack, query: str) -> list[tuple[object, ...]]:
    with psycopg.connect(host=served.postgres.socket, user="postgres", dbname="readykit") as connection:
        return connection.execute(query).fetchall()


def test_it_is_alive_and_every_part_is_ready(served: Stack) -> None:
    assert served.ask("/healthz").status == 200
    ready = served.ask("/readyz")
    assert (ready.status, json.loads(ready.body)["parts"]) == (
        200,
        {"database": "ok", "cache": "ok", "tasks": "ok"},
    )


def test_a_page_carries_the_security_headers_once(served: Stack) -> None:
    page = served.ask("/")
    assert page.status == 200
    assert page.headers["Server"] == "nginx"
    for name in (*AS_BEFORE, "Content-Security-Policy", "Strict-Transport-Security", "X-Frame-Options"):
        assert len(page.headers.get_all(name) or []) == 1, name


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_static_files_are_served_compressed_and_for_ever(served: Stack, coding: str) -> None:
    address = hashed_style(served)
    lines = served.website.log.count("\n")
    answer = served.ask(address, Accept_Encoding=coding)
    plain = served.ask(address)
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, coding)
    assert answer.headers["Content-Type"] == "text/css; charset=utf-8"
    assert answer.headers["Cache-Control"] == "max-age=31536000, public, immutable"
    assert answer.headers["Strict-Transport-Security"] == HSTS
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert len(answer.body) < len(plain.body) / 2
    assert plain.headers["Content-Encoding"] is None
    assert served.website.log.count("\n") == lines, "nginx asked the application for it"


def test_nginx_and_the_application_send_static_files_with_the_same_headers(served: Stack) -> None:
    address = hashed_style(served)
    head = ask(served.door, address, HOST).partition(b"\r\n\r\n")[0].partition(b"\r\n")[2]
    own = message_from_bytes(head, policy=policy.HTTP)
    nginx = served.ask(address).headers
    for name in (*ALWAYS, "Strict-Transport-Security", "Cache-Control", "Content-Type"):
        assert sorted(nginx[name].split(", ")) == sorted(own[name].replace('"', "").split(", ")), name


def test_the_compressed_forms_have_no_address_and_no_folder_is_listed(served: Stack) -> None:
    assert served.ask(hashed_style(served) + ".br").status == 404
    for path in ("/assets/", "/assets/css/", "/assets/../nginx.conf", "/assets/%2e%2e/nginx.conf", "/.env"):
        assert served.ask(path).status in (400, 404), path


def test_a_file_that_was_not_published_ahead_comes_from_the_application(served: Stack) -> None:
    """The offline page carries the product's name, so the image cannot know it."""
    worker = served.ask("/service-worker.js").text
    found = re.search(r"/assets/offline\.[0-9a-f]{12}\.html", worker)
    assert found
    assert served.ask(found[0]).status == 200


@pytest.mark.parametrize("host", ["evil.example.net", "127.0.0.1", f"{HOST}.evil.example.net", "localhost"])
def test_a_forged_host_is_refused(served: Stack, host: str) -> None:
    answer = served.ask("/", Host=host)
    assert answer.status == 400
    assert "evil" not in answer.text


def test_a_forged_forwarded_host_is_not_believed(served: Stack) -> None:
    answer = served.ask("/", X_Forwarded_Host="evil.example.net", X_Forwarded_Prefix="/evil", Forwarded="host=evil")
    assert answer.status == 200
    assert "evil" not in answer.text


def test_plain_http_leads_to_https(served: Stack) -> None:
    answer = served.ask("/pricing?a=b", plain=True)
    assert (answer.status, answer.headers["Location"]) == (308, f"https://{HOST}/pricing?a=b")
    posted = served.ask("/login", "POST", b"x", plain=True)
    assert (posted.status, posted.headers["Location"]) == (308, f"https://{HOST}/login")


def test_trace_is_off(served: Stack) -> None:
    assert served.ask("/", "TRACE").status == 405


def test_an_upload_over_the_limit_is_refused_in_words(served: Stack) -> None:
    """A little over, the application says so; far over, nginx does, and in the same way."""
    for size, server in ((1_020_000, "application"), (1_500_000, "nginx")):
        form = {"Content_Type": "application/x-www-form-urlencoded"}
        page = served.ask("/login", "POST", b"x" * size, **form)
        assert page.status == 413, server
        assert "larger than what is taken" in page.text
        assert page.headers["Strict-Transport-Security"] == HSTS
    answer = served.ask("/api/v1/me", "PATCH", b"x" * 1_500_000, Content_Type="application/json")
    assert answer.status == 413
    assert json.loads(answer.body)["code"] == "request_entity_too_large"
    assert answer.headers["Content-Type"].startswith("application/problem+json")


def test_a_refusal_that_does_not_read_the_body_still_arrives(served: Stack) -> None:
    """uWSGI would reset the connection on which nginx is still sending, and nginx would say 503."""
    answer = served.ask("/api/v1/me", "PATCH", b"x" * 990_000, Content_Type="application/json")
    assert answer.status == 401


def test_signing_up_is_mailed_by_the_worker_after_the_commit(served: Stack) -> None:
    visitor = sign_up(served, "nora@example.com")
    me = visitor.ask("/api/v1/me")
    assert me.status == 200
    assert json.loads(me.body)["email"] == "nora@example.com"
    assert rows(served, "SELECT status FROM outbound_mails WHERE recipient = 'nora@example.com'") == [("sent",)]
    assert (served.instance / "worker-alive").exists()


def test_the_visitors_address_is_the_one_that_nginx_saw(served: Stack) -> None:
    """Whatever a client writes into X-Forwarded-For, one proxy is believed, and that is nginx."""
    sign_up(served, "fred@example.com")
    visitor = Visitor(served)
    served_from = {"X_Forwarded_For": "203.0.113.9, 198.51.100.7", "X_Real_IP": "203.0.113.9"}
    token = visitor.ask("/login").text.partition('"csrf":"')[2].partition('"')[0]
    answer = visitor.ask(
        "/login",
        "POST",
        f"email=fred@example.com&password={PASSWORD}&csrf_token={token}",
        Content_Type="application/x-www-form-urlencoded",
        Referer=f"https://{HOST}/login",
        **served_from,
    )
    assert answer.status == 302, answer.text
    found = rows(
        served,
        "SELECT DISTINCT address FROM sessions JOIN users ON users.id = user_id WHERE email = 'fred@example.com'",
    )
    assert found == [("127.0.0.1",)]


def test_the_application_is_not_the_owner_of_its_tables(served: Stack) -> None:
    found = rows(
        served, "SELECT DISTINCT usename FROM pg_stat_activity WHERE datname = 'readykit' AND pid <> pg_backend_pid()"
    )
    assert found == [("readykit_app",)]
    owners = rows(served, "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    assert owners == [("readykit_owner",)]


def test_the_log_is_json_and_shares_its_id_with_nginx(served: Stack) -> None:
    answer = served.ask("/pricing-of-old?token=canary-in-a-query")
    request_id = answer.headers["X-Request-ID"]
    lines = [line for line in served.website.log.splitlines() if request_id in line]
    entry = json.loads(lines[-1])
    assert (entry["event"], entry["path"], entry["status"]) == ("request", "/pricing-of-old", 404)
    in_front = until(
        lambda: [line for line in served.nginx.log.splitlines() if request_id in line], "the line of nginx"
    )
    assert json.loads(in_front[0])["address"] == "127.0.0.1"
    assert "canary-in-a-query" not in served.website.log + served.nginx.log


def test_the_health_check_of_the_image_agrees(served: Stack) -> None:
    def check(*words: str, **environ: str) -> int:
        command = [sys.executable, "deploy/healthy.py", *words]
        return subprocess.run(command, cwd=ROOT, env=served.environ | environ, check=False).returncode

    assert check() == 0
    assert check("/nothing-here") == 1
    assert check(UWSGI_SOCKET="/nobody/listens/here") == 1


@contextmanager
def load(served: Stack, path: str, threads: int = 3) -> Iterator[Callable[[], Counter[int]]]:
    """Ask again and again until the block ends; gives a function that counts the answers so far by status."""
    seen: Counter[int] = Counter()
    over = threading.Event()

    def visit() -> None:
        while not over.is_set():
            try:
                seen[served.ask(path).status] += 1
            except OSError:
                seen[0] += 1

    visitors = [threading.Thread(target=visit) for _ in range(threads)]
    for visitor in visitors:
        visitor.start()
    try:
        yield lambda: Counter(seen)
    finally:
        over.set()
        for visitor in visitors:
            visitor.join()


def processes(served: Stack) -> set[str]:
    return set(re.findall(r"WSGI app 0 .* ready in \d+ seconds on interpreter \w+ pid: (\d+)", served.website.log))


def test_a_reload_under_load_turns_nobody_away(served: Stack) -> None:
    before = processes(served)
    with load(served, "/login") as answers:
        until(lambda: answers()[200] > 5, "some answers")
        os.kill(served.website.process.pid, signal.SIGHUP)
        until(lambda: len(processes(served) - before) == 2, "two new processes", 90)
        enough = answers()[200] + 10
        until(lambda: answers()[200] > enough, "answers of the new processes")
        counted = answers()
    assert set(counted) == {200}, counted


def test_sigterm_under_load_finishes_what_was_begun(served: Stack) -> None:
    """Every request that the application took is answered, also one that waits for the database just then; afterwards
    nginx says that it is a moment's trouble, and when the application is back so are the pages."""
    visitor = sign_up(served, "lena@example.com")
    slow: list[int] = []

    def rename() -> None:
        token = visitor.ask("/account/profile").text.partition('"csrf":"')[2].partition('"')[0]
        body = json.dumps({"name": "Lena Late"})
        headers = {"Content_Type": "application/json", "X_CSRFToken": token, "Referer": f"https://{HOST}/"}
        slow.append(visitor.ask("/api/v1/me", "PATCH", body, **headers).status)

    with psycopg.connect(host=served.postgres.socket, user="postgres", dbname="readykit") as connection:
        connection.execute("SELECT 1 FROM users WHERE email = 'lena@example.com' FOR UPDATE")
        waiting = threading.Thread(target=rename)
        waiting.start()
        blocked = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        until(lambda: rows(served, blocked), "the request that waits")
        with load(served, "/login") as answers:
            until(lambda: answers()[200] > 5, "some answers")
            served.website.process.send_signal(signal.SIGTERM)
            time.sleep(0.5)  # The request must be seen to outlive the signal.
            connection.rollback()
            assert served.website.process.wait(60) == 0
            until(lambda: answers()[503], "an answer of nginx alone")
            counted = answers()
        waiting.join()
    assert slow == [200]
    assert set(counted) == {200, 503}, counted
    logged = sum('"path": "/login", "status": 200' in line for line in served.website.log.splitlines())
    assert logged >= counted[200]
    away = served.ask("/api/v1/me")
    assert (away.status, away.headers["Retry-After"]) == (503, "5")
    assert json.loads(away.body)["code"] == "unavailable"
    served.website = served.start_website()
    until(lambda: served.ask("/healthz").status == 200, "the application back", 90)
    assert rows(served, "SELECT name FROM users WHERE email = 'lena@example.com'") == [("Lena Late",)]
