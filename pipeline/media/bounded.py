"""Programs that a library starts, bound in processor time. The clock does not count: a busy machine changes nothing."""

from __future__ import annotations

import math
import resource
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

_NEARLY = 0.9  # share of its limit from which a program that ended is taken for one that the system has ended


@dataclass(slots=True)
class Spent:
    """What programs used; `out_of_time` says that the system has ended one of them for its limit."""

    seconds: float = 0.0
    out_of_time: bool = False


@contextmanager
def programs_bound(cpu_seconds: float) -> Iterator[Spent]:
    """Each program that is started within may use so many processor seconds, then the system ends it (setrlimit(2)).

    A program inherits the limit of the process that starts it, so that is lowered for as long. To be used by one thread at
    a time.
    """
    spent, limit = Spent(), math.ceil(cpu_seconds)
    before, held = _children_seconds(), resource.getrlimit(resource.RLIMIT_CPU)
    wanted = math.ceil(time.process_time()) + limit
    resource.setrlimit(resource.RLIMIT_CPU, (min(wanted, *map(_as_number, held)), held[1]))
    try:
        yield spent
    finally:
        resource.setrlimit(resource.RLIMIT_CPU, held)
        spent.seconds = _children_seconds() - before
        spent.out_of_time = spent.seconds >= _NEARLY * limit


def _as_number(limit: int) -> int:
    return sys.maxsize if limit == resource.RLIM_INFINITY else limit


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
