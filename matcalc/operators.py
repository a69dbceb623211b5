"""The table of named operators: notation, LaTeX, arity, shape and code of each in one row.

Printers, code generators, the reader of formulas and the checker all look here; none keeps a list of its own.
Elementwise functions have a table of their own in ``rules/elementwise.rules``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

from matcalc.dims import DimLike, Shape, divide_dim, show_shape
from matcalc.errors import ArityError, ShapeError, UnknownName

__all__ = ["OPERATORS", "Operator", "operator"]

ShapeRule: TypeAlias = Callable[..., Shape]


@dataclass(frozen=True, slots=True)
class Operator:
    """A row of the table.

    Args:
        name: the word in formulas and in rules.
        notation: text in Unicode; {0}, {1} are the printed arguments (brackets are part of the notation).
        latex: the same in LaTeX.
        shape: the shape of the result from the shapes of the arguments; raises ShapeError.
        numpy: code, with {0} an array whose vectors are 1-D.
        ascii: text in ASCII where it differs from the notation.
        arity: how many arguments.
        aliases: other words for it in formulas.
        transpose: how the value changes with the transposed argument: "invariant" (the same), "covariant" (transposed
            as well) or "" (neither).
        domain: what must hold for the value to exist, in words.
        definition: what it means, in entries; F is the value.
    """

    name: str
    notation: str
    latex: str
    shape: ShapeRule
    numpy: str
    ascii: str = ""
    arity: int = 1
    aliases: tuple[str, ...] = field(default=())
    transpose: str = ""
    domain: str = ""
    definition: str = ""

    @property
    def kind(self) -> str:
        """What the shape rule does, in words: "square to scalar", "square", "scalar", "diag", "vector", "blocks",
        "shaped", "row" or "same"."""
        return _KINDS.get(self.shape, "same")


def _scalar(name: str, s: Shape) -> Shape:
    return (1, 1)


def _square(name: str, s: Shape) -> Shape:
    if s[0] != s[1]:
        raise ShapeError(
            f"{name} needs a square matrix, not one of shape {show_shape(s)}",
            hint="use X'·X or X·X', which are square, or declare both dimensions equal",
        )
    return s


def _square_to_scalar(name: str, s: Shape) -> Shape:
    _square(name, s)
    return (1, 1)


def _diag(name: str, s: Shape) -> Shape:
    length = _length(name, s)
    return (length, length)


def _diagonal(name: str, s: Shape) -> Shape:
    return (_square(name, s)[0], 1)


def _length(name: str, s: Shape) -> DimLike:
    if 1 not in s:
        raise ShapeError(f"{name} needs a vector, not a matrix of shape {show_shape(s)}")
    return s[0] if s[1] == 1 else s[1]


def _vec(name: str, s: Shape) -> Shape:
    return (s[0] * s[1], 1)


def _kron(name: str, a: Shape, b: Shape) -> Shape:
    return (a[0] * b[0], a[1] * b[1])


def _unkron(name: str, s: Shape, b: Shape) -> Shape:
    rows, columns = (divide_dim(d, e) for d, e in zip(s, b, strict=True))
    if rows is None or columns is None:
        raise ShapeError(f"{name} needs a matrix of blocks, and {show_shape(s)} is not one of {show_shape(b)}")
    return (rows, columns)


def _unvec(name: str, s: Shape, like: Shape) -> Shape:
    if s != (like[0] * like[1], 1):
        raise ShapeError(f"{name} needs a vector as long as vec of the second argument")
    return like


def _row(name: str, s: Shape) -> Shape:
    return (1, s[1])


def _same(name: str, *shapes: Shape) -> Shape:
    if len(set(shapes)) > 1:
        raise ShapeError(f"{name} needs arguments of one shape, not {' and '.join(map(show_shape, shapes))}")
    return shapes[0]


_KINDS: dict[ShapeRule, str] = {
    _square_to_scalar: "square to scalar",
    _square: "square",
    _scalar: "scalar",
    _diag: "diag",
    _diagonal: "diag",
    _vec: "vector",
    _row: "row",
    _unkron: "blocks",
    _unvec: "shaped",
}

_ROWS = [
    Operator(
        "tr",
        "tr({0})",
        r"\operatorname{{tr}}({0})",
        _square_to_scalar,
        "np.trace({0})",
        aliases=("trace",),
        transpose="invariant",
        definition="F = sum[i] X[i,i]",
    ),
    Operator(
        "inv",
        "{0}⁻¹",
        r"{0}^{{-1}}",
        _square,
        "np.linalg.inv({0})",
        ascii="inv({0})",
        transpose="covariant",
        domain="X is invertible",
        definition="X*F = eye(n)",
    ),
    Operator(
        "det",
        "det({0})",
        r"\det({0})",
        _square_to_scalar,
        "np.linalg.det({0})",
        transpose="invariant",
        definition="F = sum over permutations of the signed products (Leibniz)",
    ),
    Operator(
        "logdet",
        "logdet({0})",
        r"\log\det({0})",
        _square_to_scalar,
        "np.linalg.slogdet({0})[1]",
        transpose="invariant",
        domain="X is invertible",
        definition="F = log(abs(det(X)))",
    ),
    Operator(
        "norm",
        "‖{0}‖",
        r"\lVert {0} \rVert",
        _scalar,
        "np.linalg.norm({0})",
        ascii="||{0}||",
        transpose="invariant",
        definition="F = (sum[i,j] X[i,j]^2)^(1/2)",
    ),
    Operator(
        "normsq",
        "‖{0}‖²",
        r"\lVert {0} \rVert^2",
        _scalar,
        "np.vdot({0}, {0})",
        ascii="||{0}||^2",
        transpose="invariant",
        definition="F = sum[i,j] X[i,j]^2",
    ),
    Operator(
        "norm1",
        "‖{0}‖₁",
        r"\lVert {0} \rVert_1",
        _scalar,
        "np.abs({0}).sum()",
        ascii="||{0}||_1",
        transpose="invariant",
        definition="F = sum[i,j] abs(X[i,j])",
    ),
    Operator(
        "diag",
        "diag({0})",
        r"\operatorname{{diag}}({0})",
        _diag,
        "np.diag({0})",
        definition="F[i,j] = delta[i,j]*x[i]",
    ),
    Operator(
        "diagonal",
        "diag({0})",
        r"\operatorname{{diag}}({0})",
        _diagonal,
        "np.diagonal({0})",
        transpose="invariant",
        definition="F[i] = X[i,i]",
    ),
    Operator(
        "vec",
        "vec({0})",
        r"\operatorname{{vec}}({0})",
        _vec,
        "({0}).ravel(order='F')",
        definition="F[(i,j)] = X[i,j]",
    ),
    Operator(
        "kron",
        "{0} ⊗ {1}",
        r"{0} \otimes {1}",
        _kron,
        "np.kron({0}, {1})",
        ascii="kron({0}, {1})",
        arity=2,
        transpose="covariant",
        definition="F[(i,k),(j,l)] = A[i,j]*B[k,l]",
    ),
    Operator(
        "unvec",
        "unvec({0}, {1})",
        r"\operatorname{{unvec}}({0}, {1})",
        _unvec,
        "np.reshape({0}, np.shape({1}), order='F')",
        arity=2,
        definition="vec(F) = s, in the shape of X",
    ),
    Operator(
        "unkron_left",
        "unkron_left({0}, {1})",
        r"\operatorname{{unkron}}_1({0}, {1})",
        _unkron,
        "np.einsum('ikjl,kl->ij', np.reshape({0}, (np.shape({0})[0] // np.shape({1})[0], np.shape({1})[0],"
        " -1, np.shape({1})[1])), {1})",
        arity=2,
        definition="F[i,j] = sum[k,l] S[(i,k),(j,l)]*B[k,l]",
    ),
    Operator(
        "unkron_right",
        "unkron_right({0}, {1})",
        r"\operatorname{{unkron}}_2({0}, {1})",
        _unkron,
        "np.einsum('ikjl,ij->kl', np.reshape({0}, (np.shape({1})[0], -1, np.shape({1})[1],"
        " np.shape({0})[1] // np.shape({1})[1])), {1})",
        arity=2,
        definition="F[k,l] = sum[i,j] S[(i,k),(j,l)]*A[i,j]",
    ),
    Operator(
        "softmax",
        "softmax({0})",
        r"\operatorname{{softmax}}({0})",
        _same,
        "np.exp({0} - np.logaddexp.reduce({0}, axis=0))",
        definition="F[i,j] = exp(X[i,j]) / sum[k] exp(X[k,j])",
    ),
    Operator(
        "logsumexp",
        "logsumexp({0})",
        r"\operatorname{{logsumexp}}({0})",
        _row,
        "np.logaddexp.reduce({0}, axis=0)",
        definition="F[1,j] = log(sum[k] exp(X[k,j]))",
    ),
    Operator(
        "max",
        "max({0}, {1})",
        r"\max({0}, {1})",
        _same,
        "np.maximum({0}, {1})",
        arity=2,
        transpose="covariant",
        definition="F[i,j] = max(A[i,j], B[i,j])",
    ),
    Operator(
        "min",
        "min({0}, {1})",
        r"\min({0}, {1})",
        _same,
        "np.minimum({0}, {1})",
        arity=2,
        transpose="covariant",
        definition="F[i,j] = min(A[i,j], B[i,j])",
    ),
]

OPERATORS: dict[str, Operator] = {row.name: row for row in _ROWS}
_ALIASES: dict[str, Operator] = {word: row for row in _ROWS for word in (row.name, *row.aliases)}


def operator(word: str) -> Operator:
    """The row for a word or one of its aliases.

    Raises: UnknownName if no operator is called so.

    >>> operator("trace").name
    'tr'
    """
    if word not in _ALIASES:
        raise UnknownName(f"no operator is called {word}")
    return _ALIASES[word]


def result_shape(row: Operator, shapes: tuple[Shape, ...]) -> Shape:
    """The shape of an operator's value; raises ArityError and ShapeError."""
    if len(shapes) != row.arity:
        raise ArityError(f"{row.name} takes {row.arity} argument{'s' * (row.arity > 1)}, not {len(shapes)}")
    return row.shape(row.name, *shapes)
