"""Write every static file ahead, with its compressed forms: `python -m deploy.publish`, when an image is built.

Needs no setting, no database and no secret: the files do not depend on them. What does (the offline page carries the
product's name) is written when it is first asked for.
"""

import os
import secrets
import sys

from enferno.app import create_app
from enferno.pages import publish_all
from enferno.settings import Settings


def main() -> int:
    """Publish; the number of files is printed."""
    once = {name: secrets.token_urlsafe(48) for name in ("SECRET_KEY", "SECURITY_PASSWORD_SALT")}
    where = {name: os.environ.get(name, "") for name in ("INSTANCE_PATH", "FEATURES_PATH")}
    count = publish_all(create_app(Settings.from_environ(once | where)))
    sys.stdout.write(f"Published {count} files\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
