"""Files with their content's hash in the name: for ever cached, compressed once.

`asset("css/kit.css")` is `/assets/css/kit.1f0c8a….css`. The file is written below `instance/assets/` together with its
`.br` and `.gz`, so that nginx can serve the folder as it is; where there is no nginx, `AssetServer` (WhiteNoise)
serves the same files with the same headers. `publish_all` does all of them ahead (setup and image build call it);
whatever was not published ahead is published when first asked for.
"""

import gzip
import hashlib
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import brotli
from whitenoise import WhiteNoise
from whitenoise.responders import StaticFile

from enferno.pages.compiler import write_whole
from enferno.pages.sources import Built, Sources

PREFIX = "/assets/"
TOO_SMALL_TO_COMPRESS = 200
LONGEST_NAME = 200  # in bytes, folders included; file systems refuse to look for a part of more than 255
PACKED = {".woff2", ".png", ".webp", ".jpg", ".avif"}  # compressed by their nature

_URL = re.compile(rb"""url\((["']?)asset:([^"')]+)\1\)""")


class Assets:
    """The published files of one application. With `watch`, a changed source file gets a new name at once."""

    def __init__(self, sources: Sources, folder: Path, *, watch: bool) -> None:
        self.sources = sources
        self.folder = folder
        self.watch = watch
        self._urls: dict[str, tuple[str, tuple[tuple[Path, float], ...]]] = {}
        self._names: dict[str, str] = {}
        self._components: dict[str, tuple[str, frozenset[str]]] = {}
        self._publishing = threading.Lock()

    def url(self, name: str) -> str:
        """The address of a served file. Raises LookupError when there is no such file."""
        known = self._urls.get(name)
        if known and not (self.watch and _changed(known[1])):
            return known[0]
        built = self._build(name)
        if built is None:
            raise LookupError(f"there is no static file {name!r}")
        url = PREFIX + _hashed(name, built.content)
        self._urls[name] = (url, tuple((file, file.stat().st_mtime) for file in built.made_from))
        self._names[url] = name
        return url

    def components(self, page: str) -> frozenset[str]:
        """The components that a page uses, in its template, its parts and its script; as current as its address."""
        try:
            address = self.url(f"pages/{page}.js")
        except LookupError:
            self.sources.page(page)  # Which says where a page of that name would lie.
            raise
        known = self._components.get(page)
        if known is None or known[0] != address:
            names = (*self.sources.components_of(page), *self.sources.components_of_script(page))
            known = self._components[page] = (address, frozenset(names))
        return known[1]

    def file(self, url: str) -> Path | None:
        """The published file of an address, published now if need be. None for an address we never gave out."""
        relative = url.removeprefix(PREFIX)
        if not relative.isascii() or "\0" in relative or len(relative) > LONGEST_NAME:
            return None
        path = (self.folder / relative).resolve()
        if self.folder.resolve() not in path.parents or path.suffix in {".br", ".gz"}:
            return None
        if path.is_file():
            return path
        name = self._names.get(url) or _unhashed(relative)
        built = self._build(name) if name else None
        if built is None or _hashed(name, built.content) != relative:
            return None
        with self._publishing:
            publish(path, built.content, in_a_hurry=self.watch)
        return path

    def publish_all(self, more: Iterable[str] = ()) -> int:
        """Publish every file there is; returns how many. Raises TemplateError for a broken page."""
        names = [*self.sources.all_names(), *more]
        for name in names:
            path = self.folder / self.url(name).removeprefix(PREFIX)
            built = self._build(name)
            if built is not None and not is_published(path):
                publish(path, built.content)
        return len(names)

    def unpublished(self) -> list[str]:
        """The names of the files that nobody has published so far."""
        return [
            name
            for name in self.sources.all_names()
            if not is_published(self.folder / self.url(name).removeprefix(PREFIX))
        ]

    def _build(self, name: str) -> Built | None:
        built = self.sources.build(name)
        if built is None or not name.endswith(".css"):
            return built
        content = _URL.sub(lambda m: b'url("' + self.url(m[2].decode()).encode() + b'")', built.content)
        return Built(content, built.made_from)


def publish(path: Path, content: bytes, *, in_a_hurry: bool = False) -> None:
    """Write a file and its compressed forms; the plain one last, because its presence means that all are there.

    Brotli at its best takes a second for a large script. Whoever waits for it in development gets gzip.
    """
    if worth_compressing(path, len(content)):
        if not in_a_hurry:
            write_whole(_with(path, ".br"), brotli.compress(content, quality=11, lgwin=24))
        write_whole(_with(path, ".gz"), gzip.compress(content, 6 if in_a_hurry else 9, mtime=0))
    write_whole(path, content)


def is_published(path: Path) -> bool:
    """Whether a file is there with every compressed form."""
    return path.is_file() and (_with(path, ".br").is_file() or not worth_compressing(path, path.stat().st_size))


def worth_compressing(path: Path, size: int) -> bool:
    return path.suffix not in PACKED and size > TOO_SMALL_TO_COMPRESS


def _with(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)


def _hashed(name: str, content: bytes) -> str:
    stem, dot, suffix = name.rpartition(".")
    return f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}{dot}{suffix}"


def _unhashed(relative: str) -> str:
    found = re.fullmatch(r"(.+)\.[0-9a-f]{12}(\.\w+)", relative)
    return found[1] + found[2] if found else ""


def _changed(seen: tuple[tuple[Path, float], ...]) -> bool:
    try:
        return any(file.stat().st_mtime != modified for file, modified in seen)
    except OSError:
        return True


class AssetServer(WhiteNoise):
    """WhiteNoise over the published files, in front of the application: no session, no database, no guard."""

    FOREVER = 31536000  # a year, in seconds; the same in nginx

    def __init__(
        self, application: Any, assets: Assets, worker: Callable[[], bytes], always: Mapping[str, str]
    ) -> None:
        super().__init__(
            application,
            allow_all_origins=False,
            immutable_file_test=lambda path, url: True,
        )
        self.assets = assets
        self.worker = worker
        self.always = always

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Any:
        path = environ.get("PATH_INFO", "")
        if path == "/service-worker.js":
            return self._service_worker(self._hardened(start_response))
        if not path.startswith(PREFIX):
            return self.application(environ, start_response)
        if path not in self.files:
            file = self.assets.file(path)
            if file is None:
                return _absent(self._hardened(start_response))
            self.files[path] = self._static_file(file, path)
        return super().__call__(environ, self._hardened(start_response))

    def _hardened(self, start_response: Any) -> Any:
        """Whatever is answered here, a refusal as well, carries the security headers of every other answer."""

        def start(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            given = {name.lower() for name, _value in headers}
            missing = [(name, value) for name, value in self.always.items() if name.lower() not in given]
            return start_response(status, [*headers, *missing], *more)

        return start

    def _static_file(self, file: Path, url: str) -> StaticFile:
        return self.get_static_file(str(file), url)

    def _service_worker(self, start_response: Any) -> list[bytes]:
        """At the root, so that its scope is the site; never cached, so that a new one is seen."""
        body = self.worker()
        headers = [
            ("Content-Type", 'text/javascript; charset="utf-8"'),
            ("Cache-Control", "no-cache"),
            ("Content-Length", str(len(body))),
        ]
        start_response("200 OK", headers)
        return [body]


def _absent(start_response: Any) -> list[bytes]:
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Cache-Control", "no-store")]
    start_response("404 Not Found", headers)
    return [b"No such file\n"]
