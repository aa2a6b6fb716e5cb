"""The cache on Redis: JSON and never pickle, and without Redis nothing but a miss.

    cache.set("numbers", {"people": 12}, timeout=60)
    cache.get("numbers")

What is kept is what JSON knows. Whoever finds nothing computes it anew, so a cache that is away costs time alone.
"""

import json
from collections.abc import Callable
from typing import Any

import structlog
from flask_caching.backends.rediscache import RedisCache
from redis.exceptions import RedisError

from enferno.outage import Outage

__all__ = ["JSONRedisCache"]

log = structlog.get_logger()


class JSONSerializer:
    """A pickle that somebody put into Redis could run code here (ASVS 1.5.2)."""

    def dumps(self, value: Any) -> bytes:
        return json.dumps(value).encode()

    def loads(self, kept: bytes | None) -> Any:
        return None if kept is None else json.loads(kept)


class JSONRedisCache(RedisCache):
    """Flask-Caching's backend, which goes on without its Redis."""

    serializer = JSONSerializer()  # type: ignore[assignment]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.away = Outage()

    def _asked(self, question: Callable[..., Any], otherwise: Any, *args: Any, **kwargs: Any) -> Any:
        if self.away:
            return otherwise
        try:
            return question(*args, **kwargs)
        except (RedisError, OSError) as fault:
            self.away.begin()
            log.warning("cache_unreachable", error=type(fault).__name__)
            return otherwise

    def ping(self) -> None:
        """Raise unless Redis answers."""
        self._read_client.ping()

    def get(self, key: str) -> Any:
        return self._asked(super().get, None, key)

    def get_many(self, *keys: str) -> Any:
        return self._asked(super().get_many, [None] * len(keys), *keys)

    def set(self, key: str, value: Any, timeout: Any = None) -> Any:
        return self._asked(super().set, False, key, value, timeout)

    def add(self, key: str, value: Any, timeout: Any = None) -> Any:
        return self._asked(super().add, False, key, value, timeout)

    def set_many(self, mapping: Any, timeout: Any = None) -> Any:
        return self._asked(super().set_many, [], mapping, timeout)

    def delete(self, key: str) -> Any:
        return self._asked(super().delete, False, key)

    def delete_many(self, *keys: str) -> Any:
        return self._asked(super().delete_many, [], *keys)

    def has(self, key: str) -> Any:
        return self._asked(super().has, False, key)

    def clear(self) -> Any:
        return self._asked(super().clear, False)
