"""Products written without brackets: which of · and ⊙ binds tighter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matcalc.elaborate.items import Item
from matcalc.elaborate.kinds import Kind
from matcalc.errors import ShapeError

if TYPE_CHECKING:
    from matcalc.elaborate.dimensions import Axis, Dimensions

__all__ = ["READINGS", "group", "reading_of"]

READINGS = ("left to right", "⊙ tighter", "· tighter")

ENTRYWISE = frozenset({".*", "./"})
MATRIX = frozenset({"*", "", "\\"})


def is_mixed(item: Item, kinds: list[Kind]) -> bool:
    """Whether a chain has both kinds of product between factors that are not scalars."""
    seen = set()
    before = kinds[0] != (True, True)
    for op, kind in zip(item.data, kinds[1:], strict=True):
        if before and kind != (True, True):
            seen.add(op in ENTRYWISE)
        before = before or kind != (True, True)
    return len(seen) == 2


def group(item: Item, reading: str) -> list[tuple[str, list[tuple[str, int]]]]:
    """The chain as runs: (operator before the run, [(operator, operand), …]), by which binds tighter.

    Left to right is one run.
    """
    operators = ("", *item.data)
    if reading == "left to right":
        return [("", [(op, i) for i, op in enumerate(operators)])]
    tight = ENTRYWISE if reading == "⊙ tighter" else MATRIX | {"/"}
    runs: list[tuple[str, list[tuple[str, int]]]] = []
    for i, op in enumerate(operators):
        if i and op in tight:
            runs[-1][1].append((op, i))
        else:
            runs.append((op, [("", i)]))
    return runs


def reading_of(item: Item, dims: Dimensions) -> tuple[str, tuple[Axis, Axis]]:
    """The reading that forces the fewest new equations between dimensions, left to right on a tie, and its axes.

    Raises: ShapeError if no reading fits, for the one left to right.
    """
    kinds = [dims.kinds[id(a)] for a in item.args]
    if not is_mixed(item, kinds):
        return READINGS[0], _evaluate(item, READINGS[0], dims)
    best: tuple[int, str] | None = None
    for reading in READINGS:
        count = _forced(item, reading, dims)
        if count is not None and (best is None or count < best[0]):
            best = (count, reading)
    if best is None:
        return READINGS[0], _evaluate(item, READINGS[0], dims)
    if sum(_forced(item, r, dims) is not None for r in READINGS) > 1:
        dims.notes.append(f"{dims.text[item.span.start : item.span.end]} read {best[1]}; brackets make it certain")
    return best[1], _evaluate(item, best[1], dims)


def _forced(item: Item, reading: str, dims: Dimensions) -> int | None:
    """How many equations between unknown dimensions a reading forces; None if it does not fit."""
    roots = {axis.root(): axis.root().value for a in item.args for axis in dims.axes[id(a)]}
    try:
        _evaluate(item, reading, dims)
        return sum(axis.parent is not None for axis in roots)
    except ShapeError:
        return None
    finally:
        for axis, value in roots.items():
            axis.parent, axis.value = None, value


def _evaluate(item: Item, reading: str, dims: Dimensions) -> tuple[Axis, Axis]:
    total: tuple[Item, tuple[Axis, Axis], Kind] | None = None
    for op, run in group(item, reading):
        part: tuple[Item, tuple[Axis, Axis], Kind] | None = None
        for inner, i in run:
            a = item.args[i]
            factor = (a, dims.axes[id(a)], dims.kinds[id(a)])
            part = factor if part is None else _combine(item, part, factor, inner, dims)
        assert part is not None
        total = part if total is None else _combine(item, total, part, op, dims)
    assert total is not None
    return total[1]


def _combine(
    item: Item,
    a: tuple[Item, tuple[Axis, Axis], Kind],
    b: tuple[Item, tuple[Axis, Axis], Kind],
    op: str,
    dims: Dimensions,
) -> tuple[Item, tuple[Axis, Axis], Kind]:
    pair = dims.times(item, a, b, op)
    k, l = a[2], b[2]
    if op in MATRIX and (True, True) not in (k, l):
        kind = Kind(k.one_row, l.one_column)
    else:
        kind = Kind(k.one_row and l.one_row, k.one_column and l.one_column)
    return b[0], pair, kind
