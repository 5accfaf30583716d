"""Putting a set of feeds on disk: all of it or nothing, and nothing when nothing changed."""

import json
import os
import shutil
from pathlib import Path
from typing import Any

from registry.feeds.api import INDEX
from registry.feeds.build import Feeds
from registry.feeds.statistics import PATH as STATISTICS

TIMED = (INDEX, STATISTICS)
"""Files that tell when they were made."""


class NotOurs(ValueError):
    """The folder to write holds something else than feeds; it is left alone."""


def publish(feeds: Feeds, out: Path) -> bool:
    """Replace the folder `out` by the feeds; return False when it holds the same already.

    The set is written beside it and changes places with it by two renames, so that a crash leaves the last
    set or the new one: what the next call finds of an interrupted one, it mends. Two sets that differ only in
    the time of their making are the same. Raises NotOurs for a folder that this did not write.
    """
    out = out.resolve()  # a rename needs a name, and `.` has none
    fresh, last = out.with_name(f".{out.name}.new"), out.with_name(f".{out.name}.old")
    if last.exists() and not out.exists():
        last.rename(out)
    for leftover in (fresh, last):
        shutil.rmtree(leftover, ignore_errors=True)
    if out.exists() and any(out.iterdir()) and not (out / INDEX).is_file():
        raise NotOurs(f"{out} holds no feeds; name another folder by --out, or empty it")
    if _same(feeds, out):
        return False
    _write(feeds, fresh)
    if out.exists():
        out.rename(last)
    fresh.rename(out)
    shutil.rmtree(last, ignore_errors=True)
    return True


def _write(feeds: Feeds, folder: Path) -> None:
    for parent in sorted({(folder / name).parent for name in feeds.files}):
        parent.mkdir(parents=True, exist_ok=True)
    root = str(folder)
    for name, content in feeds.files.items():
        with open(f"{root}/{name}", "wb") as file:
            file.write(content)


def _same(feeds: Feeds, out: Path) -> bool:
    if not out.is_dir():
        return False
    root = str(out)
    there = {
        f"{folder}/{name}"[len(root) + 1 :].replace(os.sep, "/")
        for folder, _, names in os.walk(root)
        for name in names
    }
    if there != set(feeds.files):
        return False
    for name, content in feeds.files.items():
        with open(f"{root}/{name}", "rb") as file:
            found = file.read()
        if found != content and (name not in TIMED or _timeless(found) != _timeless(content)):
            return False
    return True


def _timeless(raw: bytes) -> Any:
    try:
        content = json.loads(raw)
    except ValueError:
        return None
    return {**content, "generated_at": ""} if isinstance(content, dict) else None
