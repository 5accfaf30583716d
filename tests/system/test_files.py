"""A file is written whole or not at all."""

from pathlib import Path

import pytest

from registry.system.files import write_bytes


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
