"""Files written whole: a crash leaves the old one or the new one."""

import os
import tempfile
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
