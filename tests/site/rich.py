"""The rich site: about a hundred varied plugins, enriched, fed and built by the real code.

The same each time: made-up facts, a fixed time, pictures made on the fly. `PAGES` names a page of each kind.
"""

import random
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import yaml

import check_site
from registry.enrich.job import Options, enrich, place_of
from registry.facts.history import History
from registry.facts.history_update import grow, tally
from registry.facts.model import Facts
from registry.facts.state import State, dump_state
from registry.feeds.build import build_feeds
from registry.feeds.site import from_settings
from registry.feeds.writing import publish
from registry.settings import load_settings
from tests.site.builder import Built, build, make_source
from tests.site.pages_server import serve_site
from tests.site.pictures import jpeg, png
from tests.site.rich_plugins import NOW, Case, cases

BASE = "/almanac"
"""The site lies below a path, as a project's pages do: a link that forgets it leads nowhere."""
ORDINARY = 80
HISTORY_DAYS = 200

PAGES: Mapping[str, str] = {
    "home": "/",
    "list": "/plugins/",
    "list-filtered": "/plugins/?q=lamp&sort=stars&maintained=1",
    "list-filtered-by-tag": "/plugins/?tag=camera",
    "list-nothing": "/plugins/?q=xyzzyplugh",
    "plugin-rich": "/plugins/everything/",
    "plugin-bare": "/plugins/plain/",
    "plugin-disabled": "/plugins/off/",
    "plugin-abandoned": "/plugins/left/",
    "plugin-gone": "/plugins/vanished/",
    "plugin-contradicted": "/plugins/torn/",
    "plugin-assumed": "/plugins/assumed/",
    "plugin-unparsed": "/plugins/unparsed/",
    "plugin-left-out": "/plugins/unfit/",
    "plugin-long": "/plugins/unbroken/",
    "plugin-right-to-left": "/plugins/arabic/",
    "by-name": "/by_name/",
    "by-date": "/by_date/",
    "tags": "/by_tag/",
    "tag": "/by_tag/camera/",
    "authors": "/by_author/",
    "author": "/by_author/ada-example/",
    "statistics": "/statistics/",
    "notices": "/notices/",
    "abandoned": "/abandoned/",
    "help": "/help/",
    "help-installation": "/help/installation/",
    "help-figures": "/help/figures/",
    "help-registering": "/help/registering/",
    "search": "/search/",
    "not-found": "/no/such/page/",
    "redirect": "/plugins/everythingelse/",
}
"""One page of each kind, by name; paths below BASE."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A site that was built, and where it is served."""

    folder: Path
    """The site's files; BASE is not part of their paths."""
    origin: str
    """`http://127.0.0.1:port`"""

    def address(self, path: str) -> str:
        """Return the address of a path below the site's root, `/` at its beginning."""
        return f"{self.origin}{BASE}{path}"


def make_rich(folder: Path, ordinary: int = ORDINARY) -> Built:
    """Build the rich site in `folder`, which is new; with `ordinary` plugins beside the special ones."""
    make_source(folder)
    overlay = {"url": "https://plugins.example.org", "baseurl": BASE, "per_page": 40, "per_index_page": 60,
               "registry_left_out": "build/left_out",
               "time": NOW.strftime("%Y-%m-%d %H:%M:%S +0000"), "registry": {"baseline": None}}  # fmt: skip
    (folder / "over.yml").write_text(yaml.safe_dump(overlay), encoding="utf-8")
    plugins, data = folder / "_plugins", folder / "_data"
    plugins.mkdir()
    made = cases(ordinary)
    for case in made:
        (plugins / f"{case.slug}.md").write_text(case.text, encoding="utf-8")
    write_pictures(folder / "assets" / "img" / "plugins" / "everything")
    (data / "notices.yml").write_text(NOTICES, encoding="utf-8")
    state = folder / "build" / "state.json"
    state.write_bytes(dump_state(make_state(made, place_of(plugins))))
    configs = f"{folder}/_config.yml,{folder}/over.yml"
    settings = load_settings(configs)
    enrich(
        Options(plugins=plugins, out=folder / "build" / "_plugins", state=state, offline=True),
        settings,
        {},
        NOW,
    )
    site = from_settings(settings)
    enriched = folder / "build" / "_plugins"
    feeds = build_feeds(enriched, data, site, now=NOW, state=state.read_bytes(), settings=settings)
    publish(feeds, folder / "build" / "feeds")
    built = build(folder)
    arguments = [str(built.site), "--build", str(folder / "build"), "--config", configs]
    assert check_site.main([*arguments, "--report", str(folder / "build" / "report.json")]) == 0
    return built


