"""What comes of a built site's faults: left out, refused as a whole, or only reported. Pure functions."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from registry.quarantine.loss import refusal
from registry.settings import Limits
from registry.site_check.check import Fault, Kind
from registry.site_check.feeds import REQUIRED

HARMLESS: frozenset[Kind] = frozenset(("dead-link", "picture"))
"""What costs a plugin nothing: a link may be dead since another plugin went, and nobody goes with another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """The faults, by what comes of them."""

    pages: dict[str, list[Fault]] = field(default_factory=dict)
    """File name of a registration without `.md` -> why its page becomes a short one."""
    files: dict[str, list[Fault]] = field(default_factory=dict)
    """Path below the site's root of another file of one plugin -> why it is taken out."""
    refusals: list[Fault] = field(default_factory=list)
    """Why nothing may be published."""
    reported: list[Fault] = field(default_factory=list)
    """Faults of the site's own parts with which it is published all the same."""
    warnings: list[Fault] = field(default_factory=list)


def judge(faults: Iterable[Fault], slugs: Collection[str]) -> Verdict:
    """Return what comes of the faults of a site that was built of the registrations `slugs`.

    What belongs to one plugin is left out alone. The whole is refused for a page or a feed of our own that is
    missing, for a feed that is empty or invalid, and for anything that was smuggled into a part of our own.
    """
    verdict = Verdict()
    for fault in faults:
        slug = _page_of(fault.file)
        if fault.kind in HARMLESS and (slug is not None or fault.kind == "picture"):
            verdict.warnings.append(fault)
        elif slug is not None and slug in slugs:
            verdict.pages.setdefault(slug, []).append(fault)
        elif fault.kind == "left-out":
            continue  # a registration that was left out before there were pages
        elif slug is not None or _is_of_one_plugin(fault.file):
            verdict.files.setdefault(fault.file, []).append(fault)
        elif _concerns_all(fault):
            verdict.refusals.append(fault)
        else:
            verdict.reported.append(fault)
    return verdict


def refusals(
    verdict: Verdict, slugs: Collection[str], limits: Limits, *, accept_loss: bool = False
) -> list[str]:
    """Return why nothing may be published, none when all but what is left out may.

    `accept_loss`: many plugins may be missing, but not every one.
    """
    why = [f"{fault.file} {fault.message}" for fault in verdict.refusals]
    if slugs and len(verdict.pages) >= len(slugs):
        return [*why, f"not one of {len(slugs)} plugins has its page"]
    lost = verdict.pages.keys() | {plugin_of(file) for file in verdict.files}
    too_many = refusal(lost, len(slugs), percent=limits.max_loss_percent, count=limits.max_loss_count)
    return why if accept_loss or not too_many else [*why, too_many]


def plugin_of(file: str) -> str:
    """Return the id or the slug that a file of one plugin is named after."""
    path = PurePosixPath(file)
    return path.stem if path.parts[0] == "api" else path.parts[1]


def _page_of(file: str) -> str | None:
    """Return the slug at whose address a page stands: a plugin's own, or one that it had before."""
    match file.split("/"):
        case ["plugins", slug, "index.html"]:
            return slug
    return None


def _is_of_one_plugin(file: str) -> bool:
    """Tell whether a file below the API or the badges is about one plugin."""
    match file.split("/"):
        case ["api", "v1", "plugins", name]:
            return name not in {"index.json", "all.json"}
        case ["api", "v1", "history", _] | ["badges", _, _]:
            return True
    return False


def _concerns_all(fault: Fault) -> bool:
    return fault.kind in {"missing", "unsafe", "unreadable"} or (
        fault.kind == "data" and fault.file in REQUIRED
    )
