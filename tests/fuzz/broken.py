"""One broken input of a build, and the plugins that nobody touched."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.emulators.plugins import setup_py

UNTOUCHED = ("aardvark", "Meadow_2", "plain", "zz-last")
"""Plugins that are as they should be; before, between and behind the broken ones."""
DATA = {
    "blocklist": "- plugin: BlockedOne\n  reason: It does harm.\n",
    "notices": "- plugin: Meadow_2\n  date: 2024-05-06 07:08:09Z\n  text: Read this.\n",
    "update_check_overlays": "OverlaidOne:\n  type: github_release\n  user: maker\n  repo: overlaid\n",
}
"""Hand-written data, some of it about plugins that are not registered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    """One input as somebody might bring it, whether by mistake or not."""

    name: str
    """What it is, and the seed that makes it again."""
    registrations: Mapping[str, bytes] = field(default_factory=dict)
    """File name -> content."""
    repositories: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """owner/name -> what GitHub answers (tests/emulators/repositories.py)."""
    usage: Mapping[str, Any] = field(default_factory=dict)
    """Key below `plugins` of both exports -> what stands there."""
    exports: Mapping[str, bytes] = field(default_factory=dict)
    """Window -> the whole export."""
    state: bytes | None = None


def registration(slug: str, /, *, body: str | None = None, **keys: str) -> bytes:
    """Return a registration with nothing wrong but for `keys`: lines of YAML by key, "" leaves a key out."""
    lines = {
        "layout": "plugin",
        "id": slug,
        "title": f"The {slug}",
        "description": "Says in one sentence what it does.",
        "author": "Ada Maker",
        "license": "AGPL-3.0-or-later",
        "date": "2024-05-06",
        "homepage": f"https://github.com/maker/{slug}",
        "source": f"https://github.com/maker/{slug}",
        "archive": f"https://github.com/maker/{slug}/archive/main.zip",
        "tags": "\n- light\n- sound",
        **keys,
    }
    front = "\n".join(f"{key}: {value}" for key, value in lines.items() if value)
    text = f"The body of {slug}.\n" if body is None else body
    return f"---\n{front}\n---\n\n{text}".encode("utf-8", "surrogatepass")


def repository(slug: str, flag: str = ">=3.8,<4") -> dict[str, Any]:
    """Return a repository with nothing wrong."""
    return {
        "stars": 7,
        "open_issues": 1,
        "closed_issues": 2,
        "committed_at": "2026-03-04T05:06:07Z",
        "created_at": "2020-01-02T03:04:05Z",
        "license": "MIT",
        "topics": ["octoprint"],
        "releases": [{"name": "One", "tag": "1.0.0", "published_at": "2025-01-02T03:04:05Z"}],
        "files": {
            "setup.py": setup_py(slug, f'plugin_package = "octoprint_{package(slug)}"'),
            f"octoprint_{package(slug)}/__init__.py": f'__plugin_pythoncompat__ = "{flag}"\n',
        },
    }


def package(slug: str) -> str:
    return slug.replace("-", "_").lower()


def usage(instances: int) -> dict[str, Any]:
    """Return what an export says of a plugin."""
    return {
        "instances": instances,
        "install_events": instances // 9,
        "uninstall_events": instances // 30,
        "versions": {"1.0.0": {"instances": instances}},
    }


def untouched() -> Broken:
    """Return the plugins that every build must publish, as an input that is not broken."""
    return Broken(
        name="untouched",
        registrations={f"{slug}.md": registration(slug) for slug in UNTOUCHED},
        repositories={f"maker/{slug}": repository(slug) for slug in UNTOUCHED},
        usage={slug.lower(): usage(1_000 + len(slug)) for slug in UNTOUCHED},
    )


def together(inputs: Iterable[Broken]) -> Broken:
    """Return all inputs as one; of whole exports and states, the last one."""
    whole = untouched()
    for one in inputs:
        whole = Broken(
            name=f"{whole.name} + {one.name}",
            registrations={**one.registrations, **whole.registrations},
            repositories={**one.repositories, **whole.repositories},
            usage={**one.usage, **whole.usage},
            exports={**whole.exports, **one.exports},
            state=one.state if one.state is not None else whole.state,
        )
    return whole
