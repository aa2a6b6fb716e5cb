"""`flask i18n`: the catalogue of every word that people read, in Python, Jinja, page templates and scripts."""

import subprocess
import sys
from pathlib import Path

import click
from babel import Locale, UnknownLocaleError
from flask.cli import with_appcontext

from enferno.commands.frame import Refused
from enferno.settings import ROOT, current_settings

__all__ = ["i18n"]

DOMAIN = "messages"
# The markers besides Babel's own (`_`, `gettext`, `N_`): words that are translated when they are shown.
KEYWORDS = ("_l", "lazy_gettext", "lazy_ngettext:1,2")


@click.group("i18n")
def i18n() -> None:
    """Find words to translate, and keep catalogues of them."""


@i18n.command("extract")
@with_appcontext
def extract() -> None:
    """Collect the words of the sources into messages.pot."""
    folder().mkdir(parents=True, exist_ok=True)
    babel(
        "extract",
        "--mapping-file=babel.cfg",
        f"--output-file={template()}",
        *(f"--keyword={keyword}" for keyword in KEYWORDS),
        "--add-comments=Translators:",
        "--sort-by-file",
        "--project=ReadyKit",
        "--copyright-holder=ReadyKit contributors",
        ".",
    )
    click.echo(f"Wrote {shown(template())}.")


@i18n.command("init")
@click.argument("locale")
@with_appcontext
def init(locale: str) -> None:
    """Begin a language, such as de or pt_BR."""
    name = known_locale(locale)
    if catalogue(name).exists():
        raise Refused(f"There is a catalogue for {name} already. To bring it up to date: flask i18n update")
    need_template()
    babel("init", f"--input-file={template()}", f"--output-dir={folder()}", f"--locale={name}")
    click.echo(f"Wrote {shown(catalogue(name))}: translate it, then run flask i18n compile.")


@i18n.command("update")
@with_appcontext
def update() -> None:
    """Merge new and changed words into every language."""
    need_template()
    need_catalogues()
    babel(
        "update", f"--input-file={template()}", f"--output-dir={folder()}", "--ignore-obsolete", "--no-fuzzy-matching"
    )
    click.echo(f"Updated {', '.join(languages())}.")


@i18n.command("compile")
@with_appcontext
def compile_() -> None:
    """Make the catalogues that the application reads; a translation with a fault in it stops this."""
    need_catalogues()
    babel("compile", f"--directory={folder()}", "--statistics")
    click.echo(f"Compiled {', '.join(languages())}.")


def folder() -> Path:
    return current_settings().translations_path


def template() -> Path:
    return folder() / f"{DOMAIN}.pot"


def catalogue(locale: str) -> Path:
    return folder() / locale / "LC_MESSAGES" / f"{DOMAIN}.po"


def languages() -> list[str]:
    return sorted(file.parent.parent.name for file in folder().glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def known_locale(text: str) -> str:
    try:
        return str(Locale.parse(text.replace("-", "_")))
    except (UnknownLocaleError, ValueError):
        raise Refused(f"{text} is no language that is known; write for example de or pt_BR.") from None


def need_template() -> None:
    if not template().exists():
        raise Refused(f"There is no {shown(template())}. First run: flask i18n extract")


def need_catalogues() -> None:
    if not languages():
        raise Refused("There is no language besides English. Begin one with: flask i18n init LOCALE")


def shown(path: Path) -> Path:
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def babel(*words: str) -> None:
    """Run Babel's own command line from the repository's root, to which the paths in catalogues are relative."""
    command = [sys.executable, "-m", "babel.messages.frontend", *words]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S603
    faults = [line for line in done.stderr.splitlines() if line.startswith("error: ")]
    if done.returncode:
        faults += done.stderr.strip().splitlines()[-1:] or ["it gave no reason"]
    if faults:
        raise Refused(f"babel {words[0]}: {faults[0].removeprefix('error: ')}")
