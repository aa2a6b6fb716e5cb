"""Run the commands of a page in a clone. `flask …` goes to a process that has the application's modules loaded.

Importing them is most of what a command costs. That process forks for each command and calls the same entry point as
the program `flask` does, with the words of the command line, so that nothing is left over from one to the next.
"""

import json
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.setup.clone import environment

SERVER = """
import json, os, sys
sys.path.insert(0, os.getcwd())
import flask.cli, enferno.app

def child(words):
    out = os.open("instance/output", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0), os.dup2(out, 1), os.dup2(out, 2)
    sys.argv = ["flask", *words]
    try:
        flask.cli.main()
    except SystemExit as end:
        return end.code or 0
    except BaseException:
        import traceback
        traceback.print_exc()
        return 1

for line in sys.stdin:
    pid = os.fork()
    if not pid:
        code = child(json.loads(line))
        sys.stdout.flush(), sys.stderr.flush()
        os._exit(code)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    print(json.dumps([code, open("instance/output").read()]), flush=True)
"""


@dataclass
class Done:
    code: int
    output: str


class Shell:
    """A shell in `folder` with its `.venv` first on the path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.environ = environment()
        self.environ["PATH"] = f"{folder / '.venv' / 'bin'}:{self.environ['PATH']}"
        self.server: subprocess.Popen[str] | None = None

    def run(self, command: str) -> Done:
        words = shlex.split(command)
        plain = not set("|&;<>$`*") & set(command)
        return self.flask(words[1:]) if words[0] == "flask" and plain else self.sh(command)

    def sh(self, command: str) -> Done:
        done = subprocess.run(
            ["/bin/sh", "-c", command],
            cwd=self.folder,
            env=self.environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            timeout=240,
            check=False,
        )
        return Done(done.returncode, done.stdout)

    def flask(self, words: list[str]) -> Done:
        self.server = self.server or subprocess.Popen(
            [str(self.folder / ".venv" / "bin" / "python"), "-c", SERVER],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.server.stdin
        assert self.server.stdout
        print(json.dumps(words), file=self.server.stdin, flush=True)
        return Done(*json.loads(self.server.stdout.readline()))

    def close(self) -> None:
        if self.server:
            self.server.communicate()
