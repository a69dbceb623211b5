"""Kinds: for every occurrence, whether its row axis and its column axis have length 1.

Declared names have their kinds; for the others, defaults and use decide, and where they clash other kinds are tried,
the fewest changes first.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations, product
from typing import NamedTuple

from matcalc.elaborate.items import Item, Names
from matcalc.operators import OPERATORS

__all__ = ["Kind", "assign_kinds", "items_of", "kinds_of"]


class Kind(NamedTuple):
    """Whether there is one row, and whether there is one column."""

    one_row: bool
    one_column: bool


SCALAR, VECTOR, ROW, MATRIX = Kind(True, True), Kind(False, True), Kind(True, False), Kind(False, False)
WORDS = {"scalar": SCALAR, "integer": SCALAR, "vector": VECTOR, "row": ROW, "matrix": MATRIX}
TRIES = 400
"""Assignments of kinds tried before the best so far is taken."""

WORK = 300_000
"""Occurrences visited over all tries."""

HARD = 100
"""What a clash weighs against an unusual choice."""


def items_of(root: Item) -> list[Item]:
    """Every item once, arguments first."""
    order: list[Item] = []
    seen: set[int] = set()
    stack: list[tuple[Item, bool]] = [(root, False)]
    while stack:
        item, ready = stack.pop()
        if ready:
            order.append(item)
        elif id(item) not in seen:
            seen.add(id(item))
            stack.append((item, True))
            stack.extend((a, False) for a in reversed(item.args))
    return order


def default_kind(name: str) -> Kind:
    """The kind of an undeclared name: capital: matrix; a to g and longer names: scalar; h to z: vector."""
    if name[0].isupper():
        return MATRIX
    return VECTOR if len(name.rstrip("0123456789_")) == 1 and "h" <= name[0] <= "z" else SCALAR


def assign_kinds(items: Sequence[Item], names: Names) -> dict[str, Kind]:
    """The kinds of all names of a formula: the best single change again and again, then pairs if it still clashes."""
    used = list(dict.fromkeys(i.data for i in items if i.op == "symbol"))
    free = [n for n in used if n not in names.kinds]
    best = {n: default_kind(n) if n in free else _declared_kind(n, names) for n in used}
    if not free:
        return best
    usual = dict(best)
    limit = min(TRIES, WORK // max(1, len(items)))
    penalty = _penalty(items, best, free)
    for size in (1, 1, 1, 1, 2):
        if penalty == 0 or (size == 2 and penalty < HARD):
            break
        trials = _changes(best, free, size)
        scored = [
            (_penalty(items, t, free) + _strangeness(t, usual), t) for t, _ in zip(trials, range(limit), strict=False)
        ]
        limit -= len(scored)
        found = min(scored, key=lambda pair: pair[0], default=(penalty, best))
        if found[0] >= penalty:
            continue
        penalty, best = found
    return best


def _changes(start: Mapping[str, Kind], free: Sequence[str], size: int) -> Iterator[dict[str, Kind]]:
    for some in combinations(free, size):
        for kinds in product((VECTOR, SCALAR, ROW, MATRIX), repeat=size):
            if all(start[n] != k for n, k in zip(some, kinds, strict=True)):
                yield {**start, **dict(zip(some, kinds, strict=True))}


def _strangeness(trial: Mapping[str, Kind], usual: Mapping[str, Kind]) -> float:
    """What it costs to give names other kinds than the usual ones."""
    changed = [(n, k) for n, k in trial.items() if k != usual[n]]
    return sum(3.0 if n[0].isupper() else 0.4 if k in (SCALAR, VECTOR) else 1.4 for n, k in changed)


def _declared_kind(name: str, names: Names) -> Kind:
    shape = names.shapes.get(name)
    return WORDS[names.kinds[name]] if shape is None else Kind(shape[0] == 1, shape[1] == 1)


def _penalty(items: Sequence[Item], assigned: Mapping[str, Kind], free: Sequence[str]) -> float:
    """How badly kinds fit: clashes, then unusual uses of undeclared names."""
    kinds: dict[int, Kind] = {}
    total = 0.0
    loose = set(free)
    for item in items:
        kinds[id(item)], cost = _kind(item, [kinds[id(a)] for a in item.args], assigned, loose)
        total += cost
    return total


def kinds_of(items: Sequence[Item], assigned: Mapping[str, Kind]) -> dict[int, Kind]:
    """The kind of every item, by identity."""
    kinds: dict[int, Kind] = {}
    for item in items:
        kinds[id(item)] = _kind(item, [kinds[id(a)] for a in item.args], assigned, set())[0]
    return kinds


def _kind(item: Item, args: Sequence[Kind], assigned: Mapping[str, Kind], loose: set[str]) -> tuple[Kind, float]:
    op = item.op
    if op == "symbol":
        return assigned[item.data], 0.0
    if op in ("number", "dimension", "pi"):
        return SCALAR, 0.0
    if op in ("eye", "commutation"):
        return MATRIX, 0.0
    if op in ("ones", "zeros", "vector", "matrix", "fill"):
        return _constant_kind(item), 0.0
    if op == "add":
        return _join(item, args, loose)
    if op == "chain":
        return _chain_kind(item, args, loose)
    if op == "transpose":
        return Kind(args[0].one_column, args[0].one_row), _unusual(item, args, loose)
    if op == "power":
        bad = args[1] != SCALAR or args[0] in (VECTOR, ROW)
        return args[0], HARD * bad
    if op == "inv":
        return args[0], HARD * (args[0] in (VECTOR, ROW))
    if op == "elpower":
        return _join(item, args, loose)
    if op in ("norm", "inner", "sum", "mean", "operator", "abstract", "kron"):
        return _function_kind(item, args, loose)
    return (args[0] if args else SCALAR), 0.0


def _constant_kind(item: Item) -> Kind:
    if item.op == "fill":
        return VECTOR if item.data == "vector" else MATRIX
    dims = item.data
    if not dims:
        return MATRIX if item.op in ("zeros", "matrix") else VECTOR
    return Kind(dims[0] == 1, len(dims) == 1 or dims[1] == 1)


def _is_loose(item: Item, loose: set[str]) -> bool:
    while item.op in ("group", "transpose", "neg"):
        item = item.args[0]
    return item.op == "symbol" and item.data in loose


def _unusual(item: Item, args: Sequence[Kind], loose: set[str]) -> float:
    """A scalar that stands where a vector is usual, the more so if it is an undeclared name."""
    scalars = [a for a, k in zip(item.args, args, strict=True) if k == SCALAR]
    return sum(1.0 if _is_loose(a, loose) else 0.6 for a in scalars) if loose else 0.0


def _join(item: Item, args: Sequence[Kind], loose: set[str]) -> tuple[Kind, float]:
    """A sum or an entrywise operation, with broadcasts; an undeclared name is not broadcast."""
    kind = Kind(all(k.one_row for k in args), all(k.one_column for k in args))
    cost = 0.0
    for a, k in zip(item.args, args, strict=True):
        if k != kind and _is_loose(a, loose):
            cost += 1.0 if k == SCALAR and item.op != "elpower" else 0.0 if k == SCALAR else 2.0
    if not any(k == kind for k in args) and len(args) > 1:
        cost += 2.0
    return kind, cost


def _chain_kind(item: Item, args: Sequence[Kind], loose: set[str]) -> tuple[Kind, float]:
    kind, cost = args[0], 0.0
    for op, a, k in zip(item.data, item.args[1:], args[1:], strict=True):
        if op in ("*", ""):
            if kind == SCALAR:
                kind = k
            elif k == SCALAR:
                cost += 1.0 if _is_loose(a, loose) else 0.0
            elif kind.one_column != k.one_row:
                cost += HARD
                kind = Kind(kind.one_row, k.one_column)
            else:
                kind = Kind(kind.one_row, k.one_column)
        elif op == "/":
            cost += HARD * (k != SCALAR)
        elif op == "\\":
            cost += HARD * (kind != MATRIX)
            kind = k
        else:
            joined, more = _join(Item("elpower", (item.args[0], a), item.span), (kind, k), loose)
            kind, cost = joined, cost + more
    return kind, cost


def _function_kind(item: Item, args: Sequence[Kind], loose: set[str]) -> tuple[Kind, float]:
    op, x = item.op, args[0]
    if op == "norm":
        return SCALAR, 2 * _unusual(item, args, loose)
    if op == "inner":
        return SCALAR, HARD * (args[0] != args[1]) + _unusual(item, args, loose)
    if op in ("sum", "mean"):
        kind = {None: SCALAR, 0: Kind(True, x.one_column), 1: Kind(x.one_row, True)}[item.data]
        return kind, _unusual(item, args, loose)
    if op == "abstract":
        return (SCALAR if item.data[1] is None else args[item.data[1]]), 0.0
    if op == "kron":
        return Kind(all(k.one_row for k in args), all(k.one_column for k in args)), 0.0
    row = OPERATORS[item.data]
    if row.kind == "diag":
        return (VECTOR if x == MATRIX else MATRIX), HARD * (x == SCALAR)
    if row.kind == "vector":
        return VECTOR, 0.0
    if row.kind == "square to scalar":
        return SCALAR, HARD * (x not in (MATRIX, SCALAR)) + 0.5 * (x == SCALAR)
    if row.kind == "square":
        return x, HARD * (x not in (MATRIX, SCALAR))
    if row.kind == "scalar":
        return SCALAR, 0.0
    return Kind(all(k.one_row for k in args), all(k.one_column for k in args)), 0.0
