"""Habits of the source that a reviewer should not have to look for."""

import ast
import re

from tests.conventions.source import ROOT, modules, texts, tree

DOORS = ("public", "portal", "superadmin", "api", "webhooks")
LINES = 300
# Longer modules, each with the reason why it would read worse in two.
LONG = {
    "enferno/billing/providers/chargebee.py": "one provider: what it is asked and how its answers are read",
    "enferno/billing/providers/stripe.py": "one provider: what it is asked and how its answers are read",
}
# Text that is put into a page as it is (ASVS 1.2.1), each with what makes it safe.
AS_IT_IS = {
    "enferno/pages/shell.py": "json_block escapes <, >, & and the quotes before it says so",
}


def name(path):
    return str(path.relative_to(ROOT))


def calls(path, method):
    """The lines on which something's method is called."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == method:
            yield node


def test_no_module_is_longer_than_300_lines_without_a_reason():
    long = {name(path) for path in modules() if len(path.read_text().splitlines()) > LINES}
    assert long == set(LONG), "Split it, or write into LONG why it is better whole; what became short needs no reason"


def test_handlers_never_commit():
    """One commit per request, made by enferno/unit_of_work.py; a handler that commits lets half a request stand."""
    handlers = [path for door in DOORS for path in modules(f"enferno/{door}")] + list(modules("features"))
    told = [f"{name(path)}:{node.lineno}" for path in handlers for node in calls(path, "commit")]
    assert told == [], "Leave it out: the request commits once, after the view"


def test_nothing_prints():
    """The log has levels, ids and no secrets; the shell's commands speak through click."""
    told = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print"
    ]
    assert told == [], 'log = structlog.get_logger(); log.info("what_happened", key=value)'


def test_text_is_marked_as_safe_only_where_said_why():
    found = {name(path) for path in modules() if re.search(r"\bMarkup\(", path.read_text())}
    found |= {name(path) for path in texts(".html") if re.search(r"\|\s*safe\b|autoescape\s+false", path.read_text())}
    assert found == set(AS_IT_IS)


def test_no_page_puts_text_into_itself_as_html():
    """v-html would make markup of what somebody typed."""
    assert [name(path) for path in texts(".html") if re.search(r"\bv-html\b", path.read_text())] == []
    scripts = [
        path
        for path in texts(".js")
        if re.search(r"\b(innerHTML|outerHTML|insertAdjacentHTML)\b|document\.write\b", path.read_text())
    ]
    assert [name(path) for path in scripts] == []


def test_nothing_runs_text_as_code():
    """ASVS 1.3.2 and 1.5.2: no eval, no exec, no pickle, no yaml.load, no shell."""
    banned = {"eval", "exec", "compile", "__import__"}
    told = []
    for path in modules():
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in banned:
                told.append(f"{name(path)}:{node.lineno} {node.func.id}()")
            if isinstance(node, ast.Attribute) and node.attr in {"system", "popen", "eval", "exec"}:
                told.append(f"{name(path)}:{node.lineno} .{node.attr}")
            if isinstance(node, ast.keyword) and node.arg == "shell":
                told.append(f"{name(path)}:{node.value.lineno} shell=")
            if isinstance(node, ast.Import | ast.ImportFrom):
                named = {alias.name for alias in node.names} | {getattr(node, "module", None)}
                told += [f"{name(path)}:{node.lineno} {one}" for one in named & {"pickle", "marshal", "shelve", "dill"}]
    assert told == []


# Statements that are put together all the same, each with what stands in them.
FROM_OUR_OWN_NAMES = {
    "enferno/tenancy/catalogue.py": "PRAGMA takes no parameters; the names are those of the schema's own indexes",
    "enferno/tenancy/policies.py": "DDL takes no parameters; a migration hands over the names of its tables",
}
SENDS_SQL = {"execute", "executemany", "exec_driver_sql", "scalar", "scalars", "text", "literal_column", "DDL"}


def test_sql_is_never_put_together_from_text():
    """ASVS 1.2.4: SQL is a literal; values are bound (":name"), identifiers come from the models."""
    told = set()
    for path in modules():
        literals = constants(tree(path))
        for node in ast.walk(tree(path)):
            if not isinstance(node, ast.Call) or not node.args:
                continue
            called = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            is_made = isinstance(first, ast.JoinedStr | ast.BinOp) or is_filled_in(first)
            is_unknown = called == "text" and isinstance(first, ast.Name) and first.id not in literals
            if called in SENDS_SQL and (is_made or is_unknown):
                told.add(name(path))
    assert told == set(FROM_OUR_OWN_NAMES), "bind the value, or write into FROM_OUR_OWN_NAMES what stands in it"


def is_filled_in(node):
    """`"…{}…".format(…)` or `"…".replace(…)`."""
    return isinstance(node, ast.Call) and getattr(node.func, "attr", "") in {"format", "replace", "join"}


def constants(module):
    """The names that a module gives to literals."""
    assigned = [node for node in module.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)]
    return {target.id for node in assigned for target in node.targets if isinstance(target, ast.Name)}


# Handlers that turn any fault into an answer of their own.
CATCH_ALL = {"enferno/public/health.py": "whatever keeps a part from working, it does not work"}


def test_handlers_catch_what_they_expect_and_no_more():
    """Raise a typed Error and let enferno/answers.py answer; a fault that is swallowed is found by a customer."""
    handlers = [path for door in DOORS for path in modules(f"enferno/{door}")] + list(modules("features"))
    found = {
        name(path)
        for path in handlers
        for node in ast.walk(tree(path))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in {"Exception", "BaseException"}))
    }
    assert found == set(CATCH_ALL)
