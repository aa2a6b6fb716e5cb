"""What has to be true of the machine, asked before anything is made."""

import errno
import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

from scripts.setup import ROOT, SetupError

__all__ = ["explain", "free_port", "room_to_install", "writable"]

# The packages take 280 MB, with what the tests need 700 MB; less than this ends in the middle of a download.
NEEDED_MB = 600
FIRST_PORT = 5000


def writable(folder: Path = ROOT) -> None:
    """Raise unless files can be made in `folder`; a mode is no proof (root, read-only mounts), a file is."""
    try:
        with tempfile.TemporaryFile(dir=folder):
            return
    except OSError as fault:
        raise SetupError(explain(fault, folder)) from None


def room_to_install(folder: Path = ROOT) -> None:
    free_mb = shutil.disk_usage(folder).free // 10**6
    if free_mb < NEEDED_MB:
        raise SetupError(f"The disk of {folder} has {free_mb} MB free, {NEEDED_MB} MB are needed: make room.")


def explain(fault: OSError, folder: Path = ROOT) -> str:
    """One line about an error of the operating system, with what to do."""
    where = fault.filename if isinstance(fault.filename, str) else folder
    match fault.errno:
        case errno.EACCES | errno.EPERM | errno.EROFS:
            owner = "" if os.name == "nt" else f" as user {os.geteuid()}"
            return f"{where} cannot be written{owner}: clone into a folder of your own, or change its owner."
        case errno.ENOSPC | errno.EDQUOT:
            return f"The disk of {where} is full: make room and start again."
        case _:
            return f"{where}: {fault.strerror or fault}."


def free_port(wanted: int | None) -> socket.socket:
    """A listening socket on `wanted`, or on the first free port from 5000 up.

    It is handed on to the server and outlives its restarts, so nobody can take the port in between.
    """
    for number in [wanted] if wanted else range(FIRST_PORT, FIRST_PORT + 100):
        for listener in listening(number):
            return listener
    if wanted:
        raise SetupError(f"Port {wanted} is taken: stop what uses it, or choose another with --port.")
    raise SetupError(f"No port from {FIRST_PORT} to {FIRST_PORT + 99} is free: choose one with --port.")


def listening(port: int) -> Iterator[socket.socket]:
    """The socket, or nothing when somebody else answers there (on macOS, AirPlay holds 5000 on all addresses)."""
    with socket.socket() as probe:
        probe.settimeout(0.2)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            return
    listener = socket.socket()
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", port))
        listener.listen(128)
    except OSError as fault:
        listener.close()
        if fault.errno == errno.EACCES and port < 1024:
            raise SetupError(f"Port {port} is kept for root: choose one above 1023 with --port.") from None
        return
    yield listener
