"""The one comment: what is wrong, what the source says, how the page will look, what to review. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from registry.facts import parse_time
from registry.model import Registration
from registry.problems import Problem
from registry.review.artefact import Artefact
from registry.review.change import Change
from registry.review.checklist import checklist
from registry.review.disagreements import Advice
from registry.review.inspection import MAX_INSPECTED, Source
from registry.review.judgement import Judgement
from registry.review.markdown import MAX_COMMENT, Part, assemble, cell_code, code, fence, link, plain
from registry.review.pull_request import Run
from registry.review.suggestions import Suggestion
from registry.settings import Settings
from registry.sources.compat import Evidence, NoFlag

MARKER = "<!-- almanac: the answer to this pull request -->"
MAX_DIFF_LINES = 24
MAX_PROBLEMS = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Findings:
    """Everything that one comment tells."""

    run: Run
    change: Change
    judgement: Judgement
    settings: Settings
    repository: str
    """`owner/name` of the registry."""
    server_url: str
    sources: Mapping[str, Source] = field(default_factory=dict)
    """By file name without `.md`."""
    advice: Mapping[str, Sequence[Advice]] = field(default_factory=dict)
    suggestions: Sequence[Suggestion] = ()
    artefact: Artefact | None = None
    artefact_fault: str = ""
    """Why there is no artefact."""
    uninspected: Sequence[str] = ()
    """Registrations whose source was not read, because there are too many."""

    @property
    def home(self) -> str:
        """The repository's address."""
        return f"{self.server_url.rstrip('/')}/{self.repository}"

    @property
    def run_url(self) -> str:
        """The page of the check that ran."""
        return f"{self.home}/actions/runs/{self.run.id:d}"


def comment(found: Findings) -> str:
    """Return the comment as Markdown, at most as long as GitHub takes."""
    parts = [
        Part(f"{MARKER}\n{commit_mark(found.change.head)}"),
        Part(verdict(found)),
        *_doubts(found),
        *_faults(found),
        *_advice(found),
        *_sources(found),
        *_pages(found),
        *_checklist(found),
        Part(_foot(found)),
    ]
    return assemble(parts, MAX_COMMENT - 500)


def refusal(head: str, reason: str) -> str:
    """Return the comment on a change that cannot be judged at all."""
    return (
        f"{MARKER}\n{commit_mark(head)}\n\n**This change could not be judged:** {plain(reason)}. Mend that, "
        "or split the change; a maintainer can tell more."
    )


def commit_mark(head: str) -> str:
    """Return the hidden line that tells which commit a comment speaks of."""
    return f"<!-- commit {head} -->"


def verdict(found: Findings) -> str:
    """Return the first sentences."""
    errors = sum(problem.level == "error" for problem in found.judgement.problems)
    warnings = len(found.judgement.problems) - errors
    points = sum(map(len, found.advice.values()))
    if errors:
        also = f" and {_count(warnings, 'hint')}" if warnings else ""
        return (
            f"**{_count(errors, 'error')}{also} to look at.** Each is below with its cure. Push to the same "
            "branch, and this comment is written anew."
        )
    if points:
        also = f" {_count(warnings, 'hint')} beside that." if warnings else ""
        return (
            "**The files are in order, but a registration and its source disagree in "
            f"{_count(points, 'point')}.** "
            f"Below stands which to change where.{also}"
        )
    if warnings:
        return (
            f"**No error; {_count(warnings, 'hint')}.** Nothing below has to be done, though it would help "
            "readers."
        )
    if not found.judgement.others:
        return "**All is well, thank you!** A maintainer will look at it next."
    if any(found.judgement.counts.get(kind) for kind in ("registration", "image", "data")):
        return (
            "**What was judged is in order.** The change also reaches into the repository itself, which a "
            "maintainer has to read."
        )
    return (
        "**This change reaches into the repository itself.** It touches no registration, so there was "
        "nothing to judge; a maintainer will read it."
    )


def _doubts(found: Findings) -> Iterator[Part]:
    """Tell where the check that ran and this answer differ."""
    log = link("its log", found.run_url)
    if found.run.conclusion == "success" and not found.judgement.is_valid:
        yield Part(
            "> [!WARNING]\n> The check that ran on this pull request reported success, and the rules of the "
            "default branch say otherwise. This comment follows the default branch. Reviewers: look at what "
            f"is changed outside of `_plugins` first, and at {log}."
        )
    elif found.run.conclusion != "success" and found.judgement.is_valid:
        ended = {
            "failure": "failed",
            "cancelled": "was cancelled",
            "timed_out": "ran out of time",
            "action_required": "waits for a maintainer's approval",
        }
        yield Part(
            f"The check that ran {ended.get(found.run.conclusion, 'did not succeed')}, although the rules "
            f"find no error; {log} tells why."
        )


