"""What starts a workflow: events with the payload that GitHub sends, as far as workflows and scripts read it.

Each function also puts into the emulated API what its event tells of.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from tests.workflows.forge import REPOSITORY, Forge
from tests.workflows.origin import Content, PullRequest

if TYPE_CHECKING:
    from tests.workflows.runner import Result

BRANCH = "refs/heads/main"


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """An event, and the commit whose workflow files it starts."""

    name: str
    sha: str
    ref: str = BRANCH
    payload: Mapping[str, Any] = field(default_factory=dict)
    inputs: Mapping[str, Any] = field(default_factory=dict)
    actor: str = "maintainer"
    head_ref: str = ""
    base_ref: str = ""
    from_fork: bool = False
    run: Mapping[str, Any] = field(default_factory=dict)
    """What the API tells of the run beyond its outcome."""


def repository(owner: str = "") -> dict[str, Any]:
    """Return a repository as payloads have it: the registry's own, or somebody's fork of it."""
    full = f"{owner}/registry" if owner else REPOSITORY
    login, _, name = full.partition("/")
    return {
        "id": sum(map(ord, full)),
        "name": name,
        "full_name": full,
        "owner": {"login": login},
        "default_branch": "main",
        "fork": bool(owner),
        "private": False,
        "html_url": f"https://github.com/{full}",
    }


def _on_main(forge: Forge, name: str, payload: Mapping[str, Any], **more: Any) -> Event:
    sha = forge.origin.head()
    run = {"head_sha": sha, "head_branch": "main"}
    payload = {**payload, "repository": repository(), "sender": {"login": "maintainer"}}
    return Event(name=name, sha=sha, payload=payload, run=run, **more)


def push(forge: Forge) -> Event:
    """The default branch's last commit was pushed."""
    return _on_main(forge, "push", {"ref": BRANCH, "after": forge.origin.head()})


def schedule(forge: Forge, cron: str = "17 5,17 * * *") -> Event:
    return _on_main(forge, "schedule", {"schedule": cron})


def workflow_dispatch(forge: Forge, **inputs: Any) -> Event:
    """Somebody pressed the button."""
    told = {name: str(value).lower() if isinstance(value, bool) else value for name, value in inputs.items()}
    return _on_main(forge, "workflow_dispatch", {"inputs": told, "ref": BRANCH}, inputs=inputs)


def repository_dispatch(forge: Forge, kind: str) -> Event:
    return _on_main(forge, "repository_dispatch", {"action": kind, "branch": "main", "client_payload": {}})


def issue_labeled(forge: Forge, number: int, label: str) -> Event:
    """A maintainer put a label on an issue that the API has."""
    issue = forge.rest.issues[number]
    if label not in issue["labels"]:
        issue["labels"].append(label)
    told = {
        **issue,
        "labels": [{"name": name} for name in issue["labels"]],
        "user": {"login": issue["user"]},
        "html_url": f"https://github.com/{REPOSITORY}/issues/{number}",
    }
    return _on_main(forge, "issues", {"action": "labeled", "issue": told, "label": {"name": label}})


def pull_request(
    forge: Forge, changes: Mapping[str | bytes, Content], number: int = 0, title: str = "A change"
) -> Event:
    """Somebody opened a pull request from a fork, or pushed to the open one with this number."""
    known = forge.rest.pulls.get(number)
    if not known:
        number = forge.rest.next_number()
    pull = forge.origin.propose(changes, number)
    shown = lines(forge, pull, forge.origin.changed(pull.merge))
    if known:
        known["head"]["sha"], known["base"]["sha"] = pull.head, pull.base
        known["merge_commit_sha"] = pull.merge
        known["files"] = [{"filename": path, "status": "modified"} for path in shown]
        known["lines"] = shown
    else:
        forge.rest.add_pull(
            title,
            number=number,
            head=pull.branch,
            head_sha=pull.head,
            head_repository=f"{pull.owner}/registry",
            base="main",
            base_sha=pull.base,
            merge_commit_sha=pull.merge,
            user=pull.owner,
            files=shown,
        )
    return Event(
        name="pull_request",
        sha=pull.merge,
        ref=f"refs/pull/{number}/merge",
        actor=pull.owner,
        head_ref=pull.branch,
        base_ref="main",
        from_fork=True,
        run={
            "head_sha": pull.head,
            "head_branch": pull.branch,
            "head_repository": f"{pull.owner}/registry",
            # GitHub leaves this empty for pull requests from forks.
            "pull_requests": [],
        },
        payload={
            "action": "synchronize" if known else "opened",
            "number": number,
            "pull_request": payload(pull, title),
            "repository": repository(),
            "sender": {"login": pull.owner},
        },
    )


def payload(pull: PullRequest, title: str) -> dict[str, Any]:
    """Return a pull request as events have it."""
    return {
        "number": pull.number,
        "title": title,
        "state": "open",
        "user": {"login": pull.owner},
        "merge_commit_sha": pull.merge,
        "head": {
            "ref": pull.branch,
            "sha": pull.head,
            "label": f"{pull.owner}:{pull.branch}",
            "repo": repository(pull.owner),
        },
        "base": {"ref": "main", "sha": pull.base, "label": "almanac:main", "repo": repository()},
    }


def lines(forge: Forge, pull: PullRequest, paths: list[str]) -> dict[str, set[int]]:
    """Return the lines on which GitHub takes a comment: those of the change's hunks."""
    shown: dict[str, set[int]] = {}
    for path in paths:
        number = 0
        found = shown[path.encode(errors="replace").decode()] = set()
        for line in forge.origin.git("diff", pull.base, pull.merge, "--", f":(literal){path}").split("\n"):
            if line.startswith("@@"):
                number = int(line.split("+")[1].split(",")[0].split(" ")[0])
            elif number and line[:1] in {"+", " "}:
                found.add(number)
                number += 1
    return shown


def workflow_run(forge: Forge, completed: "Result") -> Event:
    """Another workflow's run is over. Whatever started that, this runs the default branch's file."""
    run = completed.event.run
    told = {
        "id": completed.run_id,
        "name": completed.workflow.name,
        "path": completed.workflow.path,
        "event": completed.event.name,
        "status": "completed",
        "conclusion": completed.conclusion,
        "head_sha": run["head_sha"],
        "head_branch": run["head_branch"],
        "head_repository": repository(run.get("head_repository", REPOSITORY).partition("/")[0]),
        "pull_requests": [],
        "run_attempt": 1,
        "html_url": f"https://github.com/{REPOSITORY}/actions/runs/{completed.run_id}",
        "actor": {"login": completed.event.actor},
    }
    workflow = {"name": completed.workflow.name, "path": completed.workflow.path}
    return _on_main(
        forge, "workflow_run", {"action": "completed", "workflow_run": told, "workflow": workflow}
    )
