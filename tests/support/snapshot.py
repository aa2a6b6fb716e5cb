"""What the tables hold, from outside: remember it, compare it, bring it back.

A test that makes hundreds of requests cannot afford a new database for each; it takes a snapshot once and restores it
after every request that might have written.
"""

from typing import Any

from sqlalchemy import create_engine, inspect

from tests.support.databases import Database

__all__ = ["Snapshot"]

BOOKKEEPING = {"alembic_version"}


class Snapshot:
    """The rows of every table at the moment it was made, kept beside them in a schema called `kept`."""

    def __init__(self, database: Database) -> None:
        self.engine = create_engine(database.owner_url, isolation_level="AUTOCOMMIT")
        self.is_sqlite = database.kind == "sqlite"
        self.home = "main" if self.is_sqlite else "public"
        self.tables = sorted(set(inspect(self.engine).get_table_names()) - BOOKKEEPING)
        self.connection = self.engine.connect()
        # Rows are copied table by table, so nobody may look at foreign keys meanwhile.
        self._run("PRAGMA foreign_keys = OFF" if self.is_sqlite else "SET session_replication_role = replica")
        self._run("ATTACH ':memory:' AS kept" if self.is_sqlite else "CREATE SCHEMA kept")
        for table in self.tables:
            self._run(f'CREATE TABLE kept."{table}" AS SELECT * FROM {self.home}."{table}"')

    def retake(self) -> None:
        """Remember the rows as they are now."""
        for table in self.tables:
            self._run(f'DELETE FROM kept."{table}"')
            self._run(f'INSERT INTO kept."{table}" SELECT * FROM {self.home}."{table}"')

    def restore(self) -> None:
        """Bring every row back as it was."""
        statements = ["BEGIN"]
        for table in self.tables:
            statements.append(f'DELETE FROM {self.home}."{table}"')
            statements.append(f'INSERT INTO {self.home}."{table}" SELECT * FROM kept."{table}"')
        statements.append("COMMIT")
        if not self.is_sqlite:
            self._run("; ".join(statements))
            return
        for statement in statements:
            self._run(statement)

    def changed(self) -> list[str]:
        """The tables whose rows are not those of the snapshot."""
        return [table for table in self.tables if self.rows(table) != self.rows(table, "kept")]

    def rows(self, table: str, schema: str = "") -> list[str]:
        """Every row of the table as text, in a fixed order."""
        found = self.connection.exec_driver_sql(f'SELECT * FROM {schema or self.home}."{table}"')
        return sorted(repr(tuple(row)) for row in found)

    def close(self) -> None:
        self.connection.close()
        self.engine.dispose()

    def _run(self, statement: str) -> Any:
        return self.connection.exec_driver_sql(statement)
