"""uWSGI with the configuration of production, for one application at a time."""

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.house import House
from tests.support.servers import ROOT, free_port, running

__all__ = ["Server", "serving"]

MODULE = "module = run:app"


@dataclass(frozen=True)
class Server:
    port: int
    connections: int
    process: int

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def cpu_seconds(self) -> float:
        """What its processes have computed so far: unlike the clock it does not count who else uses the machine."""
        found = (Path("/proc") / str(child) / "stat" for child in children(self.process))
        ticks = (file.read_text().rpartition(")")[2].split()[11:13] for file in found)
        return sum(int(user) + int(system) for user, system in ticks) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serving(built: House, module: str, choices: argparse.Namespace) -> Iterator[Server]:
    """Serve it on a free port of loopback. An open connection keeps its thread, so there are as many of both.

    Over uWSGI's own HTTP, so that it is the application that is measured; nothing is deployed like this.
    """
    port = free_port()
    configuration = built.folder / "uwsgi.ini"
    configuration.write_text((ROOT / "deploy" / "uwsgi.ini").read_text().replace(MODULE, f"module = {module}"))
    environ = built.environ | {
        "UWSGI_HTTP11_SOCKET": f"127.0.0.1:{port}",
        "UWSGI_PROCESSES": str(choices.processes),
        "UWSGI_THREADS": str(choices.threads),
        "UWSGI_PYTHONPATH": str(ROOT),
    }
    command = [str(Path(sys.prefix) / "bin" / "uwsgi"), "--ini", str(configuration)]
    with running(command, environ, built.folder) as program:
        ready = choices.processes
        program.wait_for(lambda: program.log.count("WSGI app 0") >= ready, f"{module} ready")
        yield Server(port, choices.processes * choices.threads, program.process.pid)


def children(process: int) -> list[str]:
    """uWSGI's workers; none where the system does not tell."""
    file = Path(f"/proc/{process}/task/{process}/children")
    return file.read_text().split() if file.exists() else []
