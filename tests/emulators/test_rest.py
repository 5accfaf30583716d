"""What the emulator of GitHub's REST API promises to the tests that stand on it."""

import base64
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.emulators.github import GitHub
from tests.emulators.rest import BOT, RestWorld
from tests.emulators.rest_calls import HANDLERS
from tests.emulators.rest_description import answer_faults, description, find

TOKEN = "t0ken-of-the-registry"
REPO = "/repos/almanac/registry"
HEADERS = {"Accept": "application/vnd.github+json", "X-GitHub-Api-Version": "2022-11-28"}


@pytest.fixture
def world() -> RestWorld:
    return RestWorld()


@pytest.fixture
def api(world: RestWorld) -> Iterator["Api"]:
    with GitHub(rest=world, token=TOKEN) as github, Api(github) as client:
        yield client


class Api(httpx.Client):
    """A client that names the repository's paths below it."""

    def __init__(self, github: GitHub, token: str = TOKEN) -> None:
        headers = HEADERS | ({"Authorization": f"Bearer {token}"} if token else {})
        super().__init__(base_url=f"{github.url}{REPO}", headers=headers)
        self.github = github


def said(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["message"]


def commit(folder: Path, files: dict[str, str]) -> None:
    """Commit files to a repository at `folder`, which is made when it is not there."""
    folder.mkdir(exist_ok=True)
    settings = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_SYSTEM": os.devnull}
    person = {
        f"GIT_{who}_{what}": "a@b.example" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")
    }
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, encoding="utf-8")
    for command in (["init", "-q", "-b", "main"], ["add", "--all"], ["commit", "-q", "-m", "Begin"]):
        subprocess.run(["git", "-C", folder, *command], check=True, env=os.environ | settings | person)


# The description


def test_every_endpoint_that_is_emulated_is_described_by_github() -> None:
    paths = description()["paths"]
    assert len(HANDLERS) > 40
    assert [key for key in HANDLERS if key[0].lower() not in paths.get(key[1], {})] == []


def test_an_answer_with_a_field_that_github_has_not_is_a_fault(world: RestWorld, api: Api) -> None:
    operation, _ = find("GET", f"{REPO}/labels")
    assert operation is not None
    world.add_label("plugin")
    labels = api.get("/labels").json()
    assert answer_faults(operation, 200, labels) == []
    assert answer_faults(operation, 200, [labels[0] | {"colour": "red"}]) == [
        "0: Unevaluated properties are not allowed ('colour' was unexpected)"
    ]
    del labels[0]["node_id"]
    assert answer_faults(operation, 200, labels) == ['0: "node_id" is a required property']


def test_an_unknown_field_of_a_body_is_refused_and_kept_as_a_fault(world: RestWorld, api: Api) -> None:
    answer = api.post("/issues", json={"title": "x", "labelz": []})
    text = ".: Unevaluated properties are not allowed ('labelz' was unexpected)"
    assert said(answer) == (422, f"Invalid request.\n\n{text}")
    assert world.faults == [f"POST {REPO}/issues: {text}"]
    assert world.issues == {}


@pytest.mark.parametrize(
    ("method", "path", "fault"),
    [
        ("GET", "/issues?state=broken", "query parameter 'state' may not be 'broken'"),
        ("GET", "/issues?status=open", "unknown query parameter 'status'"),
        ("GET", "/issues?per_page=500", "query parameter 'per_page' goes from 1 to 100"),
        ("GET", "/issues?page=two", "query parameter 'page' is no integer: 'two'"),
        ("GET", "/issue", "GitHub has no such endpoint"),
        ("PUT", "/issues", "GitHub has no such endpoint"),
        ("GET", "/stargazers", "this endpoint is not emulated"),
        ("POST", "/issues", "no body where one is required"),
    ],
)
def test_what_github_does_not_describe_is_kept_as_a_fault(
    world: RestWorld, api: Api, method: str, path: str, fault: str
) -> None:
    answer = api.request(method, path)
    assert answer.status_code in (404, 422)
    assert world.faults == [f"{method} {REPO}{path.partition('?')[0]}: {fault}"]


# Who may do what


