"""bench/run still runs: a second for each address and a small database. The figures are not looked at here."""

import os
import re
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from bench.load import measure, with_python
from tests.support.servers import ROOT

ROWS = [
    "bare Flask, hello",
    "bare Flask, select",
    "landing page",
    "sign-in page",
    "workspace home",
    "members, JSON",
    "25 of 30 projects, JSON",
    "25 of 100 users, JSON",
]


def test_bench_run_prints_every_figure() -> None:
    command = [str(ROOT / "bench" / "run"), "--seconds", "1", "--users", "100", "--projects", "30"]
    run = subprocess.run(command, env=os.environ.copy(), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    for row in ROWS:
        figures = re.search(rf"^{re.escape(row)} +([\d.]+) +([\d.]+) +([\d.]+) +(\d+)", run.stdout, re.M)
        assert figures, f"no line for {row!r} in\n{run.stdout}"
        assert float(figures[1]) > 0
    lists = re.search(r"^25 of 30 projects, JSON.*", run.stdout, re.M)
    assert lists
    assert len(lists[0].rsplit(maxsplit=2)) == 3, "the ratios to both bare ones are missing"


class Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/" else 404)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_any: object) -> None:
        return


def test_the_client_of_our_own_counts_and_notices_refusals() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        # In a thread of its own: a browser test before this one leaves an event loop running in the main one.
        with ThreadPoolExecutor(1) as thread:
            address = f"http://127.0.0.1:{server.server_port}"
            there = thread.submit(with_python, f"{address}/", {}, 1, 2).result()
            missing = thread.submit(with_python, f"{address}/nothing", {}, 1, 2).result()
    finally:
        server.shutdown()
        server.server_close()
    assert there.per_second > 0
    assert there.p99_ms >= there.p50_ms > 0
    assert there.failed == 0
    assert missing.failed > 0


def test_no_other_machine_is_ever_asked() -> None:
    with pytest.raises(ValueError, match="Only this machine"):
        measure("http://example.com/", {}, 1, 1)


def test_the_bench_of_webhooks_stores_what_it_sends() -> None:
    command = [sys.executable, str(ROOT / "bench" / "webhooks.py"), "--seconds", "1", "--turns", "1"]
    run = subprocess.run(command, env=os.environ.copy(), capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    for row in ("bare Flask, one INSERT", "webhook, stored"):
        assert re.search(rf"^{re.escape(row)} +[1-9]", run.stdout, re.M), run.stdout
    told = re.search(r"^ratio [\d.]+, wanted 0.4; ([1-9]\d*) events stored, 0 answers were not 200$", run.stdout, re.M)
    assert told, run.stdout
