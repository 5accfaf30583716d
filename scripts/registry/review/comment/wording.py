"""The one comment: what is wrong, what the source says, how the page will look, what to review. Pure."""

import re
from collections.abc import Iterator

from registry.review.comment.checklist import checklist
from registry.review.comment.fault_words import build_parts, fault_parts
from registry.review.comment.findings import Findings
from registry.review.comment.page_words import page_parts
from registry.review.comment.source_words import advice_parts, source_parts
from registry.text.github_markdown import MAX_COMMENT, Part, assemble, code, link, plain
from registry.text.problems import counted, level_counts

MARKER = "<!-- almanac: the answer to this pull request -->"


def comment(found: Findings) -> str:
    """Return the comment as Markdown, at most as long as GitHub takes."""
    parts = [
        Part(f"{MARKER}\n{commit_mark(found.change.head)}"),
        Part(_of_which(found.change.head)),
        Part(verdict(found)),
        *_doubts(found),
        *fault_parts(found),
        *build_parts(found),
        *advice_parts(found),
        *source_parts(found),
        *page_parts(found),
        *_checklist(found),
        Part(_foot(found)),
    ]
    return assemble(parts, MAX_COMMENT - 500)


def refusal(head: str, reason: str) -> str:
    """Return the comment on a change that cannot be judged at all."""
    return (
        f"{MARKER}\n{commit_mark(head)}\n\n{_of_which(head)}\n\n**This change could not be judged:** "
        f"{plain(reason)}. Mend that, or split the change; a maintainer can tell more."
    )


def commit_mark(head: str) -> str:
    """Return the hidden line that tells which commit a comment speaks of."""
    return f"<!-- commit {head} -->"


def _of_which(head: str) -> str:
    """Return what the comment is about: where no check ends, an answer to an earlier push would stay."""
    return f"About commit {code(head[:10])}, and no later one:"


def verdict(found: Findings) -> str:
    """Return the first sentences."""
    errors, warnings = level_counts(found.judgement.problems)
    points = sum(map(len, found.advice.values()))
    if errors:
        also = f" and {counted(warnings, 'hint')}" if warnings else ""
        return (
            f"**{counted(errors, 'error')}{also} to look at.** Each is below with its cure. Push to the same "
            "branch, and this comment is written anew."
        )
    if built := found.build_errors:
        return (
            f"**The rules find no error, but the build finds {counted(len(built), 'error')}.** Below stands "
            "what it would leave out, and why. Push to the same branch, and this comment is written anew."
        )
    if points:
        also = f" {counted(warnings, 'hint')} beside that." if warnings else ""
        return (
            "**The files are in order, but a registration and its source disagree in "
            f"{counted(points, 'point')}.** Below stands which to change where.{also}"
        )
    if warnings:
        return (
            f"**No error; {counted(warnings, 'hint')}.** Nothing below has to be done, though it would help "
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
            "> [!WARNING]\n> The check that ran on this pull request reported success, and the rules of "
            "the default branch say otherwise. This comment follows the default branch. Reviewers: look at "
            f"what is changed outside of `_plugins` first, and at {log}."
        )
    elif found.run.conclusion != "success" and found.judgement.is_valid and not found.build_errors:
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


def _checklist(found: Findings) -> Iterator[Part]:
    items = [f"- [ ] {item}" for item in checklist(found.judgement, found.change, found.sources)]
    if items:
        yield Part("### For reviewers", items, more="- … and {} more")


def _foot(found: Findings) -> str:
    docs = f"{found.home}/blob/HEAD/docs"
    registrations = link("registrations", f"{docs}/registering.md")
    rest = link("all else", f"{docs}/pull-requests.md")
    return (
        f"<sub>Judged by the default branch's rules. What each message means: {registrations}, {rest}.</sub>"
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
