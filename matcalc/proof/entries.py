"""Expressions written in entries: every node of a DAG becomes a polynomial in the entries of its variables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import permutations
from typing import Any

from matcalc.dims import DimLike
from matcalc.entrywise import formula_of, meaning_of
from matcalc.errors import RuleError
from matcalc.expr import Expr, postorder
from matcalc.functions import Function
from matcalc.operators import OPERATORS
from matcalc.proof.canonical import Unprovable
from matcalc.proof.definitions import Definition, read_definition
from matcalc.proof.equations import determinant, explicit
from matcalc.proof.powers import Algebra
from matcalc.proof.reading import Reading
from matcalc.proof.space import DELTA, Poly, Term
from matcalc.proof.tensors import Tensor, common_pieces

__all__ = ["Entries", "Tensor"]


class Entries(Algebra):
    """Reads expressions in entries; `expand` as of Algebra."""

    def __init__(self, expand: bool = False) -> None:
        super().__init__(expand)
        self.definitions = _formula
        self.done: dict[Expr, Tensor] = {}
        self.divisions = 0
        self.lemmas: dict[str, None] = {}

    # --- indices of tensors -------------------------------------------------------------------------------------------

    def named(self, key: Any, dims: Sequence[DimLike]) -> tuple[int, ...]:
        """Free indices of a name, one for each dimension that is not 1."""
        return tuple(self.index("free", (key, k), d) for k, d in enumerate(dims))

    def at(self, t: Tensor, rows: Sequence[int], columns: Sequence[int]) -> Poly:
        """The entry of a tensor at given indices, which are as many and as long as its own."""
        own, new = (*t.rows, *t.columns), (*rows, *columns)
        return self.renamed(t.entry, dict(zip(own, new, strict=True)))

    def divided(self, t: Tensor, side: int, dims: Sequence[DimLike]) -> Tensor:
        """A tensor whose row (side 0) or column (side 1) index is divided so that it fits to dimensions."""
        own = t.side(side)
        if [self.dims[i] for i in own] == list(dims):
            return t
        pieces = common_pieces([self.dims[i] for i in own], dims)[0]
        if all(len(p) == 1 for p in pieces):
            return t
        mapping: dict[int, int] = {}
        now: list[int] = []
        self.divisions += 1
        for k, (i, ds) in enumerate(zip(own, pieces, strict=True)):
            new = self.named(("divided", self.divisions, k), ds) if len(ds) > 1 else (i,)
            mapping[i] = self.join(new)
            now.extend(new)
        entry = self.renamed(t.entry, mapping)
        return Tensor(tuple(now), t.columns, entry) if side == 0 else Tensor(t.rows, tuple(now), entry)

    def settled(self, t: Tensor) -> Tensor:
        """The tensor with the usual names for its indices."""
        rows = self.named("r", [self.dims[i] for i in t.rows])
        columns = self.named("c", [self.dims[i] for i in t.columns])
        return Tensor(rows, columns, self.at(t, rows, columns))

    def same(self, tensors: Sequence[Tensor]) -> list[Tensor]:
        """Tensors of one shape with the same indices."""
        found = list(tensors)
        for side in (0, 1):
            for _ in range(2):
                for k in range(1, len(found)):
                    dims = [self.dims[i] for i in found[0].side(side)]
                    found[k] = self.divided(found[k], side, dims)
                    found[0] = self.divided(found[0], side, [self.dims[i] for i in found[k].side(side)])
        rows, columns = found[0].rows, found[0].columns
        return [Tensor(rows, columns, self.at(t, rows, columns)) for t in found]

    # --- nodes --------------------------------------------------------------------------------------------------------

    def read(self, e: Expr) -> Tensor:
        """An expression in entries.

        Raises: Unprovable if an operator has no definition in entries.
        """
        for node in postorder(e):
            if node not in self.done:
                args = [self.done[a] for a in node.args]
                read = _NODES.get(node.op)
                if read is not None:
                    self.done[node] = self.settled(read(self, node, args))
                elif node.op in OPERATORS:
                    self.done[node] = self.settled(self.operator(node, args))
                else:
                    raise Unprovable(f"{node.op} has no definition in entries")
        return self.done[e]

    def slots(self, e: Expr) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """The usual indices of an expression's shape."""
        return tuple(self.named(key, [d] if d != 1 else []) for key, d in zip("rc", e.shape, strict=True))  # type: ignore[return-value]

    def operator(self, node: Expr, args: Sequence[Tensor]) -> Tensor:
        """The value of an operator: by its definition in entries or as a formula; else an atom."""
        try:
            definition = read_definition(OPERATORS[node.op].definition)
        except RuleError:
            formula = explicit(node)
            if formula is None:
                return self.opaque(node, args)
            return self.substituted(formula[1], dict(zip(formula[0], args, strict=True)))
        return self.defined(definition, node, args)

    def apart(self, args: Sequence[Tensor]) -> tuple[tuple[Poly, ...], list[int], tuple[tuple[int, int], ...]]:
        """The entries of arguments, each at indices of its own; these in order; how many of rows and columns each has."""
        places = [
            [self.named((n, side), [self.dims[i] for i in t.side(side)]) for side in (0, 1)] for n, t in enumerate(args)
        ]
        entries = tuple(self.at(t, *own) for t, own in zip(args, places, strict=True))
        slots = [i for own in places for side in own for i in side]
        return entries, slots, tuple((len(t.rows), len(t.columns)) for t in args)

    def opaque(self, node: Expr, args: Sequence[Tensor]) -> Tensor:
        """The value of an operator that has no definition in entries."""
        apart, slots, sizes = self.apart(args)
        rows, columns = self.slots(node)
        orders = [tuple(slots)]
        turned = len(args) == 1 and OPERATORS[node.op].transpose in ("invariant", "covariant")
        if turned and len(args[0].rows) == len(args[0].columns) == 1:
            orders.append((slots[1], slots[0]))
        atom, order = self.define("opaque", (node.op, node.data, sizes), apart, orders)
        places = (*rows, *columns)
        symmetric = OPERATORS[node.op].transpose == "symmetric" or len(self.atoms[atom].orders) > 1
        swapped = (
            ((0, 1), (1, 0)) if symmetric and len(places) == 2 and OPERATORS[node.op].transpose != "invariant" else None
        )
        self.atoms[atom] = self.atoms[atom]._replace(orders=swapped or (tuple(range(len(places))),))
        if order != tuple(slots) and OPERATORS[node.op].transpose == "covariant":
            places = places[::-1]
        return Tensor(rows, columns, {((atom, places, 1),): 1})

    def lower(self, i: int, j: int) -> Poly:
        """1 on and below the diagonal, 0 above."""
        return self.factor(self.atom("lower", None, ((0, 1),)), (i, j))

    def substituted(self, formula: Expr, values: Mapping[str, Tensor]) -> Tensor:
        """A formula at tensors."""
        done: dict[Expr, Tensor] = {}
        for node in postorder(formula):
            if node.op == "symbol" and node.name in values:
                done[node] = values[node.name]
            else:
                args = [done[a] for a in node.args]
                read = _NODES.get(node.op)
                done[node] = self.settled(read(self, node, args) if read else self.operator(node, args))
        return done[formula]

    def defined(self, d: Definition, node: Expr, args: Sequence[Tensor]) -> Tensor:
        """The value of an operator by its definition."""
        return Reading(self, d, node, dict(zip(d.arguments, args, strict=True))).value()

    def evaluated(self, formula: Any, values: Mapping[str, Poly]) -> Poly:
        """A scalar formula at polynomials."""
        done: dict[Expr, Tensor] = {}
        for node in postorder(formula):
            if node.op == "symbol" and node.name in values:
                done[node] = Tensor((), (), values[node.name])
            else:
                read = _NODES.get(node.op)
                if read is None:
                    raise Unprovable(f"{node.op} in a scalar formula")
                done[node] = read(self, node, [done[a] for a in node.args])
        return done[formula].entry

    # --- inverses and determinants ------------------------------------------------------------------------------------

    def inverse(self, m: Tensor) -> Tensor:
        """M⁻¹ as an atom; multiples, the identity and inverses are seen through."""
        m = self.divided(m, 0, [self.dims[i] for i in m.columns])
        m = self.divided(m, 1, [self.dims[i] for i in m.rows])
        if not m.entry:
            raise Unprovable("the inverse of zero")
        c, common, rest = self._content(m.entry, True)
        free = set(m.rows) | set(m.columns)
        common = [f for f in common if free.isdisjoint(self.free_of({(f,): 1}))]
        rest = self.mul(m.entry, self.power(self.term(c, (), common), -1))
        scale = self.power(self.term(c, (), common), -1)
        if self.is_identity(rest, m):
            return Tensor(m.rows, m.columns, self.mul(scale, rest))
        ((term, k), *more) = rest.items()
        if not more and k == 1 and self.is_inverse(term, m):
            atom, args, _ = term[0]
            return Tensor(m.rows, m.columns, self.mul(scale, self.value_of(atom, 0, args)))
        atom, order = self.define("inverse", None, (rest,), _both_ways(m))
        return Tensor(m.rows, m.columns, self.mul(scale, {((atom, order, 1),): 1}))

    def is_inverse(self, term: Term, m: Tensor) -> bool:
        """Whether a term is the entry of an inverse at the row and column index."""
        if len(term) != 1 or self.atoms[term[0][0]].kind != "inverse":
            return False
        return term[0][2] == 1 and sorted(term[0][1]) == sorted((*m.rows, *m.columns))

    def is_identity(self, p: Poly, m: Tensor) -> bool:
        """Whether a polynomial is δ of the row and column index."""
        return p == self.term(1, (), [(DELTA, pair, 1) for pair in zip(m.rows, m.columns, strict=True)])

    def determinant_of(self, e: Expr) -> Poly:
        """The determinant of an expression that has been read; det(A·B) = det A·det B, and so det(A^k) = (det A)^k."""
        if e.op == "dot" and all(a.shape == e.shape for a in e.args):
            self.lemmas["determinant of a product"] = None
            return self.mul(*(self.determinant(self.done[a], a.shape[0]) for a in e.args))
        if e.op == "matpower":
            self.lemmas["determinant of a product"] = None
            base, exponent = (self.done[a] for a in e.args)
            return self.symbolic(self.determinant(base, e.shape[0]), exponent.entry)
        known = determinant(e)
        if known is not None:
            self.lemmas[f"determinant of {e.op}"] = None
            return self.substituted(known, {"X": self.done[e.args[0]]}).entry
        return self.determinant(self.done[e], e.shape[0])

    def determinant(self, m: Tensor, size: DimLike) -> Poly:
        """det M as an atom; det(c·M) = cⁿ·det M, det(M⁻¹) = 1/det M."""
        m = self.divided(m, 0, [self.dims[i] for i in m.columns])
        m = self.divided(m, 1, [self.dims[i] for i in m.rows])
        if not m.rows or not m.entry:
            return m.entry
        c, common, _ = self._content(m.entry, True)
        free = set(m.rows) | set(m.columns)
        common = [f for f in common if free.isdisjoint(self.free_of({(f,): 1}))]
        content = self.term(c, (), common)
        rest = self.mul(m.entry, self.power(content, -1))
        scale = self.symbolic(content, self.dimension(size))
        if content != self.constant(1):
            self.lemmas["determinant of a multiple"] = None
        if self.is_identity(rest, m):
            return scale
        ((term, k), *more) = rest.items()
        if not more and k == 1 and self.is_inverse(term, m):
            self.lemmas["determinant of an inverse"] = None
            inner = Tensor(m.rows, m.columns, self.value_of(term[0][0], 0, term[0][1]))
            return self.mul(scale, self.power(self.determinant(inner, size), -1))
        orders = [(*m.rows, *m.columns), (*m.columns, *m.rows)]
        atom, _ = self.define("determinant", len(m.rows), (rest,), orders)
        self.atoms[atom] = self.atoms[atom]._replace(orders=((),))
        return self.mul(scale, {((atom, (), 1),): 1})


