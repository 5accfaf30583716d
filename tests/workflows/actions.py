"""Stand-ins of the actions that our workflows use: strict about inputs, true about what they leave.

An action that is not in `ACTIONS`, another commit of it, or an input that it has not, is a WorkflowError.
"""

import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from tests.workflows.forge import Forge
from tests.workflows.workflow import WorkflowError

Inputs = Mapping[str, str]
Outputs = dict[str, str]


class ActionFailed(Exception):
    """An action fails its step."""


class Job(Protocol):
    """What an action needs of the job that runs it."""

    forge: Forge
    workspace: Path
    temporary: Path
    tools: Path
    token: str
    permissions: dict[str, str]
    run_id: int
    sha: str
    ref: str
    scopes: list[str]
    paths: list[str]
    exported: dict[str, str]
    repository: str

    def say(self, text: str) -> None:
        """Write to the step's log."""

    def afterwards(self, action: Callable[[], None]) -> None:
        """Do something at the job's end, when it succeeded."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """One action: its pinned commit, what it takes, what it tells, and what it does."""

    commit: str
    version: str
    inputs: frozenset[str]
    outputs: frozenset[str]
    run: Callable[[Job, Inputs], Outputs]
    required: frozenset[str] = frozenset()


ACTIONS: dict[str, Action] = {}


def action(
    name: str, version: str, commit: str, inputs: str = "", outputs: str = "", required: str = ""
) -> Callable[[Callable[[Job, Inputs], Outputs]], Callable[[Job, Inputs], Outputs]]:
    """Enter a function into ACTIONS."""

    def enter(run: Callable[[Job, Inputs], Outputs]) -> Callable[[Job, Inputs], Outputs]:
        must = frozenset(required.split())
        takes = must | frozenset(inputs.split())
        tells = frozenset(outputs.split())
        ACTIONS[name] = Action(
            commit=commit, version=version, inputs=takes, outputs=tells, run=run, required=must
        )
        return run

    return enter


def find(uses: str, given: Mapping[str, object]) -> Action:
    """Return the action that `uses` names, its inputs checked."""
    name, _, commit = uses.partition("@")
    if name not in ACTIONS:
        raise WorkflowError(f"{uses}: no such action is allowed")
    found = ACTIONS[name]
    if commit != found.commit:
        raise WorkflowError(f"{uses}: must be pinned as {found.commit} ({found.version})")
    if unknown := sorted(set(given) - found.inputs):
        raise WorkflowError(f"{uses}: has no input {unknown[0]}")
    if missing := sorted(found.required - set(given)):
        raise WorkflowError(f"{uses}: needs the input {missing[0]}")
    return found


def permit(job: Job, scope: str, level: str, what: str) -> None:
    """Fail as the API does when the job's token may not do this."""
    if job.permissions.get(scope) not in {level, "write"}:
        raise ActionFailed(f"{what}: Resource not accessible by integration (needs {scope}: {level})")


def true(inputs: Inputs, name: str, default: str = "false") -> bool:
    """Read a boolean input as actions do."""
    text = inputs.get(name, default).lower()
    if text not in {"true", "false"}:
        raise ActionFailed(f"{name}: {text} is neither true nor false")
    return text == "true"


def inside(job: Job, name: str) -> Path:
    """Return a path of the workspace."""
    return job.workspace / name


@action(
    "actions/checkout", "v7.0.0", "9c091bb21b7c1c1d1991bb908d89e4e9dddfe3e0",
    "repository ref token path fetch-depth fetch-tags persist-credentials clean show-progress filter",
    "ref commit",
)  # fmt: skip
def checkout(job: Job, inputs: Inputs) -> Outputs:
    """Fetch one commit of the origin and check it out; the remote bears the name it has at the forge."""
    if inputs.get("repository", job.repository) != job.repository:
        raise ActionFailed(f"repository {inputs['repository']}: this runner knows its own alone")
    folder = inside(job, inputs.get("path", "."))
    folder.mkdir(parents=True, exist_ok=True)

    def git(*arguments: str) -> str:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments], capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise ActionFailed(f"git {arguments[0]}: {done.stderr.strip()}")
        return done.stdout.strip()

    if not (folder / ".git").exists():
        address = f"https://github.com/{job.repository}"
        git("init", "--quiet")
        git("remote", "add", "origin", address)
        # The address is the real one; the way to it is short here.
        git("config", f"url.{job.forge.origin.url}.insteadOf", address)
        git("config", "gc.auto", "0")
    wanted = inputs.get("ref") or job.sha
    depth = inputs.get("fetch-depth", "1")
    limited = [f"--depth={depth}"] if depth != "0" else ["+refs/heads/*:refs/remotes/origin/*"]
    filtered = [f"--filter={inputs['filter']}"] if inputs.get("filter") else []
    git("fetch", "--quiet", "--no-tags", "--no-recurse-submodules", *filtered, "origin", *limited, wanted)
    git("checkout", "--quiet", "--force", "--detach", "FETCH_HEAD")
    if true(inputs, "persist-credentials", "true"):
        git("config", "http.https://github.com/.extraheader", f"AUTHORIZATION: basic {job.token}")
    commit = git("rev-parse", "HEAD")
    job.say(f"checked out {commit}")
    return {"ref": inputs.get("ref", job.ref), "commit": commit}


