"""The site, kept and published."""

import io
import json
import shutil
import tarfile
import zipfile
from urllib.parse import urlsplit

from tests.workflows.actions.artefacts import store
from tests.workflows.actions.table import ActionFailed, Inputs, Job, Outputs, action, inside, permit


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
