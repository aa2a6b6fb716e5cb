"""What a JSON view takes and gives, read from its annotations.

    @members.patch("/<uuid:user_id>")
    @requires(Permission.MEMBERS_MANAGE)
    def change(user_id: UUID, body: MemberChange) -> MemberOut: ...

A parameter called `body` is the JSON body, one called `query` the query string; both are Pydantic models
that refuse unknown fields. The return annotation is the schema of the answer. The OpenAPI document is made
from the same declarations, so it cannot say anything else.
"""

import functools
import inspect
import types
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Generic, TypeVar, cast, get_type_hints

from flask import Blueprint, Response, current_app, request
from flask_babel import gettext as _
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError
from werkzeug.exceptions import BadRequest
from werkzeug.local import LocalProxy

from enferno.errors import Invalid, NotJSON, UnsupportedMediaType
from enferno.names import cleaned

__all__ = ["ApiBlueprint", "Filter", "In", "Line", "ListQuery", "Out", "Page", "Text", "no_content"]

Item = TypeVar("Item")
View = TypeVar("View", bound=Callable[..., Any])

# One line of text as people type it, such as a name: trimmed, not empty, and nothing in it that is not seen (names.py).
Line = Annotated[str, BeforeValidator(cleaned), StringConstraints(min_length=1, max_length=120)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=10_000, pattern=r"^[^\x00]*$")]
# What a list is narrowed by; empty for no narrowing.
Filter = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100, pattern=r"^[^\x00]*$")]


class In(BaseModel):
    """The base of everything that comes in: unknown fields are refused (ASVS 15.3.3)."""

    model_config = ConfigDict(extra="forbid")


class Out(BaseModel):
    """The base of everything that goes out, read from the attributes of a model."""

    model_config = ConfigDict(from_attributes=True)


class ListQuery(In):
    """How every list is asked for. `sort` names a column, with a leading minus for descending order."""

    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    per_page: Annotated[int, Field(ge=1, le=100)] = 25
    sort: Annotated[str, Field(max_length=40)] = ""
    search: Filter = ""


class Page(BaseModel, Generic[Item]):
    """The one envelope of lists."""

    model_config = ConfigDict(from_attributes=True)

    items: list[Item]
    total: int
    page: int
    per_page: int


@dataclass(frozen=True)
class Contract:
    """What one view takes and gives."""

    summary: str
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    answer: TypeAdapter[Any] | None = None
    status: int = 200
    path: dict[str, Any] = field(default_factory=dict)


def no_content() -> Response:
    return Response(status=204)


class ApiBlueprint(Blueprint):
    """A blueprint whose views are plain functions over Pydantic models.

    A view may return the schema it names, or whatever has its attributes, such as a row; Flask's own types know
    neither, so the decorators are typed here.
    """

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        return super().route(rule, **options)

    def get(self, rule: str, **options: Any) -> Callable[[View], View]:
        return self.route(rule, methods=["GET"], **options)

    def post(self, rule: str, **options: Any) -> Callable[[View], View]:
        return self.route(rule, methods=["POST"], **options)

    def put(self, rule: str, **options: Any) -> Callable[[View], View]:
        return self.route(rule, methods=["PUT"], **options)

    def patch(self, rule: str, **options: Any) -> Callable[[View], View]:
        return self.route(rule, methods=["PATCH"], **options)

    def delete(self, rule: str, **options: Any) -> Callable[[View], View]:
        return self.route(rule, methods=["DELETE"], **options)

    def add_url_rule(
        self,
        rule: str,
        endpoint: str | None = None,
        view_func: Callable[..., Any] | None = None,
        provide_automatic_options: bool | None = None,
        **options: Any,
    ) -> None:
        if view_func is not None:
            status = options.pop("status", 201 if options.get("methods") == ["POST"] else 200)
            view_func = speaking(view_func, status)
        super().add_url_rule(rule, endpoint, view_func, provide_automatic_options, **options)


def speaking(view: Callable[..., Any], status: int) -> Callable[..., Any]:
    """The view with its input read and its output written according to its annotations."""
    contract = contract_of(view, status)

    @functools.wraps(view)
    def answer(**given: Any) -> Any:
        if contract.query is not None:
            given["query"] = read_query(contract.query)
        if contract.body is not None:
            given["body"] = body_for(contract.body, about=given)
        return write(current_app.ensure_sync(view)(**given), contract)

    answer.__contract__ = contract  # type: ignore[attr-defined]
    return answer


