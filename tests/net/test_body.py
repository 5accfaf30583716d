"""A body while it is read: whole in the end, and bounded whatever comes."""

import gzip
import tracemalloc

import pytest

from registry.net.body import Body, BodyError, TooLongError
from registry.net.room import Room, RoomError

MB = 1 << 20


def read(chunks: list[bytes], *, encoding: str = "", limit: int = MB, room: int = 4 * MB) -> bytes:
    body = Body(Room(room).share(), encoding, limit)
    for chunk in chunks:
        body.add(chunk)
    return body.whole()


@pytest.mark.parametrize("step", [1, 1_000, 65_535, 65_536, 300_000])
def test_a_body_is_whole_however_it_came(step: int) -> None:
    raw = bytes(range(256)) * 1_000
    assert read([raw[start : start + step] for start in range(0, len(raw), step)]) == raw
    packed = gzip.compress(raw)
    assert read([packed], encoding="gzip") == raw


def test_a_body_of_nothing_is_empty() -> None:
    assert read([]) == b""


def test_a_body_may_be_as_long_as_its_limit_and_no_longer() -> None:
    assert len(read([b"x" * MB])) == MB
    with pytest.raises(TooLongError, match=r"^answered more than 1 MB$"):
        read([b"x" * MB, b"x"])
    with pytest.raises(TooLongError):
        read([gzip.compress(bytes(MB + 1))], encoding="gzip")


def test_a_body_takes_twice_its_size_of_the_room_while_it_is_put_together() -> None:
    assert len(read([b"x" * MB], room=2 * MB)) == MB
    with pytest.raises(BodyError, match=r"^answered too much at once: all answers in flight may take 1 MB"):
        read([b"x" * MB], room=2 * MB - 1)


def test_a_body_that_is_whole_takes_its_size_of_the_room() -> None:
    room = Room(3 * MB)
    share = room.share()
    body = Body(share, "", MB)
    body.add(b"x" * MB)
    body.whole()
    with room.share() as other:
        other.take(2 * MB)
        with pytest.raises(RoomError):
            other.take(1)


def test_a_body_of_single_bytes_takes_no_more_memory_than_its_size() -> None:
    body = Body(Room().share(), "", MB)
    tracemalloc.start()
    try:
        for _ in range(200_000):
            body.add(b"x")
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500_000
    assert body.whole() == b"x" * 200_000
