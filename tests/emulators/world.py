"""Made-up worlds for real or invented registrations: repositories, sources and usage, the same for each seed.

The figures say themselves that they are made up: releases are named so, and a topic says it.
"""

import random
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tests.emulators.plugins import Source, write_plugin

LICENSES = ("AGPL-3.0", "MIT", "GPL-3.0", "Apache-2.0", "NOASSERTION", None)
EPOCH = datetime(2026, 5, 1, tzinfo=UTC)
"""No date of a world is later."""
GITHUB = re.compile(
    r"https?://(?:www\.)?github\.com/(?P<owner>[^/]+)/(?P<name>[^/#?]+?)(?:\.git)?"
    r"(?:/(?:tree|blob)/[^/]+/(?P<subpath>[^#?]+?))?/?(?:[#?].*)?"
)
ISSUE = re.compile(r"https://github\.com/([^/]+/[^/]+)/issues/([0-9]+)")


class Plugin(NamedTuple):
    """A registration, as far as a world depends on it."""

    id: str
    owner: str = ""
    """Of the GitHub repository; empty when the plugin is hosted elsewhere."""
    name: str = ""
    subpath: str = ""
    abandoned: str = ""
    """Address of the issue on GitHub that says so, as owner/name#number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A world and what is true in it."""

    world: dict[str, Any]
    """As repositories.py describes it."""
    expected: dict[str, str | None] = field(default_factory=dict)
    """Plugin id -> the flag that a host reads. Not in it: gone repositories, and those of two plugins."""
    sources: dict[str, Source] = field(default_factory=dict)
    names: dict[str, str | None] = field(default_factory=dict)
    """Plugin id -> the repository's current owner/name, None when it is gone; only plugins on GitHub."""


def read_plugins(folder: Path) -> list[Plugin]:
    """Read id and source of the registrations in a folder, without the code that is tested with them."""
    plugins = []
    for path in sorted(folder.glob("*.md")):
        parts = re.split(r"^---\s*$", path.read_text(encoding="utf-8"), maxsplit=2, flags=re.MULTILINE)
        front = yaml.load(parts[1], Loader=yaml.CSafeLoader)
        found = GITHUB.fullmatch(str(front.get("source", "")).strip())
        place = found.groupdict(default="") if found else {}
        issue = ISSUE.fullmatch(str(front.get("abandoned", "")))
        abandoned = "{}#{}".format(*issue.groups()) if issue else ""
        plugins.append(Plugin(id=str(front["id"]), **place, abandoned=abandoned))
    return plugins


def world_for(folder: Path, seed: int = 1, *, gone: float = 0.01) -> Made:
    """Make a world for the registrations in a folder."""
    return make_world(read_plugins(folder), seed, gone=gone)


def make_world(plugins: Sequence[Plugin], seed: int = 1, *, gone: float = 0.01) -> Made:
    """Make a world for plugins: `gone` of the repositories do not exist, some are renamed or archived."""
    made = Made(world={"repositories": {}, "renames": {}})
    repositories, renames = made.world["repositories"], made.world["renames"]
    current: dict[str, str | None] = {}
    owners: dict[str, str] = {}
    for plugin in plugins:
        if not plugin.owner:
            continue
        registered = f"{plugin.owner}/{plugin.name}"
        # A seed of its own for each plugin: one more plugin changes no other.
        rng = random.Random(f"{seed}:{plugin.id}")
        source = write_plugin(plugin.id, rng, subpath=plugin.subpath)
        if registered.lower() in current:
            known = current[registered.lower()]
            made.names[plugin.id] = known
            made.expected.pop(owners[registered.lower()], None)
            if known is not None:
                repositories[known]["files"] = {**source.files, **repositories[known]["files"]}
            continue
        name = fate(registered, rng, gone)
        current[registered.lower()], owners[registered.lower()] = name, plugin.id
        made.names[plugin.id] = name
        if name is None:
            continue
        if name != registered:
            renames[registered] = name
        repositories[name] = {**figures(rng), "files": source.files}
        made.sources[plugin.id] = source
        made.expected[plugin.id] = source.flag
    for plugin in plugins:
        if plugin.abandoned:
            add_issue(made, plugin.abandoned, random.Random(f"{seed}:{plugin.id}:abandoned"))
    return made


