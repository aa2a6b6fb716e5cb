"""The product's features: folders in `features/`, found and registered at start.

    # features/projects/__init__.py
    feature = Feature(name="projects", blueprints=[api, pages], nav=[…], permissions={…})

The kit never imports a feature by name, so deleting a folder leaves a working application.
"""

import importlib
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from alembic.config import Config
from flask import Blueprint, Flask, current_app, url_for
from flask_babel import LazyString

from enferno.access.permissions import permission_map
from enferno.author import AuthorFault, Place, blaming, place_of_text
from enferno.billing.account import billing
from enferno.extensions import MIGRATIONS, migrate
from enferno.settings import current_settings
from enferno.tenancy import current_workspace

if TYPE_CHECKING:
    from enferno.user.models import User

__all__ = ["Card", "Feature", "NavEntry", "features", "home_cards", "migration_folders"]


@dataclass(frozen=True)
class NavEntry:
    """A line in the workspace's navigation, shown to those who hold `permission`."""

    label: LazyString | str
    endpoint: str
    icon: str
    permission: StrEnum


@dataclass(frozen=True)
class Card:
    """A number on the workspace's home page: what there is, how many, and the page that shows them.

    Args:
        note: A short line below the number, such as "3 waiting".
    """

    label: LazyString | str
    value: int
    endpoint: str
    permission: StrEnum
    note: LazyString | str = ""


@dataclass(frozen=True)
class Feature:
    """What a folder in `features/` adds to the application.

    Args:
        name: The folder's name; also the prefix of its pages and its migration branch.
        blueprints: Pages and JSON; each view declares its guard.
        nav: Its entries in the workspace's navigation.
        permissions: Its permissions and the roles that hold each.
        demo: Called inside the demo workspace with a list of its people, to fill it with examples.
        usage: How much of each limit in plans.toml the current workspace uses, by the limit's name.
        settings: The names of its own settings, which it reads from `os.environ` (docs/settings.md).
        home: Called inside a workspace; gives the cards that its home page shows. A constant number of statements.
    """

    name: str
    blueprints: Iterable[Blueprint] = ()
    nav: Iterable[NavEntry] = ()
    permissions: Mapping[StrEnum, Iterable[str]] = field(default_factory=dict)
    demo: Callable[[list["User"]], None] | None = None
    home: Callable[[], Iterable[Card]] | None = None
    usage: Mapping[str, Callable[[], int]] = field(default_factory=dict)
    settings: Iterable[str] = ()


def init_app(app: Flask) -> None:
    """Find the features and register what they bring.

    Raises:
        AuthorFault: a line of theirs raised something, or declares what cannot be registered.
    """
    found = app.extensions["features"] = {}
    for folder in folders(current_settings(app).features_path):
        with blaming(folder, otherwise=place_of_feature(folder)):
            feature = found[folder.name] = load(folder)
            permission_map(app).add(feature.permissions)
            billing(app).counts.update(feature.usage)
            for blueprint in feature.blueprints:
                app.register_blueprint(blueprint)


def place_of_feature(folder: Path) -> Place:
    """The line that declares the feature, which Python does not name when what stands there cannot be registered."""
    file = folder / "__init__.py"
    lines = enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
    return Place(file, next((number for number, line in lines if line.startswith("feature")), 1))


def insist_on_navigation(app: Flask) -> None:
    """Refuse an entry in the navigation that leads nowhere, or that nobody would see.

    Raises:
        AuthorFault: with one line per entry that says what to write.
    """
    faults = []
    for name, feature in features(app).items():
        folder = current_settings(app).features_path / name
        for entry in feature.nav:
            if entry.endpoint not in app.view_functions:
                near = get_close_matches(entry.endpoint, app.view_functions, n=1)
                hint = f": did you mean {near[0]!r}?" if near else "; `flask routes` lists all of them"
                faults.append(
                    f"{place_of_text(folder, entry.endpoint)}: the navigation leads to {entry.endpoint!r}, which is no "
                    f"endpoint{hint}"
                )
            elif entry.permission not in permission_map(app).holders:
                faults.append(
                    f"{place_of_text(folder, entry.endpoint)}: no role holds {str(entry.permission)!r}, so nobody sees "
                    "this entry; add it to the permissions of the feature"
                )
    if faults:
        raise AuthorFault(*faults)


def features(app: Flask | None = None) -> dict[str, Feature]:
    """The features of the running application, by name."""
    return cast(dict[str, Feature], (app or current_app).extensions["features"])


def home_cards() -> list[dict[str, Any]]:
    """The cards of all features for the current workspace, those that the caller may look behind."""
    from enferno.access.guards import allowed

    cards = [card for feature in features().values() if feature.home for card in feature.home()]
    return [
        {
            "label": str(card.label),
            "value": card.value,
            "note": str(card.note),
            "url": url_for(card.endpoint, slug=current_workspace.slug),
        }
        for card in cards
        if card.permission in allowed()
    ]


def folders(root: Path) -> list[Path]:
    """The feature folders, in the order of their names. A name with a leading dot or underscore is left out."""
    if not root.is_dir():
        return []
    return sorted(path.parent for path in root.glob("[!._]*/__init__.py"))


def migration_folders(root: Path) -> list[Path]:
    return [folder / "migrations" for folder in folders(root) if (folder / "migrations").is_dir()]


@migrate.configure
def with_features(config: Config) -> Config:
    """Every feature brings its own migrations, as a branch of its own."""
    places = [MIGRATIONS / "versions", *migration_folders(current_settings().features_path)]
    config.set_main_option("version_locations", os.pathsep.join(map(str, places)))
    return config


def load(folder: Path) -> Feature:
    """Import `features.<name>` and take its `feature`.

    Raises:
        AuthorFault: the folder has no `feature`, or it is called differently.
    """
    root = str(folder.parent.parent)
    if root not in sys.path:
        sys.path.insert(0, root)
    module = importlib.import_module(f"{folder.parent.name}.{folder.name}")
    feature = getattr(module, "feature", None)
    if not isinstance(feature, Feature) or feature.name != folder.name:
        raise AuthorFault(f'{place_of_feature(folder)}: must define feature = Feature(name="{folder.name}", …)')
    return feature
