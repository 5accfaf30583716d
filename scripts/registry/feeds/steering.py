"""What steers installations, from hand-written files and from what the build computes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.feeds.plugins import Listed
from registry.host import notices_and_blocklist as steering
from registry.host.handwritten_yaml import EntryFault, HandWritten, HandWrittenError, read_handwritten
from registry.text import json_schemas
from registry.text.problems import Problem

EMPTY: Mapping[str, Any] = {"notices": (), "update_check_overlays": {}, "update_check_overlays_py2": {}}
"""What stands for a file of which nothing can be read. Not for the blocklist: an empty one would lift every
block within hours, while the last published one stays where nothing is published."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """The hand-written files, read as far as they can be."""

    files: Mapping[str, HandWritten]
    """By name without `.yml`."""
    faults: Sequence[EntryFault] = ()
    """Of files that cannot be read at all."""


def read_written(data: Path) -> Written:
    """Return the hand-written files in the folder. Raises HandWrittenError for an unreadable blocklist."""
    files: dict[str, HandWritten] = {}
    faults: list[EntryFault] = []
    for name in steering.READERS:
        path = data / f"{name}.yml"
        try:
            files[name] = read_handwritten(path)
        except HandWrittenError as error:
            if name not in EMPTY:
                raise
            files[name] = HandWritten(path=str(path))
            faults += [EntryFault(plugin="", problem=problem) for problem in error.problems]
    return Written(files=files, faults=faults)


def steering_feeds(
    written: Written, listed: Sequence[Listed], ids: Iterable[str]
) -> tuple[dict[str, Any], list[EntryFault]]:
    """Return the feeds by name, and what is wrong with entries that are left out; `ids` are all registered.

    Raises HandWrittenError when the blocklist means nothing.
    """
    faults = list(written.faults)
    known = frozenset(ids)

    def read(name: str) -> Any:
        try:
            content, found = steering.READERS[name](written.files[name], known)
        except HandWrittenError as error:
            if name not in EMPTY:
                raise
            content, found = EMPTY[name], [EntryFault(plugin="", problem=each) for each in error.problems]
        faults.extend(found)
        return content

    notices = list(read("notices"))
    abandonments = {item.entry["id"]: item.document.data.get("abandonment") for item in listed}
    notices += steering.abandonment_notices(abandonments, notices)
    blocklist = steering.blocklist_feed(read("blocklist"))
    pythons = {item.entry["id"]: item.entry["compatibility"]["python"] for item in listed}
    feeds = {
        "notices.json": steering.notices_feed(notices),
        "blocklist.json": blocklist,
        "blacklist.json": blocklist,
        "update_check_overlay.json": steering.overlay_feed(read("update_check_overlays")),
        "update_check_overlay_py2.json": steering.python_2_overlay_feed(
            read("update_check_overlays_py2"), pythons
        ),
    }
    return {name: _fitting(name, content, faults) for name, content in feeds.items()}, faults


def _fitting(name: str, content: Any, faults: list[EntryFault]) -> Any:
    """Return the feed without what its schema refuses, which the rules before should have found."""
    validator = json_schemas.validator(json_schemas.OF_FEED[name])
    if validator.is_valid(content):
        return content
    bad: dict[Any, str] = {}
    for error in validator.iter_errors(content):
        if error.instance_path:
            bad.setdefault(error.instance_path[0], error.message)
    for key, message in bad.items():
        plugin = content[key]["plugin"] if isinstance(content, list) else key
        sentence = f"the feed's schema refuses the entry of {plugin!r}: {message}"
        problem = Problem(file=name, line=1, key=str(key), level="error", code="schema", message=sentence)
        faults.append(EntryFault(plugin=plugin, problem=problem))
    if isinstance(content, list):
        return [entry for place, entry in enumerate(content) if place not in bad]
    return {key: entry for key, entry in content.items() if key not in bad}
