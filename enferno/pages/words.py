"""The words of pages: `t("…")` in page templates and scripts, from the same gettext catalogues as `_()` in Python.

`extract_script` and `extract_template` are Babel's extractors (named in babel.cfg); `word_script` is what the browser
gets: one file per language with the messages that pages use.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from babel.messages.catalog import Catalog
from babel.messages.jslexer import unquote_string
from babel.messages.pofile import read_po

from enferno.pages.sources import Built

# t('one'), Kit.t("one", {...}), tn('one', 'many', n): only string literals can be translated.
_STRING = r"'(?:[^'\\\n]|\\.)*'|\"(?:[^\"\\\n]|\\.)*\"|`(?:[^`\\$]|\\.)*`"
_NAME = r"(?<![\w.$])(?:(?:Kit|this)\.)?(?P<name>tn|t)"
_CALL = re.compile(rf"{_NAME}\(\s*(?P<one>{_STRING})(?:\s*,\s*(?P<many>{_STRING}))?")
_COMMENT = re.compile(r"//\s*(?:NOTE|Translators?):\s*(.*)$")

Extracted = tuple[int, str | None, str | tuple[str, str], list[str]]


def extract(fileobj: BinaryIO, keywords: Any, comment_tags: Any, options: dict[str, Any]) -> Iterator[Extracted]:
    """Babel's extractor for page templates and scripts."""
    text = fileobj.read().decode(options.get("encoding", "utf-8"))
    lines = text.splitlines()
    for call in _CALL.finditer(text):
        line = text.count("\n", 0, call.start()) + 1
        before = _COMMENT.search(lines[line - 2]) if line > 1 else None
        comments = [before[1].strip()] if before else []
        one = unquote(call["one"])
        if call["name"] == "tn" and call["many"]:
            yield line, "ngettext", (one, unquote(call["many"])), comments
        elif one:
            yield line, "gettext", one, comments


def unquote(literal: str) -> str:
    """The value of a JavaScript string literal."""
    if literal[0] == "`":
        return literal[1:-1]
    value: str = unquote_string(literal)
    return value


def word_script(catalogues: Iterable[Path], locale: str) -> Built | None:
    """The messages of one language as a script, out of .po files. None when there is no catalogue."""
    files = [file for file in catalogues if file.is_file()]
    if not files:
        return None
    messages: dict[str, Any] = {}
    plural = "n != 1"
    for file in files:
        with file.open("rb") as stream:
            catalogue = read_po(stream, locale=locale.replace("-", "_"))
        plural = catalogue.plural_expr
        messages |= _messages(catalogue)
    body = json.dumps(messages, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    body = body.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")
    return Built(f"Kit.words({body}, (n) => Number({plural}))\n".encode(), tuple(files))


def _messages(catalogue: Catalog) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        forms = [message.string] if isinstance(message.string, str) else list(message.string or ())
        if not all(forms):
            continue
        if isinstance(message.id, str):
            found[message.id] = forms[0]
        else:
            found[message.id[0]] = forms
    return found
