"""Re-create `enferno/static/vendor/` and `enferno/pages/vendor/` from published npm packages.

    python scripts/vendor.py            fetch with `npm pack`, write the files and the manifest
    python scripts/vendor.py --check    the same into a temporary folder, and compare

Nobody needs this to run ReadyKit: the files are in the repository. It exists so that an update is one changed
version below, and so that anyone can prove that the files are what the packages contain.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATIC = "enferno/static/vendor"
COMPILER = "enferno/pages/vendor"
MANIFEST = f"{STATIC}/manifest.json"


@dataclass(frozen=True)
class Package:
    """One npm package: which of its files are taken as they are, and into which folder."""

    name: str
    version: str
    folder: str
    files: dict[str, str] = field(default_factory=dict)


# Vuetify 4.3.0's browser build stops with `process is not defined`; move on only when the browser test passes.
PACKAGES = (
    Package("vue", "3.5.45", f"{STATIC}/vue", {
        "dist/vue.runtime.global.prod.js": "vue.runtime.global.prod.js", "LICENSE": "LICENSE",
    }),
    Package("@vue/compiler-sfc", "3.5.45", COMPILER, {
        "dist/compiler-sfc.esm-browser.js": "compiler-sfc.esm-browser.js", "LICENSE": "LICENSE",
    }),
    Package("vuetify", "4.2.2", f"{STATIC}/vuetify", {
        "dist/vuetify.min.js": "vuetify.min.js", "LICENSE.md": "LICENSE.md",
    }),
    Package("@vuetify/v0", "1.2.1", f"{STATIC}/vuetify"),  # goes into vuetify.core.js; MIT, by the same people
    Package("chart.js", "4.6.1", f"{STATIC}/chart.js", {
        "dist/chart.umd.min.js": "chart.umd.min.js", "LICENSE.md": "LICENSE.md",
    }),
    Package("@fontsource-variable/inter", "5.3.0", f"{STATIC}/inter", {"LICENSE": "LICENSE"}),
    Package("@mdi/js", "7.4.47", f"{STATIC}/mdi", {"LICENSE": "LICENSE"}),
)  # fmt: skip

# Vuetify is made twice: these parts, which nearly every page uses, for every page; all of it for a page whose template
# names another component (the template compiler knows which). Chromium then loads 85 kB instead of 157.
CORE_COMPONENTS = frozenset([
    "VAlert", "VApp", "VAutocomplete", "VAvatar", "VBtn", "VCard", "VCheckbox", "VChip", "VCounter",
    "VDefaultsProvider", "VDialog", "VDivider", "VField", "VForm", "VIcon", "VInput", "VLabel", "VList", "VMenu",
    "VMessages", "VOverlay", "VProgressCircular", "VProgressLinear", "VRadio", "VRadioGroup", "VSelect",
    "VSelectionControl", "VSelectionControlGroup", "VSheet", "VSwitch", "VTextField", "VTextarea", "VTooltip",
    "VVirtualScroll", "transitions",
])  # fmt: skip
ESBUILD = "esbuild@0.28.2"
FONTTOOLS = "fonttools[woff]==4.68.0"

ICONS = tuple(
    (ROOT / "scripts" / "icons.txt").read_text(encoding="utf-8").split()
)  # Material Design names: account-plus


def unpack(package: Package, into: Path) -> Path:
    """`npm pack` of exactly this version, unpacked; returns the folder of the package."""
    done = subprocess.run(  # noqa: S603
        ["npm", "pack", "--silent", "--ignore-scripts", f"{package.name}@{package.version}"],  # noqa: S607
        cwd=into, capture_output=True, text=True, check=True,
    )  # fmt: skip
    archive = into / done.stdout.strip().splitlines()[-1]
    with tarfile.open(archive) as tar:
        tar.extractall(archive.with_suffix(""), filter="data")
    return archive.with_suffix("") / "package"


def at_rules(css: str) -> Iterator[tuple[str, str]]:
    """The top-level rules of a stylesheet, each with its prelude (`@layer x`, `.y`) and its whole text."""
    depth, begin = 0, 0
    for place, character in enumerate(css):
        if character == "{":
            depth += 1
        elif character == "}":
            depth -= 1
        if (character == "}" and depth == 0) or (character == ";" and depth == 0):
            rule = css[begin : place + 1].strip()
            yield rule.split("{", 1)[0].strip(), rule
            begin = place + 1


def without_breakpoints(css: str) -> str:
    """Vuetify's utility classes without the variants per breakpoint (`d-sm-none`), three quarters of their size."""
    kept = []
    for prelude, rule in at_rules(css):
        if prelude.startswith("@media"):
            continue
        if "{" not in rule:
            kept.append(rule)
            continue
        inner = rule[rule.index("{") + 1 : -1]
        body = without_breakpoints(inner) if prelude.startswith("@layer") else inner
        kept.append(f"{prelude}{{{body}}}")
    return "\n".join(kept)


