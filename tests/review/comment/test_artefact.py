"""The artefact is somebody's claim: read in memory, bounded, and refused whole where it does not fit."""

# ruff: noqa: E501 -- a sentence is easier to read in one line

import json
import random
import stat
import struct
import zipfile
from io import BytesIO
from typing import Any

import pytest

from registry.review.comment.artefact import MAX_MEMBERS, ArtefactError, read_artefact
from tests.emulators.rest_world import Failure
from tests.review.comment.rendered import assert_harmless
from tests.review.comment.stage import GOOD, NUMBER, RUN, Stage, archive, preview

HEAD = "d" * 40
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def member(name: str, content: bytes, *, mode: int = 0o100644, compress: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", compress) as made:
        made.writestr("preview.json", json.dumps(preview(HEAD)))
        info = zipfile.ZipInfo(name)
        info.external_attr = mode << 16
        info.compress_type = compress
        made.writestr(info, content)
    return out.getvalue()


def many(count: int) -> bytes:
    return archive({f"pages/{number}.html": b"x" for number in range(count)})


def twice() -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("preview.json", "{}")
        with pytest.warns(UserWarning, match="Duplicate name"):
            made.writestr("preview.json", json.dumps(preview(HEAD)))
    return out.getvalue()


def lying() -> bytes:
    """An archive whose preview.json says that it has ten bytes, and unpacks to millions."""
    raw = bytearray(archive({"preview.json": b"[" * 5_000_000}))
    for signature, offset in ((b"PK\x01\x02", 24), (b"PK\x03\x04", 22)):
        at = raw.index(signature)
        raw[at + offset : at + offset + 4] = struct.pack("<I", 90_000)
    return bytes(raw)


def wrong(**keys: Any) -> bytes:
    return archive({"preview.json": preview(HEAD) | keys})


POISON = {
    "no archive": (b"<html>", "is no readable archive (BadZipFile)"),
    "nothing": (b"", "is no readable archive (BadZipFile)"),
    "cut short": (archive({"preview.json": preview(HEAD)})[:-30], "is no readable archive (BadZipFile)"),
    "a bomb": (archive({"preview.json": b"0" * 50_000_000}), "unpacks to far more than it is"),
    "a bomb elsewhere": (archive({"pages/x.html": b"0" * 250_000_000}), "unpacks to far more than it is"),
    "a path that leads out": (member("../../etc/cron.d/x", b"x"), "names a file outside of itself"),
    "an absolute path": (member("/etc/passwd", b"x"), "names a file outside of itself"),
    "a path for Windows": (member("a\\..\\..\\x", b"x"), "names a file outside of itself"),
    "a drive": (member("C:x", b"x"), "names a file outside of itself"),
    "a link": (
        member("screenshots/lamp.phone.png", b"/etc/passwd", mode=stat.S_IFLNK | 0o777),
        "holds a link or a device",
    ),
    "a device": (member("screenshots/x", b"", mode=stat.S_IFBLK | 0o666), "holds a link or a device"),
    "broken LZMA": (
        member("screenshots/lamp.phone.png", b"x" * 99, compress=zipfile.ZIP_LZMA).replace(b"\x09\x04\x05\0\x5d", b"\x09\x04\x05\0\xff"),
        "is packed in a way that GitHub does not use",
    ),
    "too many files": (many(MAX_MEMBERS + 1), "has 2,001 files, at most 2,000 are read"),
    "ten thousand files": (many(10_000), "has 10,000 files, at most 2,000 are read"),
    "two of one name": (twice(), "has two files of one name"),
    "JSON of another shape": (archive({"preview.json": [1, 2]}), "preview.json does not fit its schema at its root"),
    "a key too many": (wrong(evil="x"), "preview.json does not fit its schema at its root"),
    "a text too long": (wrong(message="x" * 6_000), "preview.json does not fit its schema at message"),
    "another version": (wrong(version=2), "preview.json does not fit its schema at version"),
    "no JSON": (archive({"preview.json": b"{"}), "preview.json is no JSON"),
    "deep JSON": (archive({"preview.json": b"[" * 90_000}), "preview.json is no JSON"),
    "a number of a million digits": (archive({"preview.json": b"1" * 99_000}), "preview.json is no JSON"),
    "what is no text": (archive({"preview.json": b"\xff\xfe\xfd"}), "preview.json is no JSON"),
    "large JSON": (archive({"preview.json": random.Random(1).randbytes(2_100_000)}), "preview.json is too large"),
}  # fmt: skip


@pytest.mark.parametrize("name", POISON)
def test_what_does_not_fit_is_refused_whole(name: str) -> None:
    raw, words = POISON[name]
    with pytest.raises(ArtefactError) as refused:
        read_artefact(raw, 1)
    assert words in str(refused.value)


def test_a_size_that_lies_is_not_believed() -> None:
    with pytest.raises(ArtefactError):
        read_artefact(lying(), 1)


def test_an_encrypted_member_is_refused() -> None:
    raw = bytearray(archive({"preview.json": preview(HEAD)}))
    raw[raw.index(b"PK\x01\x02") + 8] |= 1
    with pytest.raises(ArtefactError, match=r"^what the check uploaded is encrypted$"):
        read_artefact(bytes(raw), 1)


def test_only_pictures_under_their_own_names_count() -> None:
    raw = archive(
        {
            "preview.json": preview(HEAD),
            "screenshots/lamp.phone.png": PNG,
            "screenshots/lamp.desktop.png": b"<html><script>alert(1)</script>",
            "screenshots/<img>.phone.png": PNG,
            "pages/lamp.phone.png": PNG,
        }
    )
    assert read_artefact(raw, 1).screenshots == {"lamp.phone"}


def test_an_upload_without_a_preview_is_no_fault() -> None:
    assert read_artefact(archive({"review.json": {"valid": True}}), 1).preview == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["no archive", "a bomb", "broken LZMA", "a path that leads out", "a key too many"]
)
def test_a_poisoned_artefact_is_told_and_everything_else_is_answered(name: str, stage: Stage) -> None:
    raw, _ = POISON[name]
    stage.push({"_plugins/lamp.md": GOOD})
    stage.upload(raw=raw)
    assert stage.run() == 0
    assert "**All is well, thank you!**" in stage.body
    assert "No preview could be read: " in stage.body
    assert_harmless(stage.body)


