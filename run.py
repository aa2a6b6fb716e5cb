"""The WSGI entry: servers and `flask` take `app` from here."""

import sys

if __name__ == "__main__":
    sys.exit(
        "run.py is for servers, which import it. Type: ./setup.sh run (or, when it is set up: .venv/bin/flask run)"
    )

from enferno.start import started

app = started()
