"""The repository itself, its refs, contents, Pages site, workflow runs and artefacts, by the REST API."""

import base64
import binascii
from urllib.parse import quote

from tests.emulators.rest_calls import Answer, ApiError, Call, Listing, handles
from tests.emulators.rest_files import Conflict, blob_sha, store_of
from tests.emulators.rest_shapes import node_id
from tests.emulators.rest_world import BOT, Record

MAX_INLINE = 1_000_000
"""Bytes of a file that the contents endpoint gives in its JSON."""


@handles("GET", "", "")
def get_repository(call: Call) -> Answer:
    return Answer(call.shapes.repository(whole=True))


@handles("GET", "/pages", "pages=read")
def get_pages(call: Call) -> Answer:
    if call.world.pages is None:
        raise ApiError(404, "Not Found")
    given = {"status": "built", "cname": None, "custom_404": False, "public": True, **call.world.pages}
    return Answer({"url": f"{call.shapes.repo_api}/pages", **given})


# Refs


@handles("GET", "/git/ref/{ref}", "contents=read")
def get_ref(call: Call) -> Answer:
    name = call.params["ref"]
    sha = store_of(call.world).ref(name)
    if sha is None or not name.startswith(("heads/", "tags/")):
        raise ApiError(404, "Not Found")
    return Answer(ref_shape(call, name, sha))


@handles("POST", "/git/refs", "contents=write")
def create_ref(call: Call) -> Answer:
    full, sha = call.payload["ref"], call.payload["sha"]
    if not full.startswith("refs/") or full.count("/") < 2:
        raise ApiError(422, "Reference name must start with 'refs/' and contain at least two slashes.")
    name, store = full.removeprefix("refs/"), store_of(call.world)
    if store.ref(name) is not None:
        raise ApiError(422, "Reference already exists")
    if not store.exists(sha):
        raise ApiError(422, "Object does not exist")
    try:
        store.set_ref(name, sha)
    except Conflict as error:
        raise ApiError(422, str(error)) from None
    return Answer(ref_shape(call, name, sha), 201)


@handles("PATCH", "/git/refs/{ref}", "contents=write")
def update_ref(call: Call) -> Answer:
    name, sha, store = call.params["ref"], call.payload["sha"], store_of(call.world)
    known = store.ref(name)
    if known is None:
        raise ApiError(422, "Reference does not exist")
    if not store.exists(sha):
        raise ApiError(422, "Object does not exist")
    if not call.payload.get("force") and not store.is_ancestor(known, sha):
        raise ApiError(422, "Update is not a fast forward")
    store.set_ref(name, sha)
    follow(call, name, sha)
    return Answer(ref_shape(call, name, sha))


@handles("DELETE", "/git/refs/{ref}", "contents=write")
def delete_ref(call: Call) -> Answer:
    name, store = call.params["ref"], store_of(call.world)
    if store.ref(name) is None:
        raise ApiError(422, "Reference does not exist")
    store.set_ref(name, None)
    return Answer(status=204)


def ref_shape(call: Call, name: str, sha: str) -> Record:
    api = call.shapes.repo_api
    return {
        "ref": f"refs/{name}",
        "node_id": node_id("REF", 1),
        "url": f"{api}/git/refs/{quote(name)}",
        "object": {"sha": sha, "type": "commit", "url": f"{api}/git/commits/{sha}"},
    }


def follow(call: Call, name: str, sha: str) -> None:
    """Move the heads of open pull requests with their branch."""
    for pull in call.world.pulls.values():
        mine = pull["head"]["repo"] == call.world.repository and f"heads/{pull['head']['ref']}" == name
        if mine and pull["state"] == "open":
            pull["head"]["sha"] = sha


# Contents


@handles("GET", "/contents/{path}", "contents=read")
def get_contents(call: Call) -> Answer:
    store, path = store_of(call.world), call.params["path"].strip("/")
    revision = call.query.get("ref", call.world.default_branch)
    commit = store.resolve(revision.removeprefix("refs/heads/"))
    if commit is None:
        raise ApiError(404, f"No commit found for the ref {revision}")
    data = store.read(commit, path)
    if data is not None:
        small = len(data) <= MAX_INLINE
        about = content_shape(call, path, revision, blob_sha(data), len(data), is_file=True)
        text = base64.encodebytes(data).decode() if small else ""
        return Answer({**about, "content": text, "encoding": "base64" if small else "none"})
    rows = store.listing(commit, path)
    if not rows:
        raise ApiError(404, "Not Found")
    return Answer(
        [
            content_shape(call, f"{path}/{name}", revision, sha, size, is_file=not folder)
            for name, folder, sha, size in rows
        ]
    )