NOTICES = """\
- plugin: everything
  versions: ["1.1.0"]
  date: 2026-11-01 10:30:00Z
  text: Version 1.1.0 forgets its settings <b>once</b> a day.
  link: https://example.org/everything/notice
  important: true
- plugin: unregistered
  versions: []
  pluginversions: ["<1.0"]
  octoversions: [">=1.4"]
  date: 2019-02-03 04:05:06Z
  text: It has moved.
"""


def write_pictures(folder: Path) -> None:
    """Write the own screenshots of the plugin that has everything."""
    folder.mkdir(parents=True)
    (folder / "tab.png").write_bytes(png(1200, 700))
    (folder / "tall.png").write_bytes(png(360, 780, 0x7A4FB5))
    (folder / "settings.jpg").write_bytes(jpeg(800, 600))


def make_state(made: list[Case], folder: str) -> State:
    """Return the facts of the plugins with a history of HISTORY_DAYS that ends the day before NOW.

    `folder` is that of the registrations, as the state names it.
    """
    plugins = {case.slug: case.facts for case in made if case.facts}
    history = History()
    for age in range(HISTORY_DAYS, 0, -1 if HISTORY_DAYS < 100 else -2):
        rows = {
            slug: row for slug, facts in plugins.items() if (row := _row_of(slug, facts, age)) and age % 31
        }
        day = (NOW - timedelta(days=age)).date()
        totals = {
            measure: sum(row.get(measure) or 0 for row in rows.values())
            for measure in ("instances", "installs_week", "stars")
        }
        plugins_then = len(made) - age // 20
        counts = {"plugins": plugins_then, "python_3": plugins_then // 2, "maintained": len(made) // 3}
        history = tally(grow(history, rows, day), folder, {**totals, **counts}, day)
    return replace(State(plugins=plugins, generated_at=NOW), history=history)


def _row_of(slug: str, facts: Facts, age: int) -> dict[str, int | None]:
    """Invent what was known of a plugin `age` days ago: a wavering way to what is known now."""
    rng = random.Random(f"{slug}:{age // 3}")
    part = 1 - age / 400 + rng.uniform(-0.06, 0.06)
    row: dict[str, int | None] = {}
    if "usage_month" in facts:
        row["instances"] = int(facts["usage_month"].data["instances"] * part)
        row["installs_week"] = int(facts["usage_week"].data["install_events"] * part)
    if "github" in facts:
        row["stars"] = int(facts["github"].data["stars"] * (1 - age / 800))
    return row


@contextmanager
def served(built: Built) -> Iterator[Served]:
    """Serve a built site below BASE until the block ends."""
    with serve_site(built.site, BASE) as origin:
        yield Served(folder=built.site, origin=origin)


def main() -> int:
    """Build the rich site into a folder and serve it, to look at: `python -m tests.site.rich build/rich`."""
    folder, ordinary = Path(sys.argv[1]).resolve(), int(sys.argv[2]) if len(sys.argv) > 2 else ORDINARY
    shutil.rmtree(folder, ignore_errors=True)
    built = make_rich(folder, ordinary)
    with served(built) as site:
        print(site.address("/"), flush=True)
        input("Enter ends. ")
    return 0


if __name__ == "__main__":
    sys.exit(main())