@action(
    "actions/setup-python", "v6.3.0", "ece7cb06caefa5fff74198d8649806c4678c61a1",
    "python-version-file cache cache-dependency-path check-latest allow-prereleases update-environment",
    "python-version python-path cache-hit", "python-version",
)  # fmt: skip
def setup_python(job: Job, inputs: Inputs) -> Outputs:
    """Put the Python that runs these tests first in PATH, whatever version is asked for."""
    real = Path(sys.executable).resolve()
    folder = job.tools / "Python" / "bin"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("python", "python3", real.name):
        if not (folder / name).exists():
            (folder / name).symlink_to(real)
    job.paths.insert(0, str(folder))
    job.exported["pythonLocation"] = str(folder.parent)
    version = ".".join(map(str, sys.version_info[:3]))
    return {"python-version": version, "python-path": str(folder / "python"), "cache-hit": ""}


@action(
    "actions/setup-node", "v6.4.0", "48b55a011bda9f5d6aeb4c2d9c7362e8dae4041e",
    "node-version node-version-file cache cache-dependency-path package-manager-cache check-latest",
    "node-version cache-hit",
)  # fmt: skip
def setup_node(job: Job, inputs: Inputs) -> Outputs:
    """Take the Node.js that is there."""
    done = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    return {"node-version": done.stdout.strip(), "cache-hit": ""}


@action(
    "ruby/setup-ruby", "v1.300.0", "e65c17d16e57e481586a6a5a0282698790062f92",
    "ruby-version rubygems bundler bundler-cache working-directory cache-version", "ruby-prefix",
)  # fmt: skip
def setup_ruby(job: Job, inputs: Inputs) -> Outputs:
    """Take the Ruby that is there."""
    found = shutil.which("ruby")
    assert found
    return {"ruby-prefix": str(Path(found).resolve().parent.parent)}


CACHE = ("v5.0.5", "27d5ce7f107fe9357f9df03efb73ab90386fccae")
FOUND = "cache-hit cache-primary-key cache-matched-key"


@action("actions/cache/restore", *CACHE, "restore-keys fail-on-cache-miss lookup-only", FOUND, "path key")
def cache_restore(job: Job, inputs: Inputs) -> Outputs:
    """Restore what an earlier run kept."""
    key = inputs["key"]
    keys = [key, *inputs.get("restore-keys", "").split()]
    found = job.forge.caches.restore(job.workspace, inputs["path"], keys, job.scopes)
    if not found and true(inputs, "fail-on-cache-miss"):
        raise ActionFailed(f"nothing is kept for {key}")
    job.say(f"Cache restored from key: {found}" if found else f"Cache not found for {keys}")
    hit = str(found == key).lower() if found else ""
    return {"cache-hit": hit, "cache-primary-key": key, "cache-matched-key": found}


@action("actions/cache/save", *CACHE, "upload-chunk-size", "", "path key")
def cache_save(job: Job, inputs: Inputs) -> Outputs:
    """Keep paths for later runs."""
    job.forge.caches.save(job.workspace, inputs["path"], inputs["key"], job.ref)
    return {}


@action("actions/cache", *CACHE, "restore-keys fail-on-cache-miss lookup-only", "cache-hit", "path key")
def cache(job: Job, inputs: Inputs) -> Outputs:
    """Restore now, and save at the end of a job that succeeds when nothing was there."""
    outputs = cache_restore(job, inputs)
    if outputs["cache-hit"] != "true":
        job.afterwards(lambda: cache_save(job, inputs) and None)
    return {"cache-hit": outputs["cache-hit"]}


def uploadable(job: Job, paths: str, *, hidden: bool) -> dict[str, Path]:
    """Return the files of an artefact by their names in it: as seen from the folder that all paths share."""
    roots, files = [], []
    for line in filter(None, map(str.strip, paths.splitlines())):
        steps = Path(line).parts
        fixed = [step for number, step in enumerate(steps) if "*" not in "".join(steps[: number + 1])]
        roots.append(inside(job, "/".join(fixed)))
        for match in sorted(job.workspace.glob(line.rstrip("/"))):
            files += sorted(match.rglob("*")) if match.is_dir() else [match]
    root = Path(os.path.commonpath(roots))
    root = root.parent if root.is_file() else root
    named = {path.relative_to(root): path for path in files if path.is_file()}
    seen = {name for name in named if hidden or not any(part.startswith(".") for part in name.parts)}
    return {name.as_posix(): path for name, path in named.items() if name in seen}


