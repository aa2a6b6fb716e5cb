"""The WSGI entry."""

from enferno.app import create_app

app = create_app()
