"""Linear maps: what a derivative is, before it is written as a matrix.

The pullback of F at a cotangent S is linear in S; sweeping it backwards gives its transpose, the differential dF, which
is linear in dX. Read as a matrix with vec(A·E·B) = (Bᵀ ⊗ A)·vec E, it is ∂vec F/∂vec X.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from matcalc import algebra
from matcalc.dims import Shape
from matcalc.errors import ShapeError, Side, UnsupportedError
from matcalc.expr import Expr, free_symbols, postorder
from matcalc.pattern import substitute
from matcalc.rulebook import COTANGENT, Rulebook
from matcalc.sweep import sweep

__all__ = ["LinearMap", "fresh", "inner", "matrix_of", "vec"]


@dataclass(frozen=True, slots=True)
class LinearMap:
    """A linear map between matrices, given by its value at a free symbol: V ↦ A·V·B + C ⊙ Vᵀ.

    Closed under sums, multiples (``2*f``, ``-f``), composition (``f @ g``) and transposition (``adjoint``, ``f.T``).

    >>> import matcalc
    >>> J = matcalc.derive("A*X*B", "X").linear_map
    >>> J
    dX ↦ A·dX·B
    >>> J.adjoint()
    S ↦ Aᵀ·S·Bᵀ
    """

    argument: Expr
    value: Expr
    book: Rulebook

    def __call__(self, v: Expr) -> Expr:
        """The value at an expression of the argument's shape; for arrays there is `compile`.

        Raises: TypeError for what is no expression, ShapeError.
        """
        if not isinstance(v, Expr):
            raise TypeError(
                f"{self} takes an expression, not {type(v).__name__}; its compile() gives what takes arrays"
            )
        if v.shape != self.argument.shape:
            raise ShapeError(
                "a linear map takes what has the shape of its argument",
                left=Side(self.argument.shape, self.argument.name),
                right=Side(v.shape, str(v)),
            )
        with self.book.in_force():
            return substitute(self.value, {self.argument: v})

    def __add__(self, other: LinearMap) -> LinearMap:
        return LinearMap(self.argument, algebra.add(self.value, other(self.argument)), self.book)

    def __neg__(self) -> LinearMap:
        return -1 * self

    def __sub__(self, other: LinearMap) -> LinearMap:
        return self + -other

    def __rmul__(self, scalar: Expr | int | float | Fraction) -> LinearMap:
        factor = scalar if isinstance(scalar, Expr) else algebra.number(scalar)
        return LinearMap(self.argument, algebra.mul(factor, self.value), self.book)

    def __matmul__(self, other: LinearMap) -> LinearMap:
        return LinearMap(other.argument, self(other.value), self.book)

    def adjoint(self, argument: Expr | None = None) -> LinearMap:
        """The transposed map: ⟨S, F(V)⟩ = ⟨F*(S), V⟩ for all S and V; its argument is called S if none is given."""
        s = argument or fresh(COTANGENT, self.value.shape, free_symbols(self.value))
        with self.book.in_force():
            pulled = sweep(self.value, [self.argument], self.book, seed=s).results[self.argument]
            shape_only = {self.argument: algebra.zeros(self.argument.shape)}  # as in unvec(S, dX)
            return LinearMap(s, substitute(pulled, shape_only), self.book)

    @property
    def T(self) -> LinearMap:
        """The adjoint."""
        return self.adjoint()

    def matrix(self) -> Expr:
        """The matrix M with vec F(V) = M·vec V."""
        with self.book.in_force():
            return matrix_of(self.value, self.argument)

    def code(self, target: str = "numpy") -> str:
        """The source of a function of the argument and of the names in the map.

        >>> import matcalc
        >>> print(matcalc.derive("A*X*B", "X").linear_map.adjoint().code())
        import numpy as np
        <BLANKLINE>
        <BLANKLINE>
        def linear_map(S, A, B):
            return A.T @ (S @ B.T)
        <BLANKLINE>
        """
        from matcalc.codegen import source_code

        return source_code(self.value, self._arguments(), target, "linear_map")

    def compile(self, target: str = "numpy") -> Callable[..., Any]:
        """A function of keyword arguments: the argument, and the names in the map."""
        from matcalc.codegen import compile_function

        return compile_function(self.value, self._arguments(), target)

    def _arguments(self) -> list[Any]:
        from matcalc.codegen import Argument

        names = {self.argument.name: self.argument, **free_symbols(self.value)}
        return [Argument(n, s.shape) for n, s in names.items()]

    def identities(self) -> list[str]:
        """Why the matrix is what it is: the identities that read it, in the letters of a textbook."""
        flat = 1 in self.argument.shape and 1 in self.value.shape
        depends = {self.argument}
        used: dict[str, None] = {}
        for e in postorder(self.value):
            if any(a in depends for a in e.args):
                depends.add(e)
                scaled = e.op == "mul" and any(a.is_scalar and a in depends for a in e.args)
                used["scalar" if scaled else e.op] = None
        found = [words[flat] for op, words in IDENTITIES.items() if op in used and words[flat]]
        x = self.argument if self.argument.shape[1] == 1 else f"vec {self.argument}"
        return found or [f"what stands before {x}"]

    def __str__(self) -> str:
        return f"{self.argument} ↦ {self.value}"

    __repr__ = __str__


def fresh(name: str, shape: Shape, taken: Container[str], props: Iterable[str] = ()) -> Expr:
    """A symbol of a name, with underscores behind it where the name is taken."""
    while name in taken:
        name += "_"
    return algebra.symbol(name, shape, props)


def inner(a: Expr, b: Expr) -> Expr:
    """⟨A, B⟩ = tr(Aᵀ·B)."""
    product = algebra.mul(algebra.transpose(a), b)
    return product if product.is_scalar else algebra.apply("tr", product)


def vec(e: Expr) -> Expr:
    """The columns stacked; a column is its own vec, a row its transpose."""
    if e.shape[1] == 1:
        return e
    return algebra.transpose(e) if e.shape[0] == 1 else algebra.apply("vec", e)


def matrix_of(p: Expr, s: Expr) -> Expr:
    """The matrix M with vec(p) = M·vec(s), for an expression p that is linear in the symbol s.

    Shape:  (entries of p) × (entries of s).
    Raises: UnsupportedError if a node is not a known linear map of its argument.
    """
    length = s.shape[0] * s.shape[1]
    size = p.shape[0] * p.shape[1]
    maps: dict[Expr, Expr] = {s: algebra.eye(length)}
    for e in postorder(p):
        if e in maps or not any(a in maps for a in e.args):
            continue
        read = _READERS.get(e.op)
        if read is None:
            raise UnsupportedError(
                f"{e.op} is not read as a matrix yet", hint="the form differential shows the same derivative"
            )
        maps[e] = read(e, maps)
    return maps.get(p) or algebra.zeros((size, length))


def _sum(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    return algebra.add(*(maps[a] for a in e.args))


def _split(e: Expr, maps: dict[Expr, Expr]) -> tuple[int, Expr]:
    """Where the one argument is that depends on the cotangent."""
    found = [i for i, a in enumerate(e.args) if a in maps]
    if len(found) != 1:
        raise UnsupportedError("a product of two parts that depend on the cotangent is not linear")
    return found[0], maps[e.args[found[0]]]


def _chain(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(A·E·B) = (Bᵀ ⊗ A)·vec E"""
    i, m = _split(e, maps)
    left, middle, right = _around(e, i)
    if middle.op == "diag" and middle.args[0] in maps:
        return _diagonal_factor(left, middle.args[0], right, maps)
    return algebra.mul(algebra.kron(algebra.transpose(right), left), m)


