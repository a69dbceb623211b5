"""Expressions made in Python: symbols, operators and functions.

``X @ W`` is the matrix product; ``*``, ``/`` and ``**`` work entry by entry, as in NumPy, and broadcast.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from matcalc import algebra
from matcalc.dims import DimLike, Shape, as_dim
from matcalc.errors import ShapeError, Side
from matcalc.expr import Expr

__all__ = [
    "apply",
    "det",
    "diag",
    "exp",
    "eye",
    "function",
    "hadamard",
    "inner",
    "inv",
    "kron",
    "log",
    "logdet",
    "matrix",
    "matrix_power",
    "mean",
    "norm",
    "norm1",
    "normsq",
    "ones",
    "outer",
    "row",
    "scalar",
    "sqrt",
    "sum",
    "tr",
    "vec",
    "vector",
    "zeros",
]

Number = int | float | Fraction


def matrix(name: str, rows: DimLike | str, columns: DimLike | str, *properties: str) -> Expr:
    """A matrix symbol.

    Shape:  rows × columns, numbers or names.

    >>> matrix("S", "n", "n", "symmetric").is_symmetric
    True
    """
    return algebra.symbol(name, (rows, columns), properties)


def vector(name: str, length: DimLike | str, *properties: str) -> Expr:
    """A column vector symbol.

    >>> vector("x", "n").shape
    (Dim('n'), 1)
    """
    return algebra.symbol(name, (length, 1), properties)


def row(name: str, length: DimLike | str, *properties: str) -> Expr:
    """A row vector symbol.

    >>> row("b", 3).shape
    (1, 3)
    """
    return algebra.symbol(name, (1, length), properties)


def scalar(name: str, *properties: str) -> Expr:
    """A scalar symbol.

    >>> scalar("t").is_scalar
    True
    """
    return algebra.symbol(name, (1, 1), properties)


def function(name: str) -> Callable[[Expr], Expr]:
    """A generic elementwise function with derivative g′.

    >>> g = function("g")
    >>> g(vector("x", "n"))
    g(x)
    """
    return lambda x: algebra.elementwise(name, as_expr(x))


def as_expr(value: Expr | Number) -> Expr:
    """A number as an expression; an expression as it is."""
    return value if isinstance(value, Expr) else algebra.number(value)


def _together(a: Expr | Number, b: Expr | Number) -> tuple[Expr, Expr]:
    """Two operands broadcast to one shape."""
    x, y = as_expr(a), as_expr(b)
    shape: Shape = tuple(q if p == 1 else p for p, q in zip(x.shape, y.shape, strict=True))  # type: ignore[assignment]
    if any(d not in (1, s) for e in (x, y) for d, s in zip(e.shape, shape, strict=True)):
        raise ShapeError(
            "shapes do not fit entry by entry",
            left=Side(x.shape, str(x)),
            right=Side(y.shape, str(y)),
            hint="X @ Y is the matrix product",
        )
    return algebra.broadcast(x, shape), algebra.broadcast(y, shape)


def _times(a: Expr | Number, b: Expr | Number) -> Expr:
    x, y = as_expr(a), as_expr(b)
    return algebra.mul(x, y) if x.is_scalar or y.is_scalar else algebra.hadamard(*_together(x, y))


def _over(a: Expr | Number, b: Expr | Number) -> Expr:
    x, y = as_expr(a), as_expr(b)
    if y.is_scalar:
        return algebra.divide(x, y)
    x, y = _together(x, y)
    return algebra.hadamard(x, algebra.power(y, algebra.number(-1)))


def _power(a: Expr | Number, b: Expr | Number) -> Expr:
    x, y = as_expr(a), as_expr(b)
    return algebra.power(x, y) if y.is_scalar else algebra.power(*_together(x, y))


def _install() -> None:
    """Give expressions their operators; here, so that the layer of expressions need not know the algebra."""
    pairs: dict[str, Callable[[Expr, Expr], Expr]] = {
        "add": lambda a, b: algebra.add(*_together(a, b)),
        "sub": lambda a, b: algebra.sub(*_together(a, b)),
        "mul": _times,
        "truediv": _over,
        "pow": _power,
        "matmul": lambda a, b: algebra.mul(as_expr(a), as_expr(b)),
    }
    for word, operation in pairs.items():
        setattr(Expr, f"__{word}__", lambda a, b, f=operation: f(a, b))
        setattr(Expr, f"__r{word}__", lambda a, b, f=operation: f(b, a))
    setattr(Expr, "__neg__", algebra.neg)  # noqa: B010
    setattr(Expr, "T", property(algebra.transpose))  # noqa: B010


_install()


def apply(name: str, x: Expr) -> Expr:
    """An elementwise function by name.

    >>> apply("tanh", vector("x", "n"))
    tanh(x)
    """
    return algebra.elementwise(name, as_expr(x))


def exp(x: Expr) -> Expr:
    """exp of every entry.

    >>> exp(scalar("t"))
    exp(t)
    """
    return apply("exp", x)


def log(x: Expr) -> Expr:
    """The natural logarithm of every entry.

    >>> log(scalar("t"))
    log(t)
    """
    return apply("log", x)


def sqrt(x: Expr) -> Expr:
    """The square root of every entry.

    >>> sqrt(scalar("t"))
    sqrt(t)
    """
    return algebra.power(as_expr(x), algebra.number(Fraction(1, 2)))


def matrix_power(x: Expr, k: Expr | int) -> Expr:
    """X^k of a square matrix.

    Raises: ShapeError if X is not square.

    >>> matrix_power(matrix("X", "n", "n"), 3)
    X³
    """
    return algebra.matpower(x, as_expr(k))


def inv(x: Expr) -> Expr:
    """The inverse of a square matrix.

    >>> inv(matrix("X", "n", "n"))
    X⁻¹
    """
    return algebra.inverse(x)


def tr(x: Expr) -> Expr:
    """The trace of a square matrix.

    >>> tr(matrix("X", "n", "n"))
    tr(X)
    """
    return algebra.apply("tr", x)


def det(x: Expr) -> Expr:
    """The determinant of a square matrix.

    >>> det(matrix("X", "n", "n"))
    det(X)
    """
    return algebra.apply("det", x)


def logdet(x: Expr) -> Expr:
    """log|det X| of a square matrix.

    >>> logdet(matrix("X", "n", "n"))
    logdet(X)
    """
    return algebra.apply("logdet", x)


def norm(x: Expr) -> Expr:
    """The 2-norm of a vector, the Frobenius norm of a matrix.

    >>> norm(vector("x", "n"))
    ‖x‖
    """
    return algebra.apply("norm", x)


def normsq(x: Expr) -> Expr:
    """The square of the 2-norm or Frobenius norm.

    >>> normsq(matrix("X", "m", "n"))
    ‖X‖_F²
    """
    return algebra.apply("normsq", x)


def norm1(x: Expr) -> Expr:
    """The sum of absolute entries.

    >>> norm1(vector("x", "n"))
    norm1(x)
    """
    return algebra.apply("norm1", x)


def sum(x: Expr, axis: int | None = None) -> Expr:
    """The sum of all entries; over the rows (axis 0) or over the columns (axis 1).

    >>> sum(matrix("X", "m", "n"), axis=0).shape
    (1, Dim('n'))
    """
    return algebra.total(x, axis)


def mean(x: Expr, axis: int | None = None) -> Expr:
    """The mean of all entries, or along an axis.

    >>> mean(vector("x", "n"))
    sum(x)/n
    """
    rows, columns = x.shape
    count = rows * columns if axis is None else (rows, columns)[axis]
    return algebra.divide(algebra.total(x, axis), algebra.dimension(count))


def diag(x: Expr) -> Expr:
    """The diagonal matrix of a vector; the diagonal of a square matrix.

    >>> diag(matrix("X", "n", "n")).shape
    (Dim('n'), 1)
    """
    if x.shape[0] == 1:
        x = algebra.transpose(x)
    return algebra.apply("diag" if x.shape[1] == 1 else "diagonal", x)


def vec(x: Expr) -> Expr:
    """Stack the columns of a matrix into one vector.

    Shape:  m×n → m·n; a vector is returned unchanged.
    Source: Magnus & Neudecker, Matrix Differential Calculus, ch. 2.

    >>> vec(matrix("X", "m", "n")).shape
    (Dim('m·n'), 1)
    """
    return x if x.shape[1] == 1 else algebra.apply("vec", x)


def kron(a: Expr, b: Expr) -> Expr:
    """The Kronecker product.

    >>> kron(matrix("A", 2, 3), matrix("B", 4, 5)).shape
    (8, 15)
    """
    return algebra.kron(a, b)


def inner(a: Expr, b: Expr) -> Expr:
    """The Frobenius inner product tr(AᵀB).

    >>> inner(vector("a", "n"), vector("b", "n"))
    aᵀ·b
    """
    product = algebra.mul(algebra.transpose(a), b)
    return product if product.is_scalar else algebra.apply("tr", product)


def outer(a: Expr, b: Expr) -> Expr:
    """a·bᵀ

    >>> outer(vector("a", "m"), vector("b", "n"))
    a·bᵀ
    """
    return algebra.mul(a, algebra.transpose(b))


def hadamard(*factors: Expr) -> Expr:
    """The entrywise product.

    >>> hadamard(matrix("A", "m", "n"), matrix("B", "m", "n"))
    A ⊙ B
    """
    return algebra.hadamard(*factors)


def eye(n: DimLike | str) -> Expr:
    """The identity matrix.

    >>> eye("n")
    eye(n)
    """
    return algebra.eye(_dim(n))


def ones(m: DimLike | str, n: DimLike | str = 1) -> Expr:
    """A vector or matrix of ones.

    >>> ones("n")
    ones(n)
    """
    return algebra.ones_like((_dim(m), _dim(n)))


def zeros(m: DimLike | str, n: DimLike | str = 1) -> Expr:
    """A vector or matrix of zeros.

    >>> zeros("m", "n")
    zeros(m, n)
    """
    return algebra.zeros((_dim(m), _dim(n)))


def _dim(d: DimLike | str) -> DimLike:
    return as_dim(d)
