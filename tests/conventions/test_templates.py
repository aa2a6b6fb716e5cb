"""Every template is used. Pages have a test of their own, in tests/pages/."""

from tests.conventions.source import ROOT, modules, texts

TEMPLATES = ROOT / "enferno" / "templates"


def test_every_template_of_jinja_is_named_somewhere():
    sources = "\n".join(
        path.read_text()
        for path in [*modules(), *texts(".html", "enferno/templates"), *texts(".txt", "enferno/templates")]
    )
    unused = []
    for path in [*texts(".html", "enferno/templates"), *texts(".txt", "enferno/templates")]:
        name = path.relative_to(TEMPLATES)
        if name.parts[0] == "pages":
            continue
        known = {str(name), str(name.with_suffix("")), name.stem, name.name}
        if not any(f'"{one}"' in sources or f"'{one}'" in sources or f"/{one}" in sources for one in known):
            unused.append(str(name))
    assert unused == [], "Nothing renders these: delete them"
