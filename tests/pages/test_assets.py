"""Files for ever: hashed names, compressed forms, and nothing outside of the folder."""

import gzip
import hashlib
import os
import re
from pathlib import Path

import brotli
import pytest
from flask import Flask

from enferno.pages import NoSuchPage, asset
from enferno.pages.assets import publish
from tests.pages.conftest import make_app


def url_of(app: Flask, name: str) -> str:
    with app.test_request_context():
        return asset(name)


def test_a_name_carries_the_hash_of_its_content(app: Flask):
    url = url_of(app, "js/kit.js")
    content = app.test_client().get(url).data
    assert url == f"/assets/js/kit.{hashlib.sha256(content).hexdigest()[:12]}.js"


def test_a_file_may_be_kept_for_ever(app: Flask):
    answer = app.test_client().get(url_of(app, "css/kit.css"))
    assert answer.headers["Cache-Control"] == "max-age=31536000, public, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"].startswith("text/css")
    assert "Set-Cookie" not in answer.headers


def test_no_other_site_may_read_a_file(app: Flask):
    """ASVS 3.4.2; where there is no nginx, WhiteNoise alone says who may."""
    for address, status in ((url_of(app, "css/kit.css"), 200), ("/assets/no-such-file.js", 404)):
        answer = app.test_client().get(address, headers={"Origin": "https://evil.example"})
        assert answer.status_code == status
        assert not [name for name, _ in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize(
    ("accepted", "encoding", "unpack"),
    [("br, gzip", "br", brotli.decompress), ("gzip", "gzip", gzip.decompress), ("", None, bytes)],
)
def test_the_client_chooses_the_compression(tmp_path: Path, accepted: str, encoding: str | None, unpack):
    client = make_app(tmp_path, production=True).test_client()
    name = re.search(r"/assets/pages/demo/index\.\w+\.js", client.get("/").text)[0]
    answer = client.get(name, headers={"Accept-Encoding": accepted})
    assert answer.headers.get("Content-Encoding") == encoding
    assert b"mountPage" in unpack(answer.data)
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_an_old_name_is_gone_when_the_content_changed(app: Flask):
    url = url_of(app, "js/theme.js")
    stem, _, rest = url.partition("theme.")
    assert app.test_client().get(f"{stem}theme.000000000000{rest[12:]}").status_code == 404


@pytest.mark.parametrize(
    "path",
    [
        "/assets/../enferno/app.py",
        "/assets/%2e%2e/%2e%2e/etc/passwd",
        "/assets/..%2f..%2fetc/passwd",
        "/assets//etc/passwd",
        "/assets/js/kit/10-kit.js",
        "/assets/vendor/manifest.json",
        "/assets/nothing.0123456789ab.js",
        "/assets/",
    ],
)
def test_nothing_but_published_files_is_served(app: Flask, path: str):
    answer = app.test_client().get(path)
    assert answer.status_code == 404
    assert b"root:" not in answer.data


def test_half_written_files_are_never_seen(tmp_path: Path):
    file = tmp_path / "a" / "x.js"
    publish(file, b"x" * 1000)
    assert sorted(each.name for each in file.parent.iterdir()) == ["x.js", "x.js.br", "x.js.gz"]


def test_a_changed_source_has_a_new_name_in_development_only(tmp_path: Path):
    folder = tmp_path / "features" / "demo" / "pages"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text("<main></main>")
    working = make_app(tmp_path / "a", features=tmp_path / "features")
    serving = make_app(tmp_path / "b", features=tmp_path / "features", production=True)
    before = url_of(working, "pages/demo/index.js"), url_of(serving, "pages/demo/index.js")
    import os

    (folder / "index.html").write_text("<main>more</main>")
    os.utime(folder / "index.html", (1, 1))
    assert url_of(working, "pages/demo/index.js") != before[0]
    assert url_of(serving, "pages/demo/index.js") == before[1]


def test_the_components_of_a_page_follow_its_template_in_development(tmp_path: Path):
    page = tmp_path / "features" / "demo" / "pages" / "index.html"
    page.parent.mkdir(parents=True)
    page.write_text("<kit-empty></kit-empty>")
    assets = make_app(tmp_path / "i", features=tmp_path / "features").extensions["pages"].assets
    assert assets.components("demo/index") == {"kit-empty"}
    page.write_text("<kit-chart></kit-chart>")
    os.utime(page, (1, 1))
    assert assets.components("demo/index") == {"kit-chart"}


def test_a_page_that_is_none_is_named_with_the_place_where_it_would_lie(app: Flask):
    with pytest.raises(NoSuchPage, match=r"no page 'demo/nowhere': make .*demo/pages/nowhere.html"):
        app.extensions["pages"].assets.components("demo/nowhere")


def test_publishing_ahead_completes_what_was_published_in_a_hurry(app: Flask):
    url = url_of(app, "js/theme.js")
    app.test_client().get(url)
    published = app.extensions["pages"].assets
    file = published.folder / url.removeprefix("/assets/")
    assert not file.with_name(file.name + ".br").exists()
    published.sources.all_names = lambda: iter(["js/theme.js"])
    published.publish_all()
    assert file.with_name(file.name + ".br").exists()


def test_the_worker_is_never_cached_and_names_only_public_files(app: Flask):
    answer = app.test_client().get("/service-worker.js")
    assert answer.headers["Cache-Control"] == "no-cache"
    files = re.search(r"const FILES = (\[.*\])", answer.text)[1]
    assert re.findall(r'"(/[^"]+)"', files) == [
        url_of(app, name) for name in ("offline.html", "css/kit.css", "js/theme.js")
    ]
    for url in re.findall(r'"(/[^"]+)"', files):
        assert app.test_client().get(url).status_code == 200


def test_comments_stay_in_the_source(app: Flask):
    from enferno.pages.sources import without_comments

    script = "/* Why this\n   is so. */\nconst a = 'https://x' // kept\n  // gone\nconst b = `/* kept */`\n"
    assert without_comments(script) == "const a = 'https://x' // kept\nconst b = `/* kept */`\n"
    assert b"The kit's one global" not in app.test_client().get(url_of(app, "js/kit.js")).data
