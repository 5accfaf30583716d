"""Processes that read what strangers wrote: work that takes too much time or memory ends, and nothing else.

Whatever C code does with hostile text (a hang in a pattern, gigabytes, a crash of the interpreter), it does
in a worker. That is killed and replaced, and the caller gets the reason in the place of an answer.
"""

import asyncio
import gc
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import CancelledError
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from math import ceil
from multiprocessing import parent_process
from multiprocessing.context import SpawnContext, SpawnProcess
from threading import Thread
from types import ModuleType
from typing import Any, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

PROCESSES = min(4, os.cpu_count() or 1)
TIMEOUT_S = 10.0
"""Seconds of processor time for one piece of work; a file of half a megabyte takes less than one."""
PATIENCE = 6
"""Times that long by the clock: a busy machine is no reason to call a piece of work hostile."""
TOGETHER = 10
"""Pieces of work that go to a worker at once."""
MEMORY_BYTES = 512 << 20
"""Address space of a worker; its own code takes a fifth of it."""

Item = TypeVar("Item")
Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Failed:
    """A piece of work that was not done."""

    reason: str
    """The end of a sentence that begins with what was worked on."""


class Workers:
    """A few processes, started when there is work; for use as `with`, after which none is left."""

    def __init__(
        self,
        *,
        processes: int = PROCESSES,
        timeout_s: float = TIMEOUT_S,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._processes = processes
        self._timeout_s = timeout_s
        self._memory_bytes = memory_bytes
        self._pool: ProcessPool | None = None

    def __enter__(self) -> Self:
        """Return itself; no process is started yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """End all processes, whatever they are at."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call]
            self._pool.join()
            self._pool = None

    def start(self) -> ProcessPool:
        """Start the processes, or new ones where something took them all away; return their pool."""
        if self._pool is None or not self._pool.active:
            self.__exit__()
            self._pool = ProcessPool(
                self._processes,
                initializer=_confine,
                initargs=(self._memory_bytes,),
                context=_BareContext(),
            )
            _ = self._pool.active  # which starts it
        return self._pool

    async def map(self, function: Callable[[Item], Answer], items: Sequence[Item]) -> list[Answer | Failed]:
        """Return what `function` makes of each item, in order; `Failed` where it raised, or was killed.

        `function` stands in a module. Some items go to a worker together. When one of them harms it, each
        goes alone, with all of the time and the memory for itself.
        """
        shares = [items[start : start + TOGETHER] for start in range(0, len(items), TOGETHER)]
        answered = await asyncio.gather(*(self._share(function, share) for share in shares))
        return [answer for answers in answered for answer in answers]

    async def _share(
        self, function: Callable[[Item], Answer], items: Sequence[Item]
    ) -> list[Answer | Failed]:
        try:
            return await self._run(function, items)
        except TimeoutError:
            reason = f"took more than {self._timeout_s:g} s to read"
        except ProcessExpired as error:
            timed_out = error.exitcode == -signal.SIGXCPU
            reason = f"took more than {self._timeout_s:g} s to read" if timed_out else "ended its reader"
        except (BrokenProcessPool, CancelledError):
            reason = "ended its reader"
        if len(items) == 1:
            return [Failed(reason)]
        alone = [await self._share(function, [item]) for item in items]
        return [answer for answers in alone for answer in answers]

    async def _run(self, function: Callable[[Item], Answer], items: Sequence[Item]) -> list[Answer | Failed]:
        arguments = (function, list(items), self._timeout_s)
        task = self.start().schedule(_each, args=arguments, timeout=PATIENCE * self._timeout_s)
        return await asyncio.wrap_future(task)


def _each(function: Callable[[Item], Answer], items: list[Item], timeout_s: float) -> list[Answer | Failed]:
    _limit(resource.RLIMIT_CPU, ceil(time.process_time() + timeout_s))
    answers: list[Answer | Failed] = []
    for item in items:
        try:
            answers.append(function(item))
        except MemoryError:
            answers.append(Failed("takes too much memory, or is nested too deep, to be read"))
        except RecursionError:
            answers.append(Failed("is nested too deep to be read"))
        except Exception as error:  # noqa: BLE001 - one hostile item must not take the others along
            answers.append(Failed(f"could not be read: {type(error).__name__}"))
    gc.collect()
    return answers


def _confine(memory_bytes: int) -> None:
    """Bound the worker that calls it, silence it, and end it with the command that started it."""
    _limit(resource.RLIMIT_CORE, 0)
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
    Thread(target=_end_with_parent, daemon=True).start()
    _limit(resource.RLIMIT_AS, memory_bytes)
    gc.freeze()
    gc.disable()  # trees of syntax hold no circles, and looking for some takes a quarter of the time


def _limit(what: int, most: int) -> None:
    with suppress(ValueError, OSError):  # macOS knows no bound of the address space
        resource.setrlimit(what, (most, resource.getrlimit(what)[1]))


def _end_with_parent() -> None:
    if parent := parent_process():
        parent.join()
        os._exit(1)


class _BareProcess(SpawnProcess):
    """A process that imports what it is asked to do, and not the command that started it."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: N802 - multiprocessing calls it so
        with _unseen():
            return SpawnProcess._Popen(process_obj)


class _BareContext(SpawnContext):
    Process = _BareProcess


@contextmanager
def _unseen() -> Iterator[None]:
    """Hide the running command from a process that is started meanwhile, and Ctrl-C, which is for us."""
    main = sys.modules["__main__"]
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)
