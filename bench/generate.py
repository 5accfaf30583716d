"""Invent registrations of realistic size, with a world and usage exports for them.

    python -m bench.generate --count 400 --out build/bench/400

writes `_plugins/`, `world.json` (see tests/emulators/repositories.py) and `exports.json`; with `--history`,
`build/state.json` with a full history of two years as well. The same count and seed give the same files.
"""

import argparse
import json
import random
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.emulators.files import WORDS
from tests.emulators.history import make_history, remembering, write_state
from tests.emulators.world import Plugin, exports_for, make_world

TAGS = 300
TAGS_EACH = 24
SCREENSHOTS = 3
FIRST_DAY = date(2015, 1, 1)
DAYS = 4_000
LICENSES = ("AGPLv3", "AGPL-3.0-or-later", "MIT", "GPL-3.0-or-later", "Apache-2.0", "BSD-3-Clause")
OCTOPRINT = ("1.2.0", "1.3.5", "1.4.0", "1.8.0")
HISTORY_DAYS = 2 * 365
PYTHONS = (">=2.7,<4", ">=3,<4", ">=3.7,<4")


def main(argv: list[str] | None = None) -> int:
    """Write registrations, world and exports."""
    parser = argparse.ArgumentParser(prog="python -m bench.generate", description=main.__doc__)
    parser.add_argument("--count", type=int, required=True, help="registrations")
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--history", action="store_true", help="write build/state.json with a full history")
    options = parser.parse_args(argv)
    folder = options.out / "_plugins"
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.md"):
        old.unlink()
    plugins = []
    for number in range(options.count):
        rng = random.Random(f"{options.seed}:{number}")
        plugin = plugin_of(number, options.count, rng)
        plugins.append(plugin)
        text = registration(plugin, options.count, rng)
        (folder / f"{plugin.id}.md").write_text(text, encoding="utf-8")
    made = make_world(plugins, options.seed)
    usage = exports_for((plugin.id for plugin in plugins), options.seed)
    for name, content in (("world.json", made.world), ("exports.json", usage)):
        (options.out / name).write_text(json.dumps(content), encoding="utf-8")
    if options.history:
        yesterday = datetime.now(UTC).date() - timedelta(days=1)
        ends = figures(plugins, made.world, usage)
        history = make_history(ends, until=yesterday, days=HISTORY_DAYS, folder=folder.as_posix())
        write_state(options.out / "build" / "state.json", remembering(history, ends, folder.as_posix()))
    return 0


def figures(
    plugins: Sequence[Plugin], world: Mapping[str, Any], usage: Mapping[str, Any]
) -> dict[str, dict[str, int]]:
    """Return what the history of each plugin leads to: the figures that the emulators will tell."""
    month, week = usage["month"]["plugins"], usage["week"]["plugins"]
    found = {}
    for plugin in plugins:
        found[plugin.id] = {
            "instances": month.get(plugin.id.lower(), {}).get("instances", 0),
            "installs_week": week.get(plugin.id.lower(), {}).get("install_events", 0),
        }
        if repository := world["repositories"].get(f"{plugin.owner}/{plugin.name}"):
            found[plugin.id]["stars"] = repository["stars"]
    return found


def plugin_of(number: int, count: int, rng: random.Random) -> Plugin:
    """Name a plugin; three in a hundred are not on GitHub."""
    plugin_id = f"{rng.choice(WORDS)}{rng.choice(WORDS).title()}{number:05}"
    if rng.random() < 0.03:
        return Plugin(plugin_id)
    return Plugin(plugin_id, owner=f"maker{author_number(count, rng):04}", name=f"OctoPrint-{plugin_id}")


