"""Which pull request a finished check belongs to, and its merge commit as git objects.

The event's own word is taken for nothing that GitHub's API can be asked.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.git.objects import last_line
from registry.github.rest import Rest
from registry.review.change import Change, ChangeError, read_change
from registry.system import processes

MERGED_REF = "refs/almanac/pull"
MAX_PULLS = 5
"""Pull requests of one branch that are answered: one for each branch that it may go to."""
FETCH_TIMEOUT_S = 180.0

_REPOSITORY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,38}/[A-Za-z0-9._-]{1,100}")
_OWNER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,60}")
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")


class EventError(ValueError):
    """The event is not what GitHub sends for a completed workflow run."""


class FetchError(Exception):
    """git could not fetch the merge commit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """A completed run of *validate*: what of the event is needed, each value checked for its form."""

    id: int
    conclusion: str
    """"success", "failure", "cancelled" …; "" where GitHub names none."""
    head_sha: str
    head_branch: str
    head_owner: str


def parse_event(event: Any) -> Run | None:
    """Return the run of a `workflow_run` event, None when no pull request of anybody's can be meant.

    Raises EventError when it is no such event.
    """
    run = event.get("workflow_run") if isinstance(event, Mapping) else None
    if not isinstance(run, Mapping):
        raise EventError("the event is no `workflow_run`; run this in the workflow that answers to it")
    if run.get("event") != "pull_request":
        return None
    home = run.get("head_repository")
    if not isinstance(home, Mapping):
        return None  # the fork is gone
    owner = home.get("owner")
    login = owner.get("login") if isinstance(owner, Mapping) else None
    identifier, sha, branch = run.get("id"), run.get("head_sha"), run.get("head_branch")
    if isinstance(identifier, bool) or not isinstance(identifier, int) or identifier <= 0:
        raise EventError("workflow_run.id is no number")
    if not isinstance(sha, str) or not _COMMIT.fullmatch(sha):
        raise EventError("workflow_run.head_sha is no commit")
    if not isinstance(login, str) or not _OWNER.fullmatch(login):
        raise EventError("workflow_run.head_repository.owner.login is no name of an account")
    if not isinstance(branch, str) or not 0 < len(branch) <= 255 or re.search(r"[\x00-\x20\x7f]", branch):
        raise EventError("workflow_run.head_branch is no name of a branch")
    conclusion = run.get("conclusion")
    return Run(
        id=identifier,
        conclusion=conclusion if isinstance(conclusion, str) else "",
        head_sha=sha,
        head_branch=branch,
        head_owner=login,
    )


def checked_repository(name: str) -> str:
    """Return `owner/name` if it is that. Raises EventError."""
    if not _REPOSITORY.fullmatch(name) or name.endswith(("/.", "/..")):
        raise EventError("GITHUB_REPOSITORY is not 'owner/name'; GitHub Actions sets it")
    return name


@dataclass(frozen=True, slots=True, kw_only=True)
class Pull:
    """An open pull request."""

    number: int
    labels: tuple[str, ...]
    """Names of those that it has."""


def open_pulls(rest: Rest, repository: str, run: Run) -> list[Pull]:
    """Return the open pull requests whose last commit is the one that was checked."""
    found = rest.pages(
        f"/repos/{repository}/pulls", limit=100, state="open", head=f"{run.head_owner}:{run.head_branch}"
    )
    pulls = [pull for item in found if (pull := _pull(item, run.head_sha))]
    return pulls[:MAX_PULLS]


def _pull(item: Any, head_sha: str) -> Pull | None:
    """Return a pull request that ends in `head_sha`, None for another."""
    if not isinstance(item, Mapping) or not isinstance(head := item.get("head"), Mapping):
        return None
    number, labels = item.get("number"), item.get("labels")
    if head.get("sha") != head_sha or isinstance(number, bool) or not isinstance(number, int) or number < 1:
        return None
    names = [label.get("name") for label in labels or () if isinstance(label, Mapping)]
    return Pull(number=number, labels=tuple(name for name in names if isinstance(name, str)))


def fetch_change(checkout: Path, number: int, run: Run) -> Change | None:
    """Return what the pull request would change, None when it has moved on since the check.

    Fetches its merge commit as objects alone; nothing is checked out. Raises FetchError, ChangeError.
    """
    if not _fetch(checkout, number):
        return None
    change = read_change(checkout, MERGED_REF)
    if not change.head:
        raise ChangeError(f"refs/pull/{number}/merge is no merge commit")
    return change if change.head == run.head_sha else None


def _fetch(checkout: Path, number: int) -> bool:
    """Fetch a pull request's merge commit; False when there is none, as of one that conflicts."""
    command = [
        "git", "-C", str(checkout), "-c", "core.hooksPath=/dev/null", "-c", "maintenance.auto=false",
        "-c", "gc.auto=0", "fetch", "--quiet", "--no-tags", "--no-recurse-submodules",
        "--no-write-fetch-head", "--depth=2", "--filter=blob:limit=8m", "origin",
        f"+refs/pull/{number:d}/merge:{MERGED_REF}",
    ]  # fmt: skip
    try:
        ended = processes.run(
            command, _environment(os.environ), timeout_s=FETCH_TIMEOUT_S, limit_bytes=1_000_000
        )
    except OSError as error:
        raise FetchError(f"git cannot be run: {error.strerror}") from None
    except processes.TookTooLong:
        raise FetchError(f"git fetch took longer than {FETCH_TIMEOUT_S:g} s") from None
    if ended.status and b"couldn't find remote ref" in ended.words:
        return False
    if ended.status:
        raise FetchError(f"git fetch failed: {last_line(ended.words) or ended.status}")
    return True


def _environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return what git needs to know: a fetch of a public repository needs no token."""
    kept = ("PATH", "HOME", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR", "https_proxy", "HTTPS_PROXY",
            "no_proxy", "NO_PROXY", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM")  # fmt: skip
    return {name: given[name] for name in kept if name in given} | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": "https:http:file",
        "LC_ALL": "C",
    }
