"""Pictures made on the fly: real PNG and JPEG files of any size, the same bytes for the same size."""

import struct
import zlib

_LONGEST = 65_000


def png(width: int, height: int, colour: int = 0x2E7D6B) -> bytes:
    """Return a PNG file with a slanted edge between two shades of `colour` (0xRRGGBB)."""
    dark, light = colour.to_bytes(3, "big"), bytes(min(255, part + 90) for part in colour.to_bytes(3, "big"))
    rows = []
    for y in range(height):
        edge = width * (y + 1) // (2 * height) + width // 4
        rows.append(b"\0" + dark * edge + light * (width - edge))
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b""))
    parts = [struct.pack(">I", len(data)) + kind + data + _crc(kind + data) for kind, data in chunks]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def jpeg(width: int, height: int) -> bytes:
    """Return a baseline JPEG file, all of one grey: two bits for each block of 8 by 8 pixels."""
    blocks = -(-width // 8) * -(-height // 8)
    bits = "00" * blocks
    bits += "1" * (-len(bits) % 8)
    scan = int(bits, 2).to_bytes(len(bits) // 8, "big")
    # One code in each Huffman table: "the same as before" for a block's mean, "no more" for its details.
    huffman = bytes([1, *[0] * 15, 0])
    return b"".join(
        [
            b"\xff\xd8",
            _segment(0xDB, b"\0" + b"\x10" * 64),
            _segment(0xC0, struct.pack(">BHHBBBB", 8, height, width, 1, 1, 0x11, 0)),
            _segment(0xC4, b"\x00" + huffman),
            _segment(0xC4, b"\x10" + huffman),
            _segment(0xDA, bytes([1, 1, 0x00, 0, 63, 0])),
            scan,
            b"\xff\xd9",
        ]
    )


def _segment(marker: int, data: bytes) -> bytes:
    assert len(data) < _LONGEST
    return bytes([0xFF, marker]) + struct.pack(">H", len(data) + 2) + data


def _crc(data: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(data))
