"""What an image file is, by its own bytes: kind, size in pixels, and where it ends. Nothing is decoded."""

import re
from collections.abc import Callable
from dataclasses import dataclass

EXTENSIONS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".gif": "GIF", ".webp": "WebP"}
"""What browsers show, and cannot carry a script."""
MAX_PIXELS = 40_000_000
"""Of a small file that claims more, every reader's browser would unpack all of it."""


class NoImage(ValueError):
    """Bytes that are no image of a known kind, or a broken one; the message says which, with the cure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFacts:
    """What the header and the structure of an image file say."""

    kind: str
    """PNG, JPEG, GIF or WebP."""
    width: int
    height: int
    """In pixels."""
    trailing: bytes = b""
    """What follows the image's end: nothing, as a rule."""


def read_image(raw: bytes) -> ImageFacts:
    """Return what the bytes of a file say. Raises NoImage."""
    for magic, reader in _READERS:
        if magic.match(raw):
            try:
                return reader(raw)
            except IndexError:
                raise NoImage("the file ends before its image does; export the image again") from None
    raise NoImage("these bytes are no PNG, JPEG, GIF or WebP image; export the image as one of them")


def _number(raw: bytes, at: int, length: int, order: str = "big") -> int:
    """Return an unsigned integer. Raises IndexError where the file ends before."""
    part = raw[at : at + length]
    if len(part) < length:
        raise IndexError
    return int.from_bytes(part, "little" if order == "little" else "big")


def _png(raw: bytes) -> ImageFacts:
    """Walk the chunks: length, name, data, checksum (https://www.w3.org/TR/png-3/#5Chunk-layout)."""
    if raw[12:16] != b"IHDR":
        raise NoImage("the PNG has no header; export the image again")
    width, height = _number(raw, 16, 4), _number(raw, 20, 4)
    at = 8
    while True:
        length = _number(raw, at, 4)
        name = raw[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            break
    if at > len(raw):
        raise IndexError
    return ImageFacts(kind="PNG", width=width, height=height, trailing=raw[at:])


def _jpeg(raw: bytes) -> ImageFacts:
    """Walk the segments to the end of the image (ITU-T T.81, annex B)."""
    width = height = 0
    at = 2
    while True:
        if _number(raw, at, 1) != 0xFF:
            raise NoImage("the JPEG is broken; export the image again")
        marker = _number(raw, at + 1, 1)
        if marker == 0xFF:  # filling
            at += 1
            continue
        at += 2
        if marker == 0xD9:
            break
        if marker == 0x01 or 0xD0 <= marker <= 0xD7:
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = _number(raw, at + 3, 2), _number(raw, at + 5, 2)
        at += _number(raw, at, 2)
        if marker == 0xDA:
            end = _AFTER_SCAN.search(raw, at)
            if end is None:
                raise IndexError
            at = end.start()
    return ImageFacts(kind="JPEG", width=width, height=height, trailing=raw[at:])


def _gif(raw: bytes) -> ImageFacts:
    """Walk the blocks to the trailer (GIF89a, section 12 to 27)."""
    width, height = _number(raw, 6, 2, "little"), _number(raw, 8, 2, "little")
    at = 13 + _colours(_number(raw, 10, 1))
    while True:
        block = _number(raw, at, 1)
        if block == 0x3B:
            break
        if block == 0x2C:
            # Browsers make the image as large as a frame of it.
            left, top, wide, high = (_number(raw, at + place, 2, "little") for place in (1, 3, 5, 7))
            width, height = max(width, left + wide), max(height, top + high)
            at += 10 + _colours(_number(raw, at + 9, 1)) + 1
        elif block == 0x21:
            at += 2
        else:
            raise NoImage("the GIF is broken; export the image again")
        while length := _number(raw, at, 1):
            at += 1 + length
        at += 1
    return ImageFacts(kind="GIF", width=width, height=height, trailing=raw[at + 1 :])


def _colours(flags: int) -> int:
    """Return the bytes of the colour table that the flags announce."""
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _webp(raw: bytes) -> ImageFacts:
    """Read the first chunk (RFC 9649, section 2)."""
    end = 8 + _number(raw, 4, 4, "little")
    form = raw[12:16]
    if form == b"VP8X":
        width, height = _number(raw, 24, 3, "little") + 1, _number(raw, 27, 3, "little") + 1
    elif form == b"VP8L":
        bits = _number(raw, 21, 4, "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif form == b"VP8 ":
        width, height = _number(raw, 26, 2, "little") & 0x3FFF, _number(raw, 28, 2, "little") & 0x3FFF
    else:
        raise NoImage("the WebP has no known form; export the image again")
    if end > len(raw):
        raise IndexError
    # A byte fills up an odd length.
    return ImageFacts(kind="WebP", width=width, height=height, trailing=raw[end + end % 2 :])


_AFTER_SCAN = re.compile(rb"\xff(?=[^\x00\xd0-\xd7\xff])")
"""The next marker that is no part of a scan's data."""
_READERS: tuple[tuple[re.Pattern[bytes], Callable[[bytes], ImageFacts]], ...] = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), _png),
    (re.compile(rb"\xff\xd8\xff"), _jpeg),
    (re.compile(rb"GIF8[79]a"), _gif),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), _webp),
)
