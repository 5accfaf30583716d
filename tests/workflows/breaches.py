"""Looks for secrets where others can read them."""

import io
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any


class Breach(AssertionError):
    """A token or a secret got out, or the runner obeyed a command that a workflow of ours never gives."""


def look_for_breaches(
    secrets: Iterable[str], told: Mapping[str, str], workspace: Path, artifacts: Iterable[Mapping[str, Any]]
) -> None:
    """Raise Breach when a secret stands in what a job told, in a clone's configuration, or in an artefact."""
    hidden = [secret.encode() for secret in secrets if secret]
    places = {place: text.encode() for place, text in told.items()}
    for config in workspace.glob("**/.git/config"):
        places[".git/config"] = config.read_bytes()
    for artifact in artifacts:
        with zipfile.ZipFile(io.BytesIO(artifact["zip"])) as archive:
            for name in archive.namelist():
                places[f"artefact {artifact['name']}: {name}"] = archive.read(name)
    for place, content in places.items():
        if any(secret in content for secret in hidden):
            raise Breach(f"a secret stands in: {place}")
