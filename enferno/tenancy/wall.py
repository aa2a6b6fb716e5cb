"""Hang the wall on an application's engines."""

from flask import Flask
from flask_sqlalchemy import SQLAlchemy

__all__ = ["init_app"]


def init_app(app: Flask, db: SQLAlchemy) -> None:
    """Guard every statement of the application's engines. Call it after `db.init_app(app)`."""
