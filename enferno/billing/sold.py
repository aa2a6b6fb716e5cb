"""What plans.toml sells is there: something counts each of its limits, and something asks for each of its features."""

import re
from collections.abc import Iterator

from flask import Flask

from enferno.author import Place, place_of
from enferno.billing.account import billing
from enferno.billing.plans import Plan, PlansError
from enferno.settings import current_settings

__all__ = ["gates_of", "refuse_what_nothing_keeps", "unasked_features"]


def gates_of(app: Flask) -> dict[tuple[str, str], str]:
    """What views ask of a plan, as ("feature", "reports") or ("plan", "pro"), each with a view that does."""
    return {gate: endpoint for endpoint, view in app.view_functions.items() for gate in getattr(view, "__gates__", ())}


def refuse_what_nothing_keeps(app: Flask) -> None:
    """Stop the start where a plan limits what nothing counts, or a view asks for a plan that is not there.

    Where nothing is sold, nothing is promised.

    Raises:
        PlansError: with a sentence for each, which names the line.
    """
    if billing(app).sells and (faults := [*uncounted_limits(app), *unknown_plans(app)]):
        raise PlansError(*faults)


def uncounted_limits(app: Flask) -> Iterator[str]:
    counts = billing(app).counts
    for plan in billing(app).catalogue:
        for name in plan.limits:
            if name not in counts:
                yield (
                    f"{place(app, plan, name)}: {plan.key} limits {name}, and nothing counts them: take it out, "
                    f'or give a feature usage={{"{name}": ...}}'
                )


def unknown_plans(app: Flask) -> Iterator[str]:
    for (kind, name), endpoint in gates_of(app).items():
        if kind == "plan" and billing(app).catalogue.get(name) is None:
            where = place_of(app.view_functions[endpoint])
            yield f'{where}: {endpoint}: @requires_plan("{name}") asks for a plan that plans.toml does not have'


def unasked_features(app: Flask) -> Iterator[tuple[str, Place]]:
    """The features on sale that no view asks for, with the line; whoever did not pay for one has it all the same."""
    asked = gates_of(app)
    for plan in billing(app).catalogue:
        for name in sorted(plan.features):
            if ("feature", name) not in asked:
                yield name, place(app, plan, name)


def place(app: Flask, plan: Plan, name: str) -> Place:
    """The line of the plans' file on which the plan names a limit or a feature."""
    path, number = current_settings(app).plans_path, billing(app).catalogue.plans.index(plan) + 1
    return Place(path, line_of(path.read_text(encoding="utf-8"), number, name))


def line_of(text: str, number: int, name: str) -> int:
    """The line on which the plan of that number, counted from 1, names something; its first line if it is unclear."""
    plans, first, word = 0, 1, re.compile(rf"\b{name}\b")
    for line_number, line in enumerate(text.splitlines(), 1):
        written = line.partition("#")[0].strip()
        if re.fullmatch(r"\[\[\s*plan\s*\]\]", written):
            plans, first = plans + 1, line_number if plans < number else first
        elif plans == number and word.search(written) and not re.match(r"(key|name|description)\s*=", written):
            return line_number
    return first
