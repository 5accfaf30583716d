"""The one issue that holds the report: opened, renewed, closed when nothing is left, reopened."""

import re
from collections.abc import Collection, Sequence
from hashlib import sha256
from typing import Any

from registry.github.own_comments import is_ours
from registry.github.rest import Rest, quoted
from registry.links.verdict import Finding
from registry.text.github_markdown import plain

LABEL = "link-report"
TITLE = "Links that lead nowhere"
NAMED = 20
"""Findings that a comment names; the report has them all."""
_OPENING = "<!-- almanac:link-report "
_MARKER = re.compile(re.escape(_OPENING) + r"([0-9a-f]{16}) -->")
_INTRODUCTION = (
    "A machine looked at every address in the registrations. It renews this text each week, and closes the "
    "issue when nothing is left. To mend a line, open a pull request with the change that it tells."
)


def post(
    rest: Rest,
    repository: str,
    text: str,
    told: Sequence[Finding],
    before: Collection[str],
) -> str:
    """Bring the issue up to date with the report `text`; return what was done, in words.

    `told` are the findings that keep it open, `before` the identities of the last run's. Raises
    registry.net.http's errors.
    """
    digest = _digest(told)
    body = f"{_OPENING}{digest} -->\n{_INTRODUCTION}\n\n{text}"
    issues = f"/repos/{_path(repository)}/issues"
    issue = _find(rest, issues)
    if issue is None:
        if not told:
            return "nothing to tell, no issue is open"
        number = rest.post(issues, {"title": TITLE, "body": body, "labels": [LABEL]})["number"]
        return f"opened issue #{number}"
    address = f"{issues}/{int(issue['number'])}"
    if not told:
        if issue["state"] == "closed":
            return f"nothing to tell, issue #{issue['number']} stays closed"
        rest.post(f"{address}/comments", {"body": "Nothing is left to mend. Thank you."})
        rest.patch(address, {"body": body, "state": "closed", "state_reason": "completed"})
        return f"closed issue #{issue['number']}"
    reopened = issue["state"] == "closed"
    last = _MARKER.match(issue.get("body") or "")
    rest.patch(address, {"body": body, **({"state": "open"} if reopened else {})})
    if last is None or last[1] != digest:
        news = _news(told, before)
        if news:
            rest.post(f"{address}/comments", {"body": news})
    return f"{'reopened' if reopened else 'renewed'} issue #{issue['number']}"


def _find(rest: Rest, issues: str) -> dict[str, Any] | None:
    """Return our issue, an open one first, then the newest."""
    listed = rest.pages(issues, limit=300, labels=LABEL, state="all")
    ours = [issue for issue in listed if is_ours(issue, _OPENING)]
    return max(ours, key=lambda issue: (issue["state"] == "open", issue["number"]), default=None)


def _news(told: Sequence[Finding], before: Collection[str]) -> str:
    """Return what is new since the last run, "" when nothing is: what was mended needs no notice."""
    new = [finding for finding in told if finding.identity not in before]
    if not new:
        return ""
    lines = [f"New since the last report ({len(new)}):", ""]
    lines += [
        f"- {plain(f.link.place.slug)}: {plain(f.link.place.key)} ({plain(f.kind)})" for f in new[:NAMED]
    ]
    if len(new) > NAMED:
        lines.append(f"- and {len(new) - NAMED} more, in the report above")
    return "\n".join(lines) + "\n"


def _digest(told: Sequence[Finding]) -> str:
    return sha256("".join(sorted(finding.identity for finding in told)).encode()).hexdigest()[:16]


def _path(repository: str) -> str:
    """Return `owner/name` as two segments of a path."""
    owner, _, name = repository.partition("/")
    return f"{quoted(owner)}/{quoted(name)}"
