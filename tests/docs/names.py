"""What the text of a page names as code: files, routes, functions. Each look gives what is not there."""

import re
import subprocess
from collections.abc import Iterator
from functools import cache

from flask import Flask
from werkzeug.routing import Rule

from enferno.settings import ROOT
from tests.docs.reading import all_blocks

__all__ = ["calls_that_lead_nowhere", "files_that_are_missing", "routes_that_are_missing"]

ENDINGS = "py|md|toml|txt|in|sh|sql|yml|yaml|html|js|css|svg|ini|cfg|conf|po|mo|pot|json|webp"
FOLDERS = "enferno|features|tests|scripts|docs|migrations|nginx|bench|deploy"
# Where the text of a page begins when it names a file.
PLACES = ("", "enferno/", "enferno/static/", "features/projects/", "tests/", "docs/")
# What a command makes and git does not keep, what stands on a server, and what the reader is to write.
MADE = (
    *("instance/", ".venv", ".env", "enferno/translations/", "certs/", "css/70-product.css", "parts/", "uv.lock"),
    *("messages.pot", "fullchain.pem", "privkey.pem"),
)
# Names of others that look like calls of ours.
FOREIGN = {
    "stream_with_context",
    "EnvironmentFile",
    "row_security",
    "set_config",
    "current_setting",
    "nullif",
    "t",
    "tn",
    "_",
    "h",
    "print",
}


def files_that_are_missing(word: str) -> Iterator[str]:
    path = re.fullmatch(rf"((?:[\w.-]+/)*[\w.-]+\.(?:{ENDINGS})|(?:{FOLDERS})/[\w./-]*|(?:[\w.-]+/)+)(?:::\w+)?", word)
    if path is None or word.startswith(MADE) or ("/" not in word and not looks_like_a_file(word)):
        return
    if not any((ROOT / place / path[1]).exists() for place in PLACES) and path[1] not in basenames():
        yield f"names the file {word}, which is not there"


def looks_like_a_file(word: str) -> bool:
    """`Kit.js` is a file, and `flask.in` would be a module: only endings that no attribute has count for bare names."""
    return not word.endswith((".in", ".json", ".text")) and not word.startswith("Kit.")


@cache
def basenames() -> set[str]:
    known = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {line.rpartition("/")[2] for line in known.splitlines()}


def routes_that_are_missing(word: str, app: Flask) -> Iterator[str]:
    """An address of ours, perhaps with its method before it; one that ends with a slash or `…` may be a beginning."""
    method, path = re.fullmatch(r"(?:(GET|POST|PUT|PATCH|DELETE) )?(.*)", word).groups()  # type: ignore[union-attr]
    path = re.sub(r"^(https://app\.example\.com|<BASE_URL>)(?=/)", "", path)
    if not re.fullmatch(r"/(?!srv|etc|bin|usr|tmp|var|assets|64)[a-z<][\w<>:/.-]*…?", path):
        return
    beginning = path.endswith(("/", "…"))
    rules = [rule for rule in app.url_map.iter_rules() if method is None or method in (rule.methods or ())]
    if path not in known_to_nginx() and not any(fits(rule, path.removesuffix("…"), beginning) for rule in rules):
        yield f"names the address {word}, which is not there"


@cache
def known_to_nginx() -> str:
    return "".join(path.read_text(encoding="utf-8") for path in (ROOT / "nginx").rglob("*.conf"))


def fits(rule: Rule, path: str, beginning: bool) -> bool:
    """Whatever stands for a variable fits it: `<slug>` or `stripe`."""
    theirs, mine = rule.rule.strip("/").split("/"), path.strip("/").split("/")
    if len(mine) > len(theirs) or (len(mine) < len(theirs) and not beginning):
        return False
    return all("<" in one or one == two for one, two in zip(theirs, mine, strict=False))


def calls_that_lead_nowhere(word: str) -> Iterator[str]:
    """`take("projects")`, `Workspace.add`, `Feature`: the name stands somewhere in the source."""
    called = re.match(r"@?([A-Za-z_][\w.]*)\(", word)
    dotted = re.fullmatch(r"@?([A-Za-z_]\w*(?:\.[A-Za-z_]\w+)+)", word)
    named = re.fullmatch(r"@?([A-Za-z]+(?:_[A-Za-z]+)+|(?:[A-Z][a-z]+){2,})", word)
    found = called or dotted or named
    if found is None or found[1].isupper() or re.search(rf"\.(?:{ENDINGS})$", found[1]):
        return
    for part in found[1].split("."):
        if part not in FOREIGN and part not in names_in_the_source() | names_in_the_blocks():
            yield f"names {word}; no source knows {part}"
    owner, _, attribute = found[1].rpartition(".")
    if owner in classes() and not re.search(rf"\b{attribute}\b", classes()[owner]):
        yield f"names {word}; {owner} has no {attribute}"


@cache
def names_in_the_blocks() -> set[str]:
    """What a page makes before it speaks of it; its blocks are proved themselves."""
    return {name for block in all_blocks() for name in re.findall(r"[A-Za-z_]\w*", block.text)}


@cache
def classes() -> dict[str, str]:
    """The kit's classes by name, each with the module that has it."""
    found: dict[str, str] = {}
    for path in sorted((ROOT / "enferno").rglob("*.py")):
        text = path.read_text(encoding="utf-8")
        found |= {name: found.get(name, "") + text for name in re.findall(r"^class (\w+)", text, re.MULTILINE)}
    return found


@cache
def names_in_the_source() -> set[str]:
    known = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True,
                           check=True).stdout.splitlines()  # fmt: skip
    wanted = re.compile(r"^(?!docs/|tests/docs/).*\.(py|js|html|toml|cfg|ini|sql|conf|yml|css|sh|txt)$")
    found: set[str] = set()
    for name in filter(wanted.match, known):
        if "/vendor/" not in name and (ROOT / name).is_file():
            found |= set(re.findall(r"[A-Za-z_]\w*", (ROOT / name).read_text(encoding="utf-8", errors="ignore")))
    return found
