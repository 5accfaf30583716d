"""The main job: registrations and state in, enriched front matter, new state and report out."""

import asyncio
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from registry.enrich.copies import write_copies
from registry.enrich.merge import merge_all
from registry.enrich.report import build_report, error_lines, stale_lines, summary
from registry.enrich.totals import totals
from registry.facts import history_update
from registry.facts.admission import admit, admit_totals, settle
from registry.facts.history import History
from registry.facts.model import SOURCE_KINDS, Facts, Kind, Missing, SourceRun
from registry.facts.state import (
    NewerStateError,
    State,
    StateError,
    expected,
    learn,
    over,
    publish,
    read_state,
    write_state,
)
from registry.github.access import Access
from registry.net.clock import AHEAD
from registry.net.http import Traffic
from registry.quarantine.build_report import add_errors, write_report
from registry.quarantine.left_out import INTERNAL, LeftOut, left_out
from registry.quarantine.loss import refusal
from registry.quarantine.sift import sift
from registry.registration.load import load_registrations
from registry.registration.model import Registration
from registry.settings import Settings
from registry.sources.collect import Collected, collect
from registry.system.progress import say
from registry.text.problems import Problem, as_annotation, as_text
from registry.text.unforeseen import whence

LONGEST_PLACE = 200
"""Characters of a folder's name in the state."""


class UsageError(ValueError):
    """Options that make no sense; the message says which and what to do."""


class RefusedError(Exception):
    """Publishing would be wrong; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What `scripts/enrich.py` is told."""

    plugins: Path
    out: Path
    state: Path
    only: Sequence[str] = ()
    offline: bool = False
    report: Path | None = None
    accept_loss: bool = False
    accept_usage: bool = False
    accept_repository: Sequence[str] = ()
    """Plugins whose repository is another one than before, by id, and shall be taken over."""


def enrich(options: Options, settings: Settings, environment: Mapping[str, str], now: datetime) -> None:
    """Do the whole job. Raises UsageError, and RefusedError after which the last output and state stand."""
    _check_folders(options)
    access = Access.from_environment(environment)
    known = _restore(options.state, settings)
    loaded = load_registrations(options.plugins, access.server_url, published=known.listed)
    registrations = loaded.registrations
    for problem in loaded.problems:
        if problem.level == "error":
            say(as_text(problem))
    asked = _only(registrations, options.only)
    accepted = _named(registrations, options.accept_repository, "--accept-repository")
    ids = tuple(registration.id for registration in registrations)
    place = place_of(options.plugins)
    refused = _refusal(ids, known, place, settings, options)
    behind = _clock_fault(known, now, options.state)
    now = known.generated_at if behind and known.generated_at else now  # no age is reckoned by a wrong clock
    if refused or options.offline or behind:
        reason = "nothing will be published" if refused else behind
        collected = _nothing("asked not to" if options.offline else reason)
    else:
        say(f"enrich: {len(registrations)} registrations from {options.plugins}")
        collected = asyncio.run(
            collect(
                asked,
                known,
                settings,
                access,
                now,
                everyone=ids,
                accept_usage=options.accept_usage,
                accept_repositories=[one.id for one in accepted],
            )
        )
    runs, dropped = admit(known, collected.runs, now)
    collected = replace(collected, runs=runs)
    after = publish(learn(known, runs, now), ids, place, now, settings.limits.keep_unlisted_days)
    after, unfit = settle(after)
    for line in stale_lines(collected.runs, registrations, after.plugins):
        say(f"enrich: {line}")
    for line in error_lines(collected.runs):
        say(f"enrich: error: {line}")
    made = None
    if not refused:
        made = _made(registrations, after, collected, settings, now)
        refused = _too_many(made, len(registrations), settings, options)
    report = build_report(
        registrations, loaded.problems, loaded.left_out, collected, known, after, now, refused
    )
    dropped += unfit
    if made and not refused:
        after = replace(after, history=made.history)
        dropped += made.left_out
        dropped += write_copies(options.out, made.registrations, made.front_matter, after, now)
        write_state(options.state, after)
    dropped = _placed(dropped, registrations)
    _warn(dropped, options.state, on_actions=environment.get("GITHUB_ACTIONS") == "true")
    entries = [each.entry for each in loaded.refused] + dropped
    report = add_errors(report, ("registration", "source"), entries)
    _write_report(report, options.report, environment.get("GITHUB_STEP_SUMMARY"))
    if refused:
        raise RefusedError(refused)
    say(_last_line(report))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Made:
    """What is made of the registrations and the facts."""

    registrations: Sequence[Registration]
    """Those that it could be made of."""
    front_matter: Mapping[str, Mapping[str, Any]]
    """By plugin id, enriched."""
    history: History
    left_out: list[LeftOut]


