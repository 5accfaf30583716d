"""What html-validate says against the pages of a folder."""

import json
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CONFIG = Path(__file__).with_name("htmlvalidate.cjs")
NAMED = 3
"""Places that are named for a broken rule."""


def faults(folder: Path) -> list[str]:
    """Return a line for each rule that pages of the folder break: `rule: message: places`."""
    command = [
        "node",
        str(ROOT / "node_modules/html-validate/bin/html-validate.mjs"),
        "--config",
        str(CONFIG),
    ]
    with tempfile.NamedTemporaryFile(suffix=".json") as told:
        # Into a file: the command ends before a pipe has taken all of it.
        command += ["--formatter", f"json={told.name}", str(folder)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode not in (0, 1):
            raise RuntimeError(done.stdout + done.stderr)
        reports = json.loads(Path(told.name).read_bytes())
    places: dict[tuple[str, str], list[str]] = defaultdict(list)
    for report in reports:
        page = Path(report["filePath"]).relative_to(folder)
        for message in report["messages"]:
            places[message["ruleId"], message["message"]].append(f"{page}:{message['line']}")
    return [
        f"{rule}: {message}: {', '.join(found[:NAMED])}"
        + (f" and {len(found) - NAMED} more" if len(found) > NAMED else "")
        for (rule, message), found in places.items()
    ]
