"""What a server packed for the way, unpacked piece by piece: no piece is larger than PIECE_BYTES."""

import zlib
from collections.abc import Iterator

ACCEPTED = "gzip"
"""What we ask servers for, as `Accept-Encoding`. A bomb in another encoding is not unpacked at all."""
PIECE_BYTES = 64 * 1024


class UnpackingError(Exception):
    """A body that cannot be unpacked; the message says why."""


class Unpacking:
    """The unpacking of one body, whose `Content-Encoding` is `encoding`. Raises UnpackingError."""

    def __init__(self, encoding: str) -> None:
        name = encoding.strip().lower()
        if name not in ("", "identity", "gzip", "x-gzip"):
            raise UnpackingError("answered in an encoding that it was not asked for")
        self._inflater = None if name in ("", "identity") else _inflater()
        self._begun = False

    def feed(self, packed: bytes) -> Iterator[bytes]:
        """Yield what the next bytes of the body hold."""
        if self._inflater is None:
            yield packed
            return
        self._begun = self._begun or bool(packed)
        pending = packed
        while pending:  # a full piece leaves bytes behind, those of the checksum at the least
            if self._inflater.eof:  # a gzip file may be several, one behind the other
                self._inflater = _inflater()
            try:
                piece = self._inflater.decompress(pending, PIECE_BYTES)
            except zlib.error:
                raise UnpackingError("answered with a broken encoding") from None
            pending = self._inflater.unconsumed_tail or self._inflater.unused_data
            if piece:
                yield piece

    def end(self) -> None:
        """Raise UnpackingError when the body is cut short."""
        if self._inflater is not None and self._begun and not self._inflater.eof:
            raise UnpackingError("answered with a broken encoding")


def _inflater() -> "zlib._Decompress":
    return zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