def _made(
    registrations: Sequence[Registration],
    state: State,
    collected: Collected,
    settings: Settings,
    now: datetime,
) -> _Made:
    """Return what is made of all. A plugin of whose facts nothing can be made is published without them.

    It is left out only where nothing can be made of its registration either. The state keeps the facts.
    """
    bare: dict[str, Exception] = {}

    def make(some: Sequence[Registration]) -> _Made:
        facts = {one.id: {} if one.id in bare else state.plugins.get(one.id, {}) for one in some}
        merged = _merged(some, facts, collected, settings, now)
        history, dropped = _remembered(some, facts, state, merged, settings, now)
        return _Made(registrations=some, front_matter=merged, history=history, left_out=dropped)

    made, spoilt = sift(make, registrations)
    if not spoilt:
        return made
    bare = {one.id: error for one, error in spoilt}
    made, hopeless = sift(make, registrations)
    lost = {one.id: error for one, error in hopeless}
    entries = [_not_merged(plugin_id, lost.get(plugin_id), error) for plugin_id, error in bare.items()]
    return replace(made, left_out=made.left_out + entries)


def _not_merged(plugin_id: str, error: Exception | None, of_facts: Exception) -> LeftOut:
    """Return that a plugin is left out for an `error`, or where there is none, its facts for theirs."""
    what, why = ("cannot be enriched", error) if error else ("its facts are left out", of_facts)
    reason = f"{what} ({whence(why)}); report this as a fault of Almanac"
    return left_out(plugin_id, "registration" if error else "source", INTERNAL, reason)


def _too_many(made: _Made, of: int, settings: Settings, options: Options) -> str:
    """Return why so much could not be merged that the fault is not the plugins', "" when it is right."""
    lost = {entry.plugin for entry in made.left_out if entry.code == INTERNAL}
    if len(lost) == of:
        return f"nothing of {of} plugins can be merged; report this as a fault of Almanac"
    limits = settings.limits
    reason = refusal(lost, of, percent=limits.max_loss_percent, count=limits.max_loss_count)
    return "" if options.accept_loss else reason


def _merged(
    registrations: Sequence[Registration],
    facts: Mapping[str, Facts],
    collected: Collected,
    settings: Settings,
    now: datetime,
) -> dict[str, dict[str, Any]]:
    return merge_all(
        registrations,
        facts,
        now=now,
        stale_after=timedelta(hours=settings.limits.stale_after_h),
        failed={registration.id: _failed(registration.id, collected.runs) for registration in registrations},
        prefer=settings.compatibility.prefer,
    )


def _remembered(
    registrations: Sequence[Registration],
    facts: Mapping[str, Facts],
    state: State,
    merged: Mapping[str, Mapping[str, Any]],
    settings: Settings,
    now: datetime,
) -> tuple[History, list[LeftOut]]:
    """Return the history with today's point, if a source answered today, and what that lacks."""
    if not history_update.was_heard(facts.values(), now):
        return state.history, []
    stale_after = timedelta(hours=settings.limits.stale_after_h)
    known = {key: history_update.figures(each, now, stale_after) for key, each in facts.items()}
    today = history_update.day_of(now)
    history = history_update.grow(state.history, {key: row for key, row in known.items() if row}, today)
    whole, dropped = admit_totals(totals(registrations, facts, merged, known, settings, now))
    return history_update.tally(history, state.registrations, whole, today), dropped


def _placed(entries: Sequence[LeftOut], registrations: Sequence[Registration]) -> list[LeftOut]:
    """Return what was dropped with the registration that it is about."""
    by_id = {registration.id: registration for registration in registrations}
    return [
        replace(entry, slug=about.slug, file=about.path, source=about.source)
        if (about := by_id.get(entry.plugin))
        else entry
        for entry in entries
    ]


def _warn(dropped: Sequence[LeftOut], state: Path, *, on_actions: bool) -> None:
    """Show what was dropped, on GitHub Actions as annotations. `make validate` annotates registrations."""
    for entry in dropped:
        problem = Problem(
            file=entry.file or state.as_posix(),
            line=entry.line,
            key="",
            level="warning",
            code=entry.code,
            message=entry.message,
        )
        if on_actions:
            print(as_annotation(problem), file=sys.stderr)
        else:
            say(as_text(problem))


def _failed(plugin_id: str, runs: Sequence[SourceRun]) -> frozenset[Kind]:
    """Return the kinds of facts that were asked for and did not come for this plugin."""
    return frozenset(
        run.kind
        for run in runs
        if run.asked and (isinstance(run.found.get(plugin_id), Missing) or (run.trouble and not run.found))
    )


def _check_folders(options: Options) -> None:
    if not options.plugins.is_dir():
        raise UsageError(f"--plugins {options.plugins}: is no folder")
    plugins, out = options.plugins.resolve(), options.out.resolve()
    if out == plugins or plugins in out.parents or out in plugins.parents:
        raise UsageError(
            f"--out {options.out}: must lie apart from the registrations, which are never written"
        )
    if options.out.exists() and not options.out.is_dir():
        raise UsageError(f"--out {options.out}: is no folder")


