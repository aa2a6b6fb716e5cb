"""Whether two answers are the same answer: to the byte, but for what is new in every answer by design."""

import re

from werkzeug.test import TestResponse

__all__ = ["assert_alike"]

# Of these the length is still compared.
NEW_EACH_TIME = {"Date", "X-Request-ID"}


def assert_alike(answer: TestResponse, other: TestResponse) -> None:
    """Status, headers and body are those of the other answer."""
    told = f"{answer.request.method} {answer.request.path} and {other.request.path}"
    assert answer.status == other.status, f"{told}: {answer.status}, {other.status}"
    assert headers(answer) == headers(other), told
    assert len(answer.data) == len(other.data), told
    assert body(answer) == body(other), told


def headers(answer: TestResponse) -> list[tuple[str, str]]:
    return [
        (name, "-" * len(value) if name in NEW_EACH_TIME else without_nonce(value)) for name, value in answer.headers
    ]


def body(answer: TestResponse) -> str:
    """The text without the nonce, the CSRF token and the request's id that a page carries."""
    text = without_nonce(answer.text)
    text = text.replace(answer.headers["X-Request-ID"], "-")
    return re.sub(r'"csrf": ?"[^"]*"', "", text)


def without_nonce(text: str) -> str:
    return re.sub(r"nonce(?:-|=\")[\w-]+|\"nonce\": ?\"[\w-]+\"", "nonce", text)
