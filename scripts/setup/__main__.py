"""The command line of `./setup.sh`: what may be asked for, and faults as one line each."""

import argparse
import signal
import sys
from typing import NoReturn

from scripts.setup import SetupError, checks, say

HELP = """\
ReadyKit: from a bare machine to a signed-in workspace.

  ./setup.sh            prepare: packages into .venv, secrets into .env, the database, demo data
  ./setup.sh run        prepare what is missing, then start the server and print where it is
  ./setup.sh test ...   prepare for the tests and run all of them; what follows goes to pytest

Nothing is asked; each choice is a flag. Everything made lies in .venv/, .env and instance/.
"""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise SetupError(f"{message}. See ./setup.sh --help.")


def arguments(words: list[str]) -> argparse.Namespace:
    parser = Parser(
        prog="./setup.sh",
        description=HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
        usage="./setup.sh [run|test] [flags]",
    )
    parser.add_argument("command", nargs="?", choices=("run", "test"), help=argparse.SUPPRESS)
    parser.add_argument("--port", type=port, help="the server's port; without it a free one from 5000 up")
    parser.add_argument("--no-demo", action="store_true", help="a superadmin, but no demo workspace")
    parser.add_argument(
        "--postgres",
        action="store_true",
        help="PostgreSQL from a package, data in instance/postgres, instead of SQLite",
    )
    parser.add_argument("--no-reload", action="store_true", help="do not restart when a file changes")
    parser.add_argument("--debug", action="store_true", help="show tracebacks, in the terminal and in the browser")
    # Everything behind `test` belongs to pytest, flags included.
    if words[:1] == ["test"]:
        choices = parser.parse_args(["test"])
        choices.rest = words[1:]
        return choices
    return parser.parse_args(words)


def port(text: str) -> int:
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise argparse.ArgumentTypeError(f"{text} is no port, which is a number from 1 to 65535")
    return int(text)


def main(words: list[str]) -> int:
    if words[:2] in (["test", "--help"], ["test", "-h"]):
        words = ["--help"]
    choices = arguments(words)
    if choices.command == "test":
        from scripts.setup import tests

        return tests.run(choices.rest)
    from scripts.setup import run

    return run.run(choices) if choices.command == "run" else run.prepare(choices)


def guarded(words: list[str]) -> int:
    # A closed terminal ends like Ctrl-C: whatever was started is stopped first.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: sys.exit(0))
    # A shell without a terminal starts what it puts in the background deaf to this one.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        return main(words)
    except SetupError as fault:
        print(f"setup.sh: {fault}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("")
        return 130
    except OSError as fault:
        print(f"setup.sh: {checks.explain(fault)}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(guarded(sys.argv[1:]))