def _faults(found: Findings) -> Iterator[Part]:
    problems = sorted(found.judgement.problems, key=lambda problem: problem.level != "error")
    if not problems:
        return
    by_problem = {id(problem): item for item in found.suggestions for problem in item.problems}
    known = {_key(problem): item for item in found.suggestions for problem in item.problems}
    shown: set[int] = set()
    items = []
    for problem in problems[:MAX_PROBLEMS]:
        suggestion = by_problem.get(id(problem)) or known.get(_key(problem))
        items.append(_fault(problem, suggestion, first=id(suggestion) not in shown))
        shown.add(id(suggestion))
    left = len(problems) - len(items)
    more = f"\n- and {left} more, which {link('the check', found.run_url)} lists" if left else ""
    yield Part("### What to mend", [*items, *filter(None, [more.strip()])], more="- … and {} more")


def _key(problem: Problem) -> tuple[str, int, str, str, str]:
    return (problem.file, problem.line, problem.key, problem.code, problem.message)


def _fault(problem: Problem, suggestion: Suggestion | None, *, first: bool) -> str:
    key = f", {code(problem.key, 100)}" if problem.key else ""
    level = "" if problem.level == "error" else "hint: "
    where = f"{code(problem.file, 200)}, line {problem.line}{key}"
    text = f"- {where}: {level}{plain(_sentence(problem.message))}"
    if suggestion is None:
        return text
    if not first:
        return f"{text} The change above mends this, too."
    hides = " It hid whatever else there is; once it is mended, the rest shows." if suggestion.hides else ""
    return f"{text}{hides}\n\n{_indented(diff(suggestion))}\n"


def diff(suggestion: Suggestion) -> str:
    """Return the suggestion as a block of what goes and what comes."""
    lines = [f"-{line}" for line in suggestion.old_lines] + [f"+{line}" for line in suggestion.new_lines]
    if len(lines) > MAX_DIFF_LINES:
        left = len(lines) - MAX_DIFF_LINES
        lines = [*lines[:MAX_DIFF_LINES], f" … {left} more lines"]
    return fence(lines, "diff")


def _indented(block: str) -> str:
    return "\n".join(f"  {line}" for line in block.split("\n"))


def _advice(found: Findings) -> Iterator[Part]:
    several = len(found.judgement.registrations) > 1
    items = [
        f"- **{advice.title}**{f' ({code(slug)})' if several else ''}. {advice.text}"
        for slug, all_of_it in found.advice.items()
        for advice in all_of_it
    ]
    if items:
        yield Part("### Where registration and source disagree", items, more="- … and {} more")


def _sources(found: Findings) -> Iterator[Part]:
    for slug, source in found.sources.items():
        if source.repo is None:
            text = f"The source of {code(slug)} is not on GitHub, so nothing was read there."
            yield Part(f"### Found in the source\n\n{text}")
        elif source.unread:
            text = f"The source of {code(slug)} was not read: {plain(source.unread)}."
            yield Part(f"### Found in the source\n\n{text}")
        else:
            rows = [f"| {name} | {value} |" for name, value in _rows(found, source)]
            yield Part(f"### Found in the source of {code(slug)}\n\n| | |\n|---|---|\n" + "\n".join(rows))
    if found.uninspected:
        names = ", ".join(code(slug, 60) for slug in found.uninspected[:20])
        more = len(found.uninspected) - 20
        tail = f" and {more} more" if more > 0 else ""
        yield Part(f"The sources of {MAX_INSPECTED} plugins at a time are read; not those of {names}{tail}.")


def _rows(found: Findings, source: Source) -> Iterator[tuple[str, str]]:
    """Yield (name, value as Markdown) of what a repository tells."""
    facts = source.facts
    name = str(facts.get("repo") or (source.repo.full_name if source.repo else ""))
    home = f"{found.server_url.rstrip('/')}/{quote(name)}"
    archived = ", **archived**" if facts.get("archived") else ""
    at = link(cell_code(source.commit[:10]), f"{home}/tree/{source.commit}") if source.commit else "no commit"
    yield "repository", f"{link(cell_code(name), home)} at {at}{archived}"
    if source.declared:
        yield "package", f"{cell_code(source.declared.module)}, named by {cell_code(source.packaging)}"
        if source.declared.entry_point:
            yield "identifier", cell_code(source.declared.entry_point)
    yield "Python", _flag(found, source, home)
    licence = facts.get("license")
    yield "licence", cell_code(str(licence)) if licence else "none that GitHub recognises"
    tag = facts.get("latest_release_tag")
    released = _day(facts.get("latest_release_date"))
    yield "latest release", f"{cell_code(str(tag))}{released}" if tag else "none"
    if facts.get("last_push"):
        yield "last change", _day(facts["last_push"]).removeprefix(", ")


def _flag(found: Findings, source: Source, home: str) -> str:
    outcome = source.outcome
    if isinstance(outcome, Evidence):
        url = f"{home}/blob/{source.commit}/{quote(outcome.path)}#L{outcome.line}"
        return f"{cell_code(outcome.python)} in {link(f'{cell_code(outcome.path)} line {outcome.line}', url)}"
    if isinstance(outcome, NoFlag):
        default = found.settings.compatibility.default_python
        why = "the flag cannot be used" if outcome.problem else "no flag"
        return f"{why}: {found.settings.host.name} assumes {cell_code(default)}"
    return "not all files could be read"


