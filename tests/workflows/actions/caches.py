"""What one run keeps for later ones."""

from tests.workflows.actions.table import ActionFailed, Inputs, Job, Outputs, action, true

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
