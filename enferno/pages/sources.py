"""What every served file is made of.

A name such as `css/kit.css` or `pages/portal/members.js` is built from one or more files of the source tree: copied,
joined, or compiled. Nothing here knows about HTTP.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from enferno.pages.compiler import Compiled, TemplateCompiler, TemplateError

PACKAGE = Path(__file__).parent.parent
STATIC = PACKAGE / "static"
TEMPLATES = PACKAGE / "templates" / "pages"
VUETIFY = json.loads((STATIC / "vendor/vuetify/components.json").read_text(encoding="utf-8"))

# A folder of pages may keep components of its own in here.
PARTS = "parts"

# Vue's own, which the compiler does not list or which the browser registers for us.
BUILT_IN = frozenset({"router-link", "router-view"})


class NoSuchPage(LookupError):
    """There is no template with this page's name."""


@dataclass(frozen=True)
class Built:
    """The bytes of a served file, and the files they were made from (so that a change is noticed)."""

    content: bytes
    made_from: tuple[Path, ...]


@dataclass(frozen=True)
class PageFiles:
    """Where a page's two files are; the script is optional."""

    template: Path
    script: Path | None

    def script_text(self) -> str:
        return self.script.read_text(encoding="utf-8") if self.script else ""


def files_at(template: Path) -> PageFiles:
    """The template and its script: beside it in a feature, under `static/js/pages` in the kit."""
    script = template.with_suffix(".js")
    if TEMPLATES in template.parents:
        script = STATIC / "js" / "pages" / script.relative_to(TEMPLATES)
    return PageFiles(template, script if script.is_file() else None)


