"""A GET changes nothing (ASVS 3.5.3): not for a crawler, not for a picture on another site that points here."""

from tests.isolation import matrix
from tests.isolation.interface import Targets
from tests.support.stage import Stage

# GETs that do write, each with why that is right.
WRITES = {
    "portal.start": "where signing in leads: who belongs nowhere gets a workspace, once",
}


def test_no_get_changes_what_is_stored(standing_stage: Stage):
    stage = matrix.furnished(standing_stage)
    targets, told = Targets(stage), set()
    for route in (route for route in targets.routes if route.method == "GET"):
        for actor in matrix.actors(stage):
            matrix.ask(stage, targets, route, actor)
        if stage.snapshot.changed():
            told.add(route.endpoint)
            stage.reset()
    assert told == set(WRITES), "Make it a POST, or write into WRITES why a GET may do this"
