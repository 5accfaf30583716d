"""What is written at GitHub: one comment, suggested changes, labels; each only where it differs."""

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from registry.github.own_comments import is_ours
from registry.github.rest import NotFound, Rest, Unprocessable, quoted
from registry.review.comment.wording import MARKER, keep_ticks
from registry.review.suggestions.suggesting import Suggestion
from registry.text.github_markdown import fence, is_showable, plain

MAX_SUGGESTIONS = 20
MAX_COMMENTS = 3_000
"""Of a pull request that are looked through for ours."""

_MARK = re.compile(r"<!-- almanac: suggestion ([0-9a-f]{16}) -->\s*\Z")
"""At the end: what is suggested above it are strangers' lines, as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Thread:
    """One pull request, and who we are in it."""

    rest: Rest
    repository: str
    number: int
    login: str

    @property
    def issue(self) -> str:
        """Path of the pull request as an issue."""
        return f"/repos/{self.repository}/issues/{self.number:d}"

    @property
    def pull(self) -> str:
        """Path of the pull request."""
        return f"/repos/{self.repository}/pulls/{self.number:d}"


def post_comment(thread: Thread, body: str, head: str) -> str:
    """Make the one comment say `body`; return what was done: "posted", "updated" or "unchanged"."""
    found = [
        item
        for item in thread.rest.pages(f"{thread.issue}/comments", limit=MAX_COMMENTS)
        if is_ours(item, MARKER, thread.login)
    ]
    for extra in found[1:]:  # two runs at once may have posted one each
        _delete(thread, f"/repos/{thread.repository}/issues/comments/{int(extra['id']):d}")
    if not found:
        thread.rest.post(f"{thread.issue}/comments", {"body": body})
        return "posted"
    body = keep_ticks(body, found[0]["body"], head)
    if found[0]["body"].replace("\r\n", "\n").strip() == body.strip():
        return "unchanged"
    thread.rest.patch(f"/repos/{thread.repository}/issues/comments/{int(found[0]['id']):d}", {"body": body})
    return "updated"


def post_suggestions(thread: Thread, suggestions: Sequence[Suggestion], head: str) -> tuple[int, int]:
    """Make the suggested changes those that apply now; return how many were posted and deleted.

    `suggestions` are those on lines that the diff shows.
    """
    wanted = {(mark(item), item.last_line): item for item in suggestions if is_applicable(item)}
    wanted = dict(list(wanted.items())[:MAX_SUGGESTIONS])
    deleted = 0
    for item in list(thread.rest.pages(f"{thread.pull}/comments", limit=MAX_COMMENTS)):
        if not is_ours(item, "", thread.login) or not (found := _MARK.search(item["body"])):
            continue
        # GitHub moves `line` along with the diff, and takes it away once the line is another.
        if wanted.pop((found[1], item.get("line")), None) is None:
            _delete(thread, f"/repos/{thread.repository}/pulls/comments/{int(item['id']):d}")
            deleted += 1
    if not wanted:
        return 0, deleted
    count = len(wanted)
    what = "a change that mends a fault" if count == 1 else f"{count} changes that mend faults"
    payload = {
        "commit_id": head,
        "event": "COMMENT",
        "body": f"Suggested: {what}. Each was tried, and the fault was gone.",
        "comments": [_on_lines(item) for item in wanted.values()],
    }
    try:
        thread.rest.post(f"{thread.pull}/reviews", payload)
    except Unprocessable:
        return 0, deleted  # the diff has moved on; the comment shows the same changes
    return count, deleted


def is_applicable(suggestion: Suggestion) -> bool:
    """Tell whether GitHub can apply it as it is meant: all of it can be shown, byte by byte."""
    return is_showable([*suggestion.new_lines, *suggestion.old_lines]) and not any(
        line.endswith((" ", "\t")) for line in suggestion.new_lines
    )


def mark(suggestion: Suggestion) -> str:
    """Return what stays the same of a suggestion while lines around it come and go."""
    parts = (suggestion.path, *suggestion.old_lines, "\0", *suggestion.new_lines)
    text = "\n".join(parts).encode(errors="surrogateescape")
    return hashlib.sha256(text).hexdigest()[:16]


def _on_lines(suggestion: Suggestion) -> dict[str, Any]:
    told = dict.fromkeys(
        f"{problem.key}: {problem.message}".removeprefix(": ") for problem in suggestion.problems
    )
    words = "\n".join(f"- {plain(text, 300)}" for text in list(told)[:10])
    block = fence(suggestion.new_lines, "suggestion", exact=True)
    place: dict[str, Any] = {"path": suggestion.path, "line": suggestion.last_line, "side": "RIGHT"}
    if suggestion.first_line != suggestion.last_line:
        place |= {"start_line": suggestion.first_line, "start_side": "RIGHT"}
    return place | {"body": f"{words}\n\n{block}\n<!-- almanac: suggestion {mark(suggestion)} -->"}


def post_labels(
    thread: Thread, has: Iterable[str], wanted: Iterable[str], managed: Iterable[str]
) -> tuple[list[str], list[str]]:
    """Add the labels that the paths ask for, remove those of the table that they do not; return both."""
    had, wants = set(has), set(wanted)
    added = sorted(wants - had)
    removed = sorted(had & set(managed) - wants)
    if added:
        thread.rest.post(f"{thread.issue}/labels", {"labels": added})
    for name in removed:
        _delete(thread, f"{thread.issue}/labels/{quoted(name)}")
    return added, removed


def _delete(thread: Thread, path: str) -> None:
    """Delete what somebody else may have deleted first."""
    try:
        thread.rest.delete(path)
    except NotFound:
        return
