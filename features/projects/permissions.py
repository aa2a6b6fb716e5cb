"""What one may do with projects; the feature says which roles hold each."""

from enum import StrEnum


class ProjectPermission(StrEnum):
    VIEW = "projects:view"
    MANAGE = "projects:manage"
    DELETE = "projects:delete"