def squeezed(css: str) -> str:
    """Comments and indentation gone; nothing that would need a CSS parser."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    return re.sub(r"\s*\n\s*", "\n", css).replace(";\n}", "}").replace(" {\n", "{").strip()


def vuetify_parts(sources: dict[str, Path]) -> dict[str, str]:
    """What every page loads of Vuetify, and what the other pages load: styles, script, and which component is where."""
    return vuetify_styles(sources["vuetify"]) | {"vuetify.core.js": vuetify_core(sources)}


def vuetify_core(sources: dict[str, Path]) -> str:
    """The core components with the same global as Vuetify's browser build, bundled from its own modules by esbuild."""
    package = sources["vuetify"]
    modules = package / "node_modules" / "@vuetify"
    modules.mkdir(parents=True, exist_ok=True)
    shutil.copytree(sources["@vuetify/v0"], modules / "v0", dirs_exist_ok=True)
    folders = [name for name in sorted(CORE_COMPONENTS) if (package / "lib/components" / name / "index.js").exists()]
    lines = [
        'import { createVuetify as create } from "./lib/framework.js"',
        'import * as directives from "./lib/directives/index.js"',
        *(f'import * as {name} from "./lib/components/{name}/index.js"' for name in folders),
        f"const components = Object.assign({{}}, {', '.join(folders)})",
        "const createVuetify = (options = {}) => create({ components, directives, ...options })",
        "export { components, createVuetify, directives }",
    ]
    (package / "core.js").write_text("\n".join(lines), encoding="utf-8")
    (package / "vue.cjs").write_text("module.exports = window.Vue", encoding="utf-8")
    subprocess.run(  # noqa: S603
        [  # noqa: S607
            "npx", "--yes", ESBUILD, "core.js", "--bundle", "--minify", "--format=iife", "--global-name=Vuetify",
            "--alias:vue=./vue.cjs", "--loader:.css=empty",
            '--define:process.env.NODE_ENV="production"', "--define:process.env={}", "--target=es2022",
            "--legal-comments=none", "--log-level=error", "--outfile=core.bundle.js",
        ],
        cwd=package, check=True,
    )  # fmt: skip
    notice = "/* Components of Vuetify and parts of @vuetify/v0 (both MIT), bundled by scripts/vendor.py */\n"
    return notice + (package / "core.bundle.js").read_text(encoding="utf-8")


def vuetify_styles(package: Path) -> dict[str, str]:
    """Two stylesheets out of the package's own parts, and the list of components each one is for."""
    styles, components = package / "lib/styles", package / "lib/components"
    common, rest = [], []
    for file in sorted(components.rglob("*.css")):
        folder = file.relative_to(components).parts[0]
        (common if folder in CORE_COMPONENTS else rest).append(file.read_text(encoding="utf-8"))
    directives = [file.read_text(encoding="utf-8") for file in sorted((package / "lib/directives").rglob("*.css"))]
    core = (styles / "core.css").read_text(encoding="utf-8")
    utilities = without_breakpoints((styles / "utilities.css").read_text(encoding="utf-8"))
    names = sorted({file.stem for file in components.rglob("V*.js")} & exported(package), key=str.lower)
    used = {file.stem: file.relative_to(components).parts[0] for file in components.rglob("V*.js")}
    listing = {
        "common": [name for name in names if used[name] in CORE_COMPONENTS],
        "rest": [name for name in names if used[name] not in CORE_COMPONENTS],
    }
    notice = "/* Joined from the stylesheets of Vuetify (MIT) by scripts/vendor.py */\n"
    return {
        "vuetify.css": notice + squeezed("\n".join([core, utilities, *directives, *common])) + "\n",
        "vuetify.rest.css": notice + squeezed("\n".join(rest)) + "\n",
        "components.json": json.dumps(listing, indent=1) + "\n",
    }