def _day(text: Any) -> str:
    """Return `, 2024-05-01` of a time, "" of what is none."""
    try:
        return f", {parse_time(str(text).replace(' +0000', '+00:00')):%Y-%m-%d}"
    except ValueError:
        return ""


def _pages(found: Findings) -> Iterator[Part]:
    claimed = _claimed(found)
    built = {str(plugin.get("slug")): plugin for plugin in claimed.get("plugins", ())}
    items = [
        _page(found, reviewed.registration, built.get(slug, {}))
        for slug, reviewed in found.judgement.registrations.items()
        if reviewed.registration
    ]
    if not items:
        return
    tail = []
    if found.artefact and found.artefact.id and claimed:
        url = f"{found.run_url}/artifacts/{found.artefact.id:d}"
        count = len(found.artefact.screenshots)
        tail = [f"Pages and {_count(count, 'picture')} are in {link('what the check uploaded', url)}."]
        if message := claimed.get("message"):
            tail.append(f"The build said: {plain(str(message), 300)}")
    elif found.artefact_fault:
        tail = [f"No preview could be read: {plain(found.artefact_fault)}."]
    yield Part("### How the page will look", items, more="- … and {} more")
    if tail:
        yield Part(" ".join(tail))


def _claimed(found: Findings) -> Mapping[str, Any]:
    """Return what the artefact says of this very change, nothing if it speaks of another."""
    preview = found.artefact.preview if found.artefact else {}
    return preview if preview.get("head") == found.change.head else {}


def _page(found: Findings, registration: Registration, built: Mapping[str, Any]) -> str:
    lines = [
        f"- **{plain(registration.title, 120)}**: {plain(registration.description, 300) or 'no description'}",
        f"  - page: {code(f'/plugins/{registration.slug}/')}",
        f"  - installs from: {code(registration.archive, 300)}",
        f"  - compatibility: {_compatibility(found, registration)}",
    ]
    headings = [text for text in built.get("headings", ()) if isinstance(text, str)][1:9]
    if headings:
        lines.append(f"  - headings: {', '.join(plain(text, 80) for text in headings)}")
    if built and not built.get("built"):
        lines.append(f"  - not built: {plain(str(built.get('reason', '')), 300)}")
    for name, what in (("faults", "the check of the page says"), ("errors", "in the browser")):
        told = [text for text in built.get(name, ()) if isinstance(text, str)]
        lines += [f"  - {what}: {plain(text, 200)}" for text in told[:3]]
    if requests := built.get("requests"):
        lines.append(f"  - loads {_count(len(requests), 'file')} from other sites")
    return "\n".join(lines)


def _compatibility(found: Findings, registration: Registration) -> str:
    """Return compatibility as the site will show it."""
    own = registration.data.get("compatibility")
    own = own if isinstance(own, dict) else {}
    source = found.sources.get(registration.slug)
    flag = source.outcome.python if source and isinstance(source.outcome, Evidence) else None
    prefer = found.settings.compatibility.prefer == "source"
    python = (flag or registration.python) if prefer else (registration.python or flag)
    parts = []
    for name, key in ((found.settings.host.name, "octoprint"), ("systems", "os")):
        value = own.get(key)
        values = [str(getattr(item, "text", item)) for item in value] if isinstance(value, list) else []
        parts.append(f"{name} {', '.join(code(item, 60) for item in values[:6]) or 'any'}")
    return ", ".join([*parts, f"Python {code(python) if python else 'not stated'}"])


def _checklist(found: Findings) -> Iterator[Part]:
    items = [f"- [ ] {item}" for item in checklist(found.judgement, found.change, found.sources)]
    if items:
        yield Part("### For reviewers", items, more="- … and {} more")


def _foot(found: Findings) -> str:
    docs = f"{found.home}/blob/HEAD/docs"
    registrations = link("registrations", f"{docs}/registering.md")
    rest = link("all else", f"{docs}/pull-requests.md")
    return (
        f"<sub>Judged at {code(found.change.head[:10])} by the default branch's rules. What each message "
        f"means: {registrations}, {rest}.</sub>"
    )


def keep_ticks(new: str, old: str, head: str) -> str:
    """Return the new comment with what reviewers have ticked, as long as it speaks of the same commit."""
    if commit_mark(head) not in old:
        return new
    ticked = set(re.findall(r"^- \[[xX]\] (.*)$", old.replace("\r\n", "\n"), re.MULTILINE))
    lines = new.split("\n")
    return "\n".join(
        f"- [x] {line[6:]}" if line.startswith("- [ ] ") and line[6:] in ticked else line for line in lines
    )


def _sentence(text: str) -> str:
    shown = text[:1].upper() + text[1:]
    return shown if shown.endswith((".", "?", "!", "…")) else f"{shown}."


def _count(number: int, word: str) -> str:
    return f"{number:,} {word}{'' if number == 1 else 's'}"
