"""Take the installers out of an image's Python: `python strip.py`, when the image is built, as root.

Whoever gets into a running container finds no pip there. Removed by hand, because what a distribution has installed pip
refuses to uninstall, and Python carries one more copy of it inside `ensurepip`.
"""

import shutil
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from pathlib import Path

PACKAGES = ("pip", "setuptools", "wheel", "pkg_resources", "_distutils_hack", "distutils-precedence.pth", "ensurepip")
PROGRAMS = ("pip", "wheel", "easy_install")


def leftovers(libraries: Iterable[Path], programs: Iterable[Path]) -> Iterator[Path]:
    """What installs packages, in these folders of modules and of programs."""
    for folder in libraries:
        for entry in sorted(folder.glob("*")):
            name = entry.name.lower()
            if name in PACKAGES or (name.split("-")[0] in PACKAGES and name.endswith((".dist-info", ".egg-info"))):
                yield entry
    for folder in programs:
        for entry in sorted(folder.glob("*")):
            if entry.name.rstrip("0123456789.") in PROGRAMS or entry.name.startswith("easy_install-"):
                yield entry


def main() -> int:
    paths = sysconfig.get_paths()
    libraries = {paths["purelib"], paths["platlib"], paths["stdlib"], *site.getsitepackages()}
    programs = {paths["scripts"], str(Path(sys.executable).parent), "/usr/bin"}
    for entry in leftovers(map(Path, sorted(libraries)), map(Path, sorted(programs))):
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
