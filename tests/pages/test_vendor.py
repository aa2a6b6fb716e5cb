"""Files of others: each one listed, unchanged, and with its licence."""

import hashlib
import json
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = (ROOT / "enferno/static/vendor", ROOT / "enferno/pages/vendor")
MANIFEST = json.loads((FOLDERS[0] / "manifest.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("entry", MANIFEST, ids=lambda entry: entry["file"])
def test_a_vendored_file_is_what_the_manifest_says(entry: dict):
    content = (ROOT / entry["file"]).read_bytes()
    assert hashlib.sha256(content).hexdigest() == entry["sha256"]
    assert entry["licence"] in {"MIT", "Apache-2.0", "OFL-1.1"}


def test_nothing_lies_beside_the_manifest():
    there = {file.relative_to(ROOT).as_posix() for folder in FOLDERS for file in folder.rglob("*") if file.is_file()}
    listed = {entry["file"] for entry in MANIFEST} | {"enferno/static/vendor/manifest.json"}
    assert there == listed, "make it with scripts/vendor.py, which writes the manifest too"


def test_every_package_brings_its_licence():
    folders = {Path(entry["file"]).parent for entry in MANIFEST}
    without = [folder for folder in folders if not list((ROOT / folder).glob("LICENSE*"))]
    assert not without


def test_no_vendored_script_asks_for_a_process_that_browsers_do_not_have():
    core = (FOLDERS[0] / "vuetify/vuetify.core.js").read_text(encoding="utf-8")
    assert "process.env" not in core
