"""Derivatives in index notation: T[i,j,k,l] = ∂F_ij/∂X_kl as a sum of products of entries and Kronecker deltas.

A linear map dX ↦ dF is followed from an entry of dF down to dX; every product on the way gives a summed index, and the
entry of dX that is reached fixes two of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from matcalc import algebra
from matcalc.dims import DimLike, Shape
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, postorder
from matcalc.linear import LinearMap

__all__ = [
    "Factor",
    "IndexTerm",
    "entries_of",
    "index_terms",
    "indices_of",
    "letters_beside",
    "monomials",
    "partial_derivatives",
]

BOUND = "pqrstuvwabcdefgh"
"""Letters for summed indices."""

LIMIT = 200
"""More terms than this are refused."""


@dataclass(frozen=True, slots=True)
class Factor:
    """An entry of an expression: row and column, None where there is only one."""

    of: Expr
    row: str | None
    column: str | None

    def renamed(self, old: str, new: str) -> Factor:
        """The factor with an index replaced."""
        return Factor(self.of, new if self.row == old else self.row, new if self.column == old else self.column)

    @property
    def indices(self) -> tuple[str, ...]:
        """The indices that it has."""
        return tuple(n for n in (self.row, self.column) if n is not None)


@dataclass(slots=True)
class IndexTerm:
    """scalars × Σ over bound indices of deltas × entries."""

    scalars: list[Expr] = field(default_factory=list)
    factors: list[Factor] = field(default_factory=list)
    deltas: list[tuple[str, str]] = field(default_factory=list)
    bound: dict[str, DimLike] = field(default_factory=dict)
    letters: str = BOUND
    replaced: dict[str, str] = field(default_factory=dict)

    def copy(self) -> IndexTerm:
        """A term that can be changed by itself."""
        return IndexTerm(
            list(self.scalars),
            list(self.factors),
            list(self.deltas),
            dict(self.bound),
            self.letters,
            dict(self.replaced),
        )

    def fresh(self, size: DimLike) -> str | None:
        """A new summed index, None for a range of one."""
        if size == 1:
            return None
        letter = next(
            b
            for n in range(1, 99)
            for c in self.letters
            if (b := c if n == 1 else f"{c}{n}") not in {**self.bound, **self.replaced}
        )
        self.bound[letter] = size
        return letter

    def rename(self, old: str, new: str) -> None:
        """Put one index for another everywhere; the old one is summed no more."""
        self.bound.pop(old, None)
        self.replaced[old] = new
        self.factors = [f.renamed(old, new) for f in self.factors]
        deltas, self.deltas = self.deltas, []
        for pair in deltas:
            a, b = (new if n == old else n for n in pair)
            self.equal(a, b)

    def equal(self, a: str, b: str) -> None:
        """A delta that is not 1 for sure; a number stands last in it."""
        if a != b:
            self.deltas.append((b, a) if a.isdigit() else (a, b))

    @property
    def vanishes(self) -> bool:
        """Whether two numbers should be equal that are not."""
        return any(a.isdigit() for a, _ in self.deltas)

    def now(self, index: str | None) -> str | None:
        """What an index is called by now."""
        while index in self.replaced:
            index = self.replaced[index]
        return index

    def equate(self, a: str | None, b: str | None) -> None:
        """δ_ab: a summed index is replaced, two free ones leave a delta."""
        a, b = self.now(a), self.now(b)
        if a == b or a is None or b is None:
            return
        if a in self.bound:
            self.rename(a, b)
        elif b in self.bound:
            self.rename(b, a)
        else:
            self.equal(a, b)


def letters_beside(e: Expr, letters: str = BOUND) -> str:
    """The letters for summed indices that are no names in an expression."""
    taken = {node.name for node in postorder(e) if node.op == "symbol"}
    return "".join(c for c in letters if c not in taken) or letters


def indices_of(shape: Shape, letters: tuple[str, str]) -> tuple[str | None, str | None]:
    """The indices of an array: both of a matrix, the first letter for a vector or row, none for a scalar."""
    if shape == (1, 1):
        return None, None
    if shape[1] == 1:
        return letters[0], None
    return (None, letters[0]) if shape[0] == 1 else letters


def index_terms(of: LinearMap) -> list[IndexTerm]:
    """∂F_ij/∂X_kl for a linear map dX ↦ dF.

    Raises: UnsupportedError for a node that is not known entry by entry (vec, kron), and for very many terms.
    """
    x, root = of.argument, of.value
    depends = {x}
    for e in postorder(root):
        if any(a in depends for a in e.args):
            depends.add(e)
    if root not in depends:
        return []
    k, l = indices_of(x.shape, ("k", "l"))
    done: list[IndexTerm] = []
    stack = [(root, *indices_of(root.shape, ("i", "j")), IndexTerm(letters=letters_beside(root)))]
    while stack:
        node, row, column, term = stack.pop()
        row, column = term.now(row), term.now(column)
        if node is x or node == x:
            term.equate(row, k)
            term.equate(column, l)
            term = _contracted(term)
            if not term.vanishes:
                done.append(term)
            continue
        step = _STEPS.get(node.op)
        if step is None or len(done) + len(stack) > LIMIT:
            raise UnsupportedError(
                f"{node.op} is not written with indices", hint="the form vec shows the same derivative"
            )
        stack.extend(reversed(list(step(node, row, column, term, depends))))
    return done


# --- one node on the way down -----------------------------------------------------------------------------------------

_State = tuple[Expr, "str | None", "str | None", IndexTerm]


def _active(node: Expr, depends: set[Expr]) -> int:
    found = [i for i, a in enumerate(node.args) if a in depends]
    if len(found) != 1:
        raise UnsupportedError(f"{node.op} of two parts that depend on the argument is not linear")
    return found[0]


def _add(node: Expr, row: str | None, column: str | None, term: IndexTerm, depends: set[Expr]) -> Iterator[_State]:
    for a in node.args:
        if a in depends:
            yield a, row, column, term.copy()


def _mul(node: Expr, row: str | None, column: str | None, term: IndexTerm, depends: set[Expr]) -> Iterator[_State]:
    i = _active(node, depends)
    for j, a in enumerate(node.args):
        if j != i and a.is_scalar:
            term.scalars.append(a)
        elif j != i:
            entries_of(a, row, column, term)
    yield (node.args[i], row, column, term) if not node.args[i].is_scalar else (node.args[i], None, None, term)


def _dot(node: Expr, row: str | None, column: str | None, term: IndexTerm, depends: set[Expr]) -> Iterator[_State]:
    i = _active(node, depends)
    inner = node.args[i]
    p = term.fresh(inner.shape[0]) if i else row
    q = term.fresh(inner.shape[1]) if i + 1 < len(node.args) else column
    if i:
        entries_of(algebra.mul(*node.args[:i]), row, p, term)
    if i + 1 < len(node.args):
        entries_of(algebra.mul(*node.args[i + 1 :]), q, column, term)
    yield inner, p, q, term


def _hadamard(node: Expr, row: str | None, column: str | None, term: IndexTerm, depends: set[Expr]) -> Iterator[_State]:
    i = _active(node, depends)
    for j, a in enumerate(node.args):
        if j != i:
            entries_of(a, row, column, term)
    yield node.args[i], row, column, term


def _transpose(
    node: Expr, row: str | None, column: str | None, term: IndexTerm, depends: set[Expr]
) -> Iterator[_State]:
    yield node.args[0], column, row, term


def _tr(node: Expr, row: str | None, column: str | None, term: IndexTerm, depends: set[Expr]) -> Iterator[_State]:
    p = term.fresh(node.args[0].shape[0])
    yield node.args[0], p, p, term


def _diag(node: Expr, row: str | None, column: str | None, term: IndexTerm, depends: set[Expr]) -> Iterator[_State]:
    vector = node.args[0]
    term.equate(row, column)
    yield vector, *((row, None) if vector.shape[1] == 1 else (None, row)), term


def _diagonal(node: Expr, row: str | None, column: str | None, term: IndexTerm, depends: set[Expr]) -> Iterator[_State]:
    yield node.args[0], row, row, term


def _sym(node: Expr, row: str | None, column: str | None, term: IndexTerm, depends: set[Expr]) -> Iterator[_State]:
    term.scalars.append(algebra.number("1/2"))
    yield node.args[0], row, column, term.copy()
    yield node.args[0], column, row, term.copy()


def _where(node: Expr, row: str | None, column: str | None, term: IndexTerm, depends: set[Expr]) -> Iterator[_State]:
    condition, *sides = node.args
    zero, one = algebra.zeros(node.shape), algebra.ones_like(node.shape)
    for side, pair in zip(sides, ((one, zero), (zero, one)), strict=True):
        if side in depends:
            own = term.copy()
            entries_of(algebra.apply("where", condition, *pair), row, column, own)
            yield side, row, column, own


def _center(node: Expr, row: str | None, column: str | None, term: IndexTerm, depends: set[Expr]) -> Iterator[_State]:
    yield node.args[0], row, column, term.copy()
    term.scalars.append(algebra.neg(algebra.power(algebra.dimension(node.shape[0]), algebra.number(-1))))
    yield node.args[0], term.fresh(node.shape[0]), column, term


_STEPS: dict[str, Callable[..., Iterator[_State]]] = {
    "add": _add,
    "mul": _mul,
    "dot": _dot,
    "hadamard": _hadamard,
    "transpose": _transpose,
    "tr": _tr,
    "diag": _diag,
    "diagonal": _diagonal,
    "sym": _sym,
    "center": _center,
    "where": _where,
}


# --- entries of what does not depend on the argument ------------------------------------------------------------------


def entries_of(e: Expr, row: str | None, column: str | None, term: IndexTerm) -> None:
    """Multiply a term with an entry of an expression, taken apart where that needs no new sum."""
    todo = [(e, row, column)]
    while todo:
        e, row, column = todo.pop()
        row, column = term.now(row), term.now(column)
        if e.op == "transpose":
            todo.append((e.args[0], column, row))
        elif e.op == "ones":
            continue
        elif e.op == "eye":
            term.equate(row, column)
        elif e.op == "unit":
            term.equate(row, str(e.data))
        elif e.op == "mul":
            term.scalars.extend(a for a in e.args if a.is_scalar)
            todo.extend((a, row, column) for a in e.args if not a.is_scalar)
        elif e.op == "hadamard":
            todo.extend((a, row, column) for a in reversed(e.args))
        elif e.op == "dot":
            todo.extend(reversed(list(_cut(e, row, column, term))))
        elif e.is_scalar:
            term.scalars.append(e)
        else:
            term.factors.append(Factor(e, row, column))


def _cut(
    e: Expr, row: str | None, column: str | None, term: IndexTerm
) -> Iterator[tuple[Expr, str | None, str | None]]:
    """A product taken apart where its inner dimension is 1: (a·bᵀ)_ij = a_i·b_j."""
    at = next((i for i in range(1, len(e.args)) if e.args[i].shape[0] == 1), None)
    if at is None:
        term.factors.append(Factor(e, row, column))
        return
    yield algebra.mul(*e.args[:at]), row, None
    yield algebra.mul(*e.args[at:]), None, column


def _contracted(term: IndexTerm) -> IndexTerm:
    """Σ_p A_ip·B_pj as (A·B)_ij, Σ_p 1 as n; the deltas that a summed index meets are used up."""
    for a, b in list(term.deltas):
        if a in term.bound or b in term.bound:
            term.deltas.remove((a, b))
            term.equate(a, b)
    for p, size in list(term.bound.items()):
        if p not in term.bound:
            continue
        at = [f for f in term.factors if p in f.indices]
        if not at and not any(p in d for d in term.deltas):
            del term.bound[p]
            term.scalars.append(algebra.dimension(size))
        elif len(at) == 1 and at[0].row == at[0].column:
            del term.bound[p]
            term.factors.remove(at[0])
            term.scalars.append(algebra.apply("tr", at[0].of))
        elif len(at) == 1 and p not in [n for d in term.deltas for n in d]:
            f = at[0]
            term.factors.remove(f)
            del term.bound[p]
            ones = algebra.ones(size)
            if f.row == p:
                entries_of(algebra.mul(algebra.transpose(ones), f.of), None, f.column, term)
            else:
                entries_of(algebra.mul(f.of, ones), f.row, None, term)
        elif len(at) == 2 and all(f.row != f.column for f in at):
            _join(term, at[0], at[1], p)
    return term


def _join(term: IndexTerm, first: Factor, second: Factor, p: str) -> None:
    """Two entries that share a summed index, as an entry of a product."""
    left, row = (first.of, first.row) if first.column == p else (algebra.transpose(first.of), first.column)
    right, column = (second.of, second.column) if second.row == p else (algebra.transpose(second.of), second.row)
    at = term.factors.index(first)
    term.factors = [f for f in term.factors if f not in (first, second)]
    del term.bound[p]
    inner = IndexTerm(bound=term.bound)
    entries_of(algebra.mul(left, right), row, column, inner)
    term.scalars += inner.scalars
    term.factors[at:at] = inner.factors
    for old, new in inner.replaced.items():
        term.rename(old, new)
    for a, b in inner.deltas:
        term.equate(a, b)


# --- polynomials in entries, and their derivatives by the product rule ------------------------------------------------


def monomials(
    e: Expr, letters: str, at: tuple[str | None, str | None] = (None, None), x: Expr | None = None
) -> list[IndexTerm]:
    """An entry of an expression as a sum of products of entries, X (or every symbol) occurring only as X_ij.

    Raises: UnsupportedError if it is not a polynomial in the entries of X.
    """
    depends = {x}
    for node in postorder(e):
        if (node.op == "symbol" and x is None) or any(a in depends for a in node.args):
            depends.add(node)
    done: list[IndexTerm] = []
    stack: list[tuple[list[_Place], IndexTerm]] = [([(e, *at)], IndexTerm(letters=letters))]
    while stack:
        places, term = stack.pop()
        while places:
            node, row, column = places.pop()
            row, column = term.now(row), term.now(column)
            if node.op == "add":
                stack.extend(([*places, (a, row, column)], term.copy()) for a in reversed(node.args[1:]))
                places.append((node.args[0], row, column))
            elif node.op == "symbol":
                term.factors.append(Factor(node, row, column))
            elif node.op in _OPENED:
                places.extend(reversed(list(_OPENED[node.op](node, row, column, term))))
            elif node not in depends:
                entries_of(node, row, column, term)
            else:
                raise UnsupportedError(f"{node.op} is not a polynomial in the entries")
            if len(stack) + len(done) > LIMIT:
                raise UnsupportedError("too many terms to be written with indices")
        done.append(term)
    return done


_Place = tuple[Expr, "str | None", "str | None"]


def _open_dot(node: Expr, row: str | None, column: str | None, term: IndexTerm) -> Iterator[_Place]:
    for i, a in enumerate(node.args):
        following = column if i + 1 == len(node.args) else term.fresh(a.shape[1])
        yield a, row, following
        row = following


def _open_entrywise(node: Expr, row: str | None, column: str | None, term: IndexTerm) -> Iterator[_Place]:
    for a in node.args:
        yield (a, row, column) if not a.is_scalar else (a, None, None)


def _open_transpose(node: Expr, row: str | None, column: str | None, term: IndexTerm) -> Iterator[_Place]:
    yield node.args[0], column, row


def _open_trace(node: Expr, row: str | None, column: str | None, term: IndexTerm) -> Iterator[_Place]:
    p = term.fresh(node.args[0].shape[0])
    yield node.args[0], p, p


def _open_square(node: Expr, row: str | None, column: str | None, term: IndexTerm) -> Iterator[_Place]:
    p, q = (term.fresh(d) for d in node.args[0].shape)
    yield node.args[0], p, q
    yield node.args[0], p, q


def _open_power(node: Expr, row: str | None, column: str | None, term: IndexTerm) -> Iterator[_Place]:
    n = node.args[1].value
    if n is None or n.denominator != 1 or not 0 < n <= 4:
        raise UnsupportedError("only small powers are polynomials")
    for _ in range(int(n)):
        yield node.args[0], row, column


_OPENED: dict[str, Callable[..., Iterator[_Place]]] = {
    "dot": _open_dot,
    "mul": _open_entrywise,
    "hadamard": _open_entrywise,
    "transpose": _open_transpose,
    "tr": _open_trace,
    "normsq": _open_square,
    "power": _open_power,
}


def partial_derivatives(terms: list[IndexTerm], x: Expr) -> list[IndexTerm]:
    """∂/∂X_kl by the product rule, ∂X_ij/∂X_kl = δ_ik·δ_jl, nothing contracted."""
    k, l = indices_of(x.shape, ("k", "l"))
    done = []
    for term in terms:
        for i, f in enumerate(term.factors):
            if f.of == x:
                part = term.copy()
                del part.factors[i]
                part.deltas += [(a, b) for a, b in ((f.row, k), (f.column, l)) if a is not None and b is not None]
                done.append(part)
    return done
