"""The stand-ins without a socket: the real SDKs build and read every message, and a function call carries it.

For tests that live thousands of lives. What only a socket can do wrong (time-outs, half answers) is tested with one.
"""

import json
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import stripe

from tests.billing.chargebee_standin import ChargebeeStandIn
from tests.billing.stripe_standin import StripeStandIn

__all__ = ["Line", "StripeOverALine", "chargebee_over"]


class Line:
    """Between us and the provider; `account` is who answers.

    `is_down`: every call fails. `on_answer` is called when the provider has done what was asked, before we hear of it.
    """

    account: StripeStandIn | ChargebeeStandIn
    is_down = False

    def __init__(self, on_answer: Callable[[str], None] = lambda _where: None) -> None:
        self.on_answer = on_answer

    def ask(self, method: str, url: str, body: str, key: str) -> tuple[int, dict[str, Any]]:
        if self.is_down:
            return 503, {"error": {"type": "api_error"}, "api_error_code": "internal_error", "message": "no"}
        address = urlsplit(url)
        form = dict(parse_qsl(address.query)) | dict(parse_qsl(body, keep_blank_values=True))
        status, found = self.account.answer(method.upper(), address.path, form, key)
        self.on_answer("provider_answered")
        return status, {name: value for name, value in found.items() if name != "wanted"}


class StripeOverALine(stripe.HTTPClient):
    """What the SDK calls instead of `requests`."""

    name = "line"

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.line = line

    def request(
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_usage: Any
    ) -> tuple[str, int, Mapping[str, str]]:
        key = (headers or {}).get("Idempotency-Key", "") if method == "post" else ""
        status, body = self.line.ask(method, url, post_data or "", key)
        return json.dumps(body), status, {"request-id": "req_line"}

    def close(self) -> None:
        """Nothing is open."""


def chargebee_over(line: Line) -> type[httpx.Client]:
    """What the SDK opens for each call instead of `httpx.Client`."""

    def answer(request: httpx.Request) -> httpx.Response:
        key = request.headers.get("chargebee-idempotency-key", "")
        status, body = line.ask(request.method, str(request.url), request.content.decode(), key)
        return httpx.Response(status, json=body | ({"http_status_code": status} if status >= 400 else {}))

    class Client(httpx.Client):
        def __init__(self, *args: Any, **options: Any) -> None:
            options.pop("verify", None)
            super().__init__(*args, **options, verify=False, transport=httpx.MockTransport(answer))

    return Client
