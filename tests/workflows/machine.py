"""The machine that a job gets: fresh folders, GitHub's shells, the files by which a script tells things."""

import os
import re
import signal
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.workflows.commands import FileCommandError, parse_pairs

SHELLS = {
    "": "bash -e {0}",
    "bash": "bash --noprofile --norc -eo pipefail {0}",
    "sh": "sh -e {0}",
    "python": "python {0}",
}
LIMIT_S = 300.0
"""However long a workflow lets a step take, a test does not wait for longer."""
SUMMARY_LIMIT_BYTES = 1024 * 1024
FILES = ("OUTPUT", "ENV", "PATH", "STATE", "STEP_SUMMARY")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a script said and did."""

    log: str
    """Both streams, as they came."""
    code: int
    files: Mapping[str, str]

    @property
    def outputs(self) -> dict[str, str]:
        return parse_pairs(self.files["OUTPUT"], "GITHUB_OUTPUT")

    @property
    def exported(self) -> dict[str, str]:
        pairs = parse_pairs(self.files["ENV"], "GITHUB_ENV")
        if taken := [name for name in pairs if re.match("GITHUB_|RUNNER_|NODE_OPTIONS$", name)]:
            raise FileCommandError(f"GITHUB_ENV: {taken[0]} cannot be set")
        return pairs

    @property
    def paths(self) -> list[str]:
        return self.files["PATH"].split("\n")[:-1]

    @property
    def summary(self) -> str:
        if len(self.files["STEP_SUMMARY"].encode()) > SUMMARY_LIMIT_BYTES:
            raise FileCommandError("GITHUB_STEP_SUMMARY: is larger than 1 MiB")
        return self.files["STEP_SUMMARY"]


class Machine:
    """A fresh machine below one folder. Of the real one's environment it has PATH alone."""

    def __init__(self, folder: Path) -> None:
        self.home, self.tools = folder / "home", folder / "tools"
        self.workspace = folder / "work" / "registry" / "registry"
        self.temporary, self._files = folder / "work" / "_temp", folder / "work" / "_files"
        self.event_path = self._files / "event.json"
        self._scripts = 0
        for path in (self.home, self.tools, self.workspace, self.temporary, self._files):
            path.mkdir(parents=True)
        self.context = {
            "os": "Linux",
            "arch": "X64",
            "name": "emulated",
            "environment": "github-hosted",
            "temp": str(self.temporary),
            "tool_cache": str(self.tools),
        }

    def run(
        self,
        script: str,
        shell: str,
        folder: Path,
        env: Mapping[str, str],
        github: Mapping[str, str],
        paths: list[str],
        limit_s: float,
    ) -> Told:
        """Run a script by a shell (`… {0}`). GitHub's own variables win over those of the workflow."""
        self._scripts += 1
        file = self._files / f"{self._scripts}.sh"
        file.write_text(script, encoding="utf-8")
        files = {name: self._files / f"{self._scripts}.{name}" for name in FILES}
        for path in files.values():
            path.touch()
        whole = {
            "LANG": "C.UTF-8",
            "HOME": str(self.home),
            **env,
            **github,
            **{f"GITHUB_{name}": str(path) for name, path in files.items()},
            **{f"RUNNER_{name.upper()}": value for name, value in self.context.items()},
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "PATH": os.pathsep.join([*paths, os.environ["PATH"]]),
        }
        command = shell.replace("{0}", str(file)).split()
        log, code = spawn(command, folder, whole, min(limit_s, LIMIT_S))
        told = {name: path.read_text(encoding="utf-8", errors="replace") for name, path in files.items()}
        return Told(log=log, code=code, files=told)


def spawn(command: list[str], folder: Path, env: Mapping[str, str], limit_s: float) -> tuple[str, int]:
    """Run a command in a process group of its own; return output and exit code, 124 for one without end."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(env),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    try:
        output, _ = process.communicate(timeout=limit_s)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        output, _ = process.communicate()
        return f"{output.decode(errors='replace')}\nError: no end within {limit_s:g} s\n", 124
    return output.decode(errors="replace"), process.returncode
