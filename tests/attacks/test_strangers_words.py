"""The first mail to an address is written by whoever types it into the sign-up; it must not say what they want said."""

import re
import shutil

import pytest

from tests.conventions.source import ROOT
from tests.support.visitor import Visitor, mails_of, text_of

ADA = "ada@example.com"
# What mail programs make links of, in whatever spelling, numbers to call included.
CLICKABLE = re.compile(
    r"""[a-z]{2,}://\S* | [^\s"'<>=]+@[^\s"'<>=]+ | \b\w[\w-]*[.。．｡․]\w{2,}\S* | (?:\+?\d[\s().-]*){6,}""",
    re.IGNORECASE | re.VERBOSE,
)
TYPED = [
    "Win https://evil.example/now",
    "www.evil.example evil。example evil．it",
    "evil｡example evil․example ada@evil.it",
    "Call +1 (800) 555-0199 today",
    "Your account was hacked, all of your money is gone and you must write to us before midnight or else",
]


def links_in(text: str) -> set[str]:
    return {found[0] for found in CLICKABLE.finditer(text)}


@pytest.fixture
def app(stage):
    """One application for all tests of the module, and no mail of the one before."""
    shutil.rmtree(stage.app.extensions["settings"].instance_path / "outbox", ignore_errors=True)
    return stage.app


@pytest.fixture
def said(app):
    """What the mails to Ada say that can be clicked, besides what stands in one for a harmless name."""

    def after(name: str) -> tuple[set[str], str]:
        other, visitor = Visitor(app, "198.51.100.7"), Visitor(app)
        for who, called, email in ((other, "Ada", "eva@example.com"), (visitor, name, ADA)):
            assert who.sign_up(email, called).status_code == 302
            assert who.submit("/confirm", email=email).status_code == 302
            assert who.submit("/reset", email=email).status_code == 302
        harmless = {shape(link) for mail in mails_of(app, "eva@example.com") for link in links_in(whole(mail))}
        mine = [whole(mail) for mail in mails_of(app, ADA)]
        assert len(mine) == 3
        return {link for text in mine for link in links_in(text) if shape(link) not in harmless}, "\n".join(mine)

    return after


def whole(mail) -> str:
    html = mail.get_body(("html",)).get_content()
    styles = re.sub(r"style=\"[^\"]*\"|<meta[^>]*>", "", html)
    return f"{mail['Subject']}\n{text_of(mail)}\n{styles}"


def shape(link: str) -> str:
    """A link of ours without its token, and without the punctuation of HTML around it."""
    return re.sub(r"(/(?:confirm|reset)/)[\w.-]+", r"\1", link)


@pytest.mark.parametrize("name", TYPED)
def test_nothing_that_a_stranger_typed_can_be_clicked_in_a_mail(said, name):
    """A22: the name is cut, and what a mail program would make a link of is broken up: subject, text and HTML."""
    links, mails = said(name)
    assert links == set()
    assert "before midnight" not in mails


def test_no_mail_has_a_name_as_it_was_typed():
    """A22: every template of a mail asks for the name by `called`, so that a new one does too."""
    templates = sorted((ROOT / "enferno/templates/security/email").iterdir())
    assert len(templates) >= 12
    told = re.compile(r"user\.\w*name|user\.email|workspace\.name")
    assert [file.name for file in templates if told.search(file.read_text())] == [], "write: user | called"
