"""What OctoPrint itself makes of plugins' modules: `octoprint_reads` runs this file with OctoPrint's Python.

The program reads a JSON list of files in hexadecimal and prints a JSON list of answers.
"""

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FLAG = "__plugin_pythoncompat__"


def octoprint_reads(contents: Iterable[bytes]) -> list[dict[str, Any]]:
    """Return what `parse_plugin_metadata` reads of the flag in each file.

    `{"flag": …}`, `{"default": true}`, `{"syntax": true}` or, where OctoPrint stumbles over the flag and does
    not load the plugin, `{"unusable": true}`.
    """
    from tests.support.real_client import octoprint_python

    given = json.dumps([content.hex() for content in contents])
    command = [str(octoprint_python()), __file__]
    done = subprocess.run(command, input=given, capture_output=True, text=True, check=True)
    answers: list[dict[str, Any]] = json.loads(done.stdout)
    return answers


def answer(path: Path) -> dict[str, Any]:
    """Return what OctoPrint reads of one file."""
    from octoprint.plugin.core import parse_plugin_metadata  # type: ignore[import-not-found]
    from octoprint.util.version import is_python_compatible  # type: ignore[import-not-found]

    try:
        read = parse_plugin_metadata(str(path))
    except SyntaxError:
        return {"syntax": True}
    if FLAG not in read:
        return {"default": True}
    try:
        is_python_compatible(read[FLAG], python_version="3.9.1")
    except Exception:  # noqa: BLE001 - whatever OctoPrint stumbles over
        return {"unusable": True}
    return {"flag": read[FLAG]}


def main() -> None:
    """Answer for each file of stdin."""
    logging.disable(logging.CRITICAL)
    answers = []
    with tempfile.TemporaryDirectory() as folder:
        for number, content in enumerate(json.load(sys.stdin)):
            path = Path(folder) / f"module_{number}.py"
            path.write_bytes(bytes.fromhex(content))
            answers.append(answer(path))
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    main()
