"""The product's features: folders in `features/`, found and registered at start.

    # features/projects/__init__.py
    feature = Feature(name="projects", blueprints=[api, pages], nav=[…], permissions={…})

The kit never imports a feature by name, so deleting a folder leaves a working application.
"""

import importlib
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, cast

from flask import Blueprint, Flask, current_app
from flask_babel import LazyString

from enferno.access.permissions import permission_map
from enferno.settings import current_settings

__all__ = ["Feature", "NavEntry", "features", "migration_folders"]


@dataclass(frozen=True)
class NavEntry:
    """A line in the workspace's navigation, shown to those who hold `permission`."""

    label: LazyString | str
    endpoint: str
    icon: str
    permission: StrEnum


@dataclass(frozen=True)
class Feature:
    """What a folder in `features/` adds to the application.

    Args:
        name: The folder's name; also the prefix of its pages and its migration branch.
        blueprints: Pages and JSON; each view declares its guard.
        nav: Its entries in the workspace's navigation.
        permissions: Its permissions and the roles that hold each.
        demo: Called inside the demo workspace to fill it with examples.
        home: Called inside a workspace; gives the cards and the series that its home page shows.
        translations: Unused folders are fine; extraction walks the feature anyway.
    """

    name: str
    blueprints: Iterable[Blueprint] = ()
    nav: Iterable[NavEntry] = ()
    permissions: Mapping[StrEnum, Iterable[str]] = field(default_factory=dict)
    demo: Callable[..., None] | None = None
    home: Callable[[], Mapping[str, Any]] | None = None


def init_app(app: Flask) -> None:
    found = [load(folder) for folder in folders(current_settings(app).features_path)]
    app.extensions["features"] = {feature.name: feature for feature in found}
    for feature in found:
        permission_map(app).add(feature.permissions)
        for blueprint in feature.blueprints:
            app.register_blueprint(blueprint)


def features(app: Flask | None = None) -> dict[str, Feature]:
    """The features of the running application, by name."""
    return cast(dict[str, Feature], (app or current_app).extensions["features"])


def folders(root: Path) -> list[Path]:
    """The feature folders, in the order of their names. A name with a leading dot or underscore is left out."""
    if not root.is_dir():
        return []
    return sorted(path.parent for path in root.glob("[!._]*/__init__.py"))


def migration_folders(root: Path) -> list[Path]:
    return [folder / "migrations" for folder in folders(root) if (folder / "migrations").is_dir()]


def load(folder: Path) -> Feature:
    """Import `features.<name>` and take its `feature`.

    Raises:
        TypeError: the folder has no `feature`, or it is called differently.
    """
    root = str(folder.parent.parent)
    if root not in sys.path:
        sys.path.insert(0, root)
    module = importlib.import_module(f"{folder.parent.name}.{folder.name}")
    feature = getattr(module, "feature", None)
    if not isinstance(feature, Feature) or feature.name != folder.name:
        raise TypeError(f'{folder}/__init__.py must define feature = Feature(name="{folder.name}", …)')
    return feature
