"""Putting a set of feeds on disk: all of it or nothing, and nothing when nothing changed."""

import json
from pathlib import Path
from typing import Any

from registry.feeds.api import INDEX
from registry.feeds.build import Feeds
from registry.feeds.statistics import PATH as STATISTICS
from registry.system.files import mend_folder, replace_folder

TIMED = (INDEX, STATISTICS)
"""Files that tell when they were made."""


class NotOurs(ValueError):
    """The folder to write holds something else than feeds; it is left alone."""


def publish(feeds: Feeds, out: Path) -> bool:
    """Replace the folder `out` by the feeds; return False when it holds the same already.

    Two sets that differ only in the time of their making are the same. Raises NotOurs for a folder that this
    did not write.
    """
    out = out.resolve()
    mend_folder(out)
    if out.exists() and any(out.iterdir()) and not (out / INDEX).is_file():
        raise NotOurs(f"{out} holds no feeds; name another folder by --out, or empty it")
    return replace_folder(out, feeds.files.items(), is_news=_is_news)


def _is_news(name: str, old: bytes, new: bytes) -> bool:
    return name not in TIMED or _timeless(old) != _timeless(new)


def _timeless(raw: bytes) -> Any:
    try:
        content = json.loads(raw)
    except ValueError:
        return None
    return {**content, "generated_at": ""} if isinstance(content, dict) else None
