"""A piece of work that hangs, eats memory or crashes ends alone, and no process outlives the command."""

import asyncio
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from registry.system.workers import Failed, Workers

ROOT = Path(__file__).resolve().parents[2]
MEMORY = 256 << 20


def work(what: str) -> str:
    """Do what hostile text might make C code do; runs in a worker."""
    match what:
        case "hang":
            while True:
                pass
        case "crash":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "memory":
            return "x" * (1 << 30)
        case "depth":
            return work(what)
        case "raise":
            raise KeyError("<script>")
        case "print":
            print("noise", file=sys.stderr)
            os.write(2, b"noise")
        case "pid":
            return str(os.getpid())
    return f"{what} done"


def answers(*items: str, timeout_s: float = 5.0) -> list[str | Failed]:
    with Workers(processes=1, timeout_s=timeout_s, memory_bytes=MEMORY) as workers:
        return asyncio.run(workers.map(work, items))


def test_work_is_answered_in_its_order() -> None:
    assert answers("a", "b", "c") == ["a done", "b done", "c done"]


def test_without_work_no_process_is_started() -> None:
    with Workers() as workers:
        assert asyncio.run(workers.map(work, [])) == []
        assert workers._pool is None


@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("hang", "took more than 1 s to read"),
        ("crash", "ended its reader"),
        ("memory", "takes too much memory, or is nested too deep, to be read"),
        ("depth", "is nested too deep to be read"),
        ("raise", "could not be read: KeyError"),
    ],
)
def test_what_cannot_be_done_says_why_and_its_neighbours_are_done(what: str, reason: str) -> None:
    assert answers("before", what, "behind", timeout_s=1) == ["before done", Failed(reason), "behind done"]


def test_workers_that_died_are_replaced_again_and_again() -> None:
    with Workers(processes=2, timeout_s=5) as workers:

        async def often() -> list[list[str | Failed]]:
            return await asyncio.gather(*(workers.map(work, ["crash", f"{n}"]) for n in range(4)))

        failed = Failed("ended its reader")
        assert asyncio.run(often()) == [[failed, f"{n} done"] for n in range(4)]
        assert asyncio.run(workers.map(work, ["at last"])) == ["at last done"]


def test_the_loop_goes_on_while_a_worker_is_at_work() -> None:
    async def both() -> int:
        ticks = 0
        with Workers(processes=1, timeout_s=1) as workers:
            task = asyncio.create_task(workers.map(work, ["hang"]))
            while not task.done():
                await asyncio.sleep(0.01)
                ticks += 1
        return ticks

    assert asyncio.run(both()) > 10


def test_a_worker_is_gone_with_its_pool() -> None:
    [pid] = answers("pid")
    assert isinstance(pid, str)
    assert not Path(f"/proc/{pid}").exists()


PROGRAM = """
import asyncio, sys
sys.path[:0] = [{scripts!r}, {root!r}]
from registry.system.workers import Workers
from tests.system.test_workers import work

print("begun", flush=True)

async def main():
    with Workers(processes=2, timeout_s=60) as workers:
        print(*await workers.map(work, ["pid"]), flush=True)
        print(*await workers.map(work, {items!r}), flush=True)

if __name__ == "__main__":
    asyncio.run(main())
"""


def start(folder: Path, *items: str) -> subprocess.Popen[str]:
    program = folder / "program.py"
    program.write_text(PROGRAM.format(scripts=str(ROOT / "scripts"), root=str(ROOT), items=list(items)))
    return subprocess.Popen(
        [sys.executable, program],
        cwd=folder,
        env={"PATH": os.environ.get("PATH", os.defpath)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def left_of(session: int) -> list[str]:
    """Return the processes of a session that are still there."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(stat.parent.name)
    return found


def wait_until_gone(session: int) -> list[str]:
    for _ in range(200):
        if not left_of(session):
            break
        time.sleep(0.05)
    return left_of(session)


def test_a_program_is_silent_at_its_end_and_is_not_begun_again_by_its_workers(tmp_path: Path) -> None:
    with start(tmp_path, "print", "a") as process:
        output, errors = process.communicate(timeout=60)
    begun, pid, done = output.splitlines()
    assert (begun, done, errors, process.returncode) == ("begun", "print done a done", "", 0)
    assert int(pid) != process.pid
    assert wait_until_gone(process.pid) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_no_process_is_left_of_a_program_that_is_broken_off(tmp_path: Path, number: signal.Signals) -> None:
    with start(tmp_path, "hang") as process:
        assert process.stdout
        assert process.stdout.readline() == "begun\n"
        assert process.stdout.readline().strip().isdigit()
        time.sleep(0.3)
        # Ctrl-C goes to every process of the terminal, the others to one.
        (os.killpg if number == signal.SIGINT else os.kill)(process.pid, number)
        _, errors = process.communicate(timeout=60)
    if number == signal.SIGINT:
        assert errors.endswith("KeyboardInterrupt\n")
        assert "multiprocessing" not in errors  # it is the program's own traceback, and none of a worker
    assert wait_until_gone(process.pid) == []