def kebab(name: str) -> str:
    """`VTextField` as it is written in a template: `v-text-field`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "-", name).lower()


_COMMENT_LINES = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.DOTALL | re.MULTILINE)

COMMON = frozenset(kebab(name) for name in VUETIFY["common"])
REST = frozenset(kebab(name) for name in VUETIFY["rest"])


@dataclass
class Sources:
    """The source tree as the browser will see it."""

    compiler: TemplateCompiler
    features: Path
    words: Callable[[str], Built | None] = lambda locale: None
    names: dict[str, Callable[[], Built]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.names = {"js/kit.js": self.kit_script, "css/kit.css": self.kit_style}

    # --- which pages there are -----------------------------------------------------------------------------

    def page(self, name: str) -> PageFiles:
        """The files of a page: `portal/members` of the kit, or `projects/index` of a feature."""
        feature, _, rest = name.partition("/")
        places = [TEMPLATES / f"{name}.html"]
        if rest:
            places.append(self.features / feature / "pages" / f"{rest}.html")
        for template in places:
            if template.is_file():
                return files_at(template)
        looked = " or ".join(str(template) for template in places)
        raise NoSuchPage(f"there is no page {name!r}: make {looked}")

    def page_names(self) -> Iterator[str]:
        """Every page of the kit and of the features."""
        for template in sorted(TEMPLATES.rglob("*.html")):
            if template.parent.name != PARTS:
                yield template.relative_to(TEMPLATES).with_suffix("").as_posix()
        for template in sorted(self.features.glob("*/pages/**/*.html")):
            if template.parent.name == PARTS:
                continue
            feature, _, *rest = template.relative_to(self.features).with_suffix("").parts
            yield "/".join([feature, *rest])

    def components_of(self, name: str) -> tuple[str, ...]:
        """The components that a page's template names, and those that its parts name."""
        page = self.page(name)
        templates = [page.template, *(part.template for part in self.parts_of(page).values())]
        return tuple(component for template in templates for component in self._compiled(template).components)

    def parts_of(self, page: PageFiles) -> dict[str, PageFiles]:
        """The components of this folder alone that the page uses: `<delete-user>` is `parts/delete-user.html`."""
        found: dict[str, PageFiles] = {}
        waiting = [page.template]
        while waiting:
            for component in self._compiled(waiting.pop()).components:
                part = page.template.parent / PARTS / f"{component}.html"
                if component not in found and part.is_file():
                    found[component] = files_at(part)
                    waiting.append(part)
        return found

    def components_of_script(self, name: str) -> set[str]:
        """A script that builds its page with `h()` names components that no template shows."""
        script = self.page(name).script
        return set(re.findall(r"[\"']((?:kit|v)-[a-z-]+)[\"']", script.read_text("utf-8"))) if script else set()

    def component_templates(self) -> list[Path]:
        return sorted((STATIC / "js" / "components").glob("*.html"))

    # --- what is served ------------------------------------------------------------------------------------

    def build(self, name: str) -> Built | None:
        """The file that is served under this name, or None when there is none."""
        if maker := self.names.get(name):
            return maker()
        kind, _, rest = name.partition("/")
        if kind == "pages" and rest.endswith(".js"):
            return self._page_script(rest.removesuffix(".js"))
        if kind == "words" and rest.endswith(".js"):
            return self.words(rest.removesuffix(".js"))
        file = (STATIC / name).resolve()
        if STATIC in file.parents and file.is_file() and not name.startswith(("js/", "css/")):
            return Built(file.read_bytes(), (file,))
        if name == "js/theme.js":
            return joined([STATIC / name])
        return None

    def all_names(self) -> Iterator[str]:
        """Everything that a browser may ask for, words excepted."""
        yield from self.names
        yield "js/theme.js"
        for file in sorted(STATIC.rglob("*")):
            name = file.relative_to(STATIC).as_posix()
            if file.is_file() and not name.startswith(("js/", "css/")) and served(file):
                yield name
        for page in self.page_names():
            yield f"pages/{page}.js"

    def kit_script(self) -> Built:
        """The kit and its components as one script: one request, and no build step for anyone."""
        folder = STATIC / "js"
        scripts = sorted((folder / "kit").glob("*.js"))
        components = sorted((folder / "components").glob("*.js"))
        templates = self.component_templates()
        parts = [without_comments(file.read_text(encoding="utf-8")) for file in [*scripts, *components]]
        parts += [self._registration(f"component:{file.stem}", file) for file in templates]
        return Built(
            "\n".join(parts).encode(), (folder / "kit", folder / "components", *scripts, *components, *templates)
        )

    def kit_style(self) -> Built:
        """Tokens first, then the kit's own rules."""
        style = joined(sorted((STATIC / "css").glob("*.css")))
        return Built(without_notes(style.content), (STATIC / "css", *style.made_from))

    def _page_script(self, name: str) -> Built | None:
        try:
            page = self.page(name)
        except NoSuchPage:
            return None
        parts = self.parts_of(page)
        code = [self._registration(f"component:{component}", part.template) for component, part in parts.items()]
        code += [f"{{\n{part.script_text()}\n}}\n" for part in parts.values()]
        code += [self._registration(name, page.template), f"{{\n{page.script_text() or 'mountPage({})'}\n}}\n"]
        files = [file for one in (page, *parts.values()) for file in (one.template, one.script) if file]
        return Built("".join(code).encode(), tuple(files))

    def _registration(self, name: str, template: Path) -> str:
        compiled = self._compiled(template)
        return f"Kit.template({json.dumps(name)}, function (Vue) {{\n{compiled.code}\n}})\n"

    def _compiled(self, template: Path) -> Compiled:
        source = template.read_text(encoding="utf-8")
        compiled = self.compiler.compile(source, template)
        self._refuse_unknown(compiled, source, template)
        return compiled

    def _refuse_unknown(self, compiled: Compiled, source: str, template: Path) -> None:
        """Vue's production build leaves an unknown component out without a word; say it instead."""
        kit = {file.stem for file in (STATIC / "js" / "components").glob("*.js")}
        for component in compiled.components:
            known = component in COMMON | REST | kit | BUILT_IN
            if not known and component.startswith(("v-", "kit-")):
                lines = source.splitlines()
                line = next((n for n, text in enumerate(lines, 1) if f"<{component}" in text), 1)
                message = f"there is no component <{component}>"
                raise TemplateError(message, template, line, source=source)


def served(file: Path) -> bool:
    return not file.name.startswith(("LICENSE", ".")) and file.suffix not in {".json", ".md", ".html"}


def without_comments(script: str) -> str:
    """A script without the comments that have lines of their own: people read them here, and browsers need not."""
    return _COMMENT_LINES.sub("", script)


def without_notes(style: bytes) -> bytes:
    """A style without comments, indents and empty lines, none of which a browser needs. Ours has no /* in a string."""
    return re.sub(rb"\n\s+", b"\n", re.sub(rb"/\*.*?\*/", b"", style, flags=re.DOTALL))


def joined(files: Iterable[Path]) -> Built:
    files = tuple(files)
    return Built(b"\n".join(file.read_bytes() for file in files), files)
