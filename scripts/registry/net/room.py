"""How many bytes all answers in flight may take together, whoever sends them."""

import threading
from types import TracebackType

LIMIT_BYTES = 64 * 1024 * 1024
"""What the answers of an enrichment may take: with what is read of them and all else, less than 300 MB."""


class RoomError(Exception):
    """There is no room for so much; the message says how much there is."""


class Room:
    """Bytes that several threads share out among the answers that they read."""

    def __init__(self, limit_bytes: int = LIMIT_BYTES) -> None:
        self._limit = limit_bytes
        self._taken = 0
        self._lock = threading.Lock()

    def share(self) -> "Share":
        """Return a share that is empty yet, for use as `with`: at its end it is given back."""
        return Share(self)

    def take(self, count: int) -> None:
        """Take `count` bytes; a negative number gives them back. Raises RoomError."""
        with self._lock:
            if self._taken + count > self._limit:
                raise RoomError(f"all answers in flight may take {self._limit >> 20} MB together")
            self._taken += count


class Share:
    """What one answer takes of a room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._taken = 0

    def take(self, count: int) -> None:
        """Take `count` bytes more. Raises RoomError."""
        self._room.take(count)
        self._taken += count

    def give_back(self) -> None:
        """Give back all that was taken."""
        self._room.take(-self._taken)
        self._taken = 0

    def __enter__(self) -> "Share":
        """Begin."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Give back what was taken."""
        self.give_back()
