"""Page templates to JavaScript: Vue's own compiler, run in this process by dukpy (QuickJS).

A template is compiled ahead of its use into a render function for Vue's runtime build. That is what lets the
Content-Security-Policy do without `unsafe-eval`, and why text that a person typed can never become code: nothing
is compiled but files of the source tree.
"""

import hashlib
import json
import os
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dukpy

COMPILER = Path(__file__).parent / "vendor" / "compiler-sfc.esm-browser.js"

# Raise it when the options below change: it is part of the cache's key.
FORMAT = "1"

# Vue ends an interpolation at the first closing delimiter, so that `${ t('{n} people', { n }) }` would be cut at `{n}`.
# The interpolations are found here, with their braces balanced, and marked with control characters: Vue takes only
# single bytes as delimiters, and these are as long as what they replace, so that lines and columns stay true.
_OPEN, _CLOSE = "\x01\x02", "\x03"
_TOKEN = re.compile(r"""<!--.*?-->|</?[a-zA-Z](?:[^>"']|"[^"]*"|'[^']*')*>|(\$\{)""", re.DOTALL)
_INSIDE = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`|[{}]""", re.DOTALL)

_BRIDGE = """
function kitCompile(source, filename) {
  const { code, ast, errors } = compileTemplate({
    source, filename, id: filename, transformAssetUrls: false,
    compilerOptions: {
      mode: 'function', prefixIdentifiers: true, hoistStatic: true, cacheHandlers: true,
      delimiters: ['\\x01\\x02', '\\x03'], comments: false, sourceMap: false,
      transformHoist: null,  // stringified nodes would carry style attributes, which the CSP refuses
    },
  })
  const components = ast ? Array.from(ast.components) : []
  return {
    code, components,
    errors: errors.map((e) => typeof e === 'string' ? { message: e, line: 1, column: 1 } : {
      message: e.message, line: e.loc ? e.loc.start.line : 1, column: e.loc ? e.loc.start.column : 1,
    }),
  }
}
"""


@dataclass(frozen=True)
class Compiled:
    """The body of a function that takes Vue and returns the render function, and the components it names."""

    code: str
    components: tuple[str, ...]


class TemplateError(Exception):
    """A page template that Vue's compiler refuses; says where."""

    def __init__(self, message: str, path: Path | str, line: int, column: int = 1, source: str = "") -> None:
        super().__init__(f"{path}:{line}:{column}: {message}")
        self.message = message
        self.path = str(path)
        self.line = line
        self.column = column
        self.source = source

    def excerpt(self, around: int = 4) -> list[tuple[int, str]]:
        """The numbered lines around the fault."""
        lines = self.source.splitlines()
        first = max(self.line - around, 1)
        return list(enumerate(lines[first - 1 : self.line + around], start=first))


def marked(source: str) -> str:
    """The template with its `${ … }` in our own delimiters; tags and comments stay as they are."""
    parts, place = [], 0
    for token in _TOKEN.finditer(source):
        if token.start() < place or not token[1]:
            continue
        end = _closing_brace(source, token.end())
        if end is not None:
            parts += [source[place : token.start()], _OPEN, source[token.end() : end], _CLOSE]
            place = end + 1
    return "".join([*parts, source[place:]])


def _closing_brace(source: str, begin: int) -> int | None:
    depth = 1
    for found in _INSIDE.finditer(source, begin):
        depth += {"{": 1, "}": -1}.get(found[0], 0)
        if depth == 0:
            return found.start()
    return None


class _Engine:
    """One interpreter in one thread of its own: QuickJS contexts must not be shared between threads."""

    def __init__(self) -> None:
        self._pid = 0
        self._lock = threading.Lock()
        self._thread: ThreadPoolExecutor | None = None
        self._interpreter: Any = None

    def compile(self, source: str, filename: str) -> dict[str, Any]:
        with self._lock:
            if self._thread is None or self._pid != os.getpid():  # a fork does not take threads along
                self._thread = ThreadPoolExecutor(1, thread_name_prefix="page-compiler")
                self._interpreter, self._pid = None, os.getpid()
            job = self._thread.submit(self._run, source, filename)
        result: dict[str, Any] = job.result()
        return result

    def _run(self, source: str, filename: str) -> dict[str, Any]:
        if self._interpreter is None:
            compiler = COMPILER.read_text(encoding="utf-8")
            script = re.sub(r"\nexport \{[^}]*\};?\s*$", "\n", compiler)
            self._interpreter = dukpy.JSInterpreter()
            self._interpreter.evaljs(script + _BRIDGE + "; 0")
        result: dict[str, Any] = self._interpreter.evaljs(
            "kitCompile(dukpy.source, dukpy.filename)", source=marked(source), filename=filename
        )
        return result


_engine = _Engine()


def compile_source(source: str, path: Path | str) -> Compiled:
    """Compile without any cache. Raises TemplateError with file, line and column."""
    result = _engine.compile(source, str(path))
    if result["errors"]:
        first = result["errors"][0]
        raise TemplateError(first["message"], path, first["line"], first["column"], source)
    return Compiled(result["code"], tuple(result["components"]))


# By content, for every application of this process: tests make hundreds, each with a folder of its own.
_compiled_here: dict[str, Compiled] = {}


class TemplateCompiler:
    """Compiles templates once per content: kept in memory, and on disk so that a restart is quick.

    `ahead` is a second folder that is only read: what was compiled when an image was built.
    """

    def __init__(self, cache_folder: Path | None, ahead: Path | None = None) -> None:
        self._folder = cache_folder
        self._ahead = ahead
        self._memory: dict[str, Compiled] = {}

    def compile(self, source: str, path: Path | str) -> Compiled:
        """The compiled template. Raises TemplateError with file, line and column."""
        key = hashlib.sha256(f"{_version()}\0{source}".encode()).hexdigest()[:32]
        found = self._memory.get(key) or self._read(key)
        if found is None:
            found = _compiled_here.get(key) or _compiled_here.setdefault(key, compile_source(source, path))
            self._write(key, found)
        self._memory[key] = found
        return found

    def _read(self, key: str) -> Compiled | None:
        for folder in (self._folder, self._ahead):
            if folder is None:
                continue
            try:
                kept = json.loads((folder / f"{key}.json").read_text(encoding="utf-8"))
                return Compiled(kept["code"], tuple(kept["components"]))
            except (OSError, ValueError, KeyError, TypeError):  # not there yet, or cut short by a crash: compile again
                continue
        return None

    def _write(self, key: str, compiled: Compiled) -> None:
        if self._folder is None:
            return
        text = json.dumps({"code": compiled.code, "components": compiled.components})
        write_whole(self._folder / f"{key}.json", text.encode())


def write_whole(path: Path, content: bytes) -> None:
    """Write so that nobody ever reads half a file; a folder that cannot be written is not an error here."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_bytes(content)
        unfinished.replace(path)
    except OSError:
        unfinished.unlink(missing_ok=True)


_version_seen = ""


def _version() -> str:
    """What the output depends on besides the template: the compiler file and our options."""
    global _version_seen
    if not _version_seen:
        stat = COMPILER.stat()
        _version_seen = f"{FORMAT}:{stat.st_size}:{hashlib.sha256(COMPILER.read_bytes()).hexdigest()[:16]}"
    return _version_seen