def test_no_artefact_is_told(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    assert stage.run() == 0
    assert "\nNo preview could be read: the check uploaded nothing.\n" in stage.body


def test_an_artefact_that_has_expired_is_told(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.rest.add_artifact(RUN, "review", archive({}), expired=True)
    assert stage.run() == 0
    assert "No preview could be read: what the check uploaded has expired." in stage.body


def test_an_artefact_that_cannot_be_fetched_is_told(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.upload({"preview.json": preview(stage.head)})
    stage.rest.failures.append(Failure(kind="not-found", path="/zip"))
    assert stage.run() == 0
    assert "No preview could be read: what the check uploaded is too large, or gone." in stage.body


def test_the_newest_artefact_of_that_name_counts(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    stage.rest.add_artifact(RUN, "other", b"<html>")
    stage.rest.add_artifact(RUN, "review", b"<html>")
    stage.rest.add_artifact(RUN, "review", archive({"preview.json": preview(stage.head)}))
    assert stage.run() == 0
    assert "headings: Install, Facts" in stage.body


ATTACK = (
    "@everyone #1 GH-1 ![x](http://x.example) <img src=x> </details> ``` [a](//b) www.evil.example :shipit:"
)


def test_every_text_of_a_preview_is_shown_harmlessly(stage: Stage) -> None:
    stage.push({"_plugins/lamp.md": GOOD})
    hostile = preview(
        stage.head,
        title=ATTACK,
        headings=["Lamp", ATTACK, "\u202egnp.exe"],
        faults=[ATTACK, "```\n# heading"],
        errors=[ATTACK],
        requests=[{"url": "javascript:alert(1)", "type": ATTACK[:30]}],
    ) | {
        "message": f"{ATTACK}\n\n# heading\n- [ ] task",
        "notes": [ATTACK],
        "problems": [
            {"file": f"_plugins/{ATTACK}"[:300], "line": 1, "key": ATTACK[:200], "level": "error", "code": "x",
             "message": f"{ATTACK}\n\n# heading\n- [ ] task"},
        ],
    }  # fmt: skip
    stage.upload({"preview.json": hostile})
    assert stage.run() == 0
    assert_harmless(stage.body)
    assert "in the browser: &#64;&#8203;everyone" in stage.body
    assert len(stage.rest.comments_of(NUMBER)) == 1