def _formula(known: Function, expand: bool) -> Expr | None:
    """The scalar formula that a function stands for."""
    if expand and known.formula:
        return formula_of(known)[1]
    return meaning_of(known) if expand else None


def _both_ways(m: Tensor) -> list[tuple[int, ...]]:
    """The orders of indices that leave an inverse the same: transposed, and pairs of indices the other way round."""
    found = []
    for turn in permutations(range(len(m.rows))) if len(m.rows) < 4 else [tuple(range(len(m.rows)))]:
        rows, columns = tuple(m.rows[k] for k in turn), tuple(m.columns[k] for k in turn)
        found += [rows + columns, columns + rows]
    return found


# --- the nodes of the algebra itself ----------------------------------------------------------------------------------


def _number(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    return Tensor((), (), space.constant(int(e.data) if e.data.denominator == 1 else e.data))


def _symbol(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    rows, columns = space.slots(e)
    props = frozenset(e.data[1])
    turned = bool(rows and columns and "symmetric" in props)
    places = (*rows, *columns)
    orders = ((0, 1), (1, 0)) if turned else (tuple(range(len(places))),)
    entry = Tensor(rows, columns, space.factor(space.atom("entry", (e.name, props, e.shape), orders), places))
    if rows and columns and props & {"lower", "upper"}:
        i, j = (rows[0], columns[0]) if "lower" in props else (columns[0], rows[0])
        return entry._replace(entry=space.mul(space.lower(i, j), entry.entry))
    return entry


def _dimension(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    return Tensor((), (), space.dimension(e.data))


def _pi(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    return Tensor((), (), space.factor(space.atom("pi", "π")))


def _ones(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    return Tensor(*space.slots(e), space.constant(1))


def _unit(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    rows, columns = space.slots(e)
    fixed = space.index("fixed", e.data, e.shape[0])
    return Tensor(rows, columns, space.factor(DELTA, (rows[0], fixed)))


def _zero(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    return Tensor(*space.slots(e), {})


def _eye(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    rows, columns = space.slots(e)
    return Tensor(rows, columns, space.factor(DELTA, (rows[0], columns[0])))


def _commutation(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    """K[(i,j),(l,k)] = δ[i,k]·δ[j,l]: the rows run over vec of the transpose"""
    m, n = e.data
    rows, columns = space.named("r", (m, n)), space.named("c", (n, m))
    return Tensor(
        rows, columns, space.term(1, (), [(DELTA, (rows[0], columns[1]), 1), (DELTA, (rows[1], columns[0]), 1)])
    )


def _add(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    found = space.same(args)
    return Tensor(found[0].rows, found[0].columns, space.add(*(t.entry for t in found)))


def _mul(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    large = next((t for t in args if t.rows or t.columns), args[-1])
    return Tensor(large.rows, large.columns, space.mul(*(t.entry for t in args)))


def _hadamard(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    found = space.same(args)
    return Tensor(found[0].rows, found[0].columns, space.mul(*(t.entry for t in found)))


def _dot(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    total = args[0]
    for k, t in enumerate(args[1:]):
        total = space.divided(total, 1, [space.dims[i] for i in t.rows])
        t = space.divided(t, 0, [space.dims[i] for i in total.columns])
        between = space.named(("k", k), [space.dims[i] for i in t.rows])
        rows = space.named("row", [space.dims[i] for i in total.rows])
        columns = space.named("column", [space.dims[i] for i in t.columns])
        left, right = space.at(total, rows, between), space.at(t, between, columns)
        total = Tensor(rows, columns, space.mul(left, right, over=between))
    return total


def _transpose(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    return Tensor(args[0].columns, args[0].rows, args[0].entry)


def _elementwise(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    t = args[0]
    return Tensor(t.rows, t.columns, space.apply(e.data[0], t.entry, e.data[1]))


def _power(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    n = e.args[1].value
    if n is not None:
        return Tensor(args[0].rows, args[0].columns, space.power(args[0].entry, n))
    base, exponent = args if e.args[1].is_scalar or e.args[0].is_scalar else space.same(args)
    large = base if base.rows or base.columns else exponent
    return Tensor(large.rows, large.columns, space.symbolic(base.entry, exponent.entry))


def _inv(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    if e.args[0].is_scalar:
        return Tensor((), (), space.power(args[0].entry, -1))
    return space.inverse(args[0])


def _det(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    return Tensor((), (), space.determinant_of(e.args[0]))


def _matpower(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    m, k = args
    orders = [(*m.rows, *m.columns), (*m.columns, *m.rows)]
    atom, order = space.define("matpower", tuple(sorted(k.entry.items())), (m.entry,), orders)
    return Tensor(m.rows, m.columns, {((atom, order, 1),): 1})


def _abstract(space: Entries, e: Expr, args: Sequence[Tensor]) -> Tensor:
    name, index = e.data
    apart, slots, sizes = space.apart(args)
    atom, _ = space.define("abstract", (name, index, sizes), apart, [slots])
    space.atoms[atom] = space.atoms[atom]._replace(orders=((),))
    if index is None:
        if not e.is_scalar:
            raise Unprovable("an abstract function with more than one entry")
        return Tensor((), (), {((atom, (), 1),): 1})
    rows, columns = args[index].rows, args[index].columns
    return Tensor(rows, columns, {((atom, (*rows, *columns), 1),): 1})


_NODES: dict[str, Callable[[Entries, Expr, Sequence[Tensor]], Tensor]] = {
    "number": _number,
    "symbol": _symbol,
    "dimension": _dimension,
    "pi": _pi,
    "ones": _ones,
    "unit": _unit,
    "zero": _zero,
    "eye": _eye,
    "commutation": _commutation,
    "add": _add,
    "mul": _mul,
    "hadamard": _hadamard,
    "dot": _dot,
    "transpose": _transpose,
    "elementwise": _elementwise,
    "power": _power,
    "inv": _inv,
    "det": _det,
    "matpower": _matpower,
    "abstract": _abstract,
}
"""The nodes of the algebra, and those whose entries are named by a lemma."""