def add_issue(made: Made, place: str, rng: random.Random) -> None:
    """Put an issue, written owner/name#number, into a world, together with its repository if need be."""
    registered, _, number = place.partition("#")
    name = made.world["renames"].get(registered, registered)
    repository = made.world["repositories"].setdefault(name, figures(rng))
    opened = EPOCH - timedelta(hours=rng.randint(1, 10_000))
    repository.setdefault("threads", {})[number] = {"title": "Made-up issue", "created_at": stamp(opened)}


def fate(registered: str, rng: random.Random, gone: float) -> str | None:
    """Return a repository's current name: mostly the registered one, None when it is gone."""
    draw = rng.random()
    if draw < gone:
        return None
    return f"{registered}-renamed" if draw < gone + 0.02 else registered


def figures(rng: random.Random) -> dict[str, Any]:
    """Invent a repository's figures."""
    stars = int(rng.lognormvariate(2.5, 1.4))
    committed = EPOCH - timedelta(hours=int(rng.expovariate(1 / 12_000)))
    created = committed - timedelta(days=rng.randint(10, 2_000))
    # One in eight has a bot that pushed to a branch of its own since. No draw: it would change what follows.
    pushed = max(committed, EPOCH - timedelta(hours=30)) if stars % 8 == 3 else committed
    return {
        "stars": stars,
        "forks": stars // 4,
        "watchers": 1 + stars // 10,
        "open_issues": int(rng.expovariate(1 / 6)),
        "closed_issues": int(rng.expovariate(1 / 20)),
        "pushed_at": stamp(pushed),
        "committed_at": stamp(committed),
        "created_at": stamp(created),
        "archived": rng.random() < 0.06,
        "license": rng.choice(LICENSES),
        "topics": [
            "made-up",
            *rng.sample(["octoprint", "octoprint-plugin", "3d-printing"], rng.randint(0, 3)),
        ],
        "default_branch": rng.choice(["main", "master", "master", "devel"]),
        "description": "A made-up repository",
        "releases": releases(rng, created, committed),
    }


def releases(rng: random.Random, first: datetime, last: datetime) -> list[dict[str, Any]]:
    """Invent releases: none for one in six, prereleases only for one in thirty."""
    draw = rng.random()
    count = 0 if draw < 1 / 6 else rng.randint(1, 6)
    only_prereleases = draw > 1 - 1 / 30
    span = (last - first) / (count + 1)
    made = []
    for number in range(1, count + 1):
        version = f"{number // 3}.{number % 3}.{rng.randint(0, 9)}"
        prerelease = only_prereleases or rng.random() < 0.1
        made.append(
            {
                "name": f"Made-up release {version}",
                "tag": f"{version}rc1" if prerelease else version,
                "published_at": stamp(first + span * number),
                "prerelease": prerelease,
            }
        )
    return made


def stamp(moment: datetime) -> str:
    """Write a time as GitHub does."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


Export = dict[str, Any]


def exports_for(
    ids: Iterable[str], seed: int = 1, *, generated_at: datetime = EPOCH, unlisted: float = 0.05
) -> dict[str, Export]:
    """Make the usage exports of a week and a month, `unlisted` of the plugins in neither.

    The shape is that of OctoPrint's tracking; ids are in lower case, and counts of zero are there as zeros.
    """
    month: dict[str, Any] = {}
    week: dict[str, Any] = {}
    for plugin_id in ids:
        rng = random.Random(f"{seed}:usage:{plugin_id}")
        if rng.random() < unlisted:
            continue
        instances = int(rng.lognormvariate(5.5, 1.8))
        month[plugin_id.lower()] = usage(rng, instances, instances // 9)
        week[plugin_id.lower()] = usage(rng, int(instances * 0.8), instances // 30)
    return {
        period: {
            "_since": stamp(generated_at - timedelta(days=days)),
            "_generated": stamp(generated_at),
            "plugins": plugins,
        }
        for period, days, plugins in (("week", 7, week), ("month", 30, month))
    }


def usage(rng: random.Random, instances: int, installs: int) -> Mapping[str, Any]:
    """Invent one plugin's usage; the versions add up to the instances."""
    versions = [f"1.{number}.0" for number in range(rng.randint(1, 5))]
    left, shares = instances, {}
    for version in versions[1:]:
        shares[version] = {"instances": left // 3}
        left -= left // 3
    shares[versions[0]] = {"instances": left}
    return {
        "instances": instances,
        "install_events": installs,
        "uninstall_events": installs // 3,
        "versions": dict(sorted(shares.items())),
    }