def test_a_wrong_token_is_no_token_of_any_use(world: RestWorld) -> None:
    with GitHub(rest=world, token=TOKEN) as github, Api(github, "another") as api:
        assert said(api.get("/issues")) == (401, "Bad credentials")
        with Api(github, "") as anybody:
            assert anybody.get("/issues").status_code == 200
            assert said(anybody.post("/issues", json={"title": "x"})) == (401, "Requires authentication")
            world.add_artifact(7, "review", b"zip")
            artifact = world.artifacts[7][0]["id"]
            answer = anybody.get(f"/actions/artifacts/{artifact}/zip")
            assert said(answer) == (401, "Requires authentication")


@pytest.mark.parametrize(
    ("permissions", "method", "path", "payload", "status"),
    [
        ({"issues": "read"}, "GET", "/issues", None, 200),
        ({"issues": "write"}, "GET", "/issues", None, 200),
        ({"pull-requests": "read"}, "GET", "/issues", None, 200),
        ({"contents": "write"}, "GET", "/issues", None, 403),
        ({"issues": "read"}, "POST", "/issues", {"title": "x"}, 403),
        ({"pull_requests": "write"}, "POST", "/issues", {"title": "x"}, 403),
        ({"issues": "write"}, "POST", "/issues", {"title": "x"}, 201),
        ({"issues": "write"}, "POST", "/pulls", {"head": "a", "base": "main", "title": "x"}, 403),
        ({"contents": "read"}, "POST", "/git/refs", {"ref": "refs/heads/a", "sha": "1" * 40}, 403),
        ({}, "GET", "/pages", None, 403),
        ({}, "GET", "", None, 200),
        ({"actions": "read"}, "GET", "/actions/runs/1/artifacts", None, 404),
        ({"contents": "read"}, "GET", "/actions/runs/1/artifacts", None, 403),
    ],
)
def test_a_token_does_what_its_permissions_say(
    permissions: dict[str, str], method: str, path: str, payload: Any, status: int
) -> None:
    world = RestWorld(tokens={TOKEN: permissions})
    with GitHub(rest=world, token=None) as github, Api(github) as api:
        answer = api.request(method, f"{github.url}{REPO}{path}", json=payload)
    assert answer.status_code == status
    if status == 403:
        assert answer.json()["message"] == "Resource not accessible by integration"
    assert world.faults == []


# Issues, comments, labels


def test_a_list_comes_in_pages_that_lead_to_each_other(world: RestWorld, api: Api) -> None:
    for number in range(5):
        world.add_issue(f"Issue {number}", labels=["Plugin"])
    answer = api.get("/issues", params={"per_page": 2, "page": 2, "labels": "plugin"})
    assert [issue["title"] for issue in answer.json()] == ["Issue 2", "Issue 1"]
    links = answer.links
    assert set(links) == {"first", "last", "next", "prev"}
    assert [issue["title"] for issue in api.get(links["next"]["url"]).json()] == ["Issue 0"]
    assert "Link" not in api.get("/issues").headers
    assert world.faults == []


def test_a_pull_request_is_an_issue_too(world: RestWorld, api: Api) -> None:
    world.add_issue("An issue")
    world.add_pull("A change")
    listed = api.get("/issues").json()
    assert [(one["number"], "pull_request" in one) for one in listed] == [(2, True), (1, False)]
    assert api.get("/pulls/1").status_code == 404
    assert api.get("/pulls/2").json()["title"] == "A change"
    assert world.faults == []


def test_texts_have_the_lengths_that_github_takes(world: RestWorld, api: Api) -> None:
    number = world.add_issue("An issue")["number"]
    comments = f"/issues/{number}/comments"
    assert api.post(comments, json={"body": "x" * 65_536}).status_code == 201
    answer = api.post(comments, json={"body": "x" * 65_537})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["message"] == "body is too long (maximum is 65536 characters)"
    assert api.post(comments, json={"body": " \n"}).status_code == 422
    assert api.post("/labels", json={"name": "x" * 51}).status_code == 422
    assert api.post("/labels", json={"name": "x", "color": "#ff0000"}).status_code == 422
    assert api.post("/labels", json={"name": "x", "description": "y" * 101}).status_code == 422
    assert api.post("/issues", json={"title": "x" * 257}).status_code == 422
    assert len(world.comments) == 1
    assert world.faults == []


def test_a_locked_issue_takes_no_comment(world: RestWorld, api: Api) -> None:
    world.add_issue("Heated")["locked"] = True
    answer = api.post("/issues/1/comments", json={"body": "x"})
    assert said(answer) == (403, "Unable to create comment because issue is locked.")


