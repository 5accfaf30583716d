"""What is wrong with the images of a change, by their headers; none is decoded, and none written."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import PurePosixPath

from registry.review.change import Change, ChangedFile, TooLarge
from registry.review.faults.image_headers import EXTENSIONS, MAX_PIXELS, NoImage, read_image
from registry.review.faults.naming import MAX_IMAGE_BYTES
from registry.text.problems import Level

LARGE_IMAGE_BYTES = 1_000_000
Found = tuple[ChangedFile, Level, str, str]
"""File, level, code and message."""


def picture_faults(change: Change, named_wrong: Collection[bytes]) -> Iterator[Found]:
    """Yield what is wrong with each added or modified image that may be opened."""
    images = [file for file in change.files if file.kind == "image" and file.is_file]
    fit = [
        file
        for file in images
        if file.raw_path not in named_wrong and file.size is not None and file.size <= MAX_IMAGE_BYTES
    ]
    contents = _contents(change, fit)
    for file in fit:
        if file.blob in contents:
            yield from _judge(file, contents[file.blob])
        else:
            message = "the change has more images than are read at once; bring the rest in another change"
            yield file, "error", "too-much", message


def _contents(change: Change, files: list[ChangedFile]) -> Mapping[str, bytes]:
    """Return blob -> content of the first files that are not too much together."""
    while files:
        try:
            return change.read_all(files)
        except TooLarge:
            files = files[: len(files) // 2]
    return {}


def _judge(file: ChangedFile, raw: bytes) -> Iterator[Found]:
    extension = PurePosixPath(file.raw_path.decode()).suffix.lower()
    expected = EXTENSIONS[extension]
    try:
        facts = read_image(raw)
    except NoImage as error:
        yield file, "error", "image-broken", str(error)
        return
    if facts.kind != expected:
        message = f"the name says {expected}, the file is a {facts.kind}; name it '.{facts.kind.lower()}'"
        yield file, "error", "image-extension", message
    if not facts.width or not facts.height or facts.width * facts.height > MAX_PIXELS:
        size = f"{facts.width:,} × {facts.height:,} pixels"
        limit = f"{MAX_PIXELS // 10**6} megapixels"
        yield file, "error", "image-pixels", f"the image has {size}, and {limit} are the limit; scale it down"
    if facts.trailing.strip(b"\0"):
        count = f"{len(facts.trailing):,} bytes"
        message = f"{count} follow the image's end, which no image needs; open it in an editor and export it"
        # Cameras append a second picture.
        level: Level = "warning" if facts.trailing.startswith(b"\xff\xd8\xff") else "error"
        yield file, level, "image-trailing", message
    if len(raw) > LARGE_IMAGE_BYTES:
        much = f"{len(raw) / 1e6:.1f} MB"
        message = f"the image has {much}, which is slow to load; scale it down, or export it as WebP"
        yield file, "warning", "image-large", message
