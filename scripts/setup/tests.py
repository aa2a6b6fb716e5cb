"""`./setup.sh test`: what the tests need beyond the application, then all of them."""

import os
import platform
import shutil
import subprocess
from pathlib import Path

from scripts.setup import ROOT, SetupError, checks, environment, say, secrets_file

__all__ = ["run"]

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
MAC_BROWSERS = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
BROTLI_MODULE = Path("/usr/lib/nginx/modules/ngx_http_brotli_static_module.so")


def run(words: list[str]) -> int:
    """Prepare and run pytest with `words`; the exit code is pytest's."""
    checks.writable()
    environment.install("requirements-dev.txt")
    secrets_file.write_once()
    see_to_programs()
    command = [
        str(environment.PYTHON),
        "-m",
        "pytest",
        "-p",
        "scripts.setup.no_skips",
        "-p",
        "scripts.setup.longest_first",
        *workers(words),
        *words,
    ]
    return subprocess.run(command, cwd=ROOT, env=os.environ | {"CHROMIUM": browser()}, check=False).returncode


def workers(words: list[str]) -> list[str]:
    """Two processes, one test file each at a time; not for a chosen few or under a debugger."""
    chosen = any(word in ("-n", "--pdb", "-s") or word.startswith(("-n", "tests", "features")) for word in words)
    return [] if chosen else ["-n", "2", "--dist", "loadfile", "--no-loadscope-reorder"]


def browser() -> str:
    """Where a Chromium is, or nothing."""
    told = os.environ.get("CHROMIUM", "")
    found = next(filter(None, map(shutil.which, [told, *BROWSERS])), "")
    return found or next((path for path in MAC_BROWSERS if Path(path).exists()), "")


def missing_packages() -> list[str]:
    """Debian's names of what is not there. nginx takes part in one test, and only on Linux is it asked for."""
    packages = [] if browser() else ["chromium"]
    if platform.system() == "Linux":
        nginx = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
        packages += [] if nginx else ["nginx"]
        packages += [] if BROTLI_MODULE.exists() else ["libnginx-mod-http-brotli-static"]
        packages += [] if shutil.which("openssl") else ["openssl"]
    return packages


def see_to_programs() -> None:
    """Install what is missing where that needs nobody's leave; otherwise say what to install."""
    packages = missing_packages()
    if not packages:
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        apt_get(packages)
        packages = missing_packages()
    if packages:
        how = "sudo apt-get install " if shutil.which("apt-get") else "install "
        raise SetupError(f"The tests need more programs: {how}{' '.join(packages)}")


def apt_get(packages: list[str]) -> None:
    say(f"Installing {', '.join(packages)} with apt-get ...")
    # RUNLEVEL=1: the nginx that the package brings must not begin to serve this machine.
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *packages]
    for command in (["apt-get", "update", "--quiet"], install):
        with environment.LOG.open("a") as log:
            subprocess.run(command, env=environ, stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=False)
