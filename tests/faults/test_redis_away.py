"""Redis is gone, silent or empty (cases/faults, 10 to 12): nobody is signed out, nothing becomes unlimited."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from enferno.app import create_app
from enferno.extensions import cache
from tests.support import databases
from tests.support.client import Browser
from tests.support.servers import Valkey, free_port, silence, valkey
from tests.support.world import build_world

ACME = "/api/v1/workspaces/acme"
ALLOWED = 10  # failed sign-ins of one address, in enferno/user/limits.py


@pytest.fixture
def redis() -> Iterator[Valkey]:
    with valkey() as server:
        yield server


@pytest.fixture
def on_redis(tmp_path: Path) -> Iterator[Any]:
    """Make an application with two workspaces that uses the Redis at this address."""
    made: list[Flask] = []

    def make(url: str) -> Flask:
        app = create_app(databases.settings_for(database, tmp_path, redis_url=url))
        build_world(app)
        made.append(app)
        return app

    with databases.fresh("sqlite", tmp_path) as database:
        yield make
        for app in made:
            databases.dispose(app)


def guess(app: Flask, times: int) -> Counter[int]:
    """Wrong passwords for one account; gives how often each status came."""
    client = app.test_client()
    token = client.get("/login").text.partition('"csrf":"')[2].partition('"')[0]
    form = {"email": "owner@acme.example.com", "password": "wrong-password-0", "csrf_token": token}
    return Counter(client.post("/login", data=form).status_code for _ in range(times))


def test_with_redis_the_limit_is_the_limit(on_redis: Any, redis: Valkey) -> None:
    assert guess(on_redis(redis.url), ALLOWED + 2) == {200: ALLOWED, 429: 2}


def test_without_redis_the_limit_is_counted_in_memory(on_redis: Any) -> None:
    assert guess(on_redis(f"redis://127.0.0.1:{free_port()}"), ALLOWED + 2) == {200: ALLOWED, 429: 2}


def test_a_redis_that_goes_away_takes_neither_sessions_nor_limits_with_it(
    on_redis: Any, redis: Valkey, owner: Any
) -> None:
    app = on_redis(redis.url)
    browser = owner(app)
    assert browser.get(ACME).status_code == 200
    redis.stop()
    assert browser.get(ACME).status_code == 200
    assert browser.patch(ACME, json={"name": "Without Redis"}).status_code == 200
    counted = guess(app, ALLOWED + 2)
    assert counted[429] == 2
    redis.start()
    assert browser.get(ACME).status_code == 200


def test_a_redis_that_says_nothing_is_waited_for_a_second(on_redis: Any, owner: Any) -> None:
    with silence() as port:
        app = on_redis(f"redis://127.0.0.1:{port}")
        browser = owner(app)
        began = time.monotonic()
        assert browser.get(ACME).status_code == 200
        assert guess(app, 1)[200] == 1
        assert Browser(app).get("/readyz").get_json()["parts"]["cache"] == "unavailable"
        assert time.monotonic() - began < 3 * 5
        counted = guess(app, ALLOWED + 2)
    assert counted[429] >= 2


def test_an_emptied_redis_signs_nobody_out(on_redis: Any, redis: Valkey, owner: Any) -> None:
    app = on_redis(redis.url)
    browser = owner(app)
    with redis.server.client() as client:
        client.flushall()
    assert browser.get(ACME).status_code == 200


def test_the_cache_keeps_what_json_knows_and_no_pickle(on_redis: Any, redis: Valkey) -> None:
    with on_redis(redis.url).app_context():
        cache.set("numbers", {"people": 12, "names": ["Jörg", None]}, timeout=60)
        assert cache.get("numbers") == {"people": 12, "names": ["Jörg", None]}
        assert cache.get("nothing") is None
        assert cache.get_many("numbers", "nothing") == [{"people": 12, "names": ["Jörg", None]}, None]
        cache.delete("numbers")
        assert not cache.has("numbers")
        with pytest.raises(TypeError):
            cache.set("object", object())


def test_without_redis_the_cache_holds_nothing_and_fails_nothing(on_redis: Any) -> None:
    with on_redis(f"redis://127.0.0.1:{free_port()}").app_context():
        assert not cache.set("numbers", 12)
        assert not cache.add("numbers", 12)
        assert cache.get("numbers") is None
        assert cache.get_many("a", "b") == [None, None]
        assert not cache.set_many({"a": 1})
        assert not cache.delete("numbers")
        assert not cache.delete_many("a", "b")
        assert not cache.has("numbers")
        assert not cache.clear()
