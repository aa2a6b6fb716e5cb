"""The slips: each a line that a tired colleague could write, and the tests that must notice."""

from dataclasses import dataclass

__all__ = ["MUTANTS", "Mutant"]

WALL = "tests/isolation/test_wall_{}.py"
READS, CORE, WRITES = WALL.format("reads"), WALL.format("core"), WALL.format("writes")
IDENTITY, CONTEXTS, DATABASE = WALL.format("identity"), WALL.format("contexts"), WALL.format("database")
CATALOGUE, POSTGRES = "tests/isolation/test_catalogue.py", "tests/tenancy/test_postgres.py"
SESSION, SCOPE, PROOF = "enferno/tenancy/session.py", "enferno/tenancy/scope.py", "enferno/tenancy/proof.py"
COMPILER, CURSOR, MODELS = "enferno/tenancy/compiler.py", "enferno/tenancy/wall.py", "enferno/tenancy/models.py"
POLICIES, ROWLEVEL = "enferno/tenancy/policies.py", "enferno/tenancy/rowlevel.py"
FAULTS = "tests/billing/test_faults.py"
AT_STRIPE, AT_CHARGEBEE = "tests/billing/test_lives_at_stripe.py", "tests/billing/test_lives_at_chargebee.py"
MIRROR, STRIPE = "enferno/billing/mirror.py", "enferno/billing/providers/stripe.py"
BILLS, CHARGEBEE = "enferno/billing/models.py", "enferno/billing/providers/chargebee.py"
KIT, PROJECTS = (
    "migrations/versions/20261120_people_workspaces_activity.py",
    ("features/projects/migrations/20261120_projects.py"),
)


@dataclass(frozen=True)
class Mutant:
    """`before` stands exactly once in `file`. `database`: where the tests look, since starting both takes longer."""

    name: str
    file: str
    before: str
    after: str
    tests: str
    database: str = "sqlite"


