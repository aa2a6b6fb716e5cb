"""Ask an address for some seconds: with wrk where it is, otherwise with a client of our own."""

import asyncio
import re
import shutil
import statistics
import subprocess
import time
from dataclasses import dataclass
from http.client import HTTPConnection
from urllib.parse import urlsplit

__all__ = ["Measured", "measure", "tool"]

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


@dataclass(frozen=True)
class Measured:
    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int


def tool() -> str:
    return "asked by wrk" if shutil.which("wrk") else "asked by a client in Python, which takes a part of the machine"


def measure(url: str, headers: dict[str, str], seconds: int, connections: int) -> Measured:
    """The figures of one address, after some requests for warming up. Never leaves this machine."""
    if urlsplit(url).hostname != "127.0.0.1":
        raise ValueError("Only this machine may be asked.")
    for _ in range(2 * connections):
        ask_once(url, headers)
    ask = with_wrk if shutil.which("wrk") else with_python
    ask(url, headers, 1, connections)
    return ask(url, headers, seconds, connections)


def ask_once(url: str, headers: dict[str, str]) -> None:
    """The first request of a process compiles templates and may take long; that is not what is measured."""
    address = urlsplit(url)
    connection = HTTPConnection("127.0.0.1", address.port, timeout=60)
    connection.request("GET", url.partition(address.netloc)[2], headers=headers)
    connection.getresponse().read()
    connection.close()


def with_wrk(url: str, headers: dict[str, str], seconds: int, connections: int) -> Measured:
    given = [word for name, value in headers.items() for word in ("-H", f"{name}: {value}")]
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--latency", "--timeout", "10s", *given, url]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    failures = re.findall(r"Non-2xx or 3xx responses: (\d+)|Socket errors: .*?(\d+), timeout (\d+)", said)
    per_second = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if per_second is None:
        raise RuntimeError(said)
    failed = sum(int(number or 0) for group in failures for number in group)
    if not float(per_second[1]):
        raise RuntimeError(f"{url} gave no answer in {seconds} s")
    return Measured(float(per_second[1]), quantile(said, 50), quantile(said, 99), failed)


def quantile(said: str, percent: int) -> float:
    found = re.search(rf"^\s+{percent}%\s+([\d.]+)(us|ms|s|m)$", said, re.M)
    return float(found[1]) * UNITS[found[2]] if found else 0.0


def with_python(url: str, headers: dict[str, str], seconds: int, connections: int) -> Measured:
    return asyncio.run(ask_for(url, headers, seconds, connections))


async def ask_for(url: str, headers: dict[str, str], seconds: int, connections: int) -> Measured:
    address = urlsplit(url)
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    target = f"{address.path}?{address.query}" if address.query else address.path
    request = f"GET {target} HTTP/1.1\r\n{lines or f'Host: {address.netloc}' + chr(13) + chr(10)}\r\n".encode()
    end = time.monotonic() + seconds
    waits: list[float] = []
    failed = 0

    async def visit() -> None:
        nonlocal failed
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        while time.monotonic() < end:
            began = time.monotonic()
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = re.search(rb"content-length: (\d+)", head, re.I)
            await reader.readexactly(int(length[1]) if length else 0)
            waits.append((time.monotonic() - began) * 1000)
            failed += b" 200 " not in head[:20]
        writer.close()

    await asyncio.gather(*(visit() for _ in range(connections)))
    cuts = statistics.quantiles(waits, n=100)
    return Measured(len(waits) / seconds, cuts[49], cuts[98], failed)
