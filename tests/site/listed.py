"""A site with a list worth sorting and filtering, and what its list must say, worked out without the site."""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from packaging.specifiers import SpecifierSet

from registry.feeds.build import build_feeds
from registry.feeds.site import from_settings
from registry.feeds.writing import publish
from registry.registration.frontmatter import dump
from registry.settings import load_settings
from tests.site.builder import NOW, Built, build, make_source

COUNT = 130
PER_PAGE = 24
TODAY = NOW.date()
HOST = "1.11.8"
TAGS = ("webcam", "Power saving", "c++", "<b>bold</b>", "mqtt", "größe", "a&b", "led", "gcode", "time-lapse")
PYTHONS = (None, ">=2.7,<3", ">=3,<4", ">=3.7,<4", ">=2.7,<4", ">=3.9,!=3.11.*", "==3.8.*")
HOSTS = ([], ["1.4.0"], [">=1.3.5,<1.9"], ["1.2", ">=1.10"], ["==1.8.1"])
SYSTEMS = ([], ["linux"], ["windows", "macos"], ["!windows"], ["posix"], ["nix", "win32"])
LICENCES = {
    "AGPLv3": "AGPL", "GNU GPL v3": "GPL", "mit license": "MIT", "Apache 2": "Apache", "BSD-3-Clause": "BSD",
    "Beerware": "Other", "": "Unknown",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A plugin, as it was made up; None is unknown."""

    slug: str
    title: str
    author: str
    instances: int | None
    installs: int | None
    installs_month: int | None
    stars: int | None
    released: date | None
    pushed: date | None
    registered: date
    python: str | None
    host: Sequence[str]
    os: Sequence[str]
    licence: str
    abandoned: bool
    tags: Sequence[str]

    @property
    def growth(self) -> float | None:
        if self.installs is None or not self.installs_month or self.installs < 10:
            return None
        return self.installs * 30 / 7 / self.installs_month

    @property
    def maintained(self) -> bool:
        latest = max((day for day in (self.released, self.pushed) if day), default=None)
        return latest is not None and (TODAY - latest).days <= 365 and not self.abandoned

    def admits_python(self, wanted: str) -> bool:
        """Without a range the host assumes Python 2."""
        minors = [f"3.{minor}" for minor in range(16)] if wanted == "3" else [wanted]
        accepted = SpecifierSet(self.python or ">=2.7,<3")
        return any(accepted.contains(f"{minor}.{patch}") for minor in minors for patch in (0, 20))

    def admits_host(self, version: str) -> bool:
        items = [item if item[0] in "<>=" else f">={item}" for item in self.host]
        return not items or any(SpecifierSet(item).contains(version) for item in items)

    def admits_system(self, name: str) -> bool:
        members = {"posix": ["linux", "freebsd", "macos"], "nix": ["linux", "freebsd"], "win32": ["windows"]}
        wanted = [one for item in self.os if item[0] != "!" for one in members.get(item, [item])]
        return f"!{name}" not in self.os and (not wanted or name in wanted)

    def front_matter(self) -> dict[str, Any]:
        address = f"https://github.com/example/{self.slug}"
        data: dict[str, Any] = {
            "layout": "plugin", "id": self.slug, "title": self.title, "description": f"Does {self.title}.",
            "author": self.author, "license": self.licence, "date": self.registered, "homepage": address,
            "source": address, "archive": f"{address}/main.zip", "tags": list(self.tags),
            "compatibility": {"octoprint": list(self.host), "os": list(self.os)},
        }  # fmt: skip
        if self.python:
            data["compatibility"]["python"] = self.python
        if self.abandoned:
            data["abandoned"] = f"{address}/issues/1"
        if self.instances is not None:
            window = {"instances": self.instances, "uninstall_events": 0, "versions": {}}
            data["stats"] = {
                "week": {**window, "install_events": self.installs},
                "month": {**window, "install_events": self.installs_month},
            }
        if self.stars is not None or self.pushed:
            data["github"] = {"repo": f"example/{self.slug}", "stars": self.stars, "archived": False}
            if self.pushed:
                data["github"]["last_push"] = f"{self.pushed} 05:37:32 +0000"
            if self.released:
                data["github"] |= {
                    "latest_release": "1.0", "latest_release_tag": "1.0",
                    "latest_release_date": f"{self.released} 01:00:00 +0000",
                }  # fmt: skip
        as_of = {"as_of": f"{TODAY} 00:00:00 +0000", "stale": False}
        data["freshness"] = {"github": as_of, "usage": as_of}
        return data


def made_up() -> list[Row]:
    """Return the plugins, the same each time; figures repeat and are unknown now and then."""
    rng = random.Random(4)
    rows = []
    for number in range(COUNT):
        used, on_github = rng.random() < 0.9, rng.random() < 0.85
        pushed = TODAY - timedelta(days=rng.choice((3, 40, 364, 365, 366, 900, 2400))) if on_github else None
        week = rng.choice((0, 3, 9, 10, 25, 60))
        rows.append(
            Row(
                slug=f"plug{number:03}",
                title=f"{rng.choice(('Árbol', 'beta', 'Camera', 'delta', 'Émile <i>', 'zoo'))} {number % 50}",
                author=rng.choice(("Ada Example", "Grace & Co", "Ångström")),
                instances=rng.choice((0, 5, 5, 120, 3000, 45_678)) if used else None,
                installs=week if used else None,
                installs_month=rng.choice((0, 40, 100, 200)) if used else None,
                stars=rng.choice((0, 1, 33, 1200)) if on_github else None,
                released=pushed - timedelta(days=rng.choice((0, 30)))
                if pushed and rng.random() < 0.7
                else None,
                pushed=pushed,
                registered=date(2015, 1, 1) + timedelta(days=rng.randrange(40) * 100),
                python=rng.choice(PYTHONS),
                host=rng.choice(HOSTS),
                os=rng.choice(SYSTEMS),
                licence=rng.choice(list(LICENCES)),
                abandoned=rng.random() < 0.15,
                tags=rng.sample(TAGS, rng.randrange(4)),
            )
        )
    return rows


def write(rows: Sequence[Row], folder: Path) -> None:
    """Write registrations and feeds into a source folder."""
    plugins = folder / "build" / "_plugins"
    for row in rows:
        (plugins / f"{row.slug}.md").write_text(dump(row.front_matter(), "\nText.\n"), encoding="utf-8")
    settings = load_settings(str(folder / "_config.yml"))
    site = from_settings(settings)
    feeds = build_feeds(plugins, folder / "_data", site, now=NOW, settings=settings)
    publish(feeds, folder / "build" / "feeds")


def site(folder: Path) -> Built:
    """Build the site of `made_up`."""
    make_source(folder)
    write(made_up(), folder)
    return build(folder)


Measure = Callable[[Row], Any]
MEASURES: dict[str, Measure] = {
    "popular": lambda row: row.instances,
    "hot": lambda row: row.installs,
    "rising": lambda row: None if row.growth is None else round(row.growth * 1000),
    "stars": lambda row: row.stars,
    "released": lambda row: row.released and row.released.toordinal(),
    "pushed": lambda row: row.pushed and row.pushed.toordinal(),
    "newest": lambda row: row.registered.toordinal(),
}
FILTERS: dict[str, Callable[[Row, str], bool]] = {
    "python": Row.admits_python,
    "host": Row.admits_host,
    "os": Row.admits_system,
    "licence": lambda row, value: LICENCES[row.licence] == value,
    "maintained": lambda row, _: row.maintained,
    "alive": lambda row, _: not row.abandoned,
    "tag": lambda row, value: value in row.tags,
}


def by_name(row: Row) -> tuple[str, str]:
    return row.title.lower(), row.slug


def expected(
    rows: Sequence[Row], sort: str = "popular", conditions: Sequence[tuple[str, str]] = ()
) -> list[str]:
    """Return the slugs that the list must show, in order."""
    found = [row for row in rows if all(FILTERS[name](row, value) for name, value in conditions)]
    found.sort(key=by_name)
    if sort == "name":
        return [row.slug for row in found]
    for name in ("popular", sort):
        measure = MEASURES[name]
        found.sort(key=lambda row: -1 if measure(row) is None else measure(row), reverse=True)
    return [row.slug for row in found]
