"""What a run keeps for its other jobs and for people."""

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tests.workflows.actions.table import ActionFailed, Inputs, Job, Outputs, action, inside, permit, true


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
