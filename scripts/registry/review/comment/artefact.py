"""What *validate* uploaded, read for what it is: somebody's claim, which decides nothing.

The archive is read in memory and never written to disk. Names decide what is looked at and nothing else; an
archive that does not fit is refused whole.
"""

import json
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from registry.github.rest import NotFound, Rest, TooLarge
from registry.net.http import Refused
from registry.text.github_markdown import clean
from registry.text.json_schemas import validator

NAME = "review"
MAX_ARCHIVE_BYTES = 40_000_000
MAX_MEMBERS = 2_000
MAX_JSON_BYTES = 2_000_000
MAX_UNPACKED_BYTES = 200_000_000
MAX_RATIO = 200
"""Of unpacked to packed bytes; text packs ten times, a bomb a thousand times."""
MAX_ARTEFACTS = 100

_PNG = b"\x89PNG\r\n\x1a\n"
_SCREENSHOT = re.compile(r"screenshots/([A-Za-z0-9_][A-Za-z0-9_.+-]{0,99})\.(phone|desktop)\.png")


class ArtefactError(ValueError):
    """What was uploaded is missing, too large or not of the agreed form."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """What the artefact of one run claims."""

    id: int
    """GitHub's number, for a link."""
    preview: Mapping[str, Any]
    """As docs/schemas/preview.schema.json says; {} when the run made no preview."""
    screenshots: frozenset[str]
    """`<slug>.<phone|desktop>` of each picture."""


def fetch_artefact(rest: Rest, repository: str, run: int) -> Artefact:
    """Return what a run uploaded. Raises ArtefactError, and registry.net.http's Unavailable.

    `repository` is `owner/name`, checked by the caller.
    """
    found = [
        item
        for item in rest.pages(
            f"/repos/{repository}/actions/runs/{run}/artifacts", key="artifacts", limit=MAX_ARTEFACTS
        )
        if isinstance(item, dict) and item.get("name") == NAME and isinstance(item.get("id"), int)
    ]
    if not found:
        raise ArtefactError("the check uploaded nothing")
    newest = max(found, key=lambda item: int(item["id"]))
    if newest.get("expired"):
        raise ArtefactError("what the check uploaded has expired")
    if not isinstance(size := newest.get("size_in_bytes"), int) or size > MAX_ARCHIVE_BYTES:
        raise ArtefactError("what the check uploaded is too large")
    identifier = int(newest["id"])
    try:
        raw = rest.download(
            f"/repos/{repository}/actions/artifacts/{identifier}/zip", limit_bytes=MAX_ARCHIVE_BYTES
        )
    except (NotFound, TooLarge):
        raise ArtefactError("what the check uploaded is too large, or gone") from None
    except Refused as error:
        raise ArtefactError(
            f"what the check uploaded cannot be fetched ({error.status or 'refused'})"
        ) from None
    return read_artefact(raw, identifier)


def read_artefact(raw: bytes, identifier: int) -> Artefact:
    """Return what the bytes of an archive claim. Raises ArtefactError."""
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            return _read(archive, identifier)
    except (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError) as error:
        raise ArtefactError(
            f"what the check uploaded is no readable archive ({type(error).__name__})"
        ) from None
    except (RuntimeError, ValueError, OverflowError) as error:
        if isinstance(error, ArtefactError):
            raise
        raise ArtefactError(f"what the check uploaded cannot be read ({type(error).__name__})") from None


def _read(archive: zipfile.ZipFile, identifier: int) -> Artefact:
    members = archive.infolist()
    if len(members) > MAX_MEMBERS:
        raise ArtefactError(
            f"what the check uploaded has {len(members):,} files, at most {MAX_MEMBERS:,} are read"
        )
    names: dict[str, zipfile.ZipInfo] = {}
    unpacked = 0
    for member in members:
        if member.filename in names:
            raise ArtefactError("what the check uploaded has two files of one name")
        names[member.filename] = member
        _check(member)
        unpacked += member.file_size
    if unpacked > MAX_UNPACKED_BYTES:
        raise ArtefactError("what the check uploaded is too large once unpacked")
    preview = _json(archive, names["preview.json"]) if "preview.json" in names else {}
    if preview != {} and (fault := next(validator("preview").iter_errors(preview), None)):
        place = clean("/".join(map(str, fault.instance_path)))[:100]
        raise ArtefactError(f"preview.json does not fit its schema at {place or 'its root'}")
    pictures = {
        f"{match[1]}.{match[2]}": member
        for name, member in names.items()
        if (match := _SCREENSHOT.fullmatch(name)) and ".." not in name
    }
    return Artefact(
        id=identifier,
        preview=preview,
        screenshots=frozenset(name for name, member in pictures.items() if _is_png(archive, member)),
    )


def _check(member: zipfile.ZipInfo) -> None:
    """Refuse a member that no upload of ours holds. Raises ArtefactError."""
    name = member.filename
    kind = stat.S_IFMT(member.external_attr >> 16)
    if (
        name.startswith(("/", "\\"))
        or ".." in name.replace("\\", "/").split("/")
        or ":" in name
        or "\0" in name
    ):
        raise ArtefactError("what the check uploaded names a file outside of itself")
    if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ArtefactError("what the check uploaded holds a link or a device")
    # How GitHub packs; other decoders have errors of their own, and ask for as much memory as they are told.
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArtefactError("what the check uploaded is packed in a way that GitHub does not use")
    if member.flag_bits & 0x1:
        raise ArtefactError("what the check uploaded is encrypted")
    if member.file_size > max(100_000, member.compress_size * MAX_RATIO):
        raise ArtefactError("what the check uploaded unpacks to far more than it is")


def _json(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Any:
    """Return a member's JSON; what it claims of its size is not believed. Raises ArtefactError."""
    if member.file_size > MAX_JSON_BYTES:
        raise ArtefactError(f"{member.filename} is too large")
    with archive.open(member) as file:
        raw = file.read(MAX_JSON_BYTES + 1)
    if len(raw) > MAX_JSON_BYTES:
        raise ArtefactError(f"{member.filename} is too large")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError):
        raise ArtefactError(f"{member.filename} is no JSON") from None


def _is_png(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> bool:
    with archive.open(member) as file:
        return file.read(len(_PNG)) == _PNG