MUTANTS = (
    # The filter
    Mutant(
        "filter-reads-only",
        SESSION,
        "if execution.is_select or execution.is_update or execution.is_delete or copies:",
        "if execution.is_select:",
        WRITES,
    ),
    Mutant("filter-not-copies", SESSION, "or execution.is_delete or copies:", "or execution.is_delete:", WRITES),
    Mutant("filter-no-aliases", SESSION, "include_aliases=True", "include_aliases=False", READS),
    Mutant(
        "filter-frozen-at-first-use", SESSION, "callable_=lambda: current_scope().workspace_id,", "value=None,", READS
    ),
    # The session
    Mutant(
        "get-without-the-workspace", SESSION, "if issubclass(mapper.class_, WorkspaceScoped):", "if False:", IDENTITY
    ),
    Mutant(
        "get-any-workspace", SESSION, "if not scope.unscoped and ident[0] != scope.workspace_id:", "if False:", IDENTITY
    ),
    Mutant("session-serves-anyone", SESSION, "elif self.serves != workspace_id:", "elif False:", IDENTITY),
    # The flush
    Mutant(
        "flush-new-objects-only",
        SESSION,
        "[*session.new, *session.dirty, *session.deleted]",
        "[*session.new]",
        IDENTITY,
    ),
    Mutant(
        "flush-not-deletions",
        SESSION,
        "[*session.new, *session.dirty, *session.deleted]",
        "[*session.new, *session.dirty]",
        IDENTITY,
    ),
    Mutant("flush-lets-rows-move", SESSION, "if stored is not None and given != stored:", "if False:", WRITES),
    Mutant("flush-of-foreign-rows", SESSION, "elif given != scope.workspace_id:", "elif False:", IDENTITY),
    Mutant("key-may-be-reassigned", MODELS, '@validates("workspace_id")', '@validates("nothing")', WRITES),
    # The cursor
    Mutant("cursor-runs-the-unproven", CURSOR, "    if verdict.refusal:", "    if False:", CORE),
    Mutant(
        "cursor-without-a-workspace", CURSOR, "if scope.workspace_id is None and not verdict.text:", "if False:", READS
    ),
    Mutant("cursor-any-condition", CURSOR, "(*verdict.pins, *verdict.rows)", "(*verdict.rows,)", CORE),
    Mutant("cursor-any-new-row", CURSOR, "(*verdict.pins, *verdict.rows)", "(*verdict.pins,)", CORE),
    Mutant(
        "cursor-first-row-only",
        CURSOR,
        "        for row in context.compiled_parameters:\n            if row[name] !=",
        "        for row in context.compiled_parameters[:1]:\n            if row[name] !=",
        CORE,
    ),
    Mutant("cursor-lets-rows-move", CURSOR, "    if verdict.never:", "    if False:", CORE),
    Mutant(
        "cursor-nobody-is-asked",
        CURSOR,
        'event.listen(engine, "before_cursor_execute", _before_cursor_execute)',
        "pass",
        CORE,
    ),
    # The proof
    Mutant(
        "proof-by-an-or",
        PROOF,
        "bare.operator is operators.and_",
        "bare.operator in (operators.and_, operators.or_)",
        CORE,
    ),
    Mutant(
        "proof-by-another-comparison",
        PROOF,
        "condition.operator is not operators.eq",
        "condition.operator not in (operators.eq, operators.ne)",
        CORE,
    ),
    Mutant(
        "proof-of-the-left-of-an-outer-join", PROOF, "right if source.isouter else left | right", "left | right", CORE
    ),
    Mutant(
        "proof-without-subqueries",
        PROOF,
        "for fault in (*frame.faults, *_open_tables(frame, tables))]",
        "if frame.parent is None for fault in (*frame.faults, *_open_tables(frame, tables))]",
        CORE,
    ),
    Mutant(
        "text-is-trusted",
        COMPILER,
        'if kw.get("asfrom") or not HARMLESS.fullmatch(textclause.text):',
        "if False:",
        CORE,
    ),
    Mutant("text-in-from", COMPILER, 'if kw.get("asfrom") or not HARMLESS', "if not HARMLESS", CORE),
    Mutant(
        "operators-are-trusted", COMPILER, "if not OPERATOR.fullmatch(operator.opstring.strip()):", "if False:", READS
    ),
    Mutant(
        "upserts-may-move",
        COMPILER,
        "if any(_name(column) == KEY for column, _ in _pairs(on_conflict",
        "if False and any(_name(column) == KEY for column, _ in _pairs(on_conflict",
        WRITES,
    ),
    # The scope
    Mutant("scope-outlives-its-block", SCOPE, "            _entered.set(outer)\n", "            pass\n", CONTEXTS),
    Mutant("scope-shares-the-session", SCOPE, "unit = next(_units)", "unit = 0", CONTEXTS),
    Mutant(
        "scope-of-a-suspended-generator",
        SCOPE,
        "if entry.holder is not None and not _is_running(entry.holder):",
        "if False:",
        CONTEXTS,
    ),
    Mutant(
        "scope-of-another-context",
        SCOPE,
        "or entry.context is not app_ctx._get_current_object():",
        "or entry.context is None:",
        CONTEXTS,
    ),
    # The keys
    Mutant(
        "key-sqlite-does-not-check",
        "enferno/database.py",
        "PRAGMA foreign_keys = ON",
        "PRAGMA foreign_keys = OFF",
        WRITES,
    ),
    Mutant(
        "key-not-composite",
        PROJECTS,
        '["workspace_id", "owner_id"],\n            ["memberships.workspace_id", "memberships.id"]',
        '["owner_id"],\n            ["memberships.id"]',
        CATALOGUE,
    ),
    Mutant(
        "key-reveals",
        KIT,
        'sa.UniqueConstraint("workspace_id", "user_id", name=op.f("uq_memberships_workspace_id',
        'sa.UniqueConstraint("user_id", "workspace_id", name=op.f("uq_memberships_workspace_id',
        CATALOGUE,
    ),
    # PostgreSQL
    Mutant("policy-forgotten", PROJECTS, '    protect("projects")\n', "", CATALOGUE, "postgresql"),
    Mutant(
        "policy-not-for-the-owner",
        POLICIES,
        'f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY",',
        "",
        DATABASE,
        "postgresql",
    ),
    Mutant(
        "policy-adds-anything",
        POLICIES,
        "FOR INSERT WITH CHECK {PREDICATE}",
        "FOR INSERT WITH CHECK (true)",
        DATABASE,
        "postgresql",
    ),
    Mutant(
        "policy-changes-into-anything",
        POLICIES,
        "FOR UPDATE USING {PREDICATE} WITH CHECK {PREDICATE}",
        "FOR UPDATE USING {PREDICATE} WITH CHECK (true)",
        DATABASE,
        "postgresql",
    ),
    Mutant(
        "policy-without-nullif",
        POLICIES,
        "nullif(current_setting('enferno.workspace_id', true), '')",
        "current_setting('enferno.workspace_id', true)",
        DATABASE,
        "postgresql",
    ),
    Mutant(
        "setting-outlives-the-transaction",
        ROWLEVEL,
        "set_config('enferno.workspace_id', %s, true)",
        "set_config('enferno.workspace_id', %s, false)",
        DATABASE,
        "postgresql",
    ),
    Mutant(
        "setting-remembered-too-long",
        ROWLEVEL,
        '"begin", "commit", "rollback",',
        '"begin_never",',
        DATABASE,
        "postgresql",
    ),
    Mutant(
        "production-starts-anyway",
        CURSOR,
        "if current_settings(app).is_production and",
        "if False and",
        POSTGRES,
        "postgresql",
    ),
    # The guard
    Mutant(
        "guard-asks-nobody",
        "enferno/access/guards.py",
        "if guard.permission not in allowed():",
        "if False:",
        "tests/api/test_members.py",
    ),
    # The mirror of bills
    Mutant(
        "bill-grace-without-end",
        BILLS,
        "return self.plan if self.grace_until is not None and moment < self.grace_until else None",
        "return self.plan",
        AT_STRIPE,
    ),
    Mutant("bill-grace-from-today", MIRROR, "truth.grace_until(billing().grace)", "now() + billing().grace", AT_STRIPE),
    Mutant("bill-grace-each-month", STRIPE, "if state is State.PAST_DUE else start", "if False else start", AT_STRIPE),
    Mutant("bill-unpaid-is-active", STRIPE, '"unpaid": State.PAST_DUE', '"unpaid": State.ACTIVE', AT_STRIPE),
    Mutant("bill-paused-goes-on", STRIPE, 'if subscription.get("pause_collection") and', "if False and", AT_STRIPE),
    Mutant(
        "bill-due-is-paid",
        CHARGEBEE,
        'if state is State.ACTIVE and one.get("due_invoices_count"):',
        "if False:",
        AT_CHARGEBEE,
    ),
    Mutant(
        "bill-known-for-ever",
        BILLS,
        "return self.plan if moment <= known_until else None",
        "return self.plan",
        AT_STRIPE,
    ),
    Mutant(
        "bill-lost-events-stay-lost",
        "enferno/billing/reconcile.py",
        "others = refresh(billing().provider(provider), customer_id).others",
        "others = 0",
        AT_STRIPE,
    ),
    Mutant(
        "bill-failed-is-done",
        "enferno/billing/inbox.py",
        "    event.tries += 1\n",
        "    event.tries += 1\n    event.state = EventState.DONE\n    return\n",
        FAULTS,
    ),
    Mutant(
        "bill-done-before-the-mirror",
        MIRROR,
        "        mirror(billing().provider(provider_key), customer_id)\n",
        "        again.state = EventState.DONE\n        db.session.commit()\n"
        "        mirror(billing().provider(provider_key), customer_id)\n",
        FAULTS,
    ),
    Mutant(
        "bill-the-oldest-speaks",
        "enferno/billing/states.py",
        "return max(truths, key",
        "return min(truths, key",
        AT_STRIPE,
    ),
)
