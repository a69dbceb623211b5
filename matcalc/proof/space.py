"""Expressions in entries, as polynomials in a normal form.

A term is a coefficient times a product of factors, summed over its bound indices; a factor is an atom with index
arguments and an exponent. Atoms are entries of variables, Kronecker deltas, dimensions, and functions of polynomials:
g(p), p^a, entries of inverses, determinants. What a function is applied to is kept once, under a number, with
placeholders for its indices, so that terms are never nested and no name can be captured.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from fractions import Fraction
from itertools import permutations, product
from math import prod
from typing import Any, NamedTuple, TypeAlias

from matcalc.dims import Dim, DimLike
from matcalc.proof.canonical import Exponent, Factor, Unprovable, canonical_part, parts

__all__ = ["DELTA", "Atom", "Poly", "Space", "Term"]

Term: TypeAlias = tuple[Factor, ...]
Poly: TypeAlias = dict[Term, Exponent]
Raw: TypeAlias = tuple[Exponent, set[int], list[Factor]]
"""A term under way: its coefficient, the indices it is summed over, its factors."""

DELTA = 0
INDICES = 10_000
"""Bound indices that are named in a proof, all terms together; those of textbook formulas have a few hundred."""
TERMS = 3000
"""Terms of a polynomial before a proof is given up."""
WORK = 50_000
"""Factors that are looked at before a proof is given up."""
ORDERS = 120
"""Ways to order the indices of a function's argument before a proof is given up."""


class Atom(NamedTuple):
    """What a factor is an entry of.

    Args:
        kind: "delta", "dimension", "prime", "entry", "function", "power", "base", "inverse", "determinant", …
        data: the name, or whatever else tells it from others of its kind.
        polys: the polynomials that it is a function of, with placeholders for indices.
        slots: the placeholders, in the order of the arguments.
        orders: the orders of the arguments that do not change the value.
    """

    kind: str
    data: Any
    polys: tuple[Poly, ...]
    slots: tuple[int, ...]
    orders: tuple[tuple[int, ...], ...]


