"""What a repository at the emulated GitHub has besides its files: issues, pull requests, labels, runs.

State is plain: dicts with the few keys that matter, changed by tests as they like and by requests as GitHub
would. `rest_shapes.py` writes it out as GitHub does.
"""

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from tests.emulators.world import stamp

BOT = "github-actions[bot]"
Record = dict[str, Any]

FailureKind = Literal[
    "bad-gateway",
    "server-error",
    "unavailable",
    "secondary-limit",
    "rate-limited",
    "not-found",
    "forbidden",
    "revoked",
    "redirect",
    "hang",
    "slow",
    "huge",
    "truncated",
    "short-body",
    "html",
    "not-json",
    "reset",
    "close",
    "answer",
]


@dataclass(slots=True, kw_only=True)
class Failure:
    """One way to misbehave, and which requests suffer it: those that fit every condition given."""

    kind: FailureKind
    """
    `bad-gateway` 502, `server-error` 500, `unavailable` 503 as a page; `secondary-limit` 403 (or `status`)
    with Retry-After; `rate-limited` 403 with no points left for `reset_in_s`; `not-found` 404;
    `forbidden` 403; `revoked` 401; `redirect` `status` (302) to `location`; `hang` no answer; `slow` the
    right one, `chunk_bytes` every `pause_s`; `huge` `size_bytes` of white space first (zipped, a bomb);
    `truncated` JSON cut in the middle; `short-body` fewer bytes than promised; `html` a page with 200;
    `not-json`; `reset`, `close` the connection ends; `answer` `status`, `headers`, `body` as given.
    """
    method: str = ""
    path: str = ""
    """Only paths that contain this."""
    nth: int | None = None
    """Only the n-th request that fits otherwise, from 1."""
    times: int | None = None
    """Only so many times."""
    heard: bool = False
    """The request takes its effect; only the answer is lost."""
    status: int = 0
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str = ""
    location: str = ""
    retry_after_s: int | None = 1
    reset_in_s: int = 3_600
    size_bytes: int = 100_000_000
    chunk_bytes: int = 20
    pause_s: float = 0.05
    seen: int = 0
    """Requests that have fitted so far."""


