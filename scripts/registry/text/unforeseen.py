"""What nobody foresaw, in words that may be published."""

import traceback
from pathlib import Path


def whence(error: Exception) -> str:
    """Return what was raised where. Its words may be a stranger's, and are not said."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if f"{Path(__file__).parents[1]}" in frame.filename] or frames
    place = f" in {Path(ours[-1].filename).name}, line {ours[-1].lineno}" if ours else ""
    return f"{type(error).__name__}{place}"
