"""Sums over an index in matrix form: Σ_i (y_i − x_iᵀ·w)² is ‖y − X·w‖².

An index i is a unit vector e of length n: the entry x_i is eᵀ·x, a row of X is eᵀ·X. The summand is then an expression
like any other, and its sum is that over all unit vectors. Σ e·eᵀ = I takes products of entries together; everything else
is computed for all i at once, the values for one i in one row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matcalc import algebra
from matcalc.errors import Span, UnsupportedError
from matcalc.expr import Expr, free_symbols, postorder

__all__ = ["INDEX", "Sum", "is_index", "summed"]

INDEX = "index"
"""The property of a symbol that stands for unit vectors."""


def is_index(symbol: Expr) -> bool:
    """Whether a symbol stands for the unit vectors of a sum."""
    return INDEX in symbol.data[1]


@dataclass(frozen=True, slots=True)
class Sum:
    """A sum or product that was read, and what it was read as.

    word: "sum" or "prod"; index: the symbol that stands for each unit vector in `body`; span: its place in the formula.
    """

    word: str
    index: Expr
    body: Expr
    result: Expr
    span: Span | None = None


def summed(word: str, index: Expr, body: Expr) -> Expr:
    """The sum, or the product, of a body over all unit vectors that an index stands for, without the index.

    Args:
        word: "sum" or "prod".
        index: a symbol of shape n×1.

    Raises: UnsupportedError for a body whose sum has no matrix form here.

    >>> e, x = algebra.symbol("e", ("n", 1)), algebra.symbol("x", ("n", 1))
    >>> summed("sum", e, algebra.power(algebra.mul(algebra.transpose(e), x), algebra.number(2)))
    ‖x‖²
    """
    rows = _Rows(index, body)
    if word == "prod":
        if not body.is_scalar:
            raise UnsupportedError("a product over an index has scalar factors")
        return algebra.apply("prod", rows.of(body))
    if body.op == "transpose":
        return algebra.transpose(_sum(rows, body.args[0]))
    return _sum(rows, body)


def _sum(rows: _Rows, body: Expr) -> Expr:
    return algebra.add(*(_term(rows, t) for t in (body.args if body.op == "add" else (body,))))


def _term(rows: _Rows, term: Expr) -> Expr:
    """The sum of one term: what does not depend on the index comes out."""
    scalars, core = algebra.split_scalars(term)
    if term.is_scalar:
        scalars, core = (term.args if term.op == "mul" else (term,)), algebra.ONE
    outside = [s for s in scalars if s not in rows.depending]
    inside = [s for s in scalars if s in rows.depending]
    if core not in rows.depending:
        return algebra.mul(*outside, _product(rows, inside), core)
    weights = algebra.hadamard(*map(rows.of, inside)) if inside else None
    return algebra.mul(*outside, _weighted(rows, core, weights))


def _product(rows: _Rows, factors: Sequence[Expr]) -> Expr:
    """Σ of a product of scalars: aᵀ·b, tr(M), ‖x‖², or the sum of a column."""
    if not factors:
        return algebra.dimension(rows.n)
    if len(factors) > 1:
        first, *rest = map(rows.of, factors)
        return algebra.mul(algebra.transpose(first), algebra.hadamard(*rest))
    (f,) = factors
    if f.op == "power" and f.args[1].value == 2 and f.args[0].is_scalar:
        return _square(rows.of(f.args[0]))
    if f.op == "norm1":
        return algebra.apply("norm1", _shorter(rows.of(f.args[0])))
    if f.op == "normsq" and _mixed(rows, f.args[0]) is None:
        return _square(rows.of(f.args[0]))
    ends = [i for i, a in enumerate(f.args) if a in rows.depending]
    if f.op == "dot" and ends == [0, len(f.args) - 1]:  # aᵢᵀ·M·bᵢ
        middle = algebra.mul(rows.of(f.args[0]), *f.args[1:-1], algebra.transpose(rows.of(f.args[-1])))
        return algebra.apply("tr", middle)
    return algebra.total(_shorter(rows.of(f)))


def _square(x: Expr) -> Expr:
    return algebra.apply("normsq", _shorter(x))


def _shorter(x: Expr) -> Expr:
    """X or Xᵀ, what has fewer transposes, where all entries are taken together."""
    turned = algebra.add(*map(algebra.transpose, x.args)) if x.op == "add" else algebra.transpose(x)
    return min(x, turned, key=lambda e: e.size)


def _mixed(rows: _Rows, x: Expr) -> tuple[Expr, Expr] | None:
    """The terms of a sum that depend on the index, and those that depend on one of a sum further out."""
    inner = [t for t in (x.args if x.op == "add" else ()) if t in rows.depending]
    others = [t for t in (x.args if x.op == "add" else ()) if t not in rows.depending]
    if not inner or not any(map(is_index, free_symbols(*others).values())):
        return None
    return algebra.add(*inner), algebra.add(*others)


def _weighted(rows: _Rows, core: Expr, weights: Expr | None) -> Expr:
    """Σ wᵢ·Nᵢ of a vector, a row, or a product of a column and a row."""
    factors = core.args if core.op == "dot" else (core,)
    places = [i for i, a in enumerate(factors) if a in rows.depending]
    if 1 not in core.shape and len(places) == 2 and places[1] == places[0] + 1:
        column, row = (factors[i] for i in places)
        if column.shape[1] == row.shape[0] == 1:
            left = algebra.transpose(rows.of(column))
            middle = left if weights is None else algebra.mul(left, algebra.apply("diag", weights))
            return algebra.mul(*factors[: places[0]], middle, rows.of(row), *factors[places[1] + 1 :])
    if len(places) != 1 or 1 not in factors[places[0]].shape:
        raise _no_matrix_form(core)
    (at,) = places
    vector = factors[at]
    weights = weights or algebra.ones(rows.n)
    if vector.shape[1] == 1:
        total = algebra.mul(algebra.transpose(rows.of(vector)), weights)
    else:
        total = algebra.mul(algebra.transpose(weights), rows.of(vector))
    return algebra.mul(*factors[:at], total, *factors[at + 1 :])


class _Rows:
    """The values of expressions for all unit vectors at once: those of a scalar as a column, of a vector or row as rows."""

    def __init__(self, index: Expr, body: Expr) -> None:
        self.n = index.shape[0]
        self.values: dict[Expr, Expr] = {index: algebra.eye(self.n)}
        self.depending = {index}
        self.learn(body)

    def learn(self, body: Expr) -> None:
        """Find out what depends on the index."""
        for e in postorder(body):
            if any(a in self.depending for a in e.args):
                self.depending.add(e)

    def of(self, e: Expr) -> Expr:
        """The values of an expression.

        Raises: UnsupportedError for a matrix that depends on the index.
        """
        for node in postorder(e):
            if node not in self.values and node in self.depending:
                if 1 not in node.shape:
                    raise _no_matrix_form(node)
                self.values[node] = self._made(node)
        return self.values[e] if e in self.depending else self._repeated(e)

    def _repeated(self, e: Expr) -> Expr:
        """The same value in every row."""
        row = e if e.shape[0] == 1 else algebra.transpose(e)
        return algebra.mul(row, algebra.ones(self.n)) if e.is_scalar else algebra.mul(algebra.ones(self.n), row)

    def _args(self, node: Expr) -> list[Expr]:
        return [self.values[a] if a in self.depending else self._repeated(a) for a in node.args]

    def _made(self, node: Expr) -> Expr:
        make = _RULES.get(node.op)
        if make is None:
            raise _no_matrix_form(node)
        return make(self, node)

    def _add(self, node: Expr) -> Expr:
        return algebra.add(*self._args(node))

    def _mul(self, node: Expr) -> Expr:
        """Scalars times a vector."""
        outside = [a for a in node.args if a.is_scalar and a not in self.depending]
        columns = [self.values[a] for a in node.args if a.is_scalar and a in self.depending]
        core = None if node.is_scalar else node.args[-1]
        weights = algebra.hadamard(*columns) if columns else algebra.ONE
        if core is None:
            return algebra.mul(*outside, weights)
        if core not in self.depending:
            return algebra.mul(*outside, weights, core if core.shape[0] == 1 else algebra.transpose(core))
        rows = self.values[core]
        return algebra.mul(*outside, algebra.hadamard(algebra.broadcast(weights, rows.shape), rows))

    def _hadamard(self, node: Expr) -> Expr:
        return algebra.hadamard(*self._args(node))

    def _power(self, node: Expr) -> Expr:
        base, exponent = self._args(node)
        return algebra.power(base, exponent if node.args[1] in self.depending else node.args[1])

    def _elementwise(self, node: Expr) -> Expr:
        return algebra.elementwise(node.data[0], self.values[node.args[0]], node.data[1])

    def _same(self, node: Expr) -> Expr:
        return self.values[node.args[0]]

    def _dot(self, node: Expr) -> Expr:
        """A product with one factor that depends on the index at an end, or with one at both."""
        places = [i for i, a in enumerate(node.args) if a in self.depending]
        last = len(node.args) - 1
        first, *middle = node.args
        if places == [0]:
            return algebra.mul(self.values[first], *middle)
        if places == [last]:
            return algebra.mul(self.values[node.args[last]], algebra.transpose(algebra.mul(*node.args[:-1])))
        if places != [0, last]:
            raise _no_matrix_form(node)
        left, right = algebra.mul(self.values[first], *middle[:-1]), self.values[node.args[last]]
        if right.op == "eye":
            return algebra.apply("diagonal", left)
        return algebra.total(algebra.hadamard(left, right), 1)

    def _normsq(self, node: Expr) -> Expr:
        """‖a‖², for a − b with two indices as ‖a‖² − 2aᵀ·b + ‖b‖²: no matrix may depend on the other index."""
        mixed = _mixed(self, node.args[0])
        if mixed is not None:
            a, b = mixed
            across = algebra.mul(algebra.transpose(a), b) if a.shape[1] == 1 else algebra.mul(a, algebra.transpose(b))
            terms = (algebra.apply("normsq", a), algebra.mul(algebra.number(2), across), algebra.apply("normsq", b))
            for t in terms:
                self.learn(t)
            return algebra.add(*map(self.of, terms))
        return algebra.total(algebra.power(self.values[node.args[0]], algebra.number(2)), 1)

    def _norm(self, node: Expr) -> Expr:
        return algebra.power(self._normsq(node), algebra.power(algebra.number(2), algebra.number(-1)))

    def _norm1(self, node: Expr) -> Expr:
        return algebra.total(algebra.elementwise("abs", self.values[node.args[0]]), 1)

    def _columnwise(self, node: Expr) -> Expr:
        """softmax and logsumexp work on columns."""
        return algebra.transpose(algebra.apply(node.op, algebra.transpose(self.values[node.args[0]])))

    def _entrywise_operator(self, node: Expr) -> Expr:
        return algebra.apply(node.op, *self._args(node))


_RULES: dict[str, Callable[[_Rows, Expr], Expr]] = {
    "add": _Rows._add,
    "mul": _Rows._mul,
    "dot": _Rows._dot,
    "hadamard": _Rows._hadamard,
    "power": _Rows._power,
    "elementwise": _Rows._elementwise,
    "transpose": _Rows._same,
    "normsq": _Rows._normsq,
    "norm": _Rows._norm,
    "norm1": _Rows._norm1,
    "softmax": _Rows._columnwise,
    "logsumexp": _Rows._columnwise,
    "max": _Rows._entrywise_operator,
    "min": _Rows._entrywise_operator,
}


def _no_matrix_form(e: Expr) -> UnsupportedError:
    what = {"dot": "a product of matrices"}.get(e.op, e.op)
    return UnsupportedError(
        f"this sum has no matrix form here: {what} depends on the index",
        hint="entries, rows and columns are supported, and what is computed from them entry by entry",
    )
