"""Write `.env-sample` and the table in `docs/settings.md` from `enferno/settings.py`.

    python -m scripts.settings

A setting is declared in one place; these two show it. A test compares them and names this command.
"""

import re
import textwrap
from collections.abc import Iterator
from dataclasses import Field, fields
from pathlib import Path
from typing import Any

from enferno.settings import ROOT, Settings

SAMPLE = ROOT / ".env-sample"
PAGE = ROOT / "docs" / "settings.md"
TABLE = re.compile(r"(?<=<!-- settings -->\n).*(?=<!-- end -->)", re.DOTALL)

HEAD = """\
# Every setting of ReadyKit with its default. ./setup.sh copies this file to .env once and fills in the secrets;
# a line that stays commented out means the default. In production set them in the environment instead.
# Made from enferno/settings.py by: python -m scripts.settings
"""


def sample() -> str:
    return HEAD + "".join(f"\n{entry(setting)}\n" for setting in fields(Settings))


def entry(setting: Field[Any]) -> str:
    """The comment and the line of one setting; what has to be looked at is not commented out."""
    comment = textwrap.wrap(sentence(setting), 117)
    name = setting.name.upper()
    must_be_filled = name in {"ENV", "SECRET_KEY", "SECURITY_PASSWORD_SALT"}
    line = f"{name}={quoted(default(setting))}"
    return "\n".join([*(f"# {words}" for words in comment), line if must_be_filled else f"#{line}"])


def sentence(setting: Field[Any]) -> str:
    about = setting.metadata["about"]
    about = about if about.endswith(".") else f"{about}."
    return f"{about} Required in production." if setting.metadata["production"] else about


def default(setting: Field[Any]) -> str:
    """The default as it would be written in the environment."""
    value: Any = setting.default
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ",".join(value)
    if isinstance(value, Path):
        return value.relative_to(ROOT).as_posix()
    if setting.name == "max_upload":
        return f"{value // 10**6} MB"
    return str(value)


def quoted(text: str) -> str:
    return f'"{text}"' if re.search(r"[\s<>#]", text) else text


def table() -> str:
    return "".join(rows())


def rows() -> Iterator[str]:
    yield "| Name | Default | What it is |\n|---|---|---|\n"
    for setting in fields(Settings):
        shown = f"`{default(setting)}`" if default(setting) else "none"
        secret = " Secret." if setting.metadata["secret"] else ""
        yield f"| `{setting.name.upper()}` | {shown} | {sentence(setting).replace('|', '&#124;')}{secret} |\n"


def main() -> None:
    SAMPLE.write_text(sample(), encoding="utf-8")
    PAGE.write_text(TABLE.sub(lambda _found: table(), PAGE.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()
