"""Small things that many tests build: a registration, a fact, settings."""

from datetime import UTC, date, datetime
from typing import Any

from registry.facts.model import Fact
from registry.registration.model import Registration, RepoRef
from registry.settings import Compatibility, Host, Limits, Packages, Settings

NOW = datetime(2026, 5, 1, 6, 0, tzinfo=UTC)


def registration(
    plugin_id: str = "demo", *, repo: str | None = "maker/Demo", python: str | None = None, **keys: Any
) -> Registration:
    """Return a registration; `keys` are further keys of its front matter."""
    source = f"https://github.com/{repo}" if repo else "https://gitlab.com/maker/demo"
    data: dict[str, Any] = {
        "layout": "plugin",
        "id": plugin_id,
        "title": plugin_id.title(),
        "description": "A demonstration",
        "authors": ["Maker"],
        "license": "MIT",
        "date": date(2024, 1, 2),
        "homepage": source,
        "source": source,
        "archive": f"{source}/archive/main.zip",
    }
    if python:
        data["compatibility"] = {"python": python}
    data |= keys
    return Registration(
        slug=plugin_id,
        path=f"_plugins/{plugin_id}.md",
        id=plugin_id,
        title=data["title"],
        description=data["description"],
        authors=("Maker",),
        date=data["date"],
        homepage=source,
        source=source,
        archive=data["archive"],
        repo=RepoRef(*repo.split("/")) if repo else None,
        python=python,
        pypi=None,
        data=data,
        body="Hello.\n",
    )


def fact(data: dict[str, Any], *, at: datetime = NOW, source: str = "test", **more: Any) -> Fact:
    """Return a fact of the time `at`."""
    return Fact(fetched_at=at, as_of=at, source=source, data=data, **more)


def settings(**limits: Any) -> Settings:
    """Return OctoPrint's settings with the given limits."""
    return Settings(
        host=Host(name="OctoPrint", version="1.11.8"),
        packages=Packages(prefix="octoprint_"),
        entry_point_group="octoprint.plugin",
        compatibility=Compatibility(
            control_property="__plugin_pythoncompat__", default_python=">=2.7,<3", prefer="source"
        ),
        limits=Limits(**limits),
        url="https://plugins.example",
    )
