"""Programs that are handed what strangers wrote: few words of environment, no input, an end in time."""

import shlex
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from registry.review.preview.small_site import Source
from registry.system import processes
from registry.text.problems import printable

JEKYLL_TIMEOUT_S = 120.0
LINES_TOLD = 20
MAX_OUTPUT_BYTES = 16_000_000

_KEPT = ("PATH", "HOME", "TMPDIR", "GEM_HOME", "GEM_PATH", "BUNDLE_PATH", "SSL_CERT_FILE")
"""What a program needs to find itself. No token, no address of GitHub's, nothing of the workflow's."""


class BuildError(Exception):
    """The pages could not be built or looked at; the message says why, as plain text of several lines."""


def environment(given: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a program that strangers' words are handed to."""
    return {name: given[name] for name in _KEPT if name in given} | {"LANG": "C.UTF-8"}


def jekyll_command(root: Path, given: Mapping[str, str]) -> list[str]:
    """Return the command that runs Jekyll: JEKYLL, what the set-up made, or what is on PATH."""
    if command := given.get("JEKYLL"):
        return shlex.split(command)
    made = root / ".cache" / "bin" / "jekyll"
    if made.is_file():
        return [str(made)]
    if shutil.which("jekyll"):
        return ["jekyll"]
    raise BuildError("there is no Jekyll; run 'scripts/setup.sh site', or name it in JEKYLL")


def build_site(source: Source, site: Path, root: Path, given: Mapping[str, str]) -> None:
    """Build the pages into the folder `site`. Raises BuildError."""
    command = [
        *jekyll_command(root, given), "build", "--disable-disk-cache",
        "--config", ",".join(source.configs), "--source", str(source.folder), "--destination", str(site),
    ]  # fmt: skip
    variables = environment(given) | {"JEKYLL_NO_BUNDLER_REQUIRE": "true"}
    run(command, variables, source.folder, JEKYLL_TIMEOUT_S, both=True)


def run(
    command: Sequence[str],
    variables: Mapping[str, str],
    folder: Path,
    timeout_s: float,
    *,
    given: bytes = b"",
    both: bool = False,
    lines: int = LINES_TOLD,
    name: str = "",
) -> bytes:
    """Return what a program prints, with `both` on stderr too. Its children end with it.

    Raises BuildError with the program's `name` and last `lines`.
    """
    name = name or Path(command[0]).name
    try:
        ended = processes.run(
            command,
            variables,
            folder=folder,
            given=given,
            timeout_s=timeout_s,
            limit_bytes=MAX_OUTPUT_BYTES,
            joined=both,
        )
    except OSError as error:
        raise BuildError(f"{name} cannot be run: {error.strerror}") from None
    except processes.TookTooLong:
        raise BuildError(f"{name} took longer than {timeout_s:g} s") from None
    if len(ended.output) > MAX_OUTPUT_BYTES:
        raise BuildError(f"{name} said more than {MAX_OUTPUT_BYTES:,} bytes")
    if ended.status:
        last = (ended.words or ended.output).decode(errors="backslashreplace").strip().splitlines()[-lines:]
        told = "\n".join(f"  {printable(line)[:500]}" for line in last)
        raise BuildError(f"{name} failed:\n{told}")
    return ended.output
