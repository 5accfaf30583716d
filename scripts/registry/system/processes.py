"""Programs that are handed what strangers wrote: bounded in bytes and seconds, with all of their children."""

import os
import selectors
import signal
import subprocess
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from time import monotonic

MAX_WORDS_BYTES = 64_000
"""Of what is kept of a program's stderr, from its end."""


class TookTooLong(Exception):
    """A program did not end in time, and was stopped."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What a program left."""

    status: int
    output: bytes
    """One byte more than the limit at most: then there was more, and the program was stopped."""
    words: bytes
    """What it said on stderr, the end of it."""


def run(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    timeout_s: float,
    limit_bytes: int,
    given: bytes = b"",
    folder: str | Path | None = None,
    joined: bool = False,
) -> Ended:
    """Run a program in a process group of its own, all of which ends with it.

    `given` is its stdin; `joined` makes stderr part of its output. Raises TookTooLong, and OSError when it
    cannot be run.
    """
    ends = monotonic() + timeout_s
    # Files, because a pipe that nobody reads, or nobody writes, would stop both sides.
    with TemporaryFile() as asked, TemporaryFile() as words:
        asked.write(given)
        asked.seek(0)
        process = subprocess.Popen(  # noqa: S603 - no shell, and the callers' commands are constant but for names
            command,
            cwd=folder,
            env=dict(environment),
            stdin=asked,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT if joined else words,
            start_new_session=True,
        )
        with process:
            try:
                output = _read(process, limit_bytes, ends)
                if len(output) <= limit_bytes:
                    process.wait(max(0.0, ends - monotonic()))
            except subprocess.TimeoutExpired:
                raise TookTooLong from None
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        size = words.seek(0, os.SEEK_END)
        words.seek(max(0, size - MAX_WORDS_BYTES))
        return Ended(process.returncode, output, words.read())


def _read(process: subprocess.Popen[bytes], limit_bytes: int, ends: float) -> bytes:
    """Return the output, one byte more than the limit at most. Raises TookTooLong."""
    assert process.stdout is not None  # noqa: S101 - it is a pipe
    output = bytearray()
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while len(output) <= limit_bytes:
            if not selector.select(max(0.0, ends - monotonic())):
                raise TookTooLong
            chunk = os.read(process.stdout.fileno(), 1 << 20)
            if not chunk:
                break
            output += chunk
    return bytes(output[: limit_bytes + 1])
