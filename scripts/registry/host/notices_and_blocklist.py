"""What steers installations: notices, the blocklist, and overlays of their update checks.

People write these under `_data`. Each entry is judged by itself: what an installation cannot read would take
every other entry away as well, so it is left out and reported. But a block never goes in silence: one in
another spelling is applied to the right plugin, and a blocklist of which nothing can be read stops the build.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from packaging.specifiers import SpecifierSet
from pydantic import BaseModel, ValidationError

from registry.host.handwritten_entries import Block, Entry, Notice, Overlay, plugin_id
from registry.host.handwritten_yaml import (
    EntryFault,
    HandWritten,
    HandWrittenError,
    KeyPath,
    read_handwritten,
)
from registry.text.feed_text import plain
from registry.text.problems import Code, Problem

PYTHON_2_STOP: Mapping[str, Any] = {"compatible": False, "disabled": True}
"""Overlay under which an installation neither offers an update nor lets one through."""

ABANDONED = (
    "This plugin has been marked as abandoned: nobody maintains it any more, so expect neither updates nor "
    "help. What you have installed stays as it is, and may stop working with a new version of what it runs "
    "on. If you would like to take it over, follow the link and offer to adopt it."
)
"""What users of a plugin are told once its maintainer has given it up. Nothing of the plugin's is in it."""

Steered = TypeVar("Steered", Notice, Block)
Read = tuple[Any, list[EntryFault]]


def read_notices(file: HandWritten, ids: Iterable[str] = ()) -> tuple[list[Notice], list[EntryFault]]:
    """Return the notices of `_data/notices.yml`, and what is wrong with others.

    `ids` are those of registered plugins. Raises HandWrittenError where the whole is no list.
    """
    read, copies, faults = _read_list(file, Notice, ids)
    notices: dict[tuple[str, datetime], tuple[int, Notice]] = {}
    for index, notice in read:
        twin, _ = notices.setdefault((notice.plugin, notice.date), (index, notice))
        if twin != index:
            message = (
                f"has the same date as {twin} for the same plugin, so reading one would hide the other; "
                "change the time by a minute"
            )
            problem = file.problem((index, "date"), "same-date", message)
            faults.append(EntryFault(plugin=notice.plugin, problem=problem))
    for notice in copies:
        notices.setdefault((notice.plugin, notice.date), (-1, notice))
    return [notice for _, notice in notices.values()], _in_order(faults)


def read_blocks(file: HandWritten, ids: Iterable[str] = ()) -> tuple[list[Block], list[EntryFault]]:
    """Return the entries of `_data/blocklist.yml`, and what is wrong with others.

    Raises HandWrittenError where the whole is no list, or where entries stand and none of them can be read:
    an empty blocklist would lift every block at once.
    """
    read, copies, faults = _read_list(file, Block, ids)
    if faults and not read:
        raise HandWrittenError([fault.problem for fault in _in_order(faults)])
    blocks: list[Block] = []
    for block in (*(block for _, block in read), *copies):
        if block not in blocks:
            blocks.append(block)
    return blocks, _in_order(faults)


def read_overlays(file: HandWritten, ids: Iterable[str] = ()) -> tuple[dict[str, Overlay], list[EntryFault]]:
    """Return the overlays of `_data/update_check_overlays*.yml` by plugin, and what is wrong with others.

    Raises HandWrittenError where the whole is no mapping.
    """
    content = {} if file.content is None else file.content
    if not isinstance(content, dict):
        message = "must map plugin identifiers to keys; see the head of the file"
        raise HandWrittenError([file.problem((), "wrong-type", message)])
    known = _spellings(ids)
    overlays: dict[str, Overlay] = {}
    faults = list(file.unread)
    for name, value in content.items():
        try:
            key = plugin_id(name)
        except ValueError as error:
            faults.append(EntryFault(plugin="", problem=file.problem((name,), "id", str(error))))
            continue
        parsed = _parse(file, (name,), Overlay, value, key, faults)
        names = _reached(file, (name,), key, known, faults)
        if parsed is not None:
            overlays |= {each: parsed for each in names if each == key or each not in content}
    return overlays, _in_order(faults)


