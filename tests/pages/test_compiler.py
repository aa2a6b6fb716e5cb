"""From a page template to JavaScript."""

from pathlib import Path

import pytest
from flask import Flask

from enferno.pages.compiler import TemplateError, compile_source, marked
from tests.pages.conftest import make_app


def feature(tmp_path: Path, template: str, script: str = "mountPage({})") -> Path:
    folder = tmp_path / "features" / "demo" / "pages"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(template)
    (folder / "index.js").write_text(script)
    return tmp_path / "features"


def test_an_interpolation_ends_at_its_own_brace():
    code = compile_source("<p>${ t('{n} of {m}', { n: 1, m: 2 }) }</p>", "x.html").code
    assert '_ctx.t("{n} of {m}"' in code or "_ctx.t('{n} of {m}'" in code


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("${ a }", " a "),
        ("${ f({ a: { b: 1 } }) }", " f({ a: { b: 1 } }) "),
        ("${ '}' }", " '}' "),
        ("${ `}` + x }", " `}` + x "),
    ],
)
def test_braces_inside_strings_and_objects_do_not_end_an_interpolation(text: str, inside: str):
    assert marked(f"<p>{text}</p>") == f"<p>\x01\x02{inside}\x03</p>"


def test_attributes_and_comments_are_not_interpolations():
    template = """<a :href="`/w/${ slug }`" title="${ x }"></a><!-- ${ y } -->"""
    assert marked(template) == template


def test_double_braces_are_plain_text():
    assert "{{ secret }}" in compile_source("<p>{{ secret }}</p>", "x.html").code


def test_compiled_code_needs_no_eval():
    code = compile_source("<p :class='{ a: b }' @click='go(1)'>${ b }</p>", "x.html").code
    assert "new Function" not in code
    assert "eval(" not in code
    assert "with (" not in code


def test_a_broken_template_says_where():
    with pytest.raises(TemplateError) as caught:
        compile_source("<main>\n  <p>\n    ${ a + }\n  </p>\n</main>", "portal/x.html")
    assert (caught.value.path, caught.value.line) == ("portal/x.html", 3)
    assert (3, "    ${ a + }") in caught.value.excerpt()


def test_development_shows_the_file_and_the_line(tmp_path: Path):
    app = make_app(tmp_path, features=feature(tmp_path, "<main>\n  <p v-if>x</p>\n</main>"))
    answer = app.test_client().get("/")
    assert answer.status_code == 500
    assert "demo/pages/index.html:2:" in answer.text
    assert "&lt;p v-if&gt;x&lt;/p&gt;" in answer.text


def test_production_shows_nothing_of_a_broken_template(tmp_path: Path):
    app = make_app(tmp_path, production=True, features=feature(tmp_path, "<main>\n  <p v-if>secret</p>\n</main>"))
    answer = app.test_client().get("/")
    assert answer.status_code == 500
    assert "index.html" not in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize("name", ["kit-tabel", "v-buton"])
def test_a_component_that_does_not_exist_is_refused(tmp_path: Path, name: str):
    app = make_app(tmp_path, features=feature(tmp_path, f"<main>\n  <{name}></{name}>\n</main>"))
    answer = app.test_client().get("/")
    assert f"there is no component &lt;{name}&gt;" in answer.text
    assert "index.html:2:" in answer.text


def test_a_page_with_a_rarer_component_loads_all_of_vuetify(tmp_path: Path):
    rare = make_app(tmp_path / "a", features=feature(tmp_path / "a", "<main><v-stepper></v-stepper></main>"))
    usual = make_app(tmp_path / "b", features=feature(tmp_path / "b", "<main><v-btn></v-btn></main>"))
    assert "vuetify.min." in rare.test_client().get("/").text
    assert "vuetify.rest." in rare.test_client().get("/").text
    assert "vuetify.core." in usual.test_client().get("/").text
    assert "vuetify.min." not in usual.test_client().get("/").text


def test_only_a_page_with_a_chart_loads_the_chart_library(tmp_path: Path):
    with_chart = make_app(tmp_path / "a", features=feature(tmp_path / "a", "<main><kit-chart></kit-chart></main>"))
    without = make_app(tmp_path / "b", features=feature(tmp_path / "b", "<main></main>"))
    assert "chart.umd" in with_chart.test_client().get("/").text
    assert "chart.umd" not in without.test_client().get("/").text


def test_what_a_person_typed_stays_data(app: Flask):
    answer = app.test_client().get("/")
    assert "${constructor" in answer.text.partition('id="page-data"')[2].partition("</script>")[0]
    script = app.extensions["pages"].assets.sources.build("pages/demo/index.js")
    assert b"constructor" not in script.content
