"""What steers installations: notices, the blocklist, and overlays of their update checks.

People write these under `_data`. A fault stops the whole feed: installations obey it within hours, and what
one of them cannot read takes every other entry away as well.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

from packaging.specifiers import SpecifierSet
from pydantic import BaseModel, ValidationError

from registry.host.handwritten_entries import Block, Notice, Overlay, plugin_id
from registry.host.handwritten_yaml import HandWritten, HandWrittenError, read_handwritten
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


def read_notices(file: HandWritten, ids: Iterable[str] = ()) -> list[Notice]:
    """Return the notices of `_data/notices.yml`; `ids` are those of listed plugins.

    Raises HandWrittenError with every fault.
    """
    notices, problems = _read_list(file, Notice, ids)
    first: dict[tuple[str, datetime], int] = {}
    for index, notice in notices.items():
        twin = first.setdefault((notice.plugin, notice.date), index)
        if twin != index:
            message = (
                f"has the same date as {twin} for the same plugin, so reading one would hide the other; "
                "change the time by a minute"
            )
            problems.append(file.problem((index, "date"), "same-date", message))
    return _all_or_nothing(list(notices.values()), problems)


def read_blocks(file: HandWritten, ids: Iterable[str] = ()) -> list[Block]:
    """Return the entries of `_data/blocklist.yml`. Raises HandWrittenError with every fault."""
    blocks, problems = _read_list(file, Block, ids)
    return _all_or_nothing(list(blocks.values()), problems)


def read_overlays(file: HandWritten, ids: Iterable[str] = ()) -> dict[str, Overlay]:
    """Return plugin identifier -> overlay of `_data/update_check_overlays*.yml`. Raises HandWrittenError."""
    content = {} if file.content is None else file.content
    if not isinstance(content, dict):
        raise HandWrittenError(
            [file.problem((), "wrong-type", "must map plugin identifiers to keys; see the head of the file")]
        )
    known = _spellings(ids)
    overlays: dict[str, Overlay] = {}
    problems: list[Problem] = []
    for name, value in content.items():
        try:
            key = plugin_id(name)
        except ValueError as error:
            problems.append(file.problem((name,), "id", str(error)))
            continue
        problems += _misspelt(file, (name,), key, known)
        parsed = _parse(file, (name,), Overlay, value, problems)
        if parsed is not None:
            overlays[key] = parsed
    return _all_or_nothing(overlays, problems)


READERS: Mapping[str, Callable[[HandWritten, Iterable[str]], object]] = {
    "notices": read_notices,
    "blocklist": read_blocks,
    "update_check_overlays": read_overlays,
    "update_check_overlays_py2": read_overlays,
}
"""Files of `_data`, without `.yml`, and what reads each."""


def faults_of(path: Path, ids: Iterable[str] = ()) -> list[Problem]:
    """Return every fault of one of the files that `READERS` names; `ids` are those of registered plugins."""
    try:
        READERS[path.stem](read_handwritten(path), ids)
    except HandWrittenError as error:
        return error.problems
    return []


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
) -> tuple[dict[int, Steered], list[Problem]]:
    content = [] if file.content is None else file.content
    if not isinstance(content, list):
        raise HandWrittenError(
            [file.problem((), "wrong-type", "must be a list of entries, each begun by `- plugin: …`")]
        )
    known = _spellings(ids)
    entries: dict[int, Steered] = {}
    problems: list[Problem] = []
    for index, value in enumerate(content):
        parsed = _parse(file, (index,), model, value, problems)
        if parsed is not None:
            problems += _misspelt(file, (index, "plugin"), parsed.plugin, known)
            entries[index] = parsed
    return entries, problems


Parsed = TypeVar("Parsed", bound=BaseModel)
_CODES: Mapping[str, Code] = {
    "missing": "missing-key",
    "extra_forbidden": "unknown-key",
    "value_error": "bad-value",
}


def _parse(
    file: HandWritten, keys: tuple[str | int, ...], model: type[Parsed], value: Any, problems: list[Problem]
) -> Parsed | None:
    if not isinstance(value, dict):
        message = "must hold keys and values; see the head of the file"
        problems.append(file.problem(keys, "wrong-type", message))
        return None
    try:
        return model.model_validate(value)
    except ValidationError as error:
        for fault in error.errors():
            path = (*keys, *fault["loc"])
            problems.append(
                file.problem(path, _CODES.get(fault["type"], "wrong-type"), _sentence(fault, model))
            )
    return None


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


def _misspelt(
    file: HandWritten, keys: tuple[str | int, ...], name: str, known: Mapping[str, set[str]]
) -> list[Problem]:
    """Identifiers count with their case; a listed plugin in another spelling would never be reached."""
    spellings = known.get(name.casefold(), {name})
    if name in spellings:
        return []
    message = f"{name!r} reaches nobody, since case counts; write {min(spellings)!r}"
    return [file.problem(keys, "wrong-case", message)]


Read = TypeVar("Read")


def _all_or_nothing(content: Read, problems: list[Problem]) -> Read:
    if problems:
        raise HandWrittenError(sorted(problems, key=lambda problem: (problem.line, problem.key)))
    return content