def _only(registrations: Sequence[Registration], only: Sequence[str]) -> Sequence[Registration]:
    """Return the registrations whose sources are asked: all, or those named by id or file name."""
    return _named(registrations, only, "--only") if only else registrations


def _named(
    registrations: Sequence[Registration], names: Sequence[str], option: str
) -> Sequence[Registration]:
    """Return the registrations that `option` names, by id or file name. Raises UsageError."""
    known = {name for registration in registrations for name in (registration.id, registration.slug)}
    if unknown := sorted(set(names) - known):
        raise UsageError(f"{option} {unknown[0]}: no such plugin among the registrations")
    return [
        registration for registration in registrations if {registration.id, registration.slug} & set(names)
    ]


def _restore(path: Path, settings: Settings) -> State:
    """Return the last state, its gaps filled from the committed baseline.

    A state that cannot be read is kept aside and replaced by the baseline. Raises RefusedError when there
    was a state and nothing can stand in for it: nothing can for one that a newer Almanac wrote.
    """
    baseline, trouble = None, ""
    if settings.baseline:
        try:
            baseline = read_state(settings.root / settings.baseline)
        except FileNotFoundError:
            trouble = f"{settings.baseline}: is not there"
        except StateError as error:
            trouble = str(error)
            say(f"enrich: the baseline is not used: {error}")
    try:
        state = read_state(path)
    except FileNotFoundError:
        return baseline or State()
    except NewerStateError as error:
        afresh = f" from {settings.baseline}" if baseline else ""
        raise RefusedError(f"{error}, or delete {path} to start afresh{afresh}") from None
    except StateError as error:
        if baseline is None:
            raise RefusedError(
                f"the state is unreadable ({error}) and there is no baseline ({trouble or 'none is set'}); "
                f"restore {path} or delete it to start afresh"
            ) from None
        aside = path.with_name(f"{path.name}.refused")
        path.replace(aside)
        say(f"enrich: {error}; kept as {aside}, going on from {settings.baseline}")
        return baseline
    return over(baseline, state) if baseline else state


def _refusal(ids: Sequence[str], known: State, place: str, settings: Settings, options: Options) -> str:
    """Return why publishing would be wrong, "" when it is right."""
    if not ids:
        return f"no registrations in {options.plugins}"
    last = expected(known, tuple(ids), place)
    limits = settings.limits
    reason = refusal(
        set(last).difference(ids), len(last), percent=limits.max_loss_percent, count=limits.max_loss_count
    )
    if not reason or options.accept_loss:
        return ""
    return (
        f"{reason} of those published last time; mend their registrations, or pass --accept-loss when they "
        "were meant to go"
    )


def _clock_fault(known: State, now: datetime, path: Path) -> str:
    """Return in words that our clock is behind, "" when it is not: all that is learned bears its time."""
    made = known.generated_at
    if made is None or made - now <= AHEAD:
        return ""
    return (
        f"the clock of this machine says {now:%Y-%m-%d %H:%M} UTC, {path} was made {made:%Y-%m-%d %H:%M}: "
        "set the clock; where it is right, delete that file or restore it (scripts/restore.py)"
    )


def place_of(folder: Path) -> str:
    """Return the registrations' folder as the state names it: as a path from here, or by name and digest.

    The state is published, so a path of this machine has no place in it, and none that it could not hold.
    """
    resolved = folder.resolve()
    if resolved.is_relative_to(Path.cwd()):
        path = resolved.relative_to(Path.cwd()).as_posix()
        if len(path) <= LONGEST_PLACE and path == _as_text(path):
            return path
    return f"{_as_text(resolved.name[:LONGEST_PLACE])} {sha256(os.fsencode(resolved)).hexdigest()[:12]}"


def _as_text(path: str) -> str:
    """Return a path with a question mark for each byte of a name that is not UTF-8."""
    return path.encode("utf-8", "replace").decode()


def _nothing(reason: str) -> Collected:
    return Collected(
        runs=tuple(SourceRun(kind=kind, found={}, trouble=reason, asked=False) for kind in SOURCE_KINDS),
        traffic=Traffic(),
        seconds={},
    )


def _write_report(report: dict[str, Any], path: Path | None, step_summary: str | None) -> None:
    if path:
        write_report(path, report)
    if step_summary:
        with Path(step_summary).open("a", encoding="utf-8", errors="replace") as file:
            file.write(summary(report))


def _last_line(report: dict[str, Any]) -> str:
    counts, traffic = report["counts"], report["traffic"]
    line = f"enrich: {counts['published']} plugins enriched"
    if traffic["requests"]:
        line += f" with {traffic['requests']} requests"
    if counts["left_out"]:
        line += f", {counts['left_out']} left out"
    if report["contradictions"]:
        line += f", {len(report['contradictions'])} with a Python range that the source contradicts"
    return line
