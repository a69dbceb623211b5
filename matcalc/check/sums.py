"""Sums over an index as they were read, against the sum written out at random points."""

from __future__ import annotations

from random import Random

from matcalc.check.evaluator import Evaluator
from matcalc.check.floats import Floats
from matcalc.check.jets import NoValue
from matcalc.check.points import draw, flat, sizes_of
from matcalc.errors import UnsupportedError
from matcalc.expr import free_symbols
from matcalc.sums import Sum

__all__ = ["confirm"]

POINTS = 2
"""Points at which a reading is compared."""
ATTEMPTS = 60
"""Points that are drawn before there is said to be none in the domain."""
ALMOST = 1e-7
"""Relative difference of sums that are equal but for rounding."""


def confirm(read: Sum) -> None:
    """Compare what a sum was read as with the values of its body at every index, added or multiplied one by one.

    Raises: UnsupportedError where they differ, or where no point of the domain was found.
    """
    random = Random(1)
    compared = 0
    for attempt in range(ATTEMPTS):
        try:
            equal = _equal_at(read, "equal" if compared else "distinct", attempt, random)
        except NoValue:
            continue
        if not equal:
            hint = "write it with norms, traces and products"
            raise UnsupportedError("the reading of this sum failed its check", span=read.span, hint=hint)
        compared += 1
        if compared == POINTS:
            return
    hint = "declare what is positive, such as x: n positive"
    raise UnsupportedError("the reading of this sum could not be checked", span=read.span, hint=hint)


def _equal_at(read: Sum, plan: str, style: int, random: Random) -> bool:
    """Whether both are equal at a random point; raises NoValue outside the domain."""
    ring = Floats()
    symbols = free_symbols(read.body, read.result, read.index)
    sizes = sizes_of([read.body, read.result, *symbols.values()], plan, random)
    point = {name: {0: draw(s, sizes, style, random, ring)} for name, s in symbols.items()}
    whole = Evaluator(ring, point, sizes, random)
    found = flat(whole.value(read.result)[0])
    length, _ = whole.size(read.index)
    total, noise = [float(read.word == "prod")] * len(found), 1e-30
    for place in range(length):
        unit = [[float(row == place)] for row in range(length)]
        one = Evaluator(ring, {**point, read.index.name: {0: unit}}, sizes, random)
        one.generic = whole.generic
        values = flat(one.value(read.body)[0])
        noise += max(map(abs, values))
        total = [a * b if read.word == "prod" else a + b for a, b in zip(total, values, strict=True)]
    noise = max(map(abs, total)) if read.word == "prod" else noise
    return all(abs(a - b) <= ALMOST * noise for a, b in zip(total, found, strict=True))
