"""What goes wrong between workspaces. Every message ends with what to write instead."""

__all__ = ["CrossWorkspace", "NoWorkspace", "TenancyError", "UnscopedStatement"]


class TenancyError(RuntimeError):
    """The wall stopped something. Nothing has reached the database."""


class NoWorkspace(TenancyError):
    """Rows of a workspace were asked for while no workspace is current."""

    def __init__(
        self, what: str = "This touches rows that belong to a workspace, and no workspace is current."
    ) -> None:
        super().__init__(
            f"{what} In a view, put the route under /w/<slug>/ or /api/v1/workspaces/<slug>/: the guard binds it. "
            "In a task, a command or a test, write `with in_workspace(workspace): ...`. "
            'To read across workspaces, write `with unscoped("why"): ...`.'
        )


class UnscopedStatement(TenancyError):
    """A statement touches rows of a workspace and nothing in it keeps it inside the current one."""


class CrossWorkspace(TenancyError):
    """Something names, holds or writes a row of a workspace that is not the current one."""
