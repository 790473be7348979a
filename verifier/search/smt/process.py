"""A generator run in a process of its own, which is killed when time is over, whatever it is doing."""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from typing import TypeVar

T = TypeVar("T")
GIB = 1024**3
MEMORY = 4 * GIB  # bytes of address space beyond what the process begins with
GRACE = 5  # seconds of processor time after which the process ends itself, should nobody be left to end it


def _context() -> ForkContext | SpawnContext:
    fork = "fork" in multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("fork") if fork else multiprocessing.get_context("spawn")


def streamed(produce: Callable[..., Iterator[T]], arguments: tuple[object, ...], seconds: float) -> Iterator[T]:
    """What `produce(*arguments)` yields in another process, until it ends, runs out of memory, or `seconds` are over.

    Everything must be picklable. The process is gone when the iterator is closed. Raises RuntimeError if `produce`
    raises an exception.
    """
    context = _context()
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_serve, args=(theirs, produce, arguments, seconds), daemon=True)
    deadline, owner = time.monotonic() + seconds, os.getpid()
    process.start()
    theirs.close()
    try:
        with suppress(EOFError, OSError):
            while ours.poll(max(0.0, deadline - time.monotonic())):
                item, failure = ours.recv()
                if failure:
                    raise RuntimeError(failure)
                yield item
    finally:
        if os.getpid() == owner:  # not in a process that was forked meanwhile and has a copy of this iterator
            process.kill()
            process.join()
            process.close()
        ours.close()


def _serve(
    channel: Connection, produce: Callable[..., Iterator[T]], arguments: tuple[object, ...], seconds: float
) -> None:
    _limit(seconds)
    with suppress(BrokenPipeError, MemoryError):
        try:
            for item in produce(*arguments):
                channel.send((item, ""))
        except (BrokenPipeError, MemoryError):
            raise
        except Exception:
            channel.send((None, traceback.format_exc()))
    channel.close()


def _limit(seconds: float) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever reads decides about interruptions
    with suppress(ImportError, OSError, ValueError):
        import resource

        used = _address_space()
        for kind, value in ((resource.RLIMIT_CPU, int(seconds) + GRACE), (resource.RLIMIT_AS, used + MEMORY)):
            soft, hard = resource.getrlimit(kind)
            least = min(v for v in (value, soft, hard) if v != resource.RLIM_INFINITY)
            resource.setrlimit(kind, (least, hard))


def _address_space() -> int:
    """Bytes in use; 0 where the system does not say."""
    with suppress(OSError, ValueError), open("/proc/self/statm", encoding="ascii") as file:
        import resource

        return int(file.read().split()[0]) * resource.getpagesize()
    return 0