READERS: Mapping[str, Callable[[HandWritten, Iterable[str]], Read]] = {
    "notices": read_notices,
    "blocklist": read_blocks,
    "update_check_overlays": read_overlays,
    "update_check_overlays_py2": read_overlays,
}
"""Files of `_data`, without `.yml`, and what reads each."""


def faults_of(path: Path, ids: Iterable[str] = ()) -> list[Problem]:
    """Return every fault of one of the files that `READERS` names; `ids` are those of registered plugins."""
    try:
        _, faults = READERS[path.stem](read_handwritten(path), ids)
    except HandWrittenError as error:
        return error.problems
    return [fault.problem for fault in faults]


def names_in(path: Path) -> dict[str, int]:
    """Return the identifiers that one of the files of `READERS` is about, each with its first line."""
    try:
        file = read_handwritten(path)
    except HandWrittenError:
        return {}
    named: dict[str, int] = {}
    match file.content:
        case list():
            for index, entry in enumerate(file.content):
                if isinstance(entry, dict):
                    named.setdefault(plain(entry.get("plugin")), file.line_of((index, "plugin")))
        case dict():
            named = {name: file.line_of((name,)) for name in file.content}
    return {name: line for name, line in named.items() if name}


def notices_feed(notices: Sequence[Notice]) -> list[dict[str, Any]]:
    """Return `/notices.json`, oldest first; `notices` may come from people and from computation alike."""
    ordered = sorted(notices, key=lambda notice: (notice.date, notice.plugin))
    return [notice.published() for notice in ordered]


def abandonment_notices(abandonments: Mapping[str, Any], written: Iterable[Notice]) -> list[Notice]:
    """Return a notice for each plugin that was given up, dated by the thread in which that was declared.

    `abandonments` maps plugin identifiers to the computed key `abandonment` of their front matter, or to
    None. What people wrote of a plugin with the same link, or of the same moment, stands instead.
    """
    by_hand: dict[str, list[Notice]] = {}
    for notice in written:
        by_hand.setdefault(notice.plugin, []).append(notice)
    notices = []
    for key, value in abandonments.items():
        try:
            match value:
                case {"url": str(url), "date": when}:
                    told = {"plugin": key, "date": when, "text": ABANDONED, "link": url}
                    notice = Notice.model_validate(told)
                case _:
                    continue
        except ValidationError:
            continue  # only the build writes this key: this one is none of its own, and tells nothing
        own = by_hand.get(key, ())
        if not any(_same_page(notice.link, other.link) or notice.date == other.date for other in own):
            notices.append(notice)
    return notices


def _same_page(one: str | None, other: str | None) -> bool:
    """Tell whether two addresses lead to one page, wherever on it."""
    return one is not None and other is not None and _page(one) == _page(other)


def _page(url: str) -> str:
    bare = url.partition("#")[0].partition("?")[0].rstrip("/").lower()
    return re.sub(r"^https?://(?:www\.)?", "", bare)


def blocklist_feed(blocks: Sequence[Block]) -> list[dict[str, Any]]:
    """Return `/blocklist.json`, by plugin."""
    return [block.published() for block in sorted(blocks, key=lambda block: block.plugin)]


def overlay_feed(overlays: Mapping[str, Overlay]) -> dict[str, Any]:
    """Return `/update_check_overlay.json`, by plugin."""
    return {key: overlays[key].published() for key in sorted(overlays)}


def python_2_overlay_feed(overlays: Mapping[str, Overlay], python_by_id: Mapping[str, str]) -> dict[str, Any]:
    """Return `/update_check_overlay_py2.json`.

    Every plugin whose Python specifier in `python_by_id` excludes 2.7 is stopped, unless people listed it.
    """
    stopped = {key: dict(PYTHON_2_STOP) for key, text in python_by_id.items() if excludes_python_2(text)}
    feed = stopped | overlay_feed(overlays)
    return {key: feed[key] for key in sorted(feed)}


@lru_cache(maxsize=4096)
def excludes_python_2(specifier: str) -> bool:
    """Tell whether no Python 2.7 fits `specifier`, from 2.7.0 to 2.7.18, the last there was."""
    accepts = SpecifierSet(specifier)
    return not any(accepts.contains(f"2.7.{patch}", prereleases=True) for patch in range(19))