@dataclass(slots=True, kw_only=True)
class RestWorld:
    """One repository, and who may do what in it."""

    repository: str = "almanac/registry"
    default_branch: str = "main"
    server_url: str = "https://github.com"
    """Begins the addresses of pages (`html_url`)."""
    tokens: dict[str, dict[str, str]] = field(default_factory=dict)
    """Token -> permissions, such as {"issues": "write"}. Empty: the emulator's own token may do all."""
    logins: dict[str, str] = field(default_factory=dict)
    """Token -> who acts with it; github-actions[bot] when it is not in here."""
    issues: dict[int, Record] = field(default_factory=dict)
    """Number -> title, body, state, state_reason, labels (names), user (login), locked, times. No pulls."""
    pulls: dict[int, Record] = field(default_factory=dict)
    """Number -> what an issue has, and head, base ({ref, sha, repo}), files, lines, merged, draft."""
    comments: list[Record] = field(default_factory=list)
    """Of issues and of pull requests: id, number, body, user, times."""
    review_comments: list[Record] = field(default_factory=list)
    """id, number (the pull request's), review (id), path, line, start_line, side, body, user, commit_id."""
    reviews: list[Record] = field(default_factory=list)
    """id, number, body, state, user, commit_id."""
    labels: dict[str, Record] = field(default_factory=dict)
    """Name -> id, name, color, description."""
    contents: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """Branch -> path -> bytes, where there is no `git_dir`."""
    git_dir: Path | None = None
    """A bare repository that contents and refs are read from and written to by git."""
    refs: dict[str, str] = field(default_factory=dict)
    """`heads/main` -> SHA, where there is no `git_dir`."""
    runs: dict[int, Record] = field(default_factory=dict)
    """Workflow runs: id -> name, path, event, status, conclusion, head_sha, head_branch, head_repository …"""
    artifacts: dict[int, list[Record]] = field(default_factory=dict)
    """Run's id -> artefacts: id, name, size, zip (bytes), expired."""
    pages: Record | None = None
    """The Pages site: html_url, cname, build_type; None when there is none."""
    actions_may_create_pulls: bool = True
    """The repository's setting of that name; without it github-actions[bot] gets 403."""
    failures: list[Failure] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    """What a client did that GitHub's description forbids, and wrong answers of ours. Stays empty."""
    now: Callable[[], datetime] = lambda: datetime.now(UTC)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _ids: int = 1_000

    @property
    def owner(self) -> str:
        return self.repository.partition("/")[0]

    def stamp(self) -> str:
        """Return the present time as GitHub writes it."""
        return stamp(self.now())

    def next_id(self) -> int:
        self._ids += 1
        return self._ids

    def next_number(self) -> int:
        """Return the number of the next issue or pull request: they share one row."""
        return max([0, *self.issues, *self.pulls]) + 1

    def permissions(self, token: str) -> Mapping[str, str]:
        return {name.replace("-", "_"): level for name, level in self.tokens.get(token, {}).items()}

    def thread(self, number: int) -> Record | None:
        """Return an issue or a pull request."""
        return self.issues.get(number) or self.pulls.get(number)

    def failure(self, method: str, path: str) -> Failure | None:
        """Return the first failure that strikes this request, counting it."""
        for failure in self.failures:
            if (failure.method and failure.method != method) or failure.path not in path:
                continue
            failure.seen += 1
            if failure.nth is not None and failure.seen != failure.nth:
                continue
            if failure.times is not None and failure.seen > failure.times:
                continue
            return failure
        return None

    # What tests put in

    def add_label(self, name: str, color: str = "ededed", description: str | None = None) -> Record:
        label = {"id": self.next_id(), "name": name, "color": color, "description": description}
        self.labels[name] = label
        return label

    def label_named(self, name: str) -> Record | None:
        """Return a label, however its name is capitalised."""
        return next((label for label in self.labels.values() if label["name"].lower() == name.lower()), None)

    def add_issue(
        self,
        title: str,
        *,
        body: str = "",
        user: str = "octocat",
        labels: Iterable[str] = (),
        state: str = "open",
        closed_at: str | None = None,
        created_at: str = "",
        number: int = 0,
    ) -> Record:
        """Add an issue, with its labels where they are missing; return its record."""
        made = self._thread(number, title, body, user, labels, state, closed_at, created_at)
        self.issues[made["number"]] = made
        return made

    def add_pull(
        self,
        title: str,
        *,
        head: str = "patch-1",
        head_sha: str = "1" * 40,
        head_repository: str = "",
        base: str = "",
        base_sha: str = "2" * 40,
        merge_commit_sha: str | None = "3" * 40,
        body: str = "",
        user: str = "octocat",
        labels: Iterable[str] = (),
        state: str = "open",
        files: Mapping[str, Collection[int]] | None = None,
        number: int = 0,
    ) -> Record:
        """Add a pull request. `files`: path -> the lines of the new side that its diff shows."""
        made = self._thread(number, title, body, user, labels, state, None, "")
        made |= {
            "head": {"ref": head, "sha": head_sha, "repo": head_repository or self.repository},
            "base": {"ref": base or self.default_branch, "sha": base_sha, "repo": self.repository},
            "merge_commit_sha": merge_commit_sha,
            "files": [{"filename": path, "status": "modified"} for path in files or {}],
            "lines": {path: set(lines) for path, lines in (files or {}).items()},
            "merged": False,
            "draft": False,
        }
        self.pulls[made["number"]] = made
        return made

    def _thread(
        self,
        number: int,
        title: str,
        body: str,
        user: str,
        labels: Iterable[str],
        state: str,
        closed_at: str | None,
        created_at: str,
    ) -> Record:
        names = [(self.label_named(name) or self.add_label(name))["name"] for name in labels]
        created = created_at or self.stamp()
        return {
            "id": self.next_id(),
            "number": number or self.next_number(),
            "title": title,
            "body": body,
            "user": user,
            "labels": names,
            "state": state,
            "state_reason": None if state == "open" else "completed",
            "closed_at": (closed_at or self.stamp()) if state == "closed" else None,
            "created_at": created,
            "updated_at": created,
            "locked": False,
        }

    def add_comment(self, number: int, body: str, user: str = "octocat") -> Record:
        made = {
            "id": self.next_id(),
            "number": number,
            "body": body,
            "user": user,
            "created_at": self.stamp(),
            "updated_at": self.stamp(),
        }
        self.comments.append(made)
        return made

    def comments_of(self, number: int) -> list[Record]:
        return [comment for comment in self.comments if comment["number"] == number]

    def add_review_comment(
        self, number: int, path: str, line: int, body: str, user: str = "octocat", **more: Any
    ) -> Record:
        pull = self.pulls[number]
        made = {
            "id": self.next_id(),
            "number": number,
            "review": None,
            "path": path,
            "line": line,
            "start_line": None,
            "side": "RIGHT",
            "body": body,
            "user": user,
            "commit_id": pull["head"]["sha"],
            "created_at": self.stamp(),
            **more,
        }
        self.review_comments.append(made)
        return made

    def add_run(self, run_id: int = 0, **known: Any) -> Record:
        """Add a workflow run; `known` overrides what stands here."""
        made = {
            "id": run_id or self.next_id(),
            "name": "validate",
            "path": ".github/workflows/validate.yml",
            "event": "pull_request",
            "status": "completed",
            "conclusion": "success",
            "head_sha": "1" * 40,
            "head_branch": "patch-1",
            "head_repository": self.repository,
            "pull_requests": [],
            "run_attempt": 1,
            "created_at": self.stamp(),
            **known,
        }
        self.runs[made["id"]] = made
        return made

    def add_artifact(self, run_id: int, name: str, data: bytes, *, expired: bool = False) -> Record:
        made = {"id": self.next_id(), "name": name, "size": len(data), "zip": data, "expired": expired}
        self.artifacts.setdefault(run_id, []).append(made)
        return made