def _around(e: Expr, i: int) -> tuple[Expr, Expr, Expr]:
    """A product as what stands before a factor, the factor, and what stands after it."""
    middle = e.args[i]
    left = algebra.mul(*e.args[:i]) if i else algebra.eye(middle.shape[0])
    right = algebra.mul(*e.args[i + 1 :]) if i + 1 < len(e.args) else algebra.eye(middle.shape[1])
    return left, middle, right


def _diagonal_factor(left: Expr, e: Expr, right: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(diag(e)·B) = Diag(vec B)·(1 ⊗ I)·e, vec(A·diag(e)) = Diag(vec A)·(I ⊗ 1)·e"""
    n = e.shape[0]
    if right.op == "eye" and left.op != "eye":
        spread = algebra.kron(algebra.eye(n), algebra.ones(left.shape[0]))
        return algebra.mul(algebra.apply("diag", vec(left)), spread, maps[e])
    spread = algebra.kron(algebra.ones(right.shape[1]), algebra.eye(n))
    outer = algebra.kron(algebra.eye(right.shape[1]), left)
    return algebra.mul(outer, algebra.apply("diag", vec(right)), spread, maps[e])


def _scaled(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(s·E) = s·vec E, and for a scalar that depends on the cotangent vec(E)·s"""
    i, m = _split(e, maps)
    rest = algebra.mul(*(a for j, a in enumerate(e.args) if j != i))
    return algebra.mul(vec(rest), m) if e.args[i].is_scalar else algebra.mul(rest, m)


def _hadamard(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(C ⊙ E) = Diag(vec C)·vec E"""
    i, m = _split(e, maps)
    rest = algebra.hadamard(*(a for j, a in enumerate(e.args) if j != i)) if len(e.args) > 2 else e.args[1 - i]
    return algebra.mul(algebra.apply("diag", vec(rest)), m)


def _transposed(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(Eᵀ) = K·vec E"""
    inner = e.args[0]
    return algebra.mul(algebra.commutation(*inner.shape), maps[inner])


def _trace(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """tr(E) = vec(I)ᵀ·vec E"""
    inner = e.args[0]
    return algebra.mul(algebra.transpose(vec(algebra.eye(inner.shape[0]))), maps[inner])


def _diag(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(diag(e)) = Diag(vec I)·(1 ⊗ I)·e"""
    one = algebra.eye(e.shape[0])
    return _diagonal_factor(one, e.args[0], one, maps)


def _diagonal(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """diag(A·E·B) = ((A·E) ⊙ Bᵀ)·1 = (1ᵀ ⊗ I)·Diag(vec Bᵀ)·(I ⊗ A)·vec E, diag(A·E) = (A ⊙ Eᵀ)·1"""
    inside, n = e.args[0], e.shape[0]
    total = algebra.kron(algebra.transpose(algebra.ones(n)), algebra.eye(n))
    if inside.op != "dot":
        return algebra.mul(total, algebra.apply("diag", vec(algebra.eye(n))), maps[inside])
    i, m = _split(inside, maps)
    left, middle, right = _around(inside, i)
    if right.op == "eye":
        total = algebra.kron(algebra.transpose(algebra.ones(left.shape[1])), algebra.eye(n))
        turned = algebra.mul(algebra.commutation(*middle.shape), m)
        return algebra.mul(total, algebra.apply("diag", vec(left)), turned)
    total = algebra.kron(algebra.transpose(algebra.ones(right.shape[0])), algebra.eye(n))
    outer = algebra.kron(algebra.eye(middle.shape[1]), left)
    return algebra.mul(total, algebra.apply("diag", vec(algebra.transpose(right))), outer, m)


def _left_block(x: Shape, b: Expr) -> Expr:
    """The matrix of vec(X ⊗ B) = (Iₙ ⊗ K_qm ⊗ I_p)·(I_mn ⊗ vec B)·vec X"""
    (m, n), (p, q) = x, b.shape
    arrange = algebra.kron(algebra.kron(algebra.eye(n), algebra.commutation(q, m)), algebra.eye(p))
    return algebra.mul(arrange, algebra.kron(algebra.eye(m * n), vec(b)))


def _right_block(x: Shape, a: Expr) -> Expr:
    """The matrix of vec(A ⊗ X) = (I_q ⊗ K_np ⊗ I_m)·(vec A ⊗ I_mn)·vec X"""
    (m, n), (p, q) = x, a.shape
    arrange = algebra.kron(algebra.kron(algebra.eye(q), algebra.commutation(n, p)), algebra.eye(m))
    return algebra.mul(arrange, algebra.kron(vec(a), algebra.eye(m * n)))


def _kron(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """A Kronecker product whose left or right factor depends on the argument."""
    i, m = _split(e, maps)
    block = _right_block if i else _left_block
    return algebra.mul(block(e.args[i].shape, e.args[1 - i]), m)


def _unkron_left(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """The transpose of X ↦ X ⊗ B"""
    return algebra.mul(algebra.transpose(_left_block(e.shape, e.args[1])), _first(e, maps))


def _unkron_right(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """The transpose of X ↦ A ⊗ X"""
    return algebra.mul(algebra.transpose(_right_block(e.shape, e.args[1])), _first(e, maps))


def _first(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    if e.args[0] not in maps:
        raise UnsupportedError(
            f"{e.op} is not read as a matrix in its second argument", hint="the form differential shows the same map"
        )
    return maps[e.args[0]]


def _sylvester(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec F = (I ⊗ A + Bᵀ ⊗ I)⁻¹·vec C for A·F + F·B = C"""
    a, b, c = e.args
    if a in maps or b in maps:
        raise UnsupportedError("a Sylvester equation is linear in its right side only")
    left = algebra.kron(algebra.eye(b.shape[0]), a)
    right = algebra.kron(algebra.transpose(b), algebra.eye(a.shape[0]))
    return algebra.mul(algebra.inverse(algebra.add(left, right)), maps[c])


def _part(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(tril(E)) = Diag(vec(tril(1)))·vec E"""
    weights = algebra.apply(e.op, algebra.ones_like(e.shape))
    return algebra.mul(algebra.apply("diag", vec(weights)), maps[e.args[0]])


def _sym(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(sym(E)) = (I + K)·vec(E)/2"""
    m = maps[e.args[0]]
    return algebra.mul(algebra.number("1/2"), algebra.add(m, algebra.mul(algebra.commutation(*e.shape), m)))


def _center(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(center(E)) = (I ⊗ (I − 1·1ᵀ/m))·vec E"""
    m, n = e.shape
    share = algebra.divide(algebra.ones_like((m, m)), algebra.dimension(m))
    return algebra.mul(algebra.kron(algebra.eye(n), algebra.sub(algebra.eye(m), share)), maps[e.args[0]])


def _where(e: Expr, maps: dict[Expr, Expr]) -> Expr:
    """vec(where(C, E, F)) = Diag(vec(C))·vec E + Diag(vec(1 − C))·vec F"""
    condition, *sides = e.args
    if condition in maps:
        raise UnsupportedError("a condition that depends on the argument is not linear")
    zero, one = algebra.zeros(e.shape), algebra.ones_like(e.shape)
    weights = [algebra.apply("where", condition, *pair) for pair in ((one, zero), (zero, one))]
    diagonals = [algebra.apply("diag", vec(w)) for w in weights]
    return algebra.add(*(algebra.mul(d, maps[a]) for d, a in zip(diagonals, sides, strict=True) if a in maps))


_READERS: dict[str, Callable[[Expr, dict[Expr, Expr]], Expr]] = {
    "add": _sum,
    "dot": _chain,
    "mul": _scaled,
    "hadamard": _hadamard,
    "transpose": _transposed,
    "tr": _trace,
    "vec": _first,
    "unvec": _first,
    "diag": _diag,
    "diagonal": _diagonal,
    "kron": _kron,
    "unkron_left": _unkron_left,
    "unkron_right": _unkron_right,
    "sylvester": _sylvester,
    "tril": _part,
    "triu": _part,
    "lower_half": _part,
    "sym": _sym,
    "center": _center,
    "where": _where,
}

IDENTITIES: dict[str, tuple[str, str]] = {
    "dot": ("vec(A·E·B) = (Bᵀ ⊗ A)·vec E", ""),
    "scalar": ("vec(s·A) = vec(A)·s", "(aᵀ·e)·b = b·aᵀ·e"),
    "hadamard": ("vec(A ⊙ E) = diag(vec A)·vec E", "a ⊙ e = diag(a)·e"),
    "transpose": ("vec(Eᵀ) = K·vec E", ""),
    "tr": ("tr(Aᵀ·E) = vec(A)ᵀ·vec E", "tr(Aᵀ·E) = vec(A)ᵀ·vec E"),
    "diag": ("diag(e)·A = (e·1ᵀ) ⊙ A", "diag(e)·a = diag(a)·e"),
    "diagonal": ("diag(E·A) = (E ⊙ Aᵀ)·1", "diag(E·A) = (E ⊙ Aᵀ)·1"),
    "kron": ("a Kronecker product is linear in each factor", "a Kronecker product is linear in each factor"),
    "sylvester": ("vec of both sides of A·F + F·B = C", ""),
}
"""What reads an operator as a matrix: for arrays, and for vectors."""