def exported(package: Path) -> set[str]:
    """The components that Vuetify's browser build registers."""
    index = "".join(p.read_text(encoding="utf-8") for p in (package / "lib/components").glob("*/index.js"))
    return set(re.findall(r"\b(V[A-Z]\w+)\b", index))


def icon_paths(sources: dict[str, Path]) -> dict[str, str]:
    """The SVG paths of the icons we name, as a script that sets one global."""
    source = (sources["@mdi/js"] / "mdi.js").read_text(encoding="utf-8")
    paths = dict(re.findall(r'export var (mdi\w+) = "([^"]+)"', source))
    chosen = {}
    for name in sorted(set(ICONS)):
        key = "mdi" + "".join(part.capitalize() for part in name.split("-"))
        if key not in paths:
            sys.exit(f"scripts/icons.txt: there is no Material Design icon {name!r}")
        chosen[f"mdi-{name}"] = paths[key]
    body = json.dumps(chosen, indent=0, separators=(",", ":"))
    notice = "/* Paths from @mdi/js (Apache-2.0), the icons of scripts/icons.txt, by scripts/vendor.py */\n"
    return {"icons.js": f"{notice}window.KitIcons = {body};\n"}


def font_files(sources: dict[str, Path]) -> dict[str, bytes]:
    """Inter with the weights that we use, 400 to 600: a quarter less than all of them."""
    found = {}
    for part in ("latin", "latin-ext"):
        original = sources["@fontsource-variable/inter"] / f"files/inter-{part}-wght-normal.woff2"
        smaller = original.with_name(f"inter-{part}.woff2")
        subprocess.run(  # noqa: S603
            [
                sys.executable, "-m", "uv", "tool", "run", "--from", FONTTOOLS, "fonttools", "varLib.instancer",
                "--no-recalc-timestamp", "--quiet", "--output", str(smaller), str(original), "wght=400:600",
            ],
            check=True,
        )  # fmt: skip
        found[smaller.name] = smaller.read_bytes()
    return found


DERIVED = {"@fontsource-variable/inter": font_files, "vuetify": vuetify_parts, "@mdi/js": icon_paths}


def write_all(target: Path) -> dict[str, bytes]:
    """Every vendored file by its path in the repository, written below `target`, the manifest included."""
    manifest, written = [], {}
    with tempfile.TemporaryDirectory() as folder:
        sources = {package.name: unpack(package, Path(folder)) for package in PACKAGES}
        for package in PACKAGES:
            source = sources[package.name]
            licence = json.loads((source / "package.json").read_text(encoding="utf-8"))["license"]
            contents = {name: (path, (source / path).read_bytes()) for path, name in package.files.items()}
            for name, text in DERIVED.get(package.name, lambda _: {})(sources).items():
                contents[name] = ("", text if isinstance(text, bytes) else text.encode())
            for name, (origin, content) in contents.items():
                path = f"{package.folder}/{name}"
                written[path] = content
                manifest.append({
                    "package": package.name, "version": package.version, "licence": licence, "file": path,
                    "source": origin or "derived by scripts/vendor.py",
                    "sha256": hashlib.sha256(content).hexdigest(),
                })  # fmt: skip
    written[MANIFEST] = (json.dumps(manifest, indent=1) + "\n").encode()
    for path, content in written.items():
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_bytes(content)
    return written


def check() -> int:
    """Compare the repository with what the packages give; 1 when a file differs."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = write_all(Path(folder))
    wrong = [p for p, content in fresh.items() if not (ROOT / p).exists() or (ROOT / p).read_bytes() != content]
    for path in wrong:
        print(f"differs: {path}")  # noqa: T201
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare only, change nothing")
    if parser.parse_args().check:
        return check()
    print(f"{len(write_all(ROOT))} files written")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