def _read_list(
    file: HandWritten, model: type[Steered], ids: Iterable[str]
) -> tuple[list[tuple[int, Steered]], list[Steered], list[EntryFault]]:
    """Return the entries with their places in the file, and copies for other spellings of their plugins."""
    content = [] if file.content is None else file.content
    if not isinstance(content, list):
        message = "must be a list of entries, each begun by `- plugin: …`"
        raise HandWrittenError([file.problem((), "wrong-type", message)])
    known = _spellings(ids)
    entries: list[tuple[int, Steered]] = []
    copies: list[Steered] = []
    faults = list(file.unread)
    for index, value in enumerate(content):
        written = plain(value.get("plugin")) if isinstance(value, dict) else ""
        parsed = _parse(file, (index,), model, value, written, faults)
        if parsed is not None:
            entries.append((index, parsed))
            for name in _reached(file, (index, "plugin"), parsed.plugin, known, faults):
                if name != parsed.plugin:
                    copies.append(parsed.model_copy(update={"plugin": name}))
    return entries, copies, faults


Parsed = TypeVar("Parsed", bound=Entry)
_CODES: Mapping[str, Code] = {
    "missing": "missing-key",
    "extra_forbidden": "unknown-key",
    "value_error": "bad-value",
}


def _parse(
    file: HandWritten,
    keys: KeyPath,
    model: type[Parsed],
    value: Any,
    plugin: str,
    faults: list[EntryFault],
) -> Parsed | None:
    """Return an entry, None where it means nothing; what is wrong with it is added to `faults`."""
    if not isinstance(value, dict):
        message = "must hold keys and values; see the head of the file"
        faults.append(EntryFault(plugin=plugin, problem=file.problem(keys, "wrong-type", message)))
        return None
    bad: set[str] = set()
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for fault in error.errors():
            code = _CODES.get(fault["type"], "wrong-type")
            problem = file.problem((*keys, *fault["loc"]), code, _sentence(fault, model))
            faults.append(EntryFault(plugin=plugin, problem=problem))
            bad.add(str(fault["loc"][0]) if fault["loc"] else "")
    if not bad <= model.ornaments:
        return None
    return model.model_validate({key: item for key, item in value.items() if key not in bad})


def _sentence(fault: Any, model: type[BaseModel]) -> str:
    match fault["type"]:
        case "value_error":
            return str(fault["ctx"]["error"])
        case "missing":
            return "is missing"
        case "extra_forbidden":
            allowed = ", ".join(model.model_fields) if len(fault["loc"]) == 1 else "name, branch, commitish"
            return f"is no key here; there are {allowed}"
        case "bool_type":
            return f"{fault['input']!r} is neither true nor false"
        case _:
            return f"{fault['msg'][0].lower()}{fault['msg'][1:]}, not {fault['input']!r}"


def _spellings(ids: Iterable[str]) -> dict[str, set[str]]:
    spellings: dict[str, set[str]] = {}
    for key in ids:
        spellings.setdefault(key.casefold(), set()).add(key)
    return spellings


def _reached(
    file: HandWritten,
    keys: KeyPath,
    name: str,
    known: Mapping[str, set[str]],
    faults: list[EntryFault],
) -> list[str]:
    """Return the identifiers that an entry for `name` is published under.

    Case counts for an installation, so an entry in another spelling than the registered one would not reach
    it. It is published under both: of the written one there may be installations, too.
    """
    spellings = known.get(name.casefold(), {name})
    if name in spellings:
        return [name]
    right = min(spellings)
    message = (
        f"{name!r} is registered as {right!r}, and upper and lower case count; write {right!r}; until then "
        "the entry holds for both"
    )
    faults.append(EntryFault(plugin=right, problem=file.problem(keys, "wrong-case", message)))
    return [name, *sorted(spellings)]


def _in_order(faults: list[EntryFault]) -> list[EntryFault]:
    return sorted(faults, key=lambda fault: (fault.problem.line, fault.problem.key))
