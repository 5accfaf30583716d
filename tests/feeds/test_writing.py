"""A set of feeds reaches the disk whole or not at all."""

import json
from pathlib import Path

import pytest

from registry.feeds.api import INDEX
from registry.feeds.build import Feeds
from registry.feeds.writing import NotOurs, publish


def feeds(content: bytes = b"[1]\n", generated_at: str = "1") -> Feeds:
    index = json.dumps({"generated_at": generated_at}).encode()
    files = {"plugins.json": content, INDEX: index, "api/v1/plugins/lamp.json": b"{}\n"}
    return Feeds(files=files, counts={"plugins": 1})


def names(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_a_set_replaces_the_last_one_whole(tmp_path: Path) -> None:
    out = tmp_path / "build/feeds"
    assert publish(feeds(), out) is True
    (out / "api/v1/plugins/gone.json").write_text("{}")
    assert publish(feeds(b"[2]\n"), out) is True
    assert names(out) == set(feeds().files)
    assert (out / "plugins.json").read_bytes() == b"[2]\n"
    assert [path.name for path in out.parent.iterdir()] == ["feeds"]


def test_the_same_feeds_are_not_written_again(tmp_path: Path) -> None:
    out = tmp_path / "feeds"
    publish(feeds(generated_at="1"), out)
    assert publish(feeds(generated_at="2"), out) is False
    assert json.loads((out / INDEX).read_bytes()) == {"generated_at": "1"}


def test_a_write_that_fails_half_way_leaves_the_last_set(tmp_path: Path) -> None:
    out = tmp_path / "feeds"
    publish(feeds(), out)
    impossible = feeds(b"[2]\n")
    impossible.files["api/v1"] = b"a folder already"
    with pytest.raises(IsADirectoryError):
        publish(impossible, out)
    assert (out / "plugins.json").read_bytes() == b"[1]\n"
    assert publish(feeds(b"[2]\n"), out) is True
    assert [path.name for path in tmp_path.iterdir()] == ["feeds"]


def test_a_crash_between_the_two_renames_is_mended(tmp_path: Path) -> None:
    out = tmp_path / "feeds"
    publish(feeds(), out)
    out.rename(tmp_path / ".feeds.old")
    assert publish(feeds(), out) is False
    assert names(out) == set(feeds().files)


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "precious.txt").write_text("mine")
    with pytest.raises(NotOurs) as caught:
        publish(feeds(), tmp_path)
    assert str(caught.value) == f"{tmp_path} holds no feeds; name another folder by --out, or empty it"
    assert names(tmp_path) == {"precious.txt"}
