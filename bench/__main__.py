"""`bench/run`: requests a second, latency and statements of a few addresses, and how they compare with bare Flask."""

import argparse
import sys
import tempfile
from pathlib import Path

from bench.house import Address, House, house
from bench.load import Measured, measure, tool
from bench.server import serving

ADDRESSES = (
    Address("landing page", "/"),
    Address("sign-in page", "/login"),
    Address("workspace home", "/w/acme/", "member"),
    Address("members, JSON", "/api/v1/workspaces/acme/members", "member"),
    Address("25 of {projects:,} projects, JSON", "/api/v1/workspaces/acme/projects?per_page=25", "member"),
    Address("25 of {users:,} users, JSON", "/api/v1/superadmin/users?per_page=25", "root"),
)
BARE = ("hello", "select")
HEAD = f"{'':34}{'req/s':>8}{'p50 ms':>9}{'p99 ms':>9}{'SQL':>5}{'x hello':>9}{'x select':>10}"


def main() -> int:
    choices = arguments()
    print(f"uWSGI, {choices.processes} processes x {choices.threads} threads, PostgreSQL on a local socket;", end=" ")
    print(f"{choices.processes * choices.threads} connections for {choices.seconds} s each, {tool()}")
    where = tempfile.TemporaryDirectory(prefix="readykit-bench-")
    with where as folder, house(Path(folder), choices.users, choices.projects) as built:
        return report(built, choices)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("--seconds", type=int, default=5, help="how long each address is asked (5)")
    parser.add_argument("--users", type=int, default=20_000, help="accounts in the database (20000)")
    parser.add_argument("--projects", type=int, default=1_000, help="projects in the workspace (1000)")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def report(built: House, choices: argparse.Namespace) -> int:
    print(f"\n{HEAD}")
    failed = 0
    bare: dict[str, Measured] = {}
    for name in BARE:
        with serving(built, f"bench.bare:{name}", choices) as server:
            bare[name] = measure(server.url("/"), {}, choices.seconds, server.connections)
        print(line(f"bare Flask, {name}", bare[name], 1 if name == "select" else 0, bare), flush=True)
        failed += bare[name].failed
    with serving(built, "run:app", choices) as server:
        for address in ADDRESSES:
            headers = built.headers(address)
            found = measure(server.url(address.path), headers, choices.seconds, server.connections)
            name = address.name.format(users=choices.users, projects=choices.projects)
            print(line(name, found, built.statements(address), bare), flush=True)
            failed += found.failed
    if failed:
        print(f"\n{failed} answers were not 200: the figures mean nothing.", file=sys.stderr)
    return 1 if failed else 0


def line(name: str, found: Measured, statements: int, bare: dict[str, Measured]) -> str:
    """How often slower than each bare one: its requests a second divided by these."""
    ratios = [f"{bare[each].per_second / found.per_second:.1f}" if each in bare else "" for each in BARE]
    figures = f"{found.per_second:8.0f}{found.p50_ms:9.1f}{found.p99_ms:9.1f}{statements:5}"
    return f"{name:34}{figures}{ratios[0]:>9}{ratios[1]:>10}"


if __name__ == "__main__":
    sys.exit(main())
