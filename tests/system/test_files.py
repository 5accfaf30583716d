"""A file or a folder is written whole or not at all."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.system.files import replace_folder, write_bytes


def test_what_is_the_same_is_not_written_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "folder" / "file"
    assert write_bytes(path, b"one")
    written = path.stat()
    assert not write_bytes(path, b"one")
    assert path.stat() == written
    assert write_bytes(path, b"two")
    assert path.read_bytes() == b"two"
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_file_that_cannot_be_replaced_stays_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "folder"
    (path / "full").mkdir(parents=True)
    with pytest.raises(OSError, match="folder"):
        write_bytes(path, b"one")
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


FILES = {"a": b"1", "deep/down/b": b"2", "deep/c": b"3"}


def put(folder: Path, **changes: bytes | None) -> bool:
    """Replace `folder` by FILES with these changes."""
    files = {**FILES, **{name.replace("_", "/"): content for name, content in changes.items()}}
    return replace_folder(folder, ((name, content) for name, content in files.items() if content is not None))


def found(folder: Path) -> dict[str, bytes]:
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def test_a_folder_becomes_what_it_shall_hold_and_nothing_lies_beside_it(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "set"
    assert put(folder)
    assert found(folder) == FILES
    assert put(folder, a=b"new", deep_c=None, deep_d=b"4")
    assert found(folder) == {"a": b"new", "deep/down/b": b"2", "deep/d": b"4"}
    assert [path.name for path in folder.parent.iterdir()] == ["set"]
    assert replace_folder(folder, [])
    assert list(folder.iterdir()) == []


def test_a_folder_that_holds_all_that_already_is_not_touched(tmp_path: Path) -> None:
    put(tmp_path / "set")
    before = (tmp_path / "set").stat()
    assert not put(tmp_path / "set")
    assert (tmp_path / "set").stat() == before
    (tmp_path / "set/deep/stray").touch()
    assert put(tmp_path / "set")
    assert found(tmp_path / "set") == FILES


@pytest.mark.parametrize("links", [True, False])
def test_a_file_that_stays_the_same_keeps_its_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, links: bool
) -> None:
    folder = tmp_path / "set"
    put(folder)
    for name in FILES:
        os.utime(folder / name, (1, 1))
    if not links:
        monkeypatch.setattr("registry.system.files.os.link", no_links)
    assert put(folder, deep_c=b"new")
    assert found(folder) == {**FILES, "deep/c": b"new"}
    assert {name for name in FILES if (folder / name).stat().st_mtime == 1} == {"a", "deep/down/b"}


def no_links(*_: object, **__: object) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_a_change_that_is_no_news_makes_no_new_set_and_goes_along_with_one(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    put(folder)

    def again(**changes: bytes) -> bool:
        return replace_folder(folder, {**FILES, **changes}.items(), is_news=lambda name, *_: name != "a")

    assert not again(a=b"9")
    assert found(folder) == FILES
    assert again(a=b"9", z=b"8")
    assert found(folder) == {**FILES, "a": b"9", "z": b"8"}


def test_a_crash_half_way_leaves_the_last_set(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    put(folder)

    def files() -> Iterator[tuple[str, bytes]]:
        yield "a", b"new"
        yield "deep/c", b"3"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        replace_folder(folder, files())
    assert found(folder) == FILES
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_what_was_killed_is_mended(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    put(folder)
    (tmp_path / ".set.new").mkdir()
    (tmp_path / ".set.new/half").touch()
    folder.rename(tmp_path / ".set.old")  # between the two renames
    assert not put(folder)
    assert found(folder) == FILES
    put(tmp_path / ".set.old", a=b"older")  # before it was taken away
    assert not put(folder)
    assert [path.name for path in tmp_path.iterdir()] == ["set"]


def test_a_folder_of_another_name_is_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(tmp_path / "set")
    (tmp_path / "link").symlink_to("set")
    assert put(tmp_path / "link", a=b"new")
    monkeypatch.chdir(tmp_path / "set")
    assert not put(Path(), a=b"new")
    assert found(tmp_path / "set") == {**FILES, "a": b"new"}
    assert (tmp_path / "link").is_symlink()
