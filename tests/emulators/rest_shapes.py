"""The JSON that GitHub's REST API writes about issues, pull requests, labels, runs and the repository."""

import base64
import hashlib
from typing import Any

from tests.emulators.rest_world import BOT, Record, RestWorld


def node_id(kind: str, number: int) -> str:
    return f"{kind}_{base64.urlsafe_b64encode(number.to_bytes(8, 'big')).decode().rstrip('=')}"


class Shapes:
    """Writes records out; `api` is the API's address."""

    def __init__(self, world: RestWorld, api: str) -> None:
        self.world = world
        self.api = api
        self.repo_api = f"{api}/repos/{world.repository}"
        self.repo_page = f"{world.server_url}/{world.repository}"

    def user(self, login: str) -> Record:
        bot = login.endswith("[bot]")
        number = 41_898_282 if login == BOT else int(hashlib.sha256(login.encode()).hexdigest()[:6], 16)
        name = login.removesuffix("[bot]")
        api = f"{self.api}/users/{login.replace('[', '%5B').replace(']', '%5D')}"
        page = f"{self.world.server_url}/{'apps/' if bot else ''}{name}"
        lists = ["followers", "subscriptions", "repos", "received_events"]
        return {
            "login": login,
            "id": number,
            "node_id": node_id("BOT" if bot else "U", number),
            "avatar_url": f"https://avatars.githubusercontent.com/u/{number}?v=4",
            "gravatar_id": "",
            "url": api,
            "html_url": page,
            **{f"{what}_url": f"{api}/{what}" for what in lists},
            "organizations_url": f"{api}/orgs",
            "following_url": f"{api}/following{{/other_user}}",
            "gists_url": f"{api}/gists{{/gist_id}}",
            "starred_url": f"{api}/starred{{/owner}}{{/repo}}",
            "events_url": f"{api}/events{{/privacy}}",
            "type": "Bot" if bot else "User",
            "user_view_type": "public",
            "site_admin": False,
        }

    def association(self, login: str) -> str:
        return "OWNER" if login == self.world.owner else "NONE"

    def label(self, label: Record) -> Record:
        quoted = label["name"].replace(" ", "%20")
        return {
            "id": label["id"],
            "node_id": node_id("LA", label["id"]),
            "url": f"{self.repo_api}/labels/{quoted}",
            "name": label["name"],
            "color": label["color"],
            "default": False,
            "description": label["description"] or "",  # the description of /pulls knows no null
        }

    def labels(self, thread: Record) -> list[Record]:
        found = (self.world.label_named(name) for name in thread["labels"])
        return [self.label(label) for label in found if label is not None]

    def issue(self, thread: Record) -> Record:
        """Write an issue, or a pull request as the issues' endpoints show it."""
        number = thread["number"]
        api = f"{self.repo_api}/issues/{number}"
        is_pull = number in self.world.pulls
        page = f"{self.repo_page}/{'pull' if is_pull else 'issues'}/{number}"
        made = {
            "url": api,
            "repository_url": self.repo_api,
            "labels_url": f"{api}/labels{{/name}}",
            "comments_url": f"{api}/comments",
            "events_url": f"{api}/events",
            "html_url": page,
            "id": thread["id"],
            "node_id": node_id("I", thread["id"]),
            "number": number,
            "title": thread["title"],
            "user": self.user(thread["user"]),
            "labels": self.labels(thread),
            "state": thread["state"],
            "state_reason": thread["state_reason"],
            "locked": thread["locked"],
            "assignee": None,
            "assignees": [],
            "milestone": None,
            "comments": len(self.world.comments_of(number)),
            "created_at": thread["created_at"],
            "updated_at": thread["updated_at"],
            "closed_at": thread["closed_at"],
            "author_association": self.association(thread["user"]),
            "active_lock_reason": None,
            "body": thread["body"],
            "timeline_url": f"{api}/timeline",
        }
        if is_pull:
            made["draft"] = thread["draft"]
            made["pull_request"] = {
                "url": f"{self.repo_api}/pulls/{number}",
                "html_url": page,
                "diff_url": f"{page}.diff",
                "patch_url": f"{page}.patch",
                "merged_at": None,
            }
        return made

    def comment(self, comment: Record) -> Record:
        number = comment["number"]
        kind = "pull" if number in self.world.pulls else "issues"
        return {
            "url": f"{self.repo_api}/issues/comments/{comment['id']}",
            "html_url": f"{self.repo_page}/{kind}/{number}#issuecomment-{comment['id']}",
            "issue_url": f"{self.repo_api}/issues/{number}",
            "id": comment["id"],
            "node_id": node_id("IC", comment["id"]),
            "user": self.user(comment["user"]),
            "created_at": comment["created_at"],
            "updated_at": comment["updated_at"],
            "author_association": self.association(comment["user"]),
            "body": comment["body"],
        }

    def pull(self, pull: Record, *, whole: bool) -> Record:
        """Write a pull request: `whole` as by itself, else as in a list."""
        number = pull["number"]
        api, page = f"{self.repo_api}/pulls/{number}", f"{self.repo_page}/pull/{number}"
        issue = f"{self.repo_api}/issues/{number}"
        links = {
            "self": api,
            "html": page,
            "issue": issue,
            "comments": f"{issue}/comments",
            "review_comments": f"{api}/comments",
            "review_comment": f"{self.repo_api}/pulls/comments{{/number}}",
            "commits": f"{api}/commits",
            "statuses": f"{self.repo_api}/statuses/{pull['head']['sha']}",
        }
        made = {
            "url": api,
            "id": pull["id"],
            "node_id": node_id("PR", pull["id"]),
            "html_url": page,
            "diff_url": f"{page}.diff",
            "patch_url": f"{page}.patch",
            "issue_url": issue,
            "number": number,
            "state": pull["state"],
            "locked": pull["locked"],
            "title": pull["title"],
            "user": self.user(pull["user"]),
            "body": pull["body"] or None,
            "created_at": pull["created_at"],
            "updated_at": pull["updated_at"],
            "closed_at": pull["closed_at"],
            "merged_at": None,
            "merge_commit_sha": pull["merge_commit_sha"],
            "assignee": None,
            "assignees": [],
            "requested_reviewers": [],
            "requested_teams": [],
            "labels": self.labels(pull),
            "milestone": None,
            "draft": pull["draft"],
            "commits_url": links["commits"],
            "review_comments_url": links["review_comments"],
            "review_comment_url": links["review_comment"],
            "comments_url": links["comments"],
            "statuses_url": links["statuses"],
            "head": self._side(pull["head"]),
            "base": self._side(pull["base"]),
            "_links": {name: {"href": address} for name, address in links.items()},
            "author_association": self.association(pull["user"]),
            "auto_merge": None,
            "active_lock_reason": None,
        }
        if whole:
            mine = [one for one in self.world.review_comments if one["number"] == number]
            made |= {
                "merged": pull["merged"],
                "mergeable": None if pull["merge_commit_sha"] is None else True,
                "rebaseable": None,
                "mergeable_state": "unknown" if pull["merge_commit_sha"] is None else "clean",
                "merged_by": None,
                "comments": len(self.world.comments_of(number)),
                "review_comments": len(mine),
                "maintainer_can_modify": True,
                "commits": 1,
                "additions": 1,
                "deletions": 0,
                "changed_files": len(pull["files"]),
            }
        return made

    def _side(self, side: Record) -> Record:
        owner = side["repo"].partition("/")[0]
        return {
            "label": f"{owner}:{side['ref']}",
            "ref": side["ref"],
            "sha": side["sha"],
            "user": self.user(owner),
            "repo": self.repository(side["repo"]),
        }

    def file(self, file: Record, sha: str) -> Record:
        name = file["filename"]
        return {
            "sha": hashlib.sha1(name.encode()).hexdigest(),
            "filename": name,
            "status": file.get("status", "modified"),
            "additions": file.get("additions", 1),
            "deletions": file.get("deletions", 0),
            "changes": file.get("additions", 1) + file.get("deletions", 0),
            "blob_url": f"{self.repo_page}/blob/{sha}/{name}",
            "raw_url": f"{self.repo_page}/raw/{sha}/{name}",
            "contents_url": f"{self.repo_api}/contents/{name}?ref={sha}",
            **({"patch": file["patch"]} if "patch" in file else {}),
        }

    def review(self, review: Record) -> Record:
        number = review["number"]
        page = f"{self.repo_page}/pull/{number}#pullrequestreview-{review['id']}"
        api = f"{self.repo_api}/pulls/{number}"
        return {
            "id": review["id"],
            "node_id": node_id("PRR", review["id"]),
            "user": self.user(review["user"]),
            "body": review["body"],
            "state": review["state"],
            "html_url": page,
            "pull_request_url": api,
            "author_association": self.association(review["user"]),
            "_links": {"html": {"href": page}, "pull_request": {"href": api}},
            "submitted_at": review["submitted_at"],
            "commit_id": review["commit_id"],
        }

    def review_comment(self, comment: Record) -> Record:
        number = comment["number"]
        api = f"{self.repo_api}/pulls/comments/{comment['id']}"
        page = f"{self.repo_page}/pull/{number}#discussion_r{comment['id']}"
        pull = f"{self.repo_api}/pulls/{number}"
        first = comment["start_line"]
        several = {"start_line": first, "start_side": "RIGHT"} if first else {}
        return {
            "url": api,
            "pull_request_review_id": comment["review"],
            "id": comment["id"],
            "node_id": node_id("PRRC", comment["id"]),
            "diff_hunk": "@@ -1,1 +1,1 @@",
            "path": comment["path"],
            "commit_id": comment["commit_id"],
            "original_commit_id": comment["commit_id"],
            "user": self.user(comment["user"]),
            "body": comment["body"],
            "created_at": comment["created_at"],
            "updated_at": comment["created_at"],
            "html_url": page,
            "pull_request_url": pull,
            "author_association": self.association(comment["user"]),
            "_links": {"self": {"href": api}, "html": {"href": page}, "pull_request": {"href": pull}},
            "line": comment["line"],
            "original_line": comment["line"],
            "side": comment["side"],
            "subject_type": "line",
            **several,
        }

    def run(self, run: Record) -> Record:
        api = f"{self.repo_api}/actions/runs/{run['id']}"
        workflow = f"{self.repo_api}/actions/workflows/{run.get('workflow_id', 1)}"
        return {
            "id": run["id"],
            "name": run["name"],
            "node_id": node_id("WFR", run["id"]),
            "head_branch": run["head_branch"],
            "head_sha": run["head_sha"],
            "path": run["path"],
            "display_title": run.get("display_title", run["name"]),
            "run_number": run.get("run_number", 1),
            "run_attempt": run["run_attempt"],
            "event": run["event"],
            "status": run["status"],
            "conclusion": run["conclusion"],
            "workflow_id": run.get("workflow_id", 1),
            "url": api,
            "html_url": f"{self.repo_page}/actions/runs/{run['id']}",
            "pull_requests": [self._run_pull(self.world.pulls[number]) for number in run["pull_requests"]],
            "created_at": run["created_at"],
            "updated_at": run["created_at"],
            **{f"{what}_url": f"{api}/{what}" for what in ["jobs", "logs", "cancel", "rerun", "artifacts"]},
            "check_suite_url": f"{self.repo_api}/check-suites/1",
            "workflow_url": workflow,
            "head_commit": None,
            "repository": self.repository(),
            "head_repository": self.repository(run["head_repository"]),
        }

    def _run_pull(self, pull: Record) -> Record:
        def side(one: Record) -> Record:
            full_name = one["repo"]
            repository = {
                "id": repository_id(full_name),
                "url": f"{self.api}/repos/{full_name}",
                "name": full_name.partition("/")[2],
            }
            return {"ref": one["ref"], "sha": one["sha"], "repo": repository}

        return {
            "url": f"{self.repo_api}/pulls/{pull['number']}",
            "id": pull["id"],
            "number": pull["number"],
            "head": side(pull["head"]),
            "base": side(pull["base"]),
        }

    def artifact(self, artifact: Record, run_id: int) -> Record:
        api = f"{self.repo_api}/actions/artifacts/{artifact['id']}"
        run = self.world.runs.get(run_id)
        times = dict.fromkeys(("created_at", "updated_at", "expires_at"), self.world.stamp())
        made = {
            "id": artifact["id"],
            "node_id": node_id("MDg", artifact["id"]),
            "name": artifact["name"],
            "size_in_bytes": artifact["size"],
            "url": api,
            "archive_download_url": f"{api}/zip",
            "expired": artifact["expired"],
            "digest": f"sha256:{hashlib.sha256(artifact['zip']).hexdigest()}",
            **times,
        }
        if run is not None:
            made["workflow_run"] = {
                "id": run_id,
                "repository_id": repository_id(self.world.repository),
                "head_repository_id": repository_id(run["head_repository"]),
                "head_branch": run["head_branch"],
                "head_sha": run["head_sha"],
            }
        return made

    def repository(self, full_name: str = "", *, whole: bool = False) -> Record:
        """Write a repository: `whole` as by itself, else as inside of something else."""
        full_name = full_name or self.world.repository
        owner, _, name = full_name.partition("/")
        api, page = f"{self.api}/repos/{full_name}", f"{self.world.server_url}/{full_name}"
        number = repository_id(full_name)
        plain = (
            *("contributors", "deployments", "downloads", "events", "forks", "hooks", "languages"),
            *("merges", "stargazers", "subscribers", "subscription", "tags", "teams"),
        )
        made: dict[str, Any] = {
            "id": number,
            "node_id": node_id("R", number),
            "name": name,
            "full_name": full_name,
            "private": False,
            "owner": self.user(owner),
            "html_url": page,
            "description": None,
            "fork": full_name != self.world.repository,
            "url": api,
            **{f"{what}_url": f"{api}/{what}" for what in plain},
            "archive_url": f"{api}/{{archive_format}}{{/ref}}",
            "assignees_url": f"{api}/assignees{{/user}}",
            "blobs_url": f"{api}/git/blobs{{/sha}}",
            "branches_url": f"{api}/branches{{/branch}}",
            "collaborators_url": f"{api}/collaborators{{/collaborator}}",
            "comments_url": f"{api}/comments{{/number}}",
            "commits_url": f"{api}/commits{{/sha}}",
            "compare_url": f"{api}/compare/{{base}}...{{head}}",
            "contents_url": f"{api}/contents/{{+path}}",
            "git_commits_url": f"{api}/git/commits{{/sha}}",
            "git_refs_url": f"{api}/git/refs{{/sha}}",
            "git_tags_url": f"{api}/git/tags{{/sha}}",
            "issue_comment_url": f"{api}/issues/comments{{/number}}",
            "issue_events_url": f"{api}/issues/events{{/number}}",
            "issues_url": f"{api}/issues{{/number}}",
            "keys_url": f"{api}/keys{{/key_id}}",
            "labels_url": f"{api}/labels{{/name}}",
            "milestones_url": f"{api}/milestones{{/number}}",
            "notifications_url": f"{api}/notifications{{?since,all,participating}}",
            "pulls_url": f"{api}/pulls{{/number}}",
            "releases_url": f"{api}/releases{{/id}}",
            "statuses_url": f"{api}/statuses/{{sha}}",
            "trees_url": f"{api}/git/trees{{/sha}}",
        }
        made |= {
            "clone_url": f"{page}.git",
            "git_url": f"git://{page.partition('://')[2]}.git",
            "ssh_url": f"git@github.com:{full_name}.git",
            "svn_url": page,
            "mirror_url": None,
            "homepage": None,
            "language": None,
            "license": None,
            "default_branch": self.world.default_branch,
            "archived": False,
            "disabled": False,
            **dict.fromkeys(("forks", "forks_count", "stargazers_count", "watchers", "watchers_count"), 0),
            "size": 1,
            "open_issues": len(self._open()),
            "open_issues_count": len(self._open()),
            **dict.fromkeys(("created_at", "updated_at", "pushed_at"), "2024-01-01T00:00:00Z"),
            "has_issues": True,
            "has_projects": False,
            "has_wiki": False,
            "has_downloads": False,
            "has_pages": self.world.pages is not None,
            "has_discussions": False,
        }
        if whole:
            made |= {"network_count": 0, "subscribers_count": 0}
        return made

    def _open(self) -> list[Record]:
        threads = [*self.world.issues.values(), *self.world.pulls.values()]
        return [thread for thread in threads if thread["state"] == "open"]


def repository_id(full_name: str) -> int:
    return int(hashlib.sha256(full_name.lower().encode()).hexdigest()[:8], 16)
