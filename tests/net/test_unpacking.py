"""Bodies that were packed for the way: unpacked in small pieces, whatever they become."""

import gzip
import random
import zlib

import pytest

from registry.net.unpacking import PIECE_BYTES, Unpacking, UnpackingError


def unpack(packed: bytes, encoding: str = "gzip", step: int = 1_000) -> tuple[bytes, int]:
    """Return what `packed` holds, fed in steps, and the size of the largest piece."""
    unpacking = Unpacking(encoding)
    pieces = [
        piece
        for start in range(0, len(packed), step)
        for piece in unpacking.feed(packed[start : start + step])
    ]
    unpacking.end()
    return b"".join(pieces), max(map(len, pieces), default=0)


RAW = random.Random(7).randbytes(100_000) + bytes(5 * PIECE_BYTES)


@pytest.mark.parametrize("step", [1, 7, 1_000, 10_000_000])
def test_what_was_packed_comes_out_in_pieces(step: int) -> None:
    text, largest = unpack(gzip.compress(RAW, 1), step=step)
    assert text == RAW
    assert largest <= PIECE_BYTES


@pytest.mark.parametrize("encoding", ["", "identity", " Identity "])
def test_what_was_not_packed_stays_as_it_is(encoding: str) -> None:
    assert unpack(RAW, encoding)[0] == RAW


def test_files_behind_one_another_are_one_text() -> None:
    assert unpack(gzip.compress(b"one ") + gzip.compress(b"") + gzip.compress(b"two"))[0] == b"one two"


def test_a_body_that_is_empty_was_not_packed() -> None:
    assert unpack(b"") == (b"", 0)


DAMAGED = {
    "cut short": gzip.compress(RAW)[:-9],
    "a page": b"<html>",
    "more behind it": gzip.compress(b"x") + b"tail",
}


@pytest.mark.parametrize("packed", DAMAGED.values(), ids=DAMAGED)
def test_what_is_damaged_is_refused(packed: bytes) -> None:
    with pytest.raises(UnpackingError, match=r"^answered with a broken encoding$"):
        unpack(packed)


@pytest.mark.parametrize("encoding", ["br", "zstd", "deflate", "gzip, gzip", "gzip, gzip, gzip"])
def test_an_encoding_that_was_not_asked_for_is_not_unpacked(encoding: str) -> None:
    with pytest.raises(UnpackingError, match=r"^answered in an encoding that it was not asked for$"):
        unpack(zlib.compress(RAW), encoding)
