"""What a start reads is what it uses: `./setup.sh run` should take a second or two, and each import is a part of it."""

import os
import subprocess
import sys

from tests.conventions.source import ROOT

# Packages that serve one choice, and what chooses them.
WITHOUT_NEED = {
    "celery": "CELERY_BROKER_URL",
    "chargebee": "BILLING_PROVIDER=chargebee",
    "psycopg": "a database on PostgreSQL",
    "redis": "REDIS_URL",
    "stripe": "BILLING_PROVIDER=stripe",
    "ua_parser": "somebody who signs in",
}
LOOK = "import sys; from enferno.app import create_app; create_app(); print(*sorted(sys.modules))"


def test_nothing_is_read_at_the_start_that_the_settings_do_not_ask_for(tmp_path):
    given = {
        "SECRET_KEY": "k" * 40,
        "SECURITY_PASSWORD_SALT": "s" * 20,
        "ENV": "development",
        "INSTANCE_PATH": str(tmp_path),
        "DATABASE_URL": "",
        "REDIS_URL": "",
        "CELERY_BROKER_URL": "",
        "STRIPE_API_KEY": "",
        "CHARGEBEE_API_KEY": "",
    }
    look = [sys.executable, "-c", LOOK]
    seen = subprocess.run(look, cwd=ROOT, env=os.environ | given, capture_output=True, text=True, check=True)
    read = set(WITHOUT_NEED) & set(seen.stdout.split())
    assert not read, f"import {', '.join(sorted(read))} inside the function that needs it: see {WITHOUT_NEED}"
