"""Programs that a library starts, bound in processor time. The clock does not count: a busy machine changes nothing."""

from __future__ import annotations

import math
import resource
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from subprocess import Popen
from typing import Any

_NEARLY = 0.9  # share of its limit from which a program that ended is taken for one that the system has ended
_limit: ContextVar[int | None] = ContextVar("processor seconds of a program", default=None)


@dataclass(slots=True)
class Spent:
    """What programs used; `out_of_time` says that the system has ended one of them for its limit."""

    seconds: float = 0.0
    out_of_time: bool = False


class BoundPopen(Popen[bytes]):
    """A program that the system ends once it has used the processor seconds of `programs_bound` (prlimit(2)).

    The limit is the program's own. One that is lowered here and inherited would count from what this process has used
    already, and might end this process instead.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        seconds = _limit.get()
        if seconds is not None:
            with suppress(ProcessLookupError):  # it has ended already
                held = resource.prlimit(self.pid, resource.RLIMIT_CPU)[1]
                most = seconds if held == resource.RLIM_INFINITY else min(seconds, held)
                resource.prlimit(self.pid, resource.RLIMIT_CPU, (most, most))


@contextmanager
def programs_bound(cpu_seconds: float) -> Iterator[Spent]:
    """Each `BoundPopen` that is started within, by this thread, may use so many processor seconds.

    What is told afterwards counts all programs that this process waited for meanwhile, those of other threads as well.
    """
    spent, limit = Spent(), math.ceil(cpu_seconds)
    before, token = _children_seconds(), _limit.set(limit)
    try:
        yield spent
    finally:
        _limit.reset(token)
        spent.seconds = _children_seconds() - before
        spent.out_of_time = spent.seconds >= _NEARLY * limit


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
