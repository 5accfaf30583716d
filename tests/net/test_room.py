"""Memory that all answers share: nobody takes more than there is, and what is given back can be taken."""

from contextlib import suppress

import pytest

from registry.net.room import Room, RoomError


def test_all_shares_together_take_no_more_than_there_is() -> None:
    room = Room(3 << 20)
    with room.share() as one, room.share() as other:
        one.take(2 << 20)
        other.take(1 << 20)
        with pytest.raises(RoomError, match=r"^all answers in flight may take 3 MB together$"):
            other.take(1)
        one.give_back()
        other.take(2 << 20)
    with room.share() as share:
        share.take(3 << 20)


def test_what_an_error_leaves_is_given_back() -> None:
    room = Room(10)
    with suppress(ValueError), room.share() as share:
        share.take(10)
        raise ValueError
    room.share().take(10)
