"""The enriched copies: a folder that is replaced as a whole, and says which registrations it was made of."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import Any

from registry.enrich.merge import history_of
from registry.facts import history_update
from registry.facts.state import State
from registry.quarantine.left_out import INTERNAL, LeftOut, left_out
from registry.registration import frontmatter
from registry.registration.model import Registration
from registry.system.files import mend_folder, replace_folder, write_bytes
from registry.text.unforeseen import whence

MARKER = ".almanac"
"""A file that tells a folder of enriched copies from any other: only such a one is replaced as a whole.

It names the folder of the registrations as the state does."""


def write_copies(
    out: Path,
    registrations: Sequence[Registration],
    merged: Mapping[str, Mapping[str, Any]],
    state: State,
    now: datetime,
) -> list[LeftOut]:
    """Replace the folder of enriched copies as a whole; where it holds something else, write beside that.

    Returns the plugins of which no copy can be made.
    """
    mend_folder(out.resolve())
    lost: list[LeftOut] = []
    copies = _copies(registrations, merged, state, now, lost)
    if (out / MARKER).exists() or not out.exists() or not any(out.iterdir()):
        replace_folder(out, chain([(MARKER, f"{state.registrations}\n".encode())], copies))
    else:
        for name, text in copies:
            write_bytes(out / name, text)
    return lost


def _copies(
    registrations: Sequence[Registration],
    merged: Mapping[str, Mapping[str, Any]],
    state: State,
    now: datetime,
    lost: list[LeftOut],
) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of each copy, one at a time: all histories at once take too much memory.

    So `quarantine.sift` has nothing to halve here: what cannot be written is put into `lost` as it comes.
    """
    today = history_update.day_of(now)
    for registration in registrations:
        data = merged[registration.id]
        try:
            if history := history_of(state.history, registration.id, today):
                data = {**data, "history": history}
            copy = frontmatter.dump(data, registration.body).encode()
        except Exception as error:  # noqa: BLE001 - whatever it is, the others are not to blame
            reason = f"no copy of it can be written ({whence(error)}); report this as a fault of Almanac"
            lost.append(left_out(registration.id, "registration", INTERNAL, reason))
        else:
            yield f"{registration.slug}.md", copy


def made_of(folder: Path) -> str:
    """Return the folder of registrations that these copies were made of, "" where that is not known."""
    try:
        return (folder / MARKER).read_text(encoding="utf-8").strip()
    except (OSError, ValueError):
        return ""
