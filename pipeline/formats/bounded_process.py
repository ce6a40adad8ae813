"""Programs that a library starts, bound in processor time. The clock does not count: a busy machine changes nothing."""

from __future__ import annotations

import math
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from subprocess import Popen
from typing import Any

_GRACE_SECONDS = 1  # of processor time between the signal at the limit and the end without appeal


@dataclass(slots=True)
class Spent:
    """What programs used: `seconds` of processor time, of all that this process waited for, on other threads too."""

    seconds: float = 0.0
    programs: list[BoundPopen] = field(default_factory=list)

    @property
    def out_of_time(self) -> bool:
        """Whether the system has ended one of the programs for its limit."""
        return any(program.returncode == -signal.SIGXCPU for program in self.programs)


_bound: ContextVar[tuple[int, Spent] | None] = ContextVar("processor seconds of a program", default=None)


class BoundPopen(Popen[bytes]):
    """A program that the system ends once it has used the processor seconds of `programs_bound` (prlimit(2)).

    The limit is the program's own. One that is lowered here and inherited would count from what this process has used
    already, and might end this process instead.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        bound = _bound.get()
        if bound is not None:
            seconds, spent = bound
            spent.programs.append(self)
            with suppress(ProcessLookupError):  # it has ended already
                self._limit(seconds)

    def _limit(self, seconds: int) -> None:
        """SIGXCPU at `seconds`, by which it is known afterwards, and SIGKILL for what takes no notice of it."""
        most, held = seconds + _GRACE_SECONDS, resource.prlimit(self.pid, resource.RLIMIT_CPU)[1]
        if held != resource.RLIM_INFINITY:
            most = min(most, held)
        resource.prlimit(self.pid, resource.RLIMIT_CPU, (min(seconds, most), most))
        resource.prlimit(self.pid, resource.RLIMIT_CORE, (0, 0))  # the signal would leave its memory on the disk


@contextmanager
def programs_bound(cpu_seconds: float) -> Iterator[Spent]:
    """Each `BoundPopen` that is started within, by this thread, may use so many processor seconds."""
    spent = Spent()
    before, token = _children_seconds(), _bound.set((math.ceil(cpu_seconds), spent))
    try:
        yield spent
    finally:
        _bound.reset(token)
        spent.seconds = _children_seconds() - before


def _children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
