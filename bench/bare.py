"""What Flask costs by itself, and with one question to the database."""

import os
from uuid import uuid4

from flask import Flask, request
from sqlalchemy import create_engine, text

hello = Flask("hello")


@hello.get("/")
def say_hello() -> str:
    return "Hello"


select = Flask("select")
engine = create_engine(os.environ["DATABASE_URL"].replace("postgresql:", "postgresql+psycopg:"), pool_size=5)


@select.get("/")
def say_one() -> str:
    with engine.connect() as connection:
        return str(connection.scalar(text("SELECT 1")))


insert = Flask("insert")


@insert.post("/")
def insert_one() -> str:
    body = request.get_data(as_text=True)
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO bare_rows (id, body) VALUES (:id, :body)"), {"id": uuid4(), "body": body})
    return "ok"
