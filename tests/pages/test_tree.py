"""The source tree as a whole: no page without a view, no view without its page, no icon that is missing."""

import re
from pathlib import Path

import pytest

from enferno.pages.compiler import TemplateCompiler
from enferno.pages.sources import COMMON, STATIC, TEMPLATES, Sources

ROOT = Path(__file__).resolve().parents[2]
CODE = [*(ROOT / "enferno").rglob("*.py"), *(ROOT / "features").rglob("*.py")]
FRONT = [
    *TEMPLATES.rglob("*.html"), *(STATIC / "js").rglob("*.html"), *(STATIC / "js").rglob("*.js"),
    *(ROOT / "features").rglob("pages/**/*.html"), *(ROOT / "features").rglob("pages/**/*.js"),
]  # fmt: skip
COMPONENTS = STATIC / "js" / "components"


@pytest.fixture(scope="module")
def sources() -> Sources:
    return Sources(TemplateCompiler(None), ROOT / "features")


def pages_in_code() -> set[str]:
    """Every name of a page that stands in the code, whether in `render_page("…")` or in a table of pages."""
    text = "\n".join(file.read_text(encoding="utf-8") for file in CODE if "tests" not in file.parts)
    return set(re.findall(r"[\"']([a-z][\w-]*/[\w/-]+)[\"']", text))


def test_every_page_is_used_by_some_view(sources: Sources):
    unused = set(sources.page_names()) - pages_in_code()
    assert not unused, f"delete the template, or render it: {sorted(unused)}"


def test_every_page_that_a_view_renders_exists(sources: Sources):
    text = "\n".join(file.read_text(encoding="utf-8") for file in CODE if "tests" not in file.parts)
    rendered = set(re.findall(r"render_page\(\s*[\"']([\w/-]+)[\"']", text))
    missing = rendered - set(sources.page_names())
    assert not missing, f"make enferno/templates/pages/<name>.html: {sorted(missing)}"


def test_every_page_compiles(sources: Sources):
    for page in sources.page_names():
        assert sources.build(f"pages/{page}.js") is not None


def test_every_script_of_a_page_has_its_template(sources: Sources):
    scripts = STATIC / "js" / "pages"
    orphans = [
        file for file in scripts.rglob("*.js")
        if not (TEMPLATES / file.relative_to(scripts)).with_suffix(".html").is_file()
    ]  # fmt: skip
    assert not orphans, "a script without a template is never loaded"


def test_every_component_registers_itself_under_the_name_of_its_file():
    for file in COMPONENTS.glob("*.js"):
        line = f"Kit.component('{file.stem}'"
        assert line in file.read_text(encoding="utf-8"), f"{file.name} must say {line}, …)"
    without = {file.stem for file in COMPONENTS.glob("*.html")} - {file.stem for file in COMPONENTS.glob("*.js")}
    assert not without, "a component's template needs a script beside it that registers it"


def test_the_kit_needs_only_the_core_of_vuetify(sources: Sources):
    for template in sources.component_templates():
        named = {each for each in sources._compiled(template).components if each.startswith("v-")}
        assert named <= COMMON, f"{template.name}: add {named - COMMON} to CORE_COMPONENTS in scripts/vendor.py"


def test_every_icon_that_is_named_is_there():
    names = set((ROOT / "scripts" / "icons.txt").read_text(encoding="utf-8").split())
    named = {
        (name, file.name)
        for file in [*FRONT, *CODE]
        for name in re.findall(r"[\"'`]mdi-([a-z0-9-]+)[\"'`]", file.read_text(encoding="utf-8"))
    }
    missing = {(name, file) for name, file in named if name not in names}
    assert not missing, f"add them to scripts/icons.txt and run scripts/vendor.py: {sorted(missing)}"


def test_no_template_has_an_inline_style():
    """The policy refuses them; `:style` bindings are set by script and pass."""
    found = [file.name for file in FRONT if file.suffix == ".html" and re.search(r"\sstyle=", file.read_text("utf-8"))]
    assert not found


def test_directions_are_logical():
    """Left and right would be wrong in half of the scripts of the world: write start and end."""
    wrong = re.compile(
        r"(?:margin|padding|border)-(?:left|right)|(?<![\w-])(?:left|right)\s*:|text-align:\s*(?:left|right)|float:"
    )
    lines = [
        f"{file.name}: {line.strip()}"
        for file in (STATIC / "css").glob("*.css")
        for line in file.read_text(encoding="utf-8").splitlines()
        if wrong.search(line)
    ]
    assert not lines
