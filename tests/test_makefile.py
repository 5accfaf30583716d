"""What make hands on."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.mark.parametrize("target", ["setup-python", "setup", "setup-test"])
def test_the_set_up_does_not_see_the_token(tmp_path: Path, target: str) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    script = tmp_path / "scripts" / "setup.sh"
    script.parent.mkdir()
    script.write_text("#!/bin/sh\nenv\n", encoding="utf-8")
    script.chmod(0o755)
    environment = {"PATH": os.environ["PATH"], "GITHUB_TOKEN": "t0ken-of-the-job", "KEPT": "yes"}
    done = subprocess.run(
        ["make", target], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert "KEPT=yes" in done.stdout
    assert "t0ken-of-the-job" not in done.stdout + done.stderr


def test_the_flags_of_the_pages_reach_the_step_that_refuses() -> None:
    done = subprocess.run(
        ["make", "--no-print-directory", "--dry-run", "feeds", "PAGES_FLAGS=--accept-loss"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    (command,) = done.stdout.replace("\\\n", " ").split("scripts/build_api.py")[1:]
    assert command.split()[-1] == "--accept-loss"
