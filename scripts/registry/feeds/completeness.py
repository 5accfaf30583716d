"""Whether the copies are all there, and whether so much is left out that nothing should be published."""

from collections.abc import Collection
from pathlib import Path

from registry.enrich.copies import made_of
from registry.facts.state import State
from registry.feeds.build import BuildFailed, Feeds
from registry.feeds.enriched_copies import WithoutHistory, problem
from registry.quarantine.left_out import LeftOut, left_out
from registry.quarantine.loss import refusal
from registry.registration.frontmatter import FrontMatterError, parse
from registry.settings import Settings

CODE = "no-copy"


def missing_copies(folder: Path, state: State | None) -> list[LeftOut]:
    """Return the plugins that have no copy in `folder`, and by the state were listed when it was made."""
    listed = _listed(folder, state)
    lost = sorted(listed - _ids(folder, listed)) if listed else []
    cure = "its enriched copy is missing; write all copies anew (make enrich)"
    return [left_out(plugin_id, "feed", CODE, cure) for plugin_id in lost]


def check_loss(folder: Path, feeds: Feeds, missing: Collection[LeftOut], settings: Settings) -> None:
    """Raise BuildFailed when so many plugins are `missing` or left out that the fault is not theirs."""
    limits = settings.limits
    reason = refusal(
        [*(entry.plugin for entry in missing), *feeds.left_out],
        len(missing) + sum(1 for _ in folder.glob("*.md")),
        percent=limits.max_loss_percent,
        count=limits.max_loss_count,
    )
    if reason:
        cures = [
            *(["write the copies anew (make enrich)"] if missing else []),
            *(["mend what is named above"] if feeds.left_out else []),
            "or publish without them (make pages PAGES_FLAGS=--accept-loss)",
        ]
        message = f"{reason}; {', '.join(cures)}"
        whole = problem(folder.as_posix(), "too-many-left-out", message)
        raise BuildFailed([*feeds.problems, whole], [*feeds.errors, *missing])


def _listed(folder: Path, state: State | None) -> frozenset[str]:
    """Return the ids of the build that made the copies: two registries may share a state."""
    if state is None:
        return frozenset()
    place = made_of(folder)
    mine = not place or place == state.registrations
    return frozenset(state.listed if mine else state.elsewhere.get(place, ()))


def _ids(folder: Path, listed: frozenset[str]) -> frozenset[str]:
    """Return the ids that have a copy. Most files bear their plugin's id; the others are read.

    One plugin's file may bear another's id: then each file is read.
    """
    paths = sorted(folder.glob("*.md"))
    named = frozenset(path.stem for path in paths) & listed
    found = named | {_id(path) for path in paths if path.stem not in named}
    return found if listed <= found and len(found) == len(paths) else frozenset(map(_id, paths))


def _id(path: Path) -> str:
    """Return the id in a copy, "" where none can be read."""
    try:
        document = parse(path.read_bytes(), str(path), patient=True, handler=WithoutHistory)
    except (FrontMatterError, OSError):
        return ""
    return str(document.data.get("id"))
