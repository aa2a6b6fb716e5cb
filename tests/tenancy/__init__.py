"""The current workspace, the declarations of scoped models, and what PostgreSQL must look like."""