def store(job: Job, name: str, files: Mapping[str, bytes]) -> Outputs:
    """Keep an artefact of this run, zipped."""
    kept = job.forge.artifacts(job.run_id)
    if any(artifact["name"] == name for artifact in kept):
        raise ActionFailed(f"an artifact with the name {name} is there already")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for path, content in files.items():
            if any(letter in path for letter in '":<>|*?\r\n'):
                raise ActionFailed(f"The path for one of the files in artifact is not valid: {path!r}")
            archive.writestr(path, content)
    made = job.forge.rest.add_artifact(job.run_id, name, packed.getvalue())
    return {"artifact-id": str(made["id"])}


@action(
    "actions/upload-artifact", "v7.0.1", "043fb46d1a93c77aae656e7c1c64a875d1fc6a0a",
    "name if-no-files-found retention-days compression-level overwrite include-hidden-files archive",
    "artifact-id artifact-url artifact-digest", "path",
)  # fmt: skip
def upload_artifact(job: Job, inputs: Inputs) -> Outputs:
    """Keep files of the workspace; it is no failure when there are none, unless the workflow says so."""
    files = uploadable(job, inputs["path"], hidden=true(inputs, "include-hidden-files"))
    if not files:
        if inputs.get("if-no-files-found", "warn") == "error":
            raise ActionFailed(f"no files were found: {inputs['path']}")
        job.say(f"no files were found: {inputs['path']}")
        return {}
    return store(
        job, inputs.get("name", "artifact"), {name: path.read_bytes() for name, path in files.items()}
    )


@action(
    "actions/download-artifact", "v8.0.1", "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c",
    "name artifact-ids path pattern merge-multiple github-token repository run-id", "download-path",
)  # fmt: skip
def download_artifact(job: Job, inputs: Inputs) -> Outputs:
    """Unpack an artefact of this run, or of another by a token that may read actions."""
    run_id = int(inputs.get("run-id", job.run_id))
    if run_id != job.run_id:
        permit(job, "actions", "read", "download-artifact")
    folder = inside(job, inputs.get("path", "."))
    found = [one for one in job.forge.artifacts(run_id) if one["name"] == inputs.get("name")]
    if not found:
        raise ActionFailed(f"Artifact not found for name: {inputs.get('name')}")
    with zipfile.ZipFile(io.BytesIO(found[0]["zip"])) as archive:
        archive.extractall(folder)
    return {"download-path": str(folder)}


@action(
    "actions/configure-pages", "v5.0.0", "983d7736d9b0ae728b81ab479565c72886d7745b",
    "token enablement static_site_generator generator_config_file", "base_url origin host base_path",
)  # fmt: skip
def configure_pages(job: Job, inputs: Inputs) -> Outputs:
    """Tell where the site is published."""
    permit(job, "pages", "read", "configure-pages")
    url = job.forge.live.url
    return {"base_url": url, "origin": url, "host": urlsplit(url).netloc, "base_path": ""}


@action(
    "actions/upload-pages-artifact", "v4.0.0", "7b1f4a764d45c48632c6b24a0339c27f5614fb0b",
    "name path retention-days", "artifact_id",
)  # fmt: skip
def upload_pages_artifact(job: Job, inputs: Inputs) -> Outputs:
    """Keep a site for deploy-pages: one tar, without hidden files."""
    folder = inside(job, inputs.get("path", "_site"))
    if not folder.is_dir():
        raise ActionFailed(f"{folder.name}: is no folder")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", dereference=True) as archive:
        for path in sorted(folder.rglob("*")):
            name = path.relative_to(folder)
            if path.is_file() and not any(part.startswith(".") for part in name.parts):
                archive.add(path, name.as_posix())
    outputs = store(job, inputs.get("name", "github-pages"), {"artifact.tar": packed.getvalue()})
    return {"artifact_id": outputs["artifact-id"]}


@action(
    "actions/deploy-pages", "v4.0.5", "d6db90164ac5ed86f2b6aed7e0febac5b3c0c03e",
    "token timeout error_count reporting_interval artifact_name preview", "page_url",
)  # fmt: skip
def deploy_pages(job: Job, inputs: Inputs) -> Outputs:
    """Publish this run's site in place of the last one."""
    permit(job, "pages", "write", "deploy-pages")
    permit(job, "id-token", "write", "deploy-pages")
    name = inputs.get("artifact_name", "github-pages")
    found = [one for one in job.forge.artifacts(job.run_id) if one["name"] == name]
    if not found:
        raise ActionFailed(f"No artifacts named {json.dumps(name)} were found for this workflow run")
    live = job.forge.live.folder
    shutil.rmtree(live, ignore_errors=True)
    with zipfile.ZipFile(io.BytesIO(found[0]["zip"])) as archive:
        packed = io.BytesIO(archive.read("artifact.tar"))
    with tarfile.open(fileobj=packed) as site:
        # Python before 3.11.4 has no filter; what is unpacked was packed by this very run.
        site.extractall(live, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
    return {"page_url": f"{job.forge.live.url}/"}