def test_a_label_is_the_same_in_capitals(world: RestWorld, api: Api) -> None:
    world.add_label("Plugin")
    answer = api.post("/labels", json={"name": "PLUGIN"})
    assert said(answer) == (422, "Validation Failed")
    assert answer.json()["errors"] == [{"resource": "Label", "field": "name", "code": "already_exists"}]
    assert api.patch("/labels/plugin", json={"color": "00FF00"}).json()["color"] == "00ff00"
    world.add_issue("x", labels=["plugin"])
    assert api.patch("/labels/plugin", json={"new_name": "a new/name"}).json()["name"] == "a new/name"
    assert api.get("/labels/a%20new%2Fname").status_code == 200
    assert api.delete("/issues/1/labels/PLUGIN").status_code == 404
    assert world.faults == []


# Pull requests


def test_a_review_that_does_not_fit_the_diff_posts_nothing(world: RestWorld, api: Api) -> None:
    pull = world.add_pull("A change", files={"_plugins/a.md": {1, 2, 3, 8}})
    comments = [{"path": "_plugins/a.md", "line": 2, "side": "RIGHT", "body": "x"}]

    def post(**more: Any) -> tuple[int, Any]:
        review = {"event": "COMMENT", "body": "x", "comments": [*comments, comments[0] | more]}
        answer = api.post("/pulls/1/reviews", json=review)
        return answer.status_code, answer.json().get("errors")

    assert post(line=5) == (422, ["Line could not be resolved"])
    assert post(path="_plugins/b.md") == (422, ["Path could not be resolved"])
    assert post(line=8, start_line=3) == (422, ["Start line must be part of the same hunk as the line."])
    assert post(line=2, start_line=2) == (422, ["Start line must precede the end line."])
    assert post(body=" ") == (422, ["Body can't be blank"])
    assert world.reviews == world.review_comments == []
    assert post(line=3, start_line=1) == (200, None)
    assert [comment["line"] for comment in world.review_comments] == [2, 3]
    assert world.review_comments[0]["user"] == BOT
    late = api.post("/pulls/1/reviews", json={"event": "COMMENT", "body": "x", "commit_id": "f" * 40})
    assert late.json()["errors"] == ["Commit is not part of the pull request"]
    assert pull["head"]["sha"] == "1" * 40
    assert world.faults == []


def test_pull_requests_are_found_by_owner_and_branch(world: RestWorld, api: Api) -> None:
    world.add_pull("Ours", head="fix")
    world.add_pull("Theirs", head="fix", head_repository="mallory/registry")

    def titles(**query: str) -> list[str]:
        return [pull["title"] for pull in api.get("/pulls", params=query).json()]

    assert titles(head="almanac:fix") == ["Ours"]
    assert titles(head="mallory:fix") == ["Theirs"]
    assert titles(head="fix") == ["Theirs", "Ours"]  # without an owner, GitHub looks at none of it
    assert titles(state="closed") == []
    assert world.faults == []


# Files


@pytest.fixture(params=["plain", "git"])
def files(request: pytest.FixtureRequest, world: RestWorld, tmp_path: Path) -> RestWorld:
    """A repository with two registrations, made up or real."""
    known = {"_plugins/a.md": "A\n", "_plugins/b.md": "B\n", "README.md": "R\n"}
    if request.param == "plain":
        world.contents["main"] = {path: text.encode() for path, text in known.items()}
    else:
        commit(tmp_path / "work", known)
        world.git_dir = tmp_path / "registry.git"
        subprocess.run(["git", "clone", "-q", "--bare", tmp_path / "work", world.git_dir], check=True)
    return world