class Space:
    """The indices and atoms of one proof."""

    def __init__(self) -> None:
        self.dims: list[DimLike] = [0]
        self.pieces: list[tuple[int, ...]] = [()]
        self.names: list[tuple[str, Any]] = [("", 0)]
        self.atoms: list[Atom] = [Atom("delta", None, (), (), ((0, 1), (1, 0)))]
        self._indices: dict[Any, int] = {}
        self._atoms: dict[Any, int] = {}
        self._parts: dict[Any, tuple[Factor, ...]] = {}
        self._named_indices = 0
        self._defined: dict[Any, tuple[int, tuple[int, ...]]] = {}
        self._dim_numbers: dict[DimLike, int] = {}
        self.positive: set[int] = set()
        self.hook: Callable[[int, tuple[int, ...], Exponent], Poly | None] = lambda atom, args, exponent: None
        self.depth = 0
        self.work = 0

    # --- indices ------------------------------------------------------------------------------------------------------

    def index(self, kind: str, key: Any, dim: DimLike) -> int:
        """A simple index: "free" (with a name), "bound" (with a number), "place" (a placeholder) or "fixed"."""
        found = self._indices.get((kind, key, dim))
        if found is None:
            found = self._indices[kind, key, dim] = len(self.dims)
            self.dims.append(dim)
            self.names.append((kind, key))
            self.pieces.append((found,))
        return found

    def join(self, pieces: Sequence[int]) -> int:
        """The index that runs over the pairs, triples, … of indices; the last one runs fastest."""
        flat = tuple(p for piece in pieces for p in self.pieces[piece])
        if len(flat) == 1:
            return flat[0]
        found = self._indices.get(flat)
        if found is None:
            found = self._indices[flat] = len(self.dims)
            dim: DimLike = 1
            for p in flat:
                dim = dim * self.dims[p]
            self.dims.append(dim)
            self.names.append(("pair", flat))
            self.pieces.append(flat)
        return found

    def bound_in(self, index: int) -> list[int]:
        """The bound indices of an argument."""
        return [p for p in self.pieces[index] if self.names[p][0] == "bound"]

    def bound_of(self, factors: Iterable[Factor]) -> set[int]:
        """The bound indices of a term."""
        return {b for _, args, _ in factors for a in args for b in self.bound_in(a)}

    def free_of(self, *polys: Poly) -> set[int]:
        """The indices of polynomials that are neither bound nor fixed."""
        return {
            p
            for poly in polys
            for term in poly
            for _, args, _ in term
            for a in args
            for p in self.pieces[a]
            if self.names[p][0] in ("free", "place")
        }

    @contextmanager
    def opened(self, args: Sequence[int]) -> Iterator[tuple[tuple[int, ...], dict[int, int]]]:
        """Arguments with free indices in place of the bound ones of a term, and the way back.

        What is made from them meanwhile has bound indices of its own, which must not be mixed up with those of the term.
        """
        self.depth += 1
        try:
            bound = dict.fromkeys(b for a in args for b in self.bound_in(a))
            away = {b: self.index("free", ("o", self.depth, k), self.dims[b]) for k, b in enumerate(bound)}
            yield self.moved(args, away), {new: b for b, new in away.items()}
        finally:
            self.depth -= 1

    def moved(self, args: Sequence[int], mapping: Mapping[int, int]) -> tuple[int, ...]:
        """Arguments with some simple indices replaced."""
        return tuple(
            mapping.get(a, a)
            if len(self.pieces[a]) == 1
            else self.join([mapping.get(p, p) for p in self.pieces[a]])
            if any(p in mapping for p in self.pieces[a])
            else a
            for a in args
        )

    # --- atoms --------------------------------------------------------------------------------------------------------

    def atom(self, kind: str, data: Any, orders: tuple[tuple[int, ...], ...] = ((),)) -> int:
        """The number of an atom that is not a function of polynomials."""
        found = self._atoms.get((kind, data))
        if found is None:
            found = self._atoms[kind, data] = len(self.atoms)
            self.atoms.append(Atom(kind, data, (), (), orders))
        return found

    def define(
        self, kind: str, data: Any, polys: tuple[Poly, ...], orders: Sequence[Sequence[int]] | None = None
    ) -> tuple[int, tuple[int, ...]]:
        """The number of an atom that is a function of polynomials, and its arguments.

        Args:
            orders: the orders of free indices that may be taken for the same; all, if not given.
        """
        raw = (
            kind,
            data,
            tuple(frozenset(p.items()) for p in polys),
            None if orders is None else tuple(map(tuple, orders)),
        )
        known = self._defined.get(raw)
        if known is not None:
            return known
        best: Any = None
        same: list[tuple[int, ...]] = []
        for order in self._orders(polys) if orders is None else orders:
            slots = tuple(self.index("place", k, self.dims[i]) for k, i in enumerate(order))
            mapping = dict(zip(order, slots, strict=True))
            placed = tuple(self.renamed(p, mapping) for p in polys)
            form = ([self.dim_number(self.dims[i]) for i in order], [sorted(p.items()) for p in placed])
            if best is None or form < best[0]:
                best, same = (form, placed, slots, tuple(order)), [tuple(order)]
            elif form == best[0]:
                same.append(tuple(order))
        _, placed, slots, order = best
        key = (kind, data, slots, tuple(tuple(sorted(p.items())) for p in placed))
        found = self._atoms.get(key)
        if found is None:
            found = self._atoms[key] = len(self.atoms)
            symmetries = tuple(tuple(order.index(i) for i in other) for other in same)
            self.atoms.append(Atom(kind, data, placed, slots, symmetries))
        self._defined[raw] = found, order
        return found, order

    def _orders(self, polys: Sequence[Poly]) -> Iterable[tuple[int, ...]]:
        """The orders of the free indices of polynomials in which a least form is looked for."""
        signs: dict[int, list[Any]] = {i: [] for i in self.free_of(*polys)}
        for n, poly in enumerate(polys):
            for term, c in poly.items():
                for atom, args, e in term:
                    for k, a in enumerate(args):
                        for p in self.pieces[a]:
                            if p in signs:
                                place = min(order.index(k) for order in self.atoms[atom].orders)
                                signs[p].append((n, Fraction(c), atom, Fraction(e), place))
        cells: dict[Any, list[int]] = {}
        for i, seen in signs.items():
            cells.setdefault((self.dim_number(self.dims[i]), tuple(sorted(seen))), []).append(i)
        ordered = [cells[key] for key in sorted(cells)]
        if prod(prod(range(1, len(cell) + 1)) for cell in ordered) > ORDERS:
            raise Unprovable("a function of too many indices")
        for choice in product(*(permutations(cell) for cell in ordered)):
            yield tuple(i for cell in choice for i in cell)

    def dim_number(self, d: DimLike) -> int:
        """A number for each dimension, to sort by."""
        return self._dim_numbers.setdefault(d, len(self._dim_numbers))

    def value_of(self, atom: int, n: int, args: Sequence[int]) -> Poly:
        """The n-th polynomial that an atom is a function of, at its arguments."""
        a = self.atoms[atom]
        return self.renamed(a.polys[n], dict(zip(a.slots, args, strict=True)))

    # --- polynomials --------------------------------------------------------------------------------------------------

    def constant(self, c: Exponent) -> Poly:
        """A number."""
        return {(): c} if c else {}

    def factor(self, atom: int, args: tuple[int, ...] = (), exponent: Exponent = 1) -> Poly:
        """One factor."""
        return self.term(1, (), [(atom, args, exponent)])

    def dimension(self, d: DimLike) -> Poly:
        """A dimension as a number."""
        if isinstance(d, int):
            return self.constant(d)
        total: Poly = {}
        for names, c in d.terms:
            powers = {n: names.count(n) for n in names}
            term = tuple(sorted((self.atom("dimension", n), (), k) for n, k in powers.items()))
            total[term] = c
        return total

    def add(self, *polys: Poly) -> Poly:
        """A sum."""
        total: Poly = {}
        for p in polys:
            for term, c in p.items():
                total[term] = total.get(term, 0) + c
        return {t: c for t, c in total.items() if c}

    def scale(self, c: Exponent, p: Poly) -> Poly:
        """A multiple."""
        return {t: c * k for t, k in p.items()} if c else {}

    def mul(self, *polys: Poly, over: Iterable[int] = ()) -> Poly:
        """A product, summed over free indices."""
        summed = list(over)
        raws: list[Raw] = [(1, set(), [])]
        for p in polys:
            if len(raws) * len(p) > TERMS:
                raise Unprovable("too many terms")
            raws = [self._times(raw, term, c) for raw in raws for term, c in p.items()]
        if not summed:
            return self.terms(raws)
        names = {i: self.index("bound", ("s", k), self.dims[i]) for k, i in enumerate(summed)}
        return self.terms(
            [
                (c, bound | set(names.values()), [(a, self.moved(args, names), e) for a, args, e in fs])
                for c, bound, fs in raws
            ]
        )

    def _times(self, raw: Raw, term: Term, c: Exponent) -> Raw:
        k, bound, factors = raw
        own = self.bound_of(term)
        if own and bound:
            at = len(bound)
            names = {b: self.index("bound", at + i, self.dims[b]) for i, b in enumerate(sorted(own))}
            while not bound.isdisjoint(names.values()):
                at += 1
                names = {b: self.index("bound", at + i, self.dims[b]) for i, b in enumerate(sorted(own))}
            term = tuple((a, self.moved(args, names), e) for a, args, e in term)
            own = set(names.values())
        return k * c, bound | own, [*factors, *term]

    def spliced(self, raw: Raw, p: Poly, back: Mapping[int, int]) -> list[Raw]:
        """A term times a polynomial made from its opened arguments."""
        done = [self._times(raw, term, c) for term, c in p.items()]
        return [(c, bound, [(a, self.moved(args, back), e) for a, args, e in fs]) for c, bound, fs in done]

    def renamed(self, p: Poly, mapping: Mapping[int, int]) -> Poly:
        """A polynomial with free indices replaced."""
        if all(a == b for a, b in mapping.items()):
            return p
        return self.terms(
            [(c, self.bound_of(t), [(a, self.moved(args, mapping), e) for a, args, e in t]) for t, c in p.items()]
        )

    def term(self, c: Exponent, bound: Iterable[int], factors: Sequence[Factor]) -> Poly:
        """One term, which may become several."""
        return self.terms([(c, set(bound), list(factors))])

    # --- the normal form ----------------------------------------------------------------------------------------------

    def terms(self, raws: Sequence[Raw]) -> Poly:
        """The normal form of a sum of terms."""
        total: Poly = {}
        todo = list(reversed(raws))
        while todo:
            c, bound, factors = todo.pop()
            self.work += 1 + len(factors)
            if self.work > WORK:
                raise Unprovable("too much work")
            if not c:
                continue
            contracted = self._contract(bound, factors)
            if contracted is None:
                continue
            bound, factors = contracted
            again = self._collect(c, bound, factors)
            if again is None:
                c, bound, factors = self._unused(c, bound, factors)
                form = self._named(bound, factors)
                total[form] = total.get(form, 0) + c
            else:
                todo.extend(again)
            if len(todo) + len(total) > TERMS:
                raise Unprovable("too many terms")
        return {t: c for t, c in total.items() if c}

    def _contract(self, bound: set[int], factors: list[Factor]) -> tuple[set[int], list[Factor]] | None:
        """Carry out the Kronecker deltas; None if the term is zero."""
        bound = set(bound)
        kept: list[Factor] = []
        while True:
            at = next((k for k, f in enumerate(factors) if f[0] == DELTA), None)
            if at is None:
                return bound, kept + factors
            i, j = factors[at][1]
            factors = factors[:at] + factors[at + 1 :]
            one, two = self.pieces[i], self.pieces[j]
            if i == j:
                continue
            if len(one) > 1 and len(one) == len(two):
                if [self.dims[p] for p in one] != [self.dims[p] for p in two]:
                    raise Unprovable("two ways to divide an index")
                factors += [(DELTA, pair, 1) for pair in zip(one, two, strict=True)]
                continue
            if self.dims[i] != self.dims[j]:
                raise Unprovable("indices of different ranges")
            if self.names[i][0] == self.names[j][0] == "fixed":
                return None
            old, new = (i, j) if i in bound and i not in two else (j, i)
            if old in bound and old not in self.pieces[new]:
                bound.discard(old)
            else:
                fixed = [x for x in (i, j) if self.names[x][0] == "fixed" or len(self.pieces[x]) > 1]
                new = fixed[0] if fixed else min(i, j)
                old = j if new == i else i
                if len(self.pieces[old]) > 1:
                    raise Unprovable("two ways to divide an index")
                kept.append((DELTA, (min(i, j), max(i, j)), 1))
            mapping = {old: new}
            factors = [(a, self.moved(args, mapping), e) for a, args, e in factors]
            kept = [f if f[1] == (min(i, j), max(i, j)) else (DELTA, self.moved(f[1], mapping), 1) for f in kept]

    def least(self, atom: int, args: tuple[int, ...]) -> tuple[int, ...]:
        """Arguments in the least of the orders that do not change the value."""
        orders = self.atoms[atom].orders
        return args if len(orders) == 1 else min(tuple(args[k] for k in order) for order in orders)

    def _collect(self, c: Exponent, bound: set[int], factors: list[Factor]) -> list[Raw] | None:
        """Add the exponents of equal factors; what the term becomes if one of them is no factor of a normal form."""
        powers: dict[tuple[int, tuple[int, ...]], Exponent] = {}
        for atom, args, e in factors:
            key = atom, self.least(atom, args)
            powers[key] = 1 if atom == DELTA else powers.get(key, 0) + e
        factors[:] = [(atom, args, e) for (atom, args), e in powers.items() if e]
        for k, (atom, args, e) in enumerate(factors):
            if self.atoms[atom].kind not in ("entry", "delta", "dimension"):
                with self.opened(args) as (open_args, back):
                    instead = self.hook(atom, open_args, e)
                if instead is not None:
                    return self.spliced((c, set(bound), factors[:k] + factors[k + 1 :]), instead, back)
        cancelled = self._cancel(bound, factors) or self._summed(bound, factors)
        return None if cancelled is None else [(c, bound - {cancelled[0]}, cancelled[1])]

    def _cancel(self, bound: set[int], factors: list[Factor]) -> tuple[int, list[Factor]] | None:
        """A⁻¹·A = I and, for an orthogonal matrix, Q·Qᵀ = I, where a term sums over the index between them."""
        matrices = [
            k for k, f in enumerate(factors) if len(f[1]) == 2 and self.atoms[f[0]].kind in ("inverse", "entry")
        ]
        if not any(self.cancels(factors[k][0]) for k in matrices):
            return None
        for x in matrices:
            partner = self.cancels(factors[x][0])
            if partner is None:
                continue
            for y in matrices:
                pair = self._joined(factors, x, y, partner, bound)
                if pair is not None:
                    rest = [f for k, f in enumerate(factors) if k not in (x, y)]
                    return pair[0], [*rest, (DELTA, pair[1:], 1)]
        return None

    def _summed(self, bound: set[int], factors: list[Factor]) -> tuple[int, list[Factor]] | None:
        """P·P = P for an idempotent matrix, and P·1 = 1 for a stochastic one, where a term sums over the index."""
        uses = Counter(p for _, args, _ in factors for a in args for p in self.pieces[a])
        free = {i for i in bound if len(self.pieces[i]) == 1}
        for n, (atom, args, e) in enumerate(factors):
            declared = self.atoms[atom].data[1] if self.atoms[atom].kind == "entry" else ()
            if e != 1 or len(args) != 2 or args[1] not in free:
                continue
            rest = factors[:n] + factors[n + 1 :]
            if "stochastic" in declared and uses[args[1]] == 1:
                return args[1], rest
            if "idempotent" in declared and uses[args[1]] == 2 and args[0] != args[1]:
                for k, (other, next_args, power) in enumerate(rest):
                    if other == atom and power == 1 and next_args[0] == args[1]:
                        return args[1], [*rest[:k], *rest[k + 1 :], (atom, (args[0], next_args[1]), 1)]
        return None

    def _joined(
        self, factors: list[Factor], x: int, y: int, partner: tuple[int, bool], bound: set[int]
    ) -> tuple[int, int, int] | None:
        """The index between two factors that cancel, and the indices that are left of them."""
        (atom, left, e), (other, right, f) = factors[x], factors[y]
        if other != partner[0] or (x == y) != (atom == other and left == right) or e != f or e != (2 if x == y else 1):
            return None
        right = (right[1], right[0]) if partner[1] else right
        turns = [(left, right)]
        if len(self.atoms[atom].orders) > 1:
            turns.append(((left[1], left[0]), right))
        for one, two in turns:
            for i, j, k, l in ((one[1], two[0], one[0], two[1]), (one[0], two[1], two[0], one[1])):
                if i == j and i in bound and len(self.pieces[i]) == 1:
                    uses = sum(p == i for _, args, _ in factors for a in args for p in self.pieces[a])
                    if uses == (1 if x == y else 2):
                        return i, k, l
        return None

    def cancels(self, atom: int) -> tuple[int, bool] | None:
        """The atom B for which Σ A[i,k]·B[k,j] is δ, and whether it has its arguments the other way round."""
        a = self.atoms[atom]
        if a.kind == "entry":
            return (atom, True) if "orthogonal" in a.data[1] else None
        if a.kind != "inverse" or len(a.polys[0]) != 1 or len(a.slots) != 2:
            return None
        ((term, c),) = a.polys[0].items()
        if c != 1 or len(term) != 1 or term[0][2] != 1 or set(term[0][1]) != set(a.slots) or len(term[0][1]) != 2:
            return None
        return term[0][0], term[0][1] != a.slots

    def _unused(self, c: Exponent, bound: set[int], factors: list[Factor]) -> tuple[Exponent, set[int], list[Factor]]:
        """A sum over an index that does not occur is a multiple."""
        used = self.bound_of(factors)
        powers: dict[int, Exponent] = {}
        for b in bound - used:
            d = self.dims[b]
            if isinstance(d, int):
                c = c * d
            elif isinstance(d, Dim) and len(d.terms) == 1:
                names, k = d.terms[0]
                c = c * k
                for n in names:
                    atom = self.atom("dimension", n)
                    powers[atom] = powers.get(atom, 0) + 1
            else:
                raise Unprovable("a sum over a range that is a sum itself")
        for atom, e in powers.items():
            found = next((e2 for a, _, e2 in factors if a == atom), 0)
            factors = [f for f in factors if f[0] != atom]
            if e + found:
                factors.append((atom, (), e + found))
        return c, used, factors

    def _named(self, bound: set[int], factors: list[Factor]) -> Term:
        """The canonical form of a term."""
        if not bound:
            return tuple(sorted(factors))
        free, groups = parts(factors, self.bound_in)
        done = sorted(self._part(group) for group in groups)
        at = 0
        for part in done:
            own = sorted(self.bound_of(part), key=lambda b: int(self.names[b][1]))
            if at:
                names = {b: self.index("bound", at + k, self.dims[b]) for k, b in enumerate(own)}
                part = tuple((a, self.moved(args, names), e) for a, args, e in part)
            free.extend((a, self.least(a, args), e) for a, args, e in part)
            at += len(own)
        return tuple(sorted(free))

    def _part(self, group: list[Factor]) -> tuple[Factor, ...]:
        """The canonical form of the factors that share bound indices."""
        group.sort()
        first: dict[int, int] = {}
        for _, args, _ in group:
            for a in args:
                for b in self.bound_in(a):
                    first.setdefault(b, len(first))
        names = {b: self.index("bound", k, self.dims[b]) for b, k in first.items()}
        key = tuple((a, self.moved(args, names), e) for a, args, e in group)
        known = self._parts.get(key)
        if known is None:
            order = list(first)
            if len(order) > 1:
                self._named_indices += len(order)
                if self._named_indices > INDICES:
                    raise Unprovable("too many indices")
                kinds = {b: self.dim_number(self.dims[b]) for b in order}
                order = canonical_part(group, order, self.pieces.__getitem__, kinds, lambda a: self.atoms[a].orders)
            names = {b: self.index("bound", k, self.dims[b]) for k, b in enumerate(order)}
            known = tuple(sorted((a, self.least(a, self.moved(args, names)), e) for a, args, e in group))
            self._parts[key] = known
        return known
