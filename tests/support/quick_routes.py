"""Werkzeug writes and compiles two functions for each route of each application, two thirds of what making one costs.

They depend on the rule's text alone: applications of one process share them. Tests make some two thousand.
"""

from functools import cache
from typing import Any

from werkzeug.routing import Rule

__all__ = ["share_builders"]


def share_builders() -> None:
    compile_builder = Rule._compile_builder

    @cache
    def shared(rule: "Known", append_unknown: bool) -> Any:
        return compile_builder(rule.rule, append_unknown)

    def compiled(rule: Rule, append_unknown: bool = True) -> Any:
        return shared(Known(rule), append_unknown)

    Rule._compile_builder = compiled  # type: ignore[assignment, method-assign]


class Known:
    """A rule, the same as any other with this text, these parts and these defaults."""

    def __init__(self, rule: Rule) -> None:
        self.rule = rule
        self.key = (rule.rule, tuple(rule._trace), repr(sorted((rule.defaults or {}).items())))

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Known) and self.key == other.key
