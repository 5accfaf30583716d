"""An image is known by its own bytes, and its size by its header; nothing is decoded."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.review.faults.image_headers import ImageFacts, NoImage, read_image
from tests.review.builders import PNG, png

GIF = (
    b"GIF89a" + struct.pack("<HHBBB", 3, 2, 0x80, 0, 0) + b"\0" * 6  # header, two colours
    + b"\x21\xf9\x04\0\0\0\0\0"  # an extension
    + b"\x2c" + struct.pack("<HHHHB", 0, 0, 3, 2, 0) + b"\x02\x02\x4c\x01\0" + b"\x3b"
)  # fmt: skip
JPEG = (
    b"\xff\xd8" + b"\xff\xe0\0\x04JF"
    + b"\xff\xff\xc0\0\x0b\x08" + struct.pack(">HH", 2, 3) + b"\x01\x01\x11\0"
    + b"\xff\xda\0\x04\0\0" + b"\x12\xff\0\x34\xff\xd0\x56" + b"\xff\xd9"
)  # fmt: skip
UNKNOWN = "these bytes are no PNG, JPEG, GIF or WebP image"


def webp(form: bytes, data: bytes) -> bytes:
    chunk = form + struct.pack("<I", len(data)) + data
    return b"RIFF" + struct.pack("<I", len(chunk) + 4) + b"WEBP" + chunk


LOSSY = webp(b"VP8 ", b"\0\0\0\x9d\x01\x2a" + struct.pack("<HH", 3, 2 | 0x4000))
LOSSLESS = webp(b"VP8L", b"\x2f" + struct.pack("<I", 2 | 1 << 14) + b"\0")
EXTENDED = webp(b"VP8X", b"\0\0\0\0" + (2).to_bytes(3, "little") + (1).to_bytes(3, "little"))


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (png(3, 2), "PNG"),
        (GIF, "GIF"),
        (JPEG, "JPEG"),
        (LOSSY, "WebP"),
        (LOSSLESS, "WebP"),
        (EXTENDED, "WebP"),
    ],
    ids=["PNG", "GIF", "JPEG", "lossy", "lossless", "extended"],
)
class TestKinds:
    def test_kind_and_size_come_from_the_header(self, raw: bytes, kind: str) -> None:
        assert read_image(raw) == ImageFacts(kind=kind, width=3, height=2)

    def test_what_follows_the_end_is_found(self, raw: bytes, kind: str) -> None:
        assert read_image(raw + b"PK\x03\x04").trailing == b"PK\x03\x04"

    def test_every_shorter_file_is_broken(self, raw: bytes, kind: str) -> None:
        for length in range(len(raw)):
            with pytest.raises(NoImage):
                read_image(raw[:length])


def test_a_frame_larger_than_its_gif_counts() -> None:
    frame = b"\x2c" + struct.pack("<HHHHB", 0, 0, 3, 2, 0)
    large = b"\x2c" + struct.pack("<HHHHB", 1, 2, 60_000, 50_000, 0)
    facts = read_image(GIF.replace(frame, large))
    assert (facts.width, facts.height) == (60_001, 50_002)


def test_a_size_that_a_decoder_could_not_bear_is_read_without_decoding() -> None:
    assert read_image(png(100_000, 100_000)) == ImageFacts(kind="PNG", width=100_000, height=100_000)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "these bytes are no PNG, JPEG, GIF or WebP image; export the image as one of them"),
        (
            b"PK\x03\x04" + PNG,
            "these bytes are no PNG, JPEG, GIF or WebP image; export the image as one of them",
        ),
        (b"GIF89a/*" + b"\0" * 20, "the GIF is broken; export the image again"),
        (JPEG[:-2] + b"\xff\xe0\0\x02xx", "the JPEG is broken; export the image again"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 40, "the PNG has no header; export the image again"),
        (webp(b"VP9 ", b"\0" * 20), "the WebP has no known form; export the image again"),
        (PNG[:-2], "the file ends before its image does; export the image again"),
    ],
    ids=["empty", "zip", "script in a GIF", "JPEG", "PNG", "WebP", "cut"],
)
def test_what_is_no_image_is_told_with_the_cure(raw: bytes, message: str) -> None:
    with pytest.raises(NoImage) as caught:
        read_image(raw)
    assert str(caught.value) == message


@given(
    st.sampled_from([PNG[:8], b"\xff\xd8\xff", b"GIF89a", b"RIFF\0\0\0\0WEBP", b""]), st.binary(max_size=400)
)
def test_any_bytes_are_an_image_or_none(magic: bytes, rest: bytes) -> None:
    try:
        facts = read_image(magic + rest)
    except NoImage:
        return
    assert facts.kind in ("PNG", "JPEG", "GIF", "WebP")
