"""Canonical names of bound indices: two terms that differ only by names get one form.

A term is a product of factors (atom, arguments, exponent); its bound indices are renamed 0, 1, 2, … Terms are split
into parts that share no bound index. In a part the bound indices are told apart by colour refinement; where that leaves
a tie, each candidate is tried and the least outcome is taken. Too many ties are an error, never a wrong name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

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


class _Row(NamedTuple):
    """A factor: its atom and exponent, and the orders in which its arguments may stand."""

    atom: int
    exponent: Fraction
    ways: list[list[tuple[int, ...]]]

    def signature(self, i: int, colours: dict[int, int]) -> tuple[Any, ...]:
        """What the factor says of one of its indices."""
        found = []
        for arguments in self.ways:
            flat = [x for argument in arguments for x in (*argument, -1)]
            found.append((_coloured(arguments, colours), tuple(k for k, x in enumerate(flat) if x == i)))
        return self.atom, self.exponent, *min(found)


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
        _Row(atom, Fraction(exponent), [[pieces(args[p]) for p in order] for order in groups(atom)])
        for atom, args, exponent in factors
    ]
    around: dict[int, list[_Row]] = {b: [] for b in bound}
    for row in rows:
        for i in {i for argument in row.ways[0] for i in argument if i in around}:
            around[i].append(row)
    best: tuple[Any, list[int]] | None = None
    stack = [_refine({b: kinds[b] for b in bound}, around)]
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
                stack.append(_refine(marked, around))
            if len(stack) + leaves > BRANCHES:
                raise Unprovable("a term is too symmetric")
            continue
        leaves += 1
        order = sorted(bound, key=colours.__getitem__)
        rank = {b: i for i, b in enumerate(order)}
        form: Any = sorted(
            (row.atom, row.exponent, min(_coloured(arguments, rank) for arguments in row.ways)) for row in rows
        )
        if best is None or form < best[0]:
            best = form, order
    assert best is not None
    return best[1]


def _coloured(arguments: Sequence[tuple[int, ...]], colours: dict[int, int]) -> tuple[tuple[int, int], ...]:
    """A bound index by its colour, a free one by itself."""
    return tuple((1, colours[i]) if i in colours else (0, i) for argument in arguments for i in (*argument, -1))


def _refine(colours: dict[int, int], around: dict[int, list[_Row]]) -> dict[int, int]:
    """Split colours until the factors around an index say nothing new.

    Where a colour is split, most keep it and the others get new ones, in an order that names do not decide; only indices
    beside one whose colour has changed are looked at again. A chain is refined from its ends, in time linear in its length.
    """
    ranks = {c: k for k, c in enumerate(sorted(set(colours.values())))}
    colours = {b: ranks[c] for b, c in colours.items()}
    cells: dict[int, set[int]] = {}
    for b, c in colours.items():
        cells.setdefault(c, set()).add(b)
    signatures: dict[int, tuple[Any, ...]] = {}
    changed = set(colours)
    while changed:
        beside = changed.copy()
        for b in changed:
            for row in around[b]:
                beside.update(i for argument in row.ways[0] for i in argument if i in colours)
        touched: dict[int, set[int]] = {}
        for i in beside:
            signatures[i] = tuple(sorted(row.signature(i, colours) for row in around[i]))
            touched.setdefault(colours[i], set()).add(i)
        changed = set()
        for c in sorted(touched):
            for piece in _split(cells[c], touched[c], signatures):
                colours.update(dict.fromkeys(piece, len(cells)))
                cells[len(cells)] = piece
                changed |= piece
    return colours


def _split(cell: set[int], touched: set[int], signatures: Mapping[int, tuple[Any, ...]]) -> list[set[int]]:
    """Take from a cell what differs from its largest part, in the order of the signatures; those not touched are alike."""
    groups: dict[tuple[Any, ...], set[int]] = {}
    for i in touched:
        groups.setdefault(signatures[i], set()).add(i)
    sizes = {s: len(g) for s, g in groups.items()}
    alike = next((signatures[i] for i in cell if i not in touched), None)
    if alike is not None:
        sizes[alike] = sizes.get(alike, 0) + len(cell) - len(touched)
    largest = max(sorted(sizes), key=sizes.__getitem__)
    if alike is not None and alike != largest:
        groups[alike] = groups.get(alike, set()) | (cell - touched)
    pieces = [groups[s] for s in sorted(groups) if s != largest]
    cell.difference_update(*pieces)
    return pieces