def test_a_file_is_changed_on_a_branch_and_proposed(files: RestWorld, api: Api) -> None:
    main = api.get("/git/ref/heads/main").json()["object"]["sha"]
    assert said(api.get("/git/ref/heads/mark/a")) == (404, "Not Found")
    new = {"ref": "refs/heads/mark/a", "sha": main}
    assert api.post("/git/refs", json=new).json()["ref"] == "refs/heads/mark/a"
    assert said(api.post("/git/refs", json=new)) == (422, "Reference already exists")
    unknown = {"ref": "refs/heads/b", "sha": "f" * 40}
    assert said(api.post("/git/refs", json=unknown)) == (422, "Object does not exist")
    pull = {"head": "mark/a", "base": "main", "title": "Mark a"}
    refused = api.post("/pulls", json=pull)
    assert refused.json()["errors"][0]["message"] == "No commits between main and mark/a"

    known = api.get("/contents/_plugins/a.md", params={"ref": "mark/a"}).json()
    assert base64.b64decode(known["content"]) == b"A\n"
    change = {"message": "Mark a", "content": base64.b64encode(b"A!\n").decode(), "branch": "mark/a"}
    assert api.put("/contents/_plugins/a.md", json=change).status_code == 422
    assert api.put("/contents/_plugins/a.md", json=change | {"sha": "0" * 40}).status_code == 409
    made = api.put("/contents/_plugins/a.md", json=change | {"sha": known["sha"]})
    assert (made.status_code, made.json()["content"]["size"]) == (200, 3)
    again = api.get("/contents/_plugins/a.md", params={"ref": "mark/a"}).json()
    assert base64.b64decode(again["content"]) == b"A!\n"
    same = api.get("/contents/_plugins/a.md").json()
    assert base64.b64decode(same["content"]) == b"A\n"

    assert api.post("/pulls", json=pull).json()["head"]["sha"] == made.json()["commit"]["sha"]
    refused = api.post("/pulls", json=pull)
    assert refused.json()["errors"][0]["message"] == "A pull request already exists for almanac:mark/a."
    assert api.delete("/git/refs/heads/mark/a").status_code == 204
    assert api.get("/git/ref/heads/mark/a").status_code == 404
    assert files.faults == []


def test_a_folder_is_listed_and_a_missing_file_is_not_there(files: RestWorld, api: Api) -> None:
    listed = api.get("/contents/_plugins").json()
    assert [(file["name"], file["type"], file["size"]) for file in listed] == [
        ("a.md", "file", 2),
        ("b.md", "file", 2),
    ]
    assert api.get("/contents/_plugins/c.md").status_code == 404
    assert said(api.get("/contents/a", params={"ref": "no"})) == (404, "No commit found for the ref no")
    assert files.faults == []


def test_a_workflow_may_not_write_workflows_nor_open_pull_requests_where_that_is_off(
    files: RestWorld, api: Api
) -> None:
    change = {"message": "x", "content": "eA=="}
    assert api.put("/contents/.github/workflows/x.yml", json=change).status_code == 403
    files.actions_may_create_pulls = False
    answer = api.post("/pulls", json={"head": "main", "base": "main", "title": "x"})
    assert said(answer) == (403, "GitHub Actions is not permitted to create or approve pull requests.")


# Runs


def test_an_artefact_comes_from_another_host_that_wants_no_token(world: RestWorld, api: Api) -> None:
    world.add_pull("A change")
    world.add_run(7, pull_requests=[1])
    artifact = world.add_artifact(7, "review", b"PK\x03\x04zip")
    world.add_artifact(7, "site", b"other", expired=True)
    listed = api.get("/actions/runs/7/artifacts", params={"name": "review"}).json()
    assert (listed["total_count"], listed["artifacts"][0]["size_in_bytes"]) == (1, 7)
    assert api.get("/actions/runs/7").json()["pull_requests"][0]["number"] == 1
    moved = api.get(f"/actions/artifacts/{artifact['id']}/zip")
    assert moved.status_code == 302
    assert httpx.get(moved.headers["Location"]).content == b"PK\x03\x04zip"
    assert httpx.get(moved.headers["Location"].partition("?")[0]).status_code == 404
    gone = world.artifacts[7][1]["id"]
    assert said(api.get(f"/actions/artifacts/{gone}/zip")) == (410, "Artifact has expired")
    assert world.faults == []
    httpx.get(moved.headers["Location"], headers={"Authorization": "Bearer x"})
    assert world.faults == ["authorization was sent to the host of the artefacts"]


def test_pages_are_there_once_they_are_switched_on(world: RestWorld, api: Api) -> None:
    assert api.get("/pages").status_code == 404
    world.pages = {"html_url": "https://almanac.github.io/registry/", "build_type": "workflow"}
    assert api.get("/pages").json()["html_url"] == "https://almanac.github.io/registry/"
    assert api.get(api.github.url + REPO).json()["has_pages"] is True
    assert world.faults == []


def test_another_repository_is_not_there(world: RestWorld, api: Api) -> None:
    other = api.github.url + "/repos/mallory/registry/issues"
    assert api.get(other).status_code == 404
    assert httpx.get(api.github.url + "/zen", headers={"User-Agent": "x"}).status_code == 404
    assert world.faults == ["GET /zen: GitHub has no such endpoint"]
