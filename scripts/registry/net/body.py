"""The body of an answer while it is read: bounded in size, and in what all answers in flight take."""

from registry.net.room import RoomError, Share
from registry.net.unpacking import PIECE_BYTES, Unpacking, UnpackingError


class BodyError(Exception):
    """A body that is not read to its end; the message says what the host did."""


class TooLongError(BodyError):
    """A body beyond its own limit."""


class Body:
    """What has come of a body whose `Content-Encoding` is `encoding`, unpacked. Raises BodyError.

    It is kept in pieces of one size until the last is there: thirty buffers that grow side by side leave
    holes between them that take more memory than they do, and so do chunks of a byte each.
    """

    def __init__(self, share: Share, encoding: str, limit_bytes: int) -> None:
        self._share = share
        self._limit = limit_bytes
        self._pieces: list[bytes] = []
        self._last = bytearray()
        self._size = 0
        try:
            self._unpacking = Unpacking(encoding)
        except UnpackingError as error:
            raise BodyError(str(error)) from None

    def add(self, packed: bytes) -> None:
        """Take the next bytes as they came over the wire."""
        try:
            for piece in self._unpacking.feed(packed):
                self._take(len(piece))
                self._size += len(piece)
                if self._size > self._limit:
                    raise TooLongError(f"answered more than {self._limit >> 20} MB")
                self._last += piece
                if len(self._last) >= PIECE_BYTES:
                    self._pieces.append(bytes(self._last))
                    self._last.clear()
        except UnpackingError as error:
            raise BodyError(str(error)) from None

    def whole(self) -> bytes:
        """Return the body, which has come to its end; its pieces go."""
        try:
            self._unpacking.end()
        except UnpackingError as error:
            raise BodyError(str(error)) from None
        self._take(self._size)
        body = b"".join([*self._pieces, self._last])
        self._pieces.clear()
        self._take(-self._size)
        return body

    def _take(self, count: int) -> None:
        try:
            self._share.take(count)
        except RoomError as error:
            raise BodyError(f"answered too much at once: {error}") from None
