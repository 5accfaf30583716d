"""The checkout and the languages."""

import shutil
import subprocess
import sys
from pathlib import Path

from tests.workflows.actions.table import ActionFailed, Inputs, Job, Outputs, action, inside, true


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
