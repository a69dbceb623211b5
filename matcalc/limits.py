"""What a computation may cost. Whatever can grow without bound from a short text asks here now and then."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

from matcalc.errors import LimitError

__all__ = ["SECONDS", "demand", "limited", "still_room", "still_time"]

SECONDS = 30.0
"""How long a derivation may take, unless another time is asked for: of the processor, however busy the machine is."""

MAX_NODES = 1_000_000
"""By how many nodes the expressions in memory may grow, about 1 GiB."""


@dataclass(slots=True)
class _Limit:
    """When a computation has to be finished, how many nodes there were when it made its first, and how often it asked."""

    end: float
    seconds: float
    nodes: int | None = None
    asked: int = 0


OFTEN = 8
"""The clock is read each time that so many have asked: that takes longer than to make a node."""

_current: ContextVar[_Limit | None] = ContextVar("_current", default=None)


@contextmanager
def limited(seconds: float | None) -> Iterator[None]:
    """Let what runs inside end within a time, or as soon as a limit around it demands; None lifts all limits.

    Raises: LimitError from within, at the places that ask.

    >>> with limited(60):
    ...     still_time()
    """
    outer = _current.get()
    own = None if seconds is None else _Limit(time.thread_time() + seconds, seconds)
    token = _current.set(own if own is None or outer is None or own.end < outer.end else outer)
    try:
        yield
    finally:
        _current.reset(token)


def still_time() -> None:
    """Go on, unless the time is up.

    Raises: LimitError.
    """
    limit = _current.get()
    if limit is None:
        return
    limit.asked += 1
    if limit.asked % OFTEN == 0 and time.thread_time() > limit.end:
        raise LimitError(
            f"not finished after {limit.seconds:g} seconds",
            hint="simplify the formula, or allow more time: --timeout SECONDS, in Python timeout=",
        )


def still_room(nodes: int) -> None:
    """Go on making expressions, of which there are so many nodes, unless they or the time are too many.

    Raises: LimitError.
    """
    limit = _current.get()
    if limit is None:
        return
    if limit.nodes is None:
        limit.nodes = nodes
    demand("nodes of expressions at once", nodes - limit.nodes, MAX_NODES)
    still_time()


def demand(what: str, found: int, limit: int, hint: str = "simplify the formula") -> None:
    """Go on, unless something is too large.

    Raises: LimitError.

    >>> demand("operations", 10, 20)
    """
    if found > limit:
        raise LimitError(f"more than {limit:,} {what}", limit=limit, found=found, hint=hint)
