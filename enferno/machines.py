"""Requests of programs pass by what is there for people.

A view whose caller brings a proof of its own (`@provider_signed`) needs no session, form token, remembered browser or
counter of tries. Of the functions that the application calls around every request, it is surrounded by those that are
marked: the request's id and log line, the guard, the headers. What a blueprint asks for its own views stays.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue

__all__ = ["MachineRoutes", "also_for_machines"]

Hook = TypeVar("Hook", bound=Callable[..., Any])


def also_for_machines(hook: Hook) -> Hook:
    """Mark what is to be called around the requests of programs too: `app.before_request(also_for_machines(begin))`."""
    hook.__also_for_machines__ = True  # type: ignore[attr-defined]
    return hook


@dataclass(frozen=True)
class Hooks:
    """What is called around one view, in order."""

    before: tuple[Callable[[], Any], ...]
    after: tuple[Callable[[Response], Response], ...]


class MachineRoutes(Flask):
    """Flask, with a short way to the views whose guard is for machines."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # By endpoint, found when it is first asked for: no hook is added any more then.
        self._hooks: dict[str, Hooks | None] = {}

    def preprocess_request(self) -> ResponseReturnValue | None:
        hooks = self._hooks_of_machine()
        if hooks is None:
            return super().preprocess_request()
        for hook in hooks.before:
            answer: ResponseReturnValue | None = hook()
            if answer is not None:
                return answer
        return None

    def process_response(self, response: Response) -> Response:
        hooks = self._hooks_of_machine()
        if hooks is None:
            return super().process_response(response)
        for hook in hooks.after:
            response = hook(response)
        return response

    def _hooks_of_machine(self) -> Hooks | None:
        """None for the views of people."""
        endpoint = request.endpoint or ""
        if endpoint not in self._hooks:
            guard = getattr(self.view_functions.get(endpoint), "__guard__", None)
            self._hooks[endpoint] = self._found() if guard is not None and guard.for_machines else None
        return self._hooks[endpoint]

    def _found(self) -> Hooks:
        """In the order in which Flask calls them: the application's first on the way in, and last on the way out."""
        names = (None, *reversed(request.blueprints))
        before = [hook for name in names for hook in self._wanted(self.before_request_funcs, name)]
        after = [hook for name in names for hook in self._wanted(self.after_request_funcs, name)]
        return Hooks(tuple(before), tuple(reversed(after)))

    def _wanted(self, registered: Mapping[str | None, Sequence[Any]], name: str | None) -> list[Callable[..., Any]]:
        """All of a blueprint's own, and of the application's those that are marked."""
        found = registered.get(name, ())
        return [self.ensure_sync(hook) for hook in found if name or getattr(hook, "__also_for_machines__", False)]
