"""Cases 1 to 8: nothing of B is read by A. B is "noise": everything in it has that word in it."""

import re

import pytest

from enferno.extensions import db
from enferno.tenancy import in_workspace
from enferno.workspace.models import Activity, Membership
from tests.isolation.alike import assert_alike
from tests.isolation.interface import NOBODY, Targets


@pytest.fixture
def acme(cases):
    return cases.world.acme


@pytest.fixture
def noise(cases):
    return cases.world.noise


@pytest.fixture
def mia(cases, acme):
    """A member of A."""
    return cases.browser(acme.member.email)


def lists(stage, team):
    """The address of every list of the workspace."""
    targets = Targets(stage)
    for route in targets.routes:
        if route.method == "GET" and route.operation and route.of_a_workspace:
            path = targets.path(route, team.owner.email, team)
            if "total" in stage.browser(team.member.email).get(path).json:
                yield path


def test_case_1_the_others_rows_are_not_found_by_id_nor_by_slug(mia, acme, noise):
    found = noise.member.id
    assert mia.get(f"{acme.api}/members/{found}").status_code == 404
    assert_alike(mia.get(f"{acme.api}/members/{found}"), mia.get(f"{acme.api}/members/{NOBODY}"))
    assert_alike(mia.get(f"{noise.api}/members/{found}"), mia.get(f"/api/v1/workspaces/nothing/members/{found}"))
    for page in ("/w/{}/", "/w/{}/members", "/api/v1/workspaces/{}"):
        assert mia.get(page.format(noise.slug)).status_code == 404
        assert_alike(mia.get(page.format(noise.slug)), mia.get(page.format("nothing")))


def test_case_2_no_list_and_no_total_counts_the_other(cases, mia, acme, noise):
    found = 0
    for path in lists(cases, acme):
        for query in ("", "?page=9999", "?per_page=100", "?per_page=1"):
            answer = mia.get(path + query)
            assert answer.status_code == 200
            assert "noise" not in answer.text.lower()
            assert answer.json["total"] == len(mia.get(f"{path}?per_page=100").json["items"])
        for query in ("?per_page=0", "?per_page=-1", "?per_page=1000000", "?page=0", "?page=-1"):
            assert mia.get(path + query).status_code == 422
        found += 1
    assert found >= 2


def test_case_3_sorting_by_any_column_shows_only_ones_own(cases, mia, acme):
    for path in lists(cases, acme):
        hint = mia.get(f"{path}?sort=nothing").json["errors"][0]["message"]
        names = re.findall(r"\w+", hint.removeprefix("Sort by one of"))
        assert names
        for name in names:
            for sort in (name, f"-{name}"):
                answer = mia.get(f"{path}?sort={sort}")
                assert answer.status_code == 200, sort
                assert "noise" not in answer.text.lower()


def test_case_4_a_search_for_what_only_the_other_has_finds_nothing(cases, mia, acme):
    for path in lists(cases, acme):
        for text in ("noise", "Noise", "@noise.example.com", "example-noise"):
            answer = mia.get(path, query_string={"search": text})
            assert (answer.json["items"], answer.json["total"]) == ([], 0), path


def test_case_5_the_numbers_of_the_home_page_are_a_hand_count(cases, acme):
    mia = cases.browser(acme.member.email)
    with cases.app.app_context(), in_workspace(acme.id):
        members, activities = db.session.query(Membership).count(), db.session.query(Activity).count()
    overview = mia.get(f"{acme.api}/overview").json
    assert overview["members"] == members == 3
    assert sum(day["count"] for day in overview["days"]) == activities
    assert mia.get(f"{acme.api}/activity").json["total"] == activities


def test_case_7_no_answer_and_no_page_holds_a_word_of_the_other(cases, acme, noise):
    """Whatever is loaded along the way: every GET that A's people may make."""
    targets, read = Targets(cases), 0
    secrets = {"noise", str(noise.id), *(str(person.id) for person in noise.people)}
    for route in targets.routes:
        if route.method != "GET" or route.guard in {"open_to_all", "superadmin_only"}:
            continue
        for person in acme.people:
            answer = cases.browser(person.email).get(targets.path(route, person.email, acme))
            found = {secret for secret in secrets if secret in answer.text.lower()}
            assert not found, f"{route} as {person.name}: {found}"
            read += 1
    assert read >= 30


def test_case_8_the_same_request_by_both_in_turn_never_mixes(cases, acme, noise):
    browsers = [(cases.browser(team.member.email), team) for team in (acme, noise)]
    expected = {team.slug: browser.get(f"{team.api}/members").data for browser, team in browsers}
    assert expected[acme.slug] != expected[noise.slug]
    for _ in range(100):
        for browser, team in browsers:
            assert browser.get(f"{team.api}/members").data == expected[team.slug]
