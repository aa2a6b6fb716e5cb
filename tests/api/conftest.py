"""An application with a few views of the tests' own, which take and give what the kit's views do not happen to."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Annotated, Any

import pytest
from flask import Flask, abort
from pydantic import Field
from sqlalchemy.exc import IntegrityError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from enferno.access.guards import open_to_all, requires, signed_in
from enferno.access.permissions import Permission
from enferno.api.contract import ApiBlueprint, Filter, In, Line, ListQuery, Out, Text, no_content
from enferno.extensions import limiter
from tests.conftest import DATABASES
from tests.support.stage import Stage, stage_on

SECRET = "sesame: the inside of an exception"


class Size(StrEnum):
    SMALL = "small"
    LARGE = "large"


class ProbeIn(In):
    name: Line
    notes: Text = ""
    size: Size = Size.SMALL
    count: Annotated[int, Field(ge=0, le=10)] = 0
    agreed: bool = False


class ProbeOut(Out):
    name: str
    notes: str
    size: Size
    count: int


class ProbeQuery(ListQuery):
    kind: Filter = ""


class Row:
    """Like a row: has more attributes than the schema names."""

    name, notes, size, count = "Row", "", "small", 1
    password = SECRET


FAULTS: dict[str, Any] = {
    "unexpected": lambda: RuntimeError(SECRET),
    "integrity": lambda: IntegrityError(SECRET, {}, Exception(SECRET)),
    "stale": lambda: StaleDataError(SECRET),
    "lost": lambda: OperationalError(SECRET, {}, OSError(SECRET)),
}


def add_probes(app: Flask) -> None:
    probe = ApiBlueprint("probe", __name__, url_prefix="/api/v1/probe")

    @probe.post("")
    @signed_in
    def create(body: ProbeIn) -> ProbeOut:
        return body

    @probe.get("")
    @signed_in
    def index(query: ProbeQuery) -> dict[str, str]:
        return {"search": query.search, "kind": query.kind}

    @probe.get("/row")
    @open_to_all
    def row() -> ProbeOut:
        return Row()

    @probe.get("/broken-row")
    @open_to_all
    def broken_row() -> ProbeOut:
        return {"name": SECRET}

    @probe.delete("")
    @signed_in
    def delete() -> None:
        return no_content()

    @probe.get("/fault/<kind>")
    @open_to_all
    def fault(kind: str) -> None:
        if kind.isdigit():
            abort(int(kind), SECRET)
        raise FAULTS[kind]()

    @probe.post("/limited")
    @open_to_all
    @limiter.limit("1/hour")
    def limited() -> None:
        return no_content()

    @probe.post("/<slug>")
    @requires(Permission.WORKSPACE_MANAGE)
    def managed(body: ProbeIn) -> ProbeOut:
        return body

    app.register_blueprint(probe)


@pytest.fixture(scope="module", params=DATABASES)
def standing_probes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    with stage_on(request.param, tmp_path_factory.mktemp("probes"), prepare=add_probes) as found:
        yield found


@pytest.fixture
def probes(standing_probes: Stage) -> Stage:
    """The stage with the views under /api/v1/probe."""
    standing_probes.reset()
    return standing_probes
