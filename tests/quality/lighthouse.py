"""What Lighthouse says of a page; it starts a Chromium of its own, and reports to nobody."""

import json
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.chromium import ARGUMENTS, chromium_path

ROOT = Path(__file__).resolve().parents[2]
COMMAND = ROOT / "node_modules" / "lighthouse" / "cli" / "index.js"
UNTIMED = ("accessibility", "best-practices", "seo")
"""The categories that say the same on a slow machine."""
CATEGORIES = ("performance", *UNTIMED)
TIMEOUT_S = 180


class LighthouseError(RuntimeError):
    """Lighthouse did not judge the page; the message says what it said."""


def judge(address: str, *, desktop: bool = False, categories: Sequence[str] = CATEGORIES) -> dict[str, Any]:
    """Return Lighthouse's report on the page at `address`. Raises LighthouseError."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.json"
        flags = ["--headless=new", *ARGUMENTS, f"--user-data-dir={folder}/profile"]
        command = [
            "node", str(COMMAND), address, "--quiet", "--no-enable-error-reporting", "--output=json",
            f"--output-path={report}", f"--only-categories={','.join(categories)}",
            f"--chrome-flags={' '.join(flags)}", *(["--preset=desktop"] if desktop else []),
        ]  # fmt: skip
        environment = {**os.environ, "CHROME_PATH": chromium_path()}
        done = subprocess.run(
            command, env=environment, capture_output=True, text=True, check=False, timeout=TIMEOUT_S
        )
        if done.returncode or not report.exists():
            raise LighthouseError((done.stdout + done.stderr)[-2_000:])
        found: dict[str, Any] = json.loads(report.read_bytes())
    if error := found.get("runtimeError"):
        raise LighthouseError(error["message"])
    return found


def scores(report: dict[str, Any]) -> dict[str, int]:
    """Return category -> 0 to 100."""
    return {name: round(category["score"] * 100) for name, category in report["categories"].items()}


def complaints(report: dict[str, Any]) -> list[str]:
    """Return a line for each audit that costs points."""
    lines = []
    for name, category in report["categories"].items():
        for part in category["auditRefs"]:
            audit = report["audits"][part["id"]]
            if part["weight"] and audit["score"] is not None and audit["score"] < 1:
                shown = audit.get("displayValue", "")
                lines.append(f"{name}: {audit['id']} ({audit['score']}): {audit['title']} {shown}".rstrip())
    return lines
