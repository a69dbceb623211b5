"""Canonical names of bound indices: two terms that differ only by names get one form.

A term is a product of factors (atom, arguments, exponent); its bound indices are renamed 0, 1, 2, … Terms are split
into parts that share no bound index. In a part the bound indices are told apart by colour refinement; where that leaves
a tie, each candidate is tried and the least outcome is taken. Too many ties are an error, never a wrong name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from typing import Any, TypeAlias

__all__ = ["Factor", "Part", "Unprovable", "canonical_part", "parts"]

Exponent: TypeAlias = int | Fraction
Factor: TypeAlias = tuple[int, tuple[int, ...], Exponent]
"""An atom, its index arguments, and the exponent of the entry."""
Part: TypeAlias = tuple[Factor, ...]
Group: TypeAlias = Sequence[tuple[int, ...]]
"""The orders of arguments under which an atom keeps its value; the first leaves all in place."""

BRANCHES = 720
"""Ties that are tried before a term is given up."""


class Unprovable(Exception):
    """The machinery has no proof to offer: an operator without a definition, or a budget used up."""


def parts(
    factors: Iterable[Factor], bound_in: Callable[[int], Sequence[int]]
) -> tuple[list[Factor], list[list[Factor]]]:
    """The factors without bound indices, and the groups of factors that bound indices tie together."""
    free: list[Factor] = []
    owner: dict[int, int] = {}
    groups: dict[int, list[Factor]] = {}
    for number, factor in enumerate(factors):
        bound = {b for a in factor[1] for b in bound_in(a)}
        if not bound:
            free.append(factor)
            continue
        members = [factor]
        touched = {owner[b] for b in bound if b in owner}
        for g in touched:
            members += groups.pop(g)
        groups[number] = members
        for _, args, _ in members:
            for a in args:
                for b in bound_in(a):
                    owner[b] = number
    return free, list(groups.values())


def canonical_part(
    factors: Sequence[Factor],
    bound: Sequence[int],
    pieces: Callable[[int], tuple[int, ...]],
    kinds: dict[int, int],
    groups: Callable[[int], Group],
) -> list[int]:
    """The bound indices of a part in canonical order.

    Args:
        factors: the factors of one part.
        bound: its bound indices.
        pieces: the simple indices that an argument consists of.
        kinds: a number for the dimension of each bound index.
        groups: the symmetries of an atom.
    """
    rows = [
        (atom, exponent, [[pieces(args[p]) for p in order] for order in groups(atom)])
        for atom, args, exponent in factors
    ]
    start = {b: kinds[b] for b in bound}
    best: tuple[Any, list[int]] | None = None
    stack = [_refine(start, rows)]
    leaves = 0
    while stack:
        colours = stack.pop()
        cells: dict[int, list[int]] = {}
        for b in bound:
            cells.setdefault(colours[b], []).append(b)
        tied = [cell for _, cell in sorted(cells.items()) if len(cell) > 1]
        if tied:
            for chosen in tied[0]:
                marked = {b: 2 * c + (b != chosen) for b, c in colours.items()}
                stack.append(_refine(marked, rows))
            if len(stack) + leaves > BRANCHES:
                raise Unprovable("a term is too symmetric")
            continue
        leaves += 1
        order = sorted(bound, key=colours.__getitem__)
        rank = {b: i for i, b in enumerate(order)}
        form: Any = sorted(
            (atom, Fraction(exponent), min(_coloured(arguments, rank) for arguments in ways))
            for atom, exponent, ways in rows
        )
        if best is None or form < best[0]:
            best = form, order
    assert best is not None
    return best[1]


def _coloured(arguments: Sequence[tuple[int, ...]], colours: dict[int, int]) -> tuple[tuple[int, int], ...]:
    """A bound index by its colour, a free one by itself."""
    return tuple((1, colours[i]) if i in colours else (0, i) for argument in arguments for i in (*argument, -1))


def _refine(
    colours: dict[int, int], rows: Sequence[tuple[int, Exponent, list[list[tuple[int, ...]]]]]
) -> dict[int, int]:
    """Split colours until the factors around an index say nothing new."""
    while True:
        seen: dict[int, list[Any]] = {b: [] for b in colours}
        for atom, exponent, ways in rows:
            best: dict[int, tuple[Any, ...]] = {}
            for arguments in ways:
                shown = _coloured(arguments, colours)
                flat = [i for argument in arguments for i in (*argument, -1)]
                for i in colours:
                    if i in flat:
                        places = tuple(k for k, x in enumerate(flat) if x == i)
                        found = (atom, Fraction(exponent), shown, places)
                        if i not in best or found < best[i]:
                            best[i] = found
            for i, signature in best.items():
                seen[i].append(signature)
        full = {b: (colours[b], sorted(s)) for b, s in seen.items()}
        order: list[Any] = []
        for signature in sorted(full.values()):
            if not order or order[-1] != signature:
                order.append(signature)
        if len(order) == len(set(colours.values())):
            return {b: order.index(full[b]) for b in colours}
        colours = {b: order.index(full[b]) for b in colours}
