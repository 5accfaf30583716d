"""Measure pages: Lighthouse's four categories, what a visit transfers, and how much script it runs.

    make bench-pages                 100 and 400 plugins
    python -m bench.pages --sizes 100,400,10000 --json build/bench/pages.json

Each page is judged as on a phone and as on a desktop, RUNS times each; the median of each category counts.
The pages are those of the tests' rich site, served as GitHub Pages serves them.
"""

import argparse
import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from tests.chromium import open_chromium
from tests.quality.lighthouse import CATEGORIES, judge, scores
from tests.quality.transfer import transfer
from tests.site.rich import PAGES, Served, make_rich, served
from tests.site.rich_plugins import SPECIAL

ROOT = Path(__file__).resolve().parents[1]
WORK = ROOT / "build" / "bench" / "pages"
RUNS = 3
LEAST = 98
SCRIPT_BYTES = 30_000
TRANSFER_BYTES = {"home": 60_000, "list": 150_000, "plugin-rich": 60_000}
DEVICES = ("phone", "desktop")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What was measured of one page."""

    name: str
    plugins: int
    scores: Mapping[str, Mapping[str, float]]
    """Device -> category -> 0 to 100, the median."""
    transferred_bytes: int
    """Compressed, without plugins' screenshots."""
    requests: int
    script_bytes: int
    """Uncompressed."""


def main(argv: Sequence[str] | None = None) -> int:
    """Build the sites, measure, print; return 1 when a bar is missed."""
    parser = argparse.ArgumentParser(prog="python -m bench.pages", description=main.__doc__)
    parser.add_argument("--sizes", default="100,400", help="plugins, comma-separated (%(default)s)")
    parser.add_argument("--runs", type=int, default=RUNS, help="Lighthouse's runs of each page (%(default)s)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures as well")
    options = parser.parse_args(argv)
    measured: list[Page] = []
    for size in map(int, options.sizes.split(",")):
        folder = WORK / str(size)
        shutil.rmtree(folder, ignore_errors=True)
        say(f"building {size:,} plugins")
        with served(make_rich(folder, ordinary=max(0, size - SPECIAL))) as site:
            measured += [measure(site, name, size, options.runs) for name in TRANSFER_BYTES]
    print(table(measured))
    if options.json:
        options.json.parent.mkdir(parents=True, exist_ok=True)
        options.json.write_text(json.dumps([asdict(page) for page in measured], indent=1), encoding="utf-8")
    return 1 if missed(measured) else 0


def measure(site: Served, name: str, plugins: int, runs: int) -> Page:
    """Measure one page of the served site."""
    found = {}
    for device in DEVICES:
        say(f"Lighthouse, {PAGES[name]}, {device}")
        address = site.address(PAGES[name])
        each = [scores(judge(address, desktop=device == "desktop")) for _ in range(runs)]
        found[device] = {category: median(one[category] for one in each) for category in CATEGORIES}
    with open_chromium() as chromium:
        fetched = transfer(chromium, site, name)
    return Page(
        name=name,
        plugins=plugins,
        scores=found,
        transferred_bytes=fetched.total,
        requests=len(fetched.wire),
        script_bytes=fetched.script,
    )


def table(measured: Sequence[Page]) -> str:
    """Lay the figures out for people."""
    head = f"{'plugins':>7} {'page':12} {'device':8}" + "".join(f"{name:>15}" for name in CATEGORIES)
    lines = [f"Lighthouse: at least {LEAST}, the median of the runs.", "", head]
    for page in measured:
        for device, each in page.scores.items():
            line = f"{page.plugins:>7,} {page.name:12} {device:8}"
            lines.append(line + "".join(f"{each[name]:>15g}" for name in CATEGORIES))
    lines += [
        "",
        f"{'plugins':>7} {'page':12} {'transferred, bytes':>28}{'requests':>10}{'script, bytes':>24}",
    ]
    for page in measured:
        sent = f"{page.transferred_bytes:,} [{TRANSFER_BYTES[page.name]:,}]"
        script = f"{page.script_bytes:,} [{SCRIPT_BYTES:,}]"
        lines.append(f"{page.plugins:>7,} {page.name:12} {sent:>28}{page.requests:>10}{script:>24}")
    faults = missed(measured)
    lines += ["", *(f"MISSED: {fault}" for fault in faults)] if faults else ["", "Every bar is kept."]
    return "\n".join(lines)


def missed(measured: Sequence[Page]) -> list[str]:
    """Return a sentence for each bar that is not kept."""
    faults = []
    for page in measured:
        here = f"{page.plugins:,} plugins, {page.name}"
        for device, each in page.scores.items():
            low = [f"{name} {score:g}" for name, score in each.items() if score < LEAST]
            faults += [f"{here}, {device}: {score}, at least {LEAST}" for score in low]
        if page.transferred_bytes > TRANSFER_BYTES[page.name]:
            faults.append(f"{here}: {page.transferred_bytes:,} bytes, at most {TRANSFER_BYTES[page.name]:,}")
        if page.script_bytes > SCRIPT_BYTES:
            faults.append(f"{here}: {page.script_bytes:,} bytes of script, at most {SCRIPT_BYTES:,}")
    return faults


def say(words: str) -> None:
    """Tell how far things are."""
    print(f"bench: {words}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
