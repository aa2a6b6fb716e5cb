#!/bin/sh
# ReadyKit's one command: `./setup.sh run`. Everything but the search for a Python is in scripts/setup/.
set -eu

cd "$(dirname "$0")" || exit 1

fits() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# An environment made earlier knows its interpreter; otherwise the first one that is new enough.
for python in .venv/bin/python python3 python3.14 python3.13 python3.12 python3.11 python; do
    if command -v "$python" >/dev/null 2>&1 && fits "$python"; then
        exec "$python" -m scripts.setup "$@"
    fi
done

if command -v python3 >/dev/null 2>&1; then
    found=$(python3 -c 'import platform; print(platform.python_version())' 2>/dev/null || echo "a broken one")
    echo "setup.sh: Python 3.11 or newer is needed, python3 is $found: install a newer one (for example apt install python3.11, brew install python3)." >&2
else
    echo "setup.sh: Python 3.11 or newer is needed and there is no python3: install it (for example apt install python3 python3-venv, brew install python3)." >&2
fi
exit 1
