"""Products with unit vectors, as they are typed: entries X[1,2], slices X[1:3,:], and sums of them as blocks [A, B]."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import NamedTuple, TypeAlias

from matcalc import algebra
from matcalc.atoms import UNITS
from matcalc.dims import DimLike, show_dim
from matcalc.expr import Expr

__all__ = ["Part", "blocks", "parts"]

_At: TypeAlias = "Callable[[Sequence[Expr]], tuple[Expr, Sequence[Expr]] | None]"


class Part(NamedTuple):
    """A factor, what is taken of it (unit vectors that choose rows and columns, None for all), and whether that is
    transposed."""

    factor: Expr
    rows: Expr | None = None
    columns: Expr | None = None
    turned: bool = False

    @property
    def is_taken(self) -> bool:
        """Whether it is less than all."""
        return self.rows is not None or self.columns is not None

    def place(self, times: str) -> str:
        """What stands between the square brackets."""
        if 1 in self.factor.shape:
            return _range(self.rows if self.rows is not None else self.columns, times)
        return f"{_range(self.rows, times)},{_range(self.columns, times)}"


def _range(e: Expr | None, times: str) -> str:
    if e is None:
        return ":"
    if e.op == "unit":
        return str(e.data)
    first, last = (show_dim(d, times) for d in e.data)
    return first if first == last else f"{first}:{last}"


def _is_row(f: Expr) -> bool:
    return f.op == "transpose" and f.args[0].op in UNITS


def _is_whole(f: Expr) -> bool:
    """Whether something can be taken of a factor."""
    return f.op not in UNITS and not _is_row(f) and not algebra.is_ones(f)


def parts(factors: Sequence[Expr]) -> list[Part]:
    """The factors of a product, each with the unit vectors around it that choose from its rows and columns."""
    found: list[Part] = []
    i = 0
    while i < len(factors):
        rows = columns = None
        if _is_row(factors[i]) and i + 1 < len(factors) and _is_whole(factors[i + 1]):
            rows, i = factors[i].args[0], i + 1
        factor = factors[i]
        if i + 1 < len(factors) and factors[i + 1].op in UNITS and _is_whole(factor):
            columns, i = factors[i + 1], i + 1
        if factor.op == "transpose" and (rows is not None or columns is not None):
            height = factor.shape[0] if rows is None else rows.shape[1]
            width = factor.shape[1] if columns is None else columns.shape[1]
            single = height == 1 and width == 1
            found.append(Part(factor.args[0], columns, rows, not single))
        else:
            found.append(Part(factor, rows, columns))
        i += 1
    return found


def blocks(e: Expr) -> list[list[Expr]] | None:
    """The blocks, row by row, if a sum is [A, B; C, D]: its terms stand at unit vectors, which leave nothing free.

    Where no term stands is a zero.
    """
    for along, across in ((_at_top, _at_end), (_at_end, _at_top)):
        lines = _taken(e, along)
        order = _in_order(lines or ())
        if lines is None or len(order) < 2:
            continue
        inner = [_taken(lines[unit], across) for unit in order]
        whole = [line for line in inner if line is not None]
        cuts = _in_order({unit: None for line in whole for unit in line}) if len(whole) == len(lines) else []
        grid = [[lines[unit]] for unit in order]
        if len(cuts) > 1:
            zeros = [[algebra.zeros((a.shape[1], b.shape[1])) for b in cuts] for a in order]
            if along is _at_end:
                zeros = [[algebra.transpose(zero) for zero in row] for row in zeros]
            grid = [
                [line.get(b, zero) for b, zero in zip(cuts, row, strict=True)]
                for line, row in zip(whole, zeros, strict=True)
            ]
        return grid if along is _at_top else [list(column) for column in zip(*grid, strict=True)]
    return None


def _at_top(factors: Sequence[Expr]) -> tuple[Expr, Sequence[Expr]] | None:
    return (factors[0], factors[1:]) if factors[0].op in UNITS else None


def _at_end(factors: Sequence[Expr]) -> tuple[Expr, Sequence[Expr]] | None:
    return (factors[-1].args[0], factors[:-1]) if _is_row(factors[-1]) else None


def _taken(e: Expr, at: _At) -> dict[Expr, Expr] | None:
    """The parts of a sum by the unit vectors that its terms have at one end; None if one has none."""
    pieces: dict[Expr, list[Expr]] = {}
    for t in e.args if e.op == "add" else (e,):
        scalars, core = algebra.split_scalars(t)
        found = at(core.args if core.op == "dot" else (core,))
        if found is None:
            return None
        unit, rest = found
        inner = algebra.mul(*rest) if rest else algebra.eye(unit.shape[1])
        pieces.setdefault(unit, []).append(algebra.mul(*scalars, inner))
    return {unit: algebra.add(*terms) for unit, terms in pieces.items()}


def _in_order(units: Iterable[Expr]) -> list[Expr]:
    """Unit vectors in order; none if they do not fill an axis."""
    starts = {_ends(unit)[0]: unit for unit in units}
    ordered: list[Expr] = []
    start: DimLike = 1
    while (unit := starts.pop(start, None)) is not None:
        ordered.append(unit)
        start = _ends(unit)[1] + 1
    return ordered if ordered and not starts and start == ordered[0].shape[0] + 1 else []


def _ends(unit: Expr) -> tuple[DimLike, DimLike]:
    return (unit.data, unit.data) if unit.op == "unit" else unit.data