def author_number(count: int, rng: random.Random) -> int:
    """Draw one of a third as many authors as there are plugins."""
    return rng.randrange(max(1, count // 3))


def registration(plugin: Plugin, count: int, rng: random.Random) -> str:
    """Write a registration: 1.1 kB of front matter, 1.3 kB of body on average."""
    host = f"https://github.com/{plugin.owner}" if plugin.owner else "https://gitlab.example/makers"
    source = f"{host}/OctoPrint-{plugin.id}"
    day = FIRST_DAY + timedelta(days=rng.randrange(DAYS))
    lines = [
        "---",
        "layout: plugin",
        "",
        f"id: {plugin.id}",
        f"title: {plugin.id[:-5].title()} {plugin.id[-5:]}",
        f"description: {sentence(rng, 9)}",
        *authors(count, rng),
        f"license: {rng.choice(LICENSES)}",
        f"date: {day}",
        f"homepage: {source}",
        f"source: {source}",
        f"archive: {source}/archive/main.zip",
        "tags:",
        *(f"- {tag}" for tag in sorted(rng.sample(tag_names(), TAGS_EACH))),
        "screenshots:",
    ]
    for number in range(1, SCREENSHOTS + 1):
        lines += [
            f"- url: https://images.example/{plugin.id}/{number}.png",
            f"  alt: {sentence(rng, 4)}",
            f"  caption: {sentence(rng, 5)}",
        ]
    lines += [
        f"featuredimage: https://images.example/{plugin.id}/1.png",
        "compatibility:",
        "  octoprint:",
        f'  - "{rng.choice(OCTOPRINT)}"',
    ]
    if rng.random() < 0.6:
        lines.append(f'  python: "{rng.choice(PYTHONS)}"')
    if rng.random() < 0.04:
        lines.append(f"abandoned: {source}/issues/{rng.randint(1, 99)}")
    return "\n".join([*lines, "---", "", *body(source, rng), ""])


def authors(count: int, rng: random.Random) -> list[str]:
    """Write one author, seldom two."""
    names = [f"Maker Number {author_number(count, rng)}" for _ in range(2)]
    return ["authors:", *(f"- {name}" for name in names)] if rng.random() < 0.05 else [f"author: {names[0]}"]


def tag_names() -> list[str]:
    """Return all tags."""
    return [f"{WORDS[number % len(WORDS)]}-{number:03}" for number in range(TAGS)]


def sentence(rng: random.Random, words: int) -> str:
    """Invent a sentence that says nothing."""
    return " ".join(rng.choices(WORDS, k=words)).capitalize()


def paragraph(rng: random.Random) -> str:
    """Invent a paragraph with emphasis, code and a link."""
    first, second, third = (sentence(rng, rng.randint(8, 16)) for _ in range(3))
    code = "_".join(rng.choices(WORDS, k=2))
    return f"{first}. *{second}* with `{code}`, see [{code}](https://docs.example/{code}): {third}."


def body(source: str, rng: random.Random) -> list[str]:
    """Write a body as plugins have: text, lists, code, a link, pictures and some HTML."""
    parts = [
        paragraph(rng),
        "",
        "## Setup",
        "",
        "Install by hand with this URL:",
        "",
        f"    {source}/main.zip",
        "",
    ]
    for _ in range(rng.randint(0, 2)):
        parts += [f"## {sentence(rng, 3)}", "", paragraph(rng), ""]
        parts += [f"- {sentence(rng, rng.randint(3, 9))}" for _ in range(rng.randint(2, 6))]
        parts.append("")
    if rng.random() < 0.5:
        name = rng.choice(WORDS)
        parts += ["```python", f"def {name}(value):", f"    return value < {rng.randint(1, 99)}", "```", ""]
    if rng.random() < 0.4:
        parts += [f"![{sentence(rng, 2)}](https://images.example/{rng.choice(WORDS)}.png)", ""]
    if rng.random() < 0.25:
        parts += [f'<p align="center"><img src="https://images.example/{rng.choice(WORDS)}.gif"></p>', ""]
    if rng.random() < 0.1:
        parts += ["| setting | value |", "|---|---|", f"| {rng.choice(WORDS)} | {rng.randint(1, 99)} |", ""]
    return [*parts, paragraph(rng)]


if __name__ == "__main__":
    sys.exit(main())
