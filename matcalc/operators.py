"""The table of named operators: notation, LaTeX, arity, shape and code of each in one row.

Printers, code generators, the reader of formulas and the checker all look here; none keeps a list of its own.
Elementwise functions have a table of their own in ``rules/elementwise.rules``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from matcalc.dims import DimLike, Shape, divide_dim, show_shape
from matcalc.errors import ArityError, ShapeError, UnknownName

__all__ = ["COLUMNWISE", "OPERATORS", "Operator", "operator"]

ShapeRule: TypeAlias = Callable[..., Shape]


class Signature:
    """A shape rule as text, "m×m, n×n, m×n -> m×n"; a letter is the same dimension wherever it stands.

    >>> Signature("m×n -> n×m")("pinv", (2, 3))
    (3, 2)
    """

    def __init__(self, text: str) -> None:
        self.text = text
        left, right = text.split(" -> ")
        self.arguments = [(s[0], s[2]) for s in left.split(", ")]
        self.value = (right[0], right[2])

    def __call__(self, name: str, *shapes: Shape) -> Shape:
        sizes: dict[str, DimLike] = {"1": 1}
        for letters, shape in zip(self.arguments, shapes, strict=True):
            if any(sizes.setdefault(letter, d) != d for letter, d in zip(letters, shape, strict=True)):
                raise self.misfit(name, shapes)
        return (sizes[self.value[0]], sizes[self.value[1]])

    def misfit(self, name: str, shapes: Sequence[Shape]) -> ShapeError:
        """The error for arguments that do not fit."""
        wanted = self.text.split(" -> ")[0].replace("1×1", "scalar")
        return ShapeError(f"{name} needs arguments of shapes {wanted}, not {', '.join(map(show_shape, shapes))}")


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
        transpose: how the value changes with the transposed arguments: "invariant" (the same), "covariant" (transposed
            as well), "symmetric" (the value is a symmetric matrix) or "" (none of these).
        mirror: the operator and the order of the transposed arguments that give the transposed value, where the value
            is not simply covariant: ("tril", 0) for tril.
        symmetric: whether the first argument must be known to be symmetric.
        conditional: whether the first argument holds 0 and 1, as a comparison does.
        domain: what must hold for the value to exist, in words.
        definition: what it means, in entries: F is the value; of a pair of indices the last runs fastest.
        determinant: the determinant of the value as a formula in X, where there is a lemma "determinant of" its name.
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
    mirror: tuple[str | int, ...] = ()
    determinant: str = ""
    symmetric: bool = False
    conditional: bool = False
    domain: str = ""
    definition: str = ""

    @property
    def kind(self) -> str:
        """What the shape rule does, in words: "square to scalar", "square", "scalar", "diag", "vector", "blocks",
        "shaped", "row", "signature" or "same"."""
        return "signature" if isinstance(self.shape, Signature) else _KINDS.get(self.shape, "same")

    @property
    def is_entrywise(self) -> bool:
        """Whether it takes arrays of one shape and goes entry by entry."""
        return self.kind == "same" and self.arity > 1

    def takes_two_axes(self, shape: Shape) -> bool:
        """Whether the code needs a vector or a row of this shape, an array of one axis, as a matrix."""
        if shape == (1, 1) or 1 not in shape:
            return False
        if isinstance(self.shape, Signature):
            return ("1", "1") not in self.shape.arguments
        return shape[0] == 1 and "axis=0" in self.numpy


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

# name, notation, LaTeX, signature and code of functions that a decomposition or a series defines
_MATRIX_FUNCTIONS = [
    Operator("adjugate", "adjugate({0})", r"\operatorname{{adj}}({0})", Signature("n×n -> n×n"), "_adjugate({0})",
             aliases=("adj",), transpose="covariant",
             definition="X*F = det(X)*I, F*X = det(X)*I; for singular X by continuity"),
    Operator("pinv", "pinv({0})", r"{{ {0}^{{+}} }}", Signature("m×n -> n×m"), "np.linalg.pinv({0})",
             transpose="covariant", domain="the rank is constant nearby",
             definition="X*F*X = X, F*X*F = F, F'*X' = X*F, X'*F' = F*X; Penrose's equations"),
    Operator("power_sum", "power_sum({0}, {1}, {2})", r"\operatorname{{power\_sum}}({0}, {1}, {2})",
             Signature("n×n, n×n, 1×1 -> n×n"), "_power_sum({0}, {1}, {2})", arity=3, transpose="covariant",
             definition="F(X,A,t)[i,j] = sum[k,l] series[(X,t),i,k,l,j]*A[k,l]; X^r*A*X^(t-1-r) summed over r = 0 … t-1"),
    Operator("expm", "expm({0})", r"\operatorname{{expm}}({0})", Signature("n×n -> n×n"), "_expm({0})", transpose="covariant",
             determinant="exp(tr(X))", definition="the sum of X^r/r! over all r"),
    Operator("expm_frechet", "expm_frechet({0}, {1})", r"\operatorname{{expm\_frechet}}({0}, {1})",
             Signature("n×n, n×n -> n×n"),
             "_expm_frechet({0}, {1})", arity=2, transpose="covariant",
             definition="F(X,A)[i,j] = sum[k,l] series[X,i,k,l,j]*A[k,l]; "
             "the integral of expm(t*X)*A*expm((1-t)*X) over t = 0 … 1"),
    Operator("logm", "logm({0})", r"\operatorname{{logm}}({0})", Signature("n×n -> n×n"), "_logm({0})", transpose="covariant",
             domain="no eigenvalue of X is zero or negative", definition="expm(F) = X; the principal solution"),
    Operator("logm_frechet", "logm_frechet({0}, {1})", r"\operatorname{{logm\_frechet}}({0}, {1})",
             Signature("n×n, n×n -> n×n"),
             "_logm_frechet({0}, {1})", arity=2, transpose="covariant", domain="no eigenvalue of X is zero or negative",
             definition="F(X,A)[i,j] = sum[k,l] series[X,i,k,l,j]*A[k,l]; the solution of expm_frechet(logm(X), F) = A"),
    Operator("sqrtm", "sqrtm({0})", r"\operatorname{{sqrtm}}({0})",
             Signature("n×n -> n×n"), "_sqrtm({0})", transpose="covariant",
             domain="no eigenvalue of X is zero or negative", definition="F*F = X; the principal solution"),
    Operator("sylvester", "sylvester({0}, {1}, {2})", r"\operatorname{{sylvester}}({0}, {1}, {2})",
             Signature("m×m, n×n, m×n -> m×n"), "_sylvester({0}, {1}, {2})", arity=3, mirror=("sylvester", 1, 0, 2),
             domain="no eigenvalue of A is minus one of B",
             definition="F = unvec(inv(kron(I, A) + kron(B', I))*vec(C), C); the solution of A*F + F*B = C"),
    Operator("tril", "tril({0})", r"\operatorname{{tril}}({0})", Signature("n×n -> n×n"), "np.tril({0})", mirror=("triu", 0),
             definition="F[i,j] = lower[i,j]*X[i,j]"),
    Operator("triu", "triu({0})", r"\operatorname{{triu}}({0})", Signature("n×n -> n×n"), "np.triu({0})", mirror=("tril", 0),
             definition="F[i,j] = lower[j,i]*X[i,j]"),
    Operator("lower_half", "lower_half({0})", r"\operatorname{{lower\_half}}({0})", Signature("n×n -> n×n"),
             "(np.tril({0}) - np.diag(np.diagonal({0})) / 2)",
             definition="F[i,j] = (lower[i,j] - delta[i,j]/2)*X[i,j]; the part below the diagonal and half of the diagonal"),
    Operator("sym", "sym({0})", r"\operatorname{{sym}}({0})", Signature("n×n -> n×n"), "_sym({0})",
             transpose="symmetric", definition="F[i,j] = (X[i,j] + X[j,i])/2"),
    Operator("cholesky", "cholesky({0})", r"\operatorname{{chol}}({0})", Signature("n×n -> n×n"),
             "np.linalg.cholesky({0})", aliases=("chol",), symmetric=True, domain="X is positive definite",
             definition="F*F' = X; lower triangular with a positive diagonal"),
    Operator("lambda_max", "lambda_max({0})", r"\lambda_{{\max}}({0})", Signature("n×n -> 1×1"),
             "np.linalg.eigvalsh({0})[-1]", aliases=("eigmax",), symmetric=True, transpose="invariant",
             domain="the eigenvalue is simple", definition="the largest eigenvalue"),
    Operator("lambda_min", "lambda_min({0})", r"\lambda_{{\min}}({0})", Signature("n×n -> 1×1"),
             "np.linalg.eigvalsh({0})[0]", aliases=("eigmin",), symmetric=True, transpose="invariant",
             domain="the eigenvalue is simple", definition="the smallest eigenvalue"),
    Operator("eigvec_max", "eigvec_max({0})", r"\operatorname{{eigvec}}_{{\max}}({0})",
             Signature("n×n -> n×1"), "_eigvec({0}, -1)",
             symmetric=True, transpose="invariant", domain="the eigenvalue is simple",
             definition="X*F = lambda_max(X)*F, F'*F = 1; the largest entry positive"),
    Operator("eigvec_min", "eigvec_min({0})", r"\operatorname{{eigvec}}_{{\min}}({0})",
             Signature("n×n -> n×1"), "_eigvec({0}, 0)",
             symmetric=True, transpose="invariant", domain="the eigenvalue is simple",
             definition="X*F = lambda_min(X)*F, F'*F = 1; the largest entry positive"),
    Operator("eigvals", "eigvals({0})", r"\operatorname{{eigvals}}({0})", Signature("n×n -> n×1"), "np.linalg.eigvalsh({0})",
             aliases=("eigvalsh",), symmetric=True, transpose="invariant", domain="the eigenvalues are simple",
             definition="the eigenvalues, the smallest first"),
    Operator("eigvecs", "eigvecs({0})", r"\operatorname{{eigvecs}}({0})", Signature("n×n -> n×n"), "_eigvecs({0})",
             symmetric=True, transpose="invariant", domain="the eigenvalues are simple",
             definition="F'*F = I, F*F' = I, F*diag(eigvals(X))*F' = X, F*diag(1 ./ eigvals(X))*F' = inv(X), "
             "F*diag(exp(eigvals(X)))*F' = expm(X), F*diag(log(eigvals(X)))*F' = logm(X); "
             "the largest entry of each column positive"),
    Operator("eigsum", "eigsum({0}, {1})", r"\operatorname{{eigsum}}({0}, {1})",
             Signature("n×n, 1×1 -> 1×1"), "np.sort(np.linalg.eigvalsh({0}))[-int({1}):].sum()", arity=2,
             symmetric=True, domain="the k-th eigenvalue differs from the next",
             definition="the sum of the k largest eigenvalues"),
    Operator("eigproj", "eigproj({0}, {1})", r"\operatorname{{eigproj}}({0}, {1})", Signature("n×n, 1×1 -> n×n"),
             "_eigproj({0}, {1})", arity=2, symmetric=True, transpose="symmetric",
             domain="the k-th eigenvalue differs from the next",
             definition="F*F = F, F' = F, X*F = F*X; the projector on the eigenvectors of the k largest eigenvalues"),
    Operator("spectral_norm", "‖{0}‖₂", r"\left\Vert {0} \right\Vert_2", _scalar, "np.linalg.norm({0}, 2)",
             ascii="||{0}||_2", aliases=("sigma_max",), transpose="invariant", domain="the singular value is simple",
             definition="the largest singular value, the root of lambda_max(X'*X)"),
    Operator("singvec_left", "singvec_left({0})", r"\operatorname{{singvec}}_{{\text{{left}}}}({0})",
             Signature("m×n -> m×1"), "_singvec({0})[0]",
             domain="the singular value is simple", definition="X*singvec_right(X) = spectral_norm(X)*F, F'*F = 1"),
    Operator("singvec_right", "singvec_right({0})", r"\operatorname{{singvec}}_{{\text{{right}}}}({0})",
             Signature("m×n -> n×1"), "_singvec({0})[1]",
             domain="the singular value is simple",
             definition="X'*singvec_left(X) = spectral_norm(X)*F, F'*F = 1; the largest entry positive"),
    Operator("nuclear_norm", "‖{0}‖_*", r"\left\Vert {0} \right\Vert_*", _scalar, "np.linalg.norm(np.atleast_2d({0}), 'nuc')",
             ascii="||{0}||_*", aliases=("nuclear",), transpose="invariant", domain="X has full rank",
             definition="the sum of the singular values, the trace of sqrtm(X'*X)"),
    Operator("polar", "polar({0})", r"\operatorname{{polar}}({0})", Signature("m×n -> m×n"), "_polar({0})",
             transpose="covariant", domain="X has full rank",
             definition="X*F' = F*X', F'*X = X'*F, F*F'*X = X, X*F'*F = X; U*V' for the decomposition U*diag(s)*V' of X"),
    Operator("colnorms", "colnorms({0})", r"\operatorname{{colnorms}}({0})", Signature("m×n -> 1×n"),
             "np.sqrt(np.square({0}).sum(axis=0))", domain="no column is zero",
             definition="F[1,j] = (sum[i] X[i,j]^2)^(1/2)"),
    Operator("polygamma", "polygamma({0}, {1})", r"\operatorname{{polygamma}}({0}, {1})", Signature("1×1, m×n -> m×n"),
             "_polygamma({0}, {1})", arity=2, transpose="covariant", domain="X > 0",
             definition="the k-th derivative of digamma in every entry, k = 1, 2, …"),
    Operator("prod", "prod({0})", r"\prod({0})", _scalar, "np.prod({0})", aliases=("product",),
             transpose="invariant", definition="the product of all X[i,j]"),
]  # fmt: skip

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
        definition="X*F = I",
    ),
    Operator(
        "det",
        "det({0})",
        r"\det({0})",
        _square_to_scalar,
        "np.linalg.det({0})",
        transpose="invariant",
        definition="the sum of the signed products over all permutations (Leibniz)",
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
        "pnorm",
        "pnorm({0}, {1})",
        r"\operatorname{{pnorm}}({0}, {1})",
        Signature("m×n, 1×1 -> 1×1"),
        "((np.abs({0}) ** {1}).sum() ** (1 / {1}))",
        arity=2,
        definition="F(X,p) = (sum[i,j] abs(X[i,j])^p)^(1/p)",
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
        definition="F[(j,i)] = X[i,j]",
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
        definition="F[i,j] = s[(j,i)] + 0*X[i,j]",
    ),
    Operator(
        "unkron_left",
        "unkron_left({0}, {1})",
        r"\operatorname{{unkron}}_1({0}, {1})",
        _unkron,
        "np.einsum('ikjl,kl->ij', np.reshape({0}, (np.shape({0})[0] // np.shape({1})[0], np.shape({1})[0],"
        " -1, np.shape({1})[1])), {1})",
        arity=2,
        transpose="covariant",
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
        transpose="covariant",
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
        "center",
        "center({0})",
        r"\operatorname{{center}}({0})",
        _same,
        "({0} - np.mean({0}, axis=0))",
        definition="F = X - mean(X, rows)",
    ),
    Operator(
        "amax",
        "max({0})",
        r"\max({0})",
        _row,
        "np.max({0}, axis=0)",
        domain="the largest entry is larger than the others",
        definition="the largest entry of each column",
    ),
    Operator(
        "hardmax",
        "hardmax({0})",
        r"\operatorname{{hardmax}}({0})",
        _same,
        "_hardmax({0})",
        domain="the largest entry is larger than the others",
        definition="1 at the largest entry of each column, 0 elsewhere",
    ),
    Operator(
        "where",
        "where({0}, {1}, {2})",
        r"\operatorname{{where}}({0}, {1}, {2})",
        _same,
        "np.where({0}, {1}, {2})",
        arity=3,
        transpose="covariant",
        conditional=True,
        definition="F(C,A,B)[i,j] = C[i,j]*A[i,j] + (1 - C[i,j])*B[i,j]",
    ),
    Operator(
        "atan2",
        "atan2({0}, {1})",
        r"\operatorname{{atan2}}({0}, {1})",
        _same,
        "np.arctan2({0}, {1})",
        arity=2,
        aliases=("arctan2",),
        transpose="covariant",
        domain="not both are zero",
        definition="the angle of the point with coordinates B, A: 2*atan(A/((A^2 + B^2)^(1/2) + B)), entry by entry",
    ),
    *_MATRIX_FUNCTIONS,
    Operator(
        "max",
        "max({0}, {1})",
        r"\max({0}, {1})",
        _same,
        "np.maximum({0}, {1})",
        arity=2,
        transpose="covariant",
        definition="F[i,j] = (A[i,j] + B[i,j] + abs(A[i,j] - B[i,j]))/2",
    ),
    Operator(
        "min",
        "min({0}, {1})",
        r"\min({0}, {1})",
        _same,
        "np.minimum({0}, {1})",
        arity=2,
        transpose="covariant",
        definition="F[i,j] = (A[i,j] + B[i,j] - abs(A[i,j] - B[i,j]))/2",
    ),
]

OPERATORS: dict[str, Operator] = {row.name: row for row in _ROWS}
COLUMNWISE = {
    "softmax": ("softmax", "softmax"),
    "logsumexp": ("logsumexp", "logsumexp"),
    "amax": ("max", "max"),
    "hardmax": ("hardmax", "hardmax"),
    "center": ("center", "center"),
    "colnorms": ("colnorms", "rownorms"),
}
"""Operators on columns: the word, and the word of the operator on rows, as which their transposes are printed. An axis
tells them apart where the words are the same."""

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
