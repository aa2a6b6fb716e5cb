"""Lists: one envelope, bounded pages, named columns, searched text taken as it is."""

import pytest

from enferno.tenancy import in_workspace
from tests.support.world import make_person


@pytest.fixture
def members(stage):
    api = stage.world.acme.api
    mia = stage.browser(stage.world.acme.member.email)
    return lambda query="": mia.get(f"{api}/members{query}")


def test_the_envelope_says_what_it_holds(members):
    answer = members("?per_page=2&page=2&sort=name")
    assert set(answer.json) == {"items", "total", "page", "per_page"}
    assert (answer.json["total"], answer.json["page"], answer.json["per_page"]) == (3, 2, 2)
    assert [item["name"] for item in answer.json["items"]] == ["Olga of Acme"]


def test_a_page_beyond_the_last_is_empty_and_knows_the_total(members):
    answer = members("?page=9999")
    assert (answer.json["items"], answer.json["total"]) == ([], 3)


def test_sorting_goes_both_ways(members):
    up = [item["email"] for item in members("?sort=email").json["items"]]
    down = [item["email"] for item in members("?sort=-email").json["items"]]
    assert up == sorted(up) == down[::-1]


@pytest.mark.parametrize("sort", ["password", "-", "--name", "name desc", "user.password", "1", "name,email", "%00"])
def test_sorting_by_what_is_not_named_is_refused(members, sort):
    answer = members(f"?sort={sort}")
    assert answer.status_code == 422
    assert answer.json["errors"][0]["field"] == "sort"


def test_pages_do_not_overlap_when_the_sorted_values_are_equal(members):
    found = [
        item["user_id"]
        for page in (1, 2, 3)
        for item in members(f"?per_page=1&page={page}&sort=created_at").json["items"]
    ]
    assert len(set(found)) == 3


@pytest.mark.parametrize("text", ["%25", "_", "%5C", "'", "%27%20OR%201=1--", "%25%25"])
def test_wildcards_in_a_search_stand_for_themselves(members, text):
    assert members(f"?search={text}").json["total"] == 0


def test_a_search_ignores_case_and_looks_in_every_searched_column(members):
    assert members("?search=OLGA").json["total"] == 1
    assert members("?search=@acme.EXAMPLE").json["total"] == 3


def test_a_wildcard_finds_the_name_that_has_it(stage, members):
    person = make_person(stage.app, "percent@example.com", "100% Paula")
    with stage.app.app_context(), in_workspace(stage.world.acme.id) as workspace:
        from enferno.extensions import db
        from enferno.user.models import User

        workspace.add(db.session.get_one(User, person.id))
    assert [item["name"] for item in members("?search=0%25").json["items"]] == ["100% Paula"]
