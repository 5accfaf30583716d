"""An approved issue becomes a pull request that marks the registration, over GitHub's API alone.

The checkout holds no credentials, and nothing in it is changed. Asked twice for the same, it renews what it
made: one branch, one pull request, one comment.
"""

import base64
import binascii
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from registry.github.access import Access
from registry.github.own_comments import is_ours
from registry.github.rest import NotFound, Rejected, Rest, quoted, quoted_path
from registry.housekeeping.abandon_request import (
    ABANDONED,
    Approval,
    RequestError,
    branch_for,
    plugin_in,
    pull_body,
    pull_title,
)
from registry.housekeeping.mark import Marked, MarkError, find_registration, plan
from registry.registration.frontmatter import FrontMatterError, parse
from registry.settings import Settings
from registry.text.github_markdown import plain
from registry.text.problems import printable

MARKER = "<!-- almanac:abandon -->"
MAY_NOT_APPROVE = frozenset({"read", "none"})
"""Roles without the right to label; an organisation may have roles of its own beside GitHub's."""


class PullError(Exception):
    """The pull request could not be opened; the message says what a maintainer can do."""


class Marker:
    """Marks one registration as one approved issue asks."""

    def __init__(
        self, rest: Rest, access: Access, settings: Settings, labels: dict[str, str], today: date
    ) -> None:
        """`labels` are those of the form's fields, by id."""
        owner, _, name = access.repository.partition("/")
        self._rest = rest
        self._owner = owner
        self._repository = f"/repos/{quoted(owner)}/{quoted(name)}"
        self._issues_url = f"{access.server_url.rstrip('/')}/{access.repository}/issues"
        self._server_url = access.server_url
        self._folder = settings.root / settings.plugins_dir
        self._folder_there = settings.plugins_dir.strip("/")
        self._labels = labels
        self._today = today

    def run(self, approval: Approval) -> str:
        """Do it; return what was done, in words. Raises PullError, and registry.net.http's errors."""
        if reason := self._refusal(approval.sender):
            return reason
        try:
            slug = find_registration(self._folder, plugin_in(approval.body, self._labels)).stem
            said, done = self._mark(slug, approval)
        except (RequestError, MarkError) as error:
            # Paths and texts in it were written by strangers.
            said = f"No pull request was opened: {plain(str(error))}."
            done = f"no pull request: {printable(str(error))}"
            said += "\n\nAfter mending it, take the label `approved` off and add it again."
        except PullError as error:
            self._comment(approval.number, str(error))
            raise
        self._comment(approval.number, said)
        return done

    def _refusal(self, sender: str) -> str:
        """Return why this person's approval does not count, "" when it does or cannot be looked up.

        GitHub lets only people with triage or more add a label; this is a second lock.
        """
        try:
            answer = self._rest.get(f"{self._repository}/collaborators/{quoted(sender)}/permission")
            role = str(answer["role_name"])
        except (Rejected, KeyError, TypeError, ValueError):
            return ""  # the token may not ask, or the sender is no person
        if role not in MAY_NOT_APPROVE:
            return ""
        return f"{printable(sender)} may not approve: that takes the role triage, write, maintain or admin"

    def _mark(self, slug: str, approval: Approval) -> tuple[str, str]:
        """Return what to say on the issue and in the log. Raises MarkError, PullError."""
        url = f"{self._issues_url}/{approval.number}"
        path = f"{self._folder_there}/{slug}.md"
        base = str(self._rest.get(self._repository)["default_branch"])
        head = self._sha(base)
        if head is None:
            raise PullError(f"The branch {plain(base)} was not found.")
        if marked := _already(self._plan(path, head, url)[0], url):
            return f"`{path}` is already marked as abandoned{marked}.", f"{path} is already marked"
        branch = branch_for(slug)
        pull = self._open_pull(branch, base)
        self._prepare(branch, head, keep=pull is not None)
        change, blob = self._plan(path, branch, url)
        if change.after != change.before:
            self._rest.put(
                f"{self._repository}/contents/{quoted_path(path)}",
                {
                    "message": f"{pull_title(slug)}\n\nAs #{approval.number} asks.",
                    "content": base64.b64encode(change.after).decode(),
                    "sha": blob,
                    "branch": branch,
                },
            )
        number, verb = self._propose(pull, branch, base, slug, pull_body(path, approval.number, url))
        return f"Pull request #{number} marks `{path}` as abandoned.", f"{verb} pull request #{number}"

    def _plan(self, path: str, revision: str, url: str) -> tuple[Marked, str]:
        """Return the marked file at a revision and the SHA it has there. Raises MarkError."""
        try:
            file = self._rest.get(f"{self._repository}/contents/{quoted_path(path)}", ref=revision)
            if file["type"] != "file" or file["encoding"] != "base64":
                raise MarkError(f"{path}: is no plain file of less than a megabyte; mark it by hand")
            raw, blob = base64.b64decode(file["content"]), str(file["sha"])
        except NotFound:
            raise MarkError(f"{path}: is not there any more; nothing is to be marked") from None
        except (KeyError, TypeError, binascii.Error):
            raise MarkError(f"{path}: is no file; mark it by hand") from None
        with tempfile.TemporaryDirectory(prefix="abandon-") as name:
            folder = Path(name, self._folder.name)
            folder.mkdir()
            copy = folder / Path(path).name
            copy.write_bytes(raw)
            try:
                change = plan(
                    folder, copy.name, "abandoned", url, today=self._today, server_url=self._server_url
                )
            except MarkError as error:
                raise MarkError(str(error).replace(copy.as_posix(), path)) from None
        return change, blob

    def _sha(self, branch: str) -> str | None:
        try:
            answer = self._rest.get(f"{self._repository}/git/ref/{quoted_path(f'heads/{branch}')}")
        except NotFound:
            return None
        return str(answer["object"]["sha"])

    def _open_pull(self, branch: str, base: str) -> int | None:
        """Return the number of the open pull request from our branch."""
        head = f"{self._owner}:{branch}"
        pulls = self._rest.pages(f"{self._repository}/pulls", limit=100, state="open", head=head, base=base)
        return next((int(pull["number"]) for pull in pulls if pull["head"]["ref"] == branch), None)

    def _prepare(self, branch: str, head: str, *, keep: bool) -> None:
        """Make the branch at `head`; one that is left from before is moved there unless it is in use."""
        if (sha := self._sha(branch)) is None:
            self._rest.post(f"{self._repository}/git/refs", {"ref": f"refs/heads/{branch}", "sha": head})
        elif not keep and sha != head:
            path = f"{self._repository}/git/refs/{quoted_path(f'heads/{branch}')}"
            self._rest.patch(path, {"sha": head, "force": True})

    def _propose(self, pull: int | None, branch: str, base: str, slug: str, body: str) -> tuple[int, str]:
        """Open or renew the pull request; return its number and what was done. Raises PullError."""
        text: dict[str, Any] = {"title": pull_title(slug), "body": body}
        if pull is not None:
            self._rest.patch(f"{self._repository}/pulls/{pull}", text)
            return pull, "renewed"
        try:
            answer = self._rest.post(f"{self._repository}/pulls", {**text, "head": branch, "base": base})
        except Rejected as error:
            if error.status != 403:
                raise
            raise PullError(
                f"The branch `{branch}` is ready, but GitHub did not let this workflow open its pull "
                "request. Open it by hand, or allow it for the next time: Settings, Actions, General, "
                "*Allow GitHub Actions to create and approve pull requests*."
            ) from None
        number = int(answer["number"])
        self._rest.post(f"{self._repository}/issues/{number}/labels", {"labels": [ABANDONED]})
        return number, "opened"

    def _comment(self, number: int, text: str) -> None:
        """Say it in our one comment on the issue."""
        body = f"{MARKER}\n{text}\n"
        comments = f"{self._repository}/issues/{number}/comments"
        for comment in self._rest.pages(comments, limit=1000):
            if is_ours(comment, MARKER):
                if comment["body"] != body:
                    self._rest.patch(
                        f"{self._repository}/issues/comments/{int(comment['id'])}", {"body": body}
                    )
                return
        self._rest.post(comments, {"body": body})


def _already(change: Marked, url: str) -> str | None:
    """Return how a file is marked as it stands, None when it is not. True alone may gain the address."""
    try:
        held = parse(change.before, "", patient=True).data.get("abandoned")
    except FrontMatterError:
        return None
    if not isinstance(held, str) or not held.strip():
        return None
    return (
        ", by this issue" if held == url else f", by {plain(held)}; to name this issue instead, edit the file"
    )
