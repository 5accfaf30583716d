"""Files and folders written whole: a crash leaves the old one or the new one."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path


def write_bytes(path: Path, raw: bytes) -> bool:
    """Write `raw` to `path`, so that a crash leaves the old or the new file; tell whether it changed."""
    try:
        if path.read_bytes() == raw:
            return False
    except OSError:
        pass  # not there, or not to be read: it is about to be replaced
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
        beside = Path(file.name)
        try:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
            beside.chmod(0o644)
            beside.replace(path)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise
    return True


def mend_folder(folder: Path) -> None:
    """Put back what an interrupted `replace_folder` left of the folder, and take its leftovers away."""
    fresh, last = _beside(folder)
    if last.exists() and not folder.exists():
        last.rename(folder)
    for leftover in (fresh, last):
        shutil.rmtree(leftover, ignore_errors=True)


def replace_folder(
    folder: Path,
    files: Iterable[tuple[str, bytes]],
    *,
    is_news: Callable[[str, bytes, bytes], bool] = lambda _name, _old, _new: True,
) -> bool:
    """Make `folder` hold these files (path below it, content) alone; return False where it did already.

    The set is made beside it and changes places with it by two renames, so that a crash leaves the last set
    or the new one: what the next call finds of an interrupted one, it mends. A file that stays the same keeps
    its time. `is_news(name, old, new)` says whether the change of a file is worth a new set.
    """
    folder = folder.resolve()  # a rename needs a name, and `.` has none
    mend_folder(folder)
    fresh, last = _beside(folder)
    left = _files_below(folder)
    unwritten: dict[str, bytes | None] = {}  # nothing is written before something is new; None: as it is
    changed = not folder.exists()
    try:
        for name, content in files:
            old = _read(f"{folder}/{name}") if name in left else None
            left.discard(name)
            unwritten[name] = None if old == content else content
            changed = changed or old is None or (old != content and is_news(name, old, content))
            if changed:
                _write(folder, fresh, unwritten)
                unwritten.clear()
        if not changed and not left:
            return False
        fresh.mkdir(parents=True, exist_ok=True)
        _write(folder, fresh, unwritten)
    except BaseException:
        shutil.rmtree(fresh, ignore_errors=True)
        raise
    if folder.exists():
        folder.rename(last)
    fresh.rename(folder)
    shutil.rmtree(last, ignore_errors=True)
    return True


def _beside(folder: Path) -> tuple[Path, Path]:
    """Return where the next set is made, and where the last one waits for its end."""
    return folder.with_name(f".{folder.name}.new"), folder.with_name(f".{folder.name}.old")


def _files_below(folder: Path) -> set[str]:
    """Return the paths of all files below a folder, as seen from it, with forward slashes."""
    start = len(str(folder)) + 1
    return {
        f"{parent}/{name}"[start:].replace(os.sep, "/")
        for parent, _, names in os.walk(folder)
        for name in names
    }


def _read(path: str) -> bytes:
    with open(path, "rb") as file:
        return file.read()


def _write(folder: Path, fresh: Path, files: Mapping[str, bytes | None]) -> None:
    """Write files into the folder `fresh`; None stands for the content that a file has in `folder`."""
    for name, content in files.items():
        path = f"{fresh}/{name}"
        try:
            _put(path, content, f"{folder}/{name}")
        except FileNotFoundError:  # the first file of its folder
            Path(path).parent.mkdir(parents=True, exist_ok=True)
            _put(path, content, f"{folder}/{name}")


def _put(path: str, content: bytes | None, last: str) -> None:
    if content is None:
        _link(last, path)
    else:
        with open(path, "wb") as file:
            file.write(content)


def _link(old: str, new: str) -> None:
    """Give a file a second name; where the disk knows no such thing, a copy with the same time."""
    try:
        os.link(old, new, follow_symlinks=False)
    except OSError:
        shutil.copy2(old, new)
