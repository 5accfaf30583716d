"""A program is bounded in bytes and seconds, and its children end with it."""

import os
import sys
from pathlib import Path

import pytest

from registry.system.processes import MAX_WORDS_BYTES, TookTooLong, run


def python(
    code: str, *, timeout_s: float = 20.0, limit_bytes: int = 100, **more: object
) -> tuple[int, bytes, bytes]:
    command = [sys.executable, "-c", code]
    ended = run(command, {}, timeout_s=timeout_s, limit_bytes=limit_bytes, **more)  # type: ignore[arg-type]
    return ended.status, ended.output, ended.words


def test_what_is_given_comes_back_with_status_and_words() -> None:
    code = "import sys; print(sys.stdin.read(), file=sys.stderr); print('out'); sys.exit(3)"
    assert python(code, given=b"in") == (3, b"out\n", b"in\n")


def test_stderr_can_be_part_of_the_output() -> None:
    assert python("import sys; print('x', file=sys.stderr)", joined=True) == (0, b"x\n", b"")


def test_output_beyond_the_limit_ends_the_program() -> None:
    status, output, _ = python("while True: print('x' * 1000)", limit_bytes=1_500)
    assert (status < 0, len(output)) == (True, 1_501)


def test_of_many_words_the_last_are_kept() -> None:
    _, _, words = python("import sys; sys.stderr.write('x' * 100_000 + 'end')")
    assert (len(words), words[-4:]) == (MAX_WORDS_BYTES, b"xend")


@pytest.mark.parametrize("before", ["", "os.close(1);"])
def test_a_program_that_does_not_end_is_stopped(before: str) -> None:
    with pytest.raises(TookTooLong):
        python(f"import os, time; {before} time.sleep(60)", timeout_s=0.3)


def test_children_end_with_the_program(tmp_path: Path) -> None:
    fifo = tmp_path / "held"
    os.mkfifo(fifo)
    reads = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)
    child = f"held = open({str(fifo)!r}, 'w'); held.write('here'); held.flush(); import time; time.sleep(60)"
    quiet = "stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL"
    wait = f"import os; fd = os.open({str(fifo)!r}, os.O_RDONLY); os.read(fd, 1)"
    parent = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {child!r}], {quiet}); {wait}"
    assert python(parent) == (0, b"", b"")
    os.set_blocking(reads, True)
    # The end of the file comes when the last that could write is gone.
    with os.fdopen(reads, "rb") as held:
        assert held.read() == b"ere"