@handles("PUT", "/contents/{path}", "contents=write")
def put_contents(call: Call) -> Answer:
    world, given, path = call.world, call.payload, call.params["path"]
    branch = given.get("branch", world.default_branch).removeprefix("refs/heads/")
    store = store_of(world)
    commit = store.ref(f"heads/{branch}")
    if commit is None:
        raise ApiError(404, f"Branch {branch} not found")
    if call.login == BOT and path.startswith(".github/workflows/"):
        raise ApiError(403, "Resource not accessible by integration")
    try:
        data = base64.b64decode(given["content"].replace("\n", ""), validate=True)
    except binascii.Error:
        raise ApiError(422, "content is not valid Base64") from None
    before, sha = store.read(commit, path), given.get("sha")
    if before is not None and sha is None:
        raise ApiError(422, 'Invalid request.\n\n"sha" wasn\'t supplied.')
    if sha is not None and (before is None or sha != blob_sha(before)):
        raise ApiError(409, f"{path} does not match {sha}")
    who = given.get("committer") or given.get("author") or {}
    number = call.shapes.user(call.login)["id"]
    address = f"{number}+{call.login}@users.noreply.github.com"
    author = (who.get("name", call.login), who.get("email", address))
    made = store.write(branch, path, data, given["message"], author)
    follow(call, f"heads/{branch}", made)
    person = {"name": author[0], "email": author[1], "date": world.stamp()}
    api, page = call.shapes.repo_api, call.shapes.repo_page
    return Answer(
        {
            "content": content_shape(call, path, branch, blob_sha(data), len(data), is_file=True),
            "commit": {
                "sha": made,
                "node_id": node_id("C", 1),
                "url": f"{api}/git/commits/{made}",
                "html_url": f"{page}/commit/{made}",
                "author": person,
                "committer": person,
                "message": given["message"],
                "parents": [{"sha": commit, "url": f"{api}/git/commits/{commit}"}],
            },
        },
        201 if before is None else 200,
    )


def content_shape(call: Call, path: str, revision: str, sha: str, size: int, *, is_file: bool) -> Record:
    api, page = call.shapes.repo_api, call.shapes.repo_page
    own = f"{api}/contents/{quote(path)}?ref={quote(revision)}"
    git = f"{api}/git/{'blobs' if is_file else 'trees'}/{sha}"
    html = f"{page}/{'blob' if is_file else 'tree'}/{revision}/{quote(path)}"
    return {
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": sha,
        "size": size,
        "url": own,
        "html_url": html,
        "git_url": git,
        "download_url": f"{page}/raw/{revision}/{quote(path)}" if is_file else None,
        "type": "file" if is_file else "dir",
        "_links": {"self": own, "git": git, "html": html},
    }


# Runs and artefacts


@handles("GET", "/actions/runs/{run_id}", "actions=read")
def get_run(call: Call) -> Answer:
    return Answer(call.shapes.run(run_of(call)))


@handles("GET", "/actions/runs/{run_id}/artifacts", "actions=read")
def list_artifacts(call: Call) -> Listing:
    run = run_of(call)
    mine = [
        call.shapes.artifact(artifact, run["id"])
        for artifact in call.world.artifacts.get(run["id"], [])
        if call.query.get("name", artifact["name"]) == artifact["name"]
    ]
    return Listing(mine, key="artifacts")


@handles("GET", "/actions/artifacts/{artifact_id}", "actions=read")
def get_artifact(call: Call) -> Answer:
    run_id, artifact = artifact_of(call)
    return Answer(call.shapes.artifact(artifact, run_id))


@handles("GET", "/actions/artifacts/{artifact_id}/{archive_format}", "actions=read")
def download_artifact(call: Call) -> Answer:
    """Answer where the archive is: on another host, at an address that is a secret of its own."""
    _, artifact = artifact_of(call)
    if call.params["archive_format"] != "zip":
        raise ApiError(404, "Not Found")
    if artifact["expired"]:
        raise ApiError(410, "Artifact has expired")
    address = f"{call.blob_url}/artifacts/{artifact['id']}.zip?sig=s1gned"
    return Answer(status=302, headers={"Location": address})


def run_of(call: Call) -> Record:
    run = call.world.runs.get(call.number("run_id"))
    if run is None:
        raise ApiError(404, "Not Found")
    return run


def artifact_of(call: Call) -> tuple[int, Record]:
    wanted = call.number("artifact_id")
    for run_id, artifacts in call.world.artifacts.items():
        for artifact in artifacts:
            if artifact["id"] == wanted:
                return run_id, artifact
    raise ApiError(404, "Not Found")