def contract_of(view: Callable[..., Any], status: int) -> Contract:
    hints = get_type_hints(view, include_extras=True)
    answer = hints.pop("return", None)
    gives_nothing = answer is None or (inspect.isclass(answer) and issubclass(answer, Response))
    return Contract(
        summary=inspect.getdoc(view) or view.__name__.replace("_", " ").capitalize(),
        body=hints.pop("body", None),
        query=hints.pop("query", None),
        answer=None if gives_nothing or answer is types.NoneType else TypeAdapter(answer),
        status=204 if gives_nothing else status,
        path=hints,
    )


def read_query(model: type[BaseModel]) -> BaseModel:
    """The query string as `model`; a parameter given twice is a fault, not a choice."""
    doubled = [name for name, values in request.args.lists() if len(values) > 1]
    if doubled:
        raise Invalid.field(doubled[0], _("Give this once"))
    return validated(model, request.args.to_dict())


def body_for(model: type[BaseModel], about: dict[str, Any]) -> BaseModel:
    """What was sent, as `model`. Where the address names something, not read before the view has found it.

    A view first looks up what it acts upon and raises NotFound; only when it then asks for a field is the body read. So
    a bad body about a thing that is hidden is still 404, as for an id that nothing has (isolation, case 21).
    """
    if not about:
        return read_body(model)
    read = functools.cache(partial(read_body, model))
    return cast(BaseModel, LocalProxy(read))


def read_body(model: type[BaseModel]) -> BaseModel:
    if not request.is_json:
        raise UnsupportedMediaType
    try:
        body = request.get_json()
    except (BadRequest, RecursionError):
        raise NotJSON from None
    return validated(model, body)


def validated(model: type[BaseModel], given: Any) -> BaseModel:
    try:
        return model.model_validate(given)
    except ValidationError as fault:
        raise Invalid(errors=[in_words(error) for error in fault.errors()]) from None


def in_words(error: Any) -> dict[str, str]:
    """A fault that Pydantic found, with the field's path and a sentence for people."""
    context = error.get("ctx", {})
    too_long = _("Use at most %(count)s characters", count=context.get("max_length", ""))
    too_short = _("Use at least %(count)s characters", count=context.get("min_length", ""))
    if context.get("min_length") == 1:
        too_short = _("This is required")
    # A `Line` is read before it is measured, and Pydantic then names what is wrong with its length another way.
    is_text = isinstance(error.get("input"), str)
    known = {
        "missing": _("This is required"),
        "extra_forbidden": _("This field is not known"),
        "string_too_short": too_short,
        "string_too_long": too_long,
        "too_short": too_short if is_text else _("This is not valid"),
        "too_long": too_long if is_text else _("This is not valid"),
        "string_pattern_mismatch": _("This has characters that are not taken here"),
        "string_type": _("This must be text"),
        "uuid_parsing": _("This is not an id"),
        "int_parsing": _("This must be a whole number"),
        "int_type": _("This must be a whole number"),
        "bool_parsing": _("This must be true or false"),
        "greater_than_equal": _("This must be at least %(count)s", count=context.get("ge", "")),
        "less_than_equal": _("This must be at most %(count)s", count=context.get("le", "")),
        "enum": _("Choose one of %(choices)s", choices=context.get("expected", "")),
        "literal_error": _("Choose one of %(choices)s", choices=context.get("expected", "")),
    }
    if error["type"] == "value_error" and "error" in context:
        message = str(context["error"])
    else:
        message = known.get(error["type"], _("This is not valid"))
    return {"field": ".".join(str(part) for part in error["loc"]) or "body", "message": message}


def write(result: Any, contract: Contract) -> Any:
    """The view's result as JSON; what a view already made a response is passed on as it is."""
    if isinstance(result, Response):
        return result
    if contract.answer is None:
        return no_content()
    shaped = contract.answer.validate_python(result, from_attributes=True)
    return Response(contract.answer.dump_json(shaped), status=contract.status, mimetype="application/json")
