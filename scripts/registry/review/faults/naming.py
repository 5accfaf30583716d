"""Faults that a change's file has by its name, mode or size alone: nothing of it is read, nothing written."""

from collections.abc import Iterator, Mapping

from registry.registration.frontmatter import REGISTRATION
from registry.registration.values import FILE_NAME_FAULT, first_invisible, has_control
from registry.review.change import ChangedFile
from registry.review.faults.image_headers import EXTENSIONS
from registry.review.staging import IMAGES, MAX_TEXT_BYTES, image_path, is_registration
from registry.text.problems import printable, quoted

Fault = tuple[str, str]
"""Code and message."""

FOLDERS = (b"_plugins", b"_data", b"assets", b"assets/img", b"assets/img/plugins")
"""What has to stay a folder."""
MAX_IMAGE_BYTES = 4_000_000
_MODES = {0o120000: "a symbolic link", 0o160000: "a submodule"}
_LONGEST_NAME = 255
"""Bytes that a file system has room for."""


def naming_faults(file: ChangedFile, modes: Mapping[bytes, int]) -> Iterator[Fault]:
    """Yield what is wrong with an added or modified file before it is opened.

    `modes` are those of the base's files: an executable bit that stands is left alone.
    """
    if file.status == "deleted":
        return
    raw = file.raw_path
    if fault := _path_fault(raw):
        yield "file-name", fault
        return
    for folder in FOLDERS:
        if raw == folder:
            what = _MODES.get(file.mode, "a file")
            yield (
                "not-a-file",
                f"'{folder.decode()}' is a folder, and this makes it {what}; restore the folder",
            )
            return
        if raw[: len(folder)] != folder and raw[: len(folder) + 1].lower() == folder + b"/":
            yield (
                "file-name",
                f"the folder is written '{folder.decode()}', in small letters; move the file there",
            )
            return
    if not raw.startswith((b"_plugins/", IMAGES.encode())) and file.kind != "data":
        return
    if file.mode in _MODES:
        what = _MODES[file.mode]
        yield "not-a-file", f"this is {what}, and only plain files belong here; put the file itself here"
        return
    if file.mode != 0o100644 and modes.get(raw) != file.mode:
        message = "the file is marked as a program; take the mark off: `git update-index --chmod=-x <file>`"
        yield "not-a-file", message
    if raw.startswith(b"_plugins/"):
        yield from _registration_faults(file)
    elif file.kind == "image":
        yield from _image_faults(file)
    elif file.size is None or file.size > MAX_TEXT_BYTES:
        yield "too-large", f"the file has more than {MAX_TEXT_BYTES:,} bytes; leave some of it out"


def _path_fault(raw: bytes) -> str | None:
    """Return why no file in a repository may be called so, whatever it holds."""
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        return "the name is not UTF-8, which not every system can write; rename the file"
    if has_control(text) or "\n" in text or "\t" in text or printable(text) != text:
        return "the name holds a character that nobody can see; rename the file"
    if character := first_invisible(text):
        return f"the name holds {character}, which hides or reorders text; rename the file"
    parts = raw.split(b"/")
    if any(part in (b"", b".", b"..") or part.lower() == b".git" for part in parts):
        return "the name would lead out of its folder; rename the file"
    if longest := max((len(part) for part in parts if len(part) >= _LONGEST_NAME), default=0):
        return f"the name has {longest:,} bytes, and file systems have no room for so many; shorten it"
    return None


def _registration_faults(file: ChangedFile) -> Iterator[Fault]:
    name = file.raw_path.decode().removeprefix("_plugins/")
    if "/" in name:
        last = name.rpartition("/")[2]
        cure = f"move it to {quoted(f'_plugins/{last}')}"
        yield "not-a-file", f"registrations stand directly in '_plugins', not in a folder of it; {cure}"
    elif not name.endswith(".md"):
        # The validator's own sentence, without writing the file.
        yield "not-markdown", "only Markdown files (.md) belong here; move it, e.g. images to assets/"
    elif not is_registration(file.raw_path):
        yield "file-name", FILE_NAME_FAULT
    elif file.size is None or file.size > MAX_TEXT_BYTES:
        # The validator's own sentence, for what is too large to be handed to it.
        limit = f"{REGISTRATION.file_bytes:,}"
        yield "too-large", f"the file has more than {limit} bytes; link to long texts and images instead"


def _image_faults(file: ChangedFile) -> Iterator[Fault]:
    path = image_path(file.raw_path)
    name = file.raw_path.rpartition(b"/")[2].decode()
    extension = f".{name.rpartition('.')[2].lower()}" if "." in name else ""
    if extension in (".svg", ".svgz"):
        message = "an SVG can hold scripts, so none is taken here; export the image as PNG or WebP"
        yield "image-svg", message
    elif extension not in EXTENSIONS:
        message = (
            f"only images belong here, and their names end in {', '.join(EXTENSIONS)}; move or export it"
        )
        yield "image-type", message
    elif path is None:
        message = "an image's name has letters, digits, spaces and . _ , ( ) + @ & ~ ' = -; rename the file"
        yield "file-name", message
    elif "/" not in path.removeprefix(IMAGES):
        message = f"the image stands in no plugin's folder; move it to '{IMAGES}<id>/'"
        yield "image-place", message
    if file.size is None or file.size > MAX_IMAGE_BYTES:
        much = f"{file.size / 1e6:.1f} MB" if file.size else "more than 8 MB"
        cure = "scale it down to what a page shows (about 1,600 pixels wide), or export it as WebP"
        yield (
            "image-too-large",
            f"the image has {much}, and {MAX_IMAGE_BYTES // 10**6} MB is the limit; {cure}",
        )
