"""Entries, slices and blocks, norms of rows and negative powers print as they are typed, and read back."""

from __future__ import annotations

import pytest

import matcalc
from matcalc.printing import latex, text
from tests.latex.round_trip import declarations

ROUND = [
    ("X[1,2]*X[2,1]", "X: n×n", "X[1,2]·X[2,1]"),
    ("x[2]*y[3]", "x, y: n", "x[2]·y[3]"),
    ("A*X[:,2]", "A: k×m, X: m×n", "A·X[:,2]"),
    ("X[2,:]*y", "X: m×n, y: n", "X[2,:]·y"),
    ("X[1:3,2:4]'", "X: m×n", "X[1:3,2:4]ᵀ"),
    ("(A*X)[1:3,:]", "A: k×m, X: m×n", "A[1:3,:]·X"),
    ("x[1:m]'*y", "x: m+n, y: m", "x[1:m]ᵀ·y"),
    ("X[m + 1:m + n,:]*B", "X: (m+n)×k, B: k×p", "X[m + 1:m + n,:]·B"),
    ("[A, B]", "A: m×n, B: m×p", "[A, B]"),
    ("[A; B]*x", "A: m×n, B: p×n, x: n", "[A; B]·x"),
    ("[A, zeros(m,p); B, C]", "A: m×n, B: k×n, C: k×p", "[A, zeros(m, p); B, C]"),
    ("[A, zeros(m,p); zeros(k,n), C]", "A: m×n, C: k×p", "[A, zeros(m, p); zeros(k, n), C]"),
    ("x[12]*x[k*n]", "x: k*n", "x[12]·x[k*n]"),
    ("r[12]*r[2:4]", "r: 1×n", "r[12]·r[2:4]"),
    ("W_1[1,2]*W[2*k,:]", "W_1: m×n, W: k*n×p", "W_1[1,2]·W[2*k,:]"),
    ("inv([A, B; B', D])", "A: m×m, B: m×p, D: p×p", "[A, B; Bᵀ, D]⁻¹"),
    ("[x; 1]", "x: n", "[x; 1]"),
    ("x[n + 1]*y", "x: n+1, y: k", "x[n + 1]·y"),
    ("[A, I]", "A: n×n", "[A, eye(n)]"),
    ("2*[A, t*B]'", "A: m×n, B: m×p, t: scalar", "2·[A, t·B]ᵀ"),
    ("inv(X)*inv(X)*inv(X)", "X: n×n", "X⁻³"),
    ("(inv(X)*inv(X))'", "X: n×n", "(X⁻²)ᵀ"),
    ("prod(x) ./ x", "x: n", "prod(x) ⊘ x"),
    ("y - prod(x) ./ x", "x, y: n", "y − prod(x) ⊘ x"),
    ("rownorms(X - Y)", "X, Y: m×n", "rownorms(X − Y)"),
    ("1 ./ rownorms(X)", "X: m×n", "1 ⊘ rownorms(X)"),
    ("colnorms(X)'", "X: m×n", "colnorms(X)ᵀ"),
    ("rownorms(X - mean(X, columns))", "X: m×n", "rownorms(X − sum(X, columns)/n)"),
]


@pytest.mark.parametrize(("formula", "where", "printed"), ROUND, ids=[formula for formula, _, _ in ROUND])
def test_reads_back(formula: str, where: str, printed: str) -> None:
    """What is printed is what a person would type, and is read as the same expression."""
    e = matcalc.parse(formula, where=where)
    assert text(e) == printed
    for style in ("unicode", "ascii"):
        assert matcalc.parse(text(e, style), where=where) == e
    assert matcalc.parse(latex(e), declarations(e), language="latex") == e


@pytest.mark.parametrize(
    ("formula", "where", "printed"),
    [
        ("W_1[1,2]", "W_1: m×n", r"\left[ W_{1} \right]_{1,2}"),
        ("x[12]", "x: n", r"\left[ x \right]_{12,:}"),
        ("x[3:n]'*y", "x: n, y: n-2", r"\left[ x \right]_{3:n}^{\top} \, y"),
        ("(A*X)[:,k + 1:k + n]", "A: m×p, X: p×(k+n)", r"A \, \left[ X \right]_{:,k + 1:k + n}"),
        ("inv([A, b; b', d])", "A: n×n, b: n, d: scalar", r"\begin{bmatrix} A & b \\ b^{\top} & d \end{bmatrix}^{-1}"),
        (
            "[A, zeros(m,p); B, C]",
            "A: m×n, B: k×n, C: k×p",
            r"\begin{bmatrix} A & \mathbf{0}_{m \times p} \\ B & C \end{bmatrix}",
        ),
        (
            "[[A; B], [zeros(m,p); C]]",
            "A: m×n, B: k×n, C: k×p",
            r"\begin{bmatrix} A & \mathbf{0}_{m \times p} \\ B & C \end{bmatrix}",
        ),
    ],
)
def test_latex(formula: str, where: str, printed: str) -> None:
    """As books write them; an index behind a bracket belongs to no name."""
    assert latex(matcalc.parse(formula, where=where)) == printed


def test_blocks_of_blocks_and_options_in_them() -> None:
    r"""What stands in a cell is read to the end of the cell, be it a matrix, or a function with `axis=0`."""
    cell = r"\begin{bmatrix} \operatorname{softmax}( A, \operatorname{axis}=0 ) & B \\ C & D \end{bmatrix}"
    where = "A: m×n, B: m×p, C: k×n, D: k×p, Y: q×(n+p)"
    found = matcalc.parse(rf"\begin{{bmatrix}} Y \\ {cell} \end{{bmatrix}}", where=where)
    assert found == matcalc.parse("[Y; [softmax(A, axis=0), B; C, D]]", where=where)


@pytest.mark.parametrize("index", ["ij", "m n"])
def test_letters_side_by_side_are_no_index(index: str) -> None:
    """The entry of a product by letters that are no numbers is refused, with an example."""
    with pytest.raises(matcalc.MatcalcError, match="a subscript behind a bracket"):
        matcalc.parse(rf"\operatorname{{tr}}(X) + (X X)_{{{index}}}", where="X: n×n")


@pytest.mark.parametrize(
    ("formula", "wrt", "where", "printed"),
    [
        ("tr(X^-2)", "X", "X: n×n", "−2(X⁻³)ᵀ"),
        ("prod(x)", "x", "x: n", "prod(x) ⊘ x"),
        ("rownorms(X)'*c", "X", "X: m×n, c: m", "diag(c ⊘ rownorms(X))·X"),
        ("norm(X[1:3,:])^2", "X", "X: m×n", "2·units(m, 1, 3)·X[1:3,:]"),
        ("||[A, B]*x - y||^2", "A", "A: m×n, B: m×p, x: n+p, y: m", "2(A·x[1:n] + B·x[n + 1:n + p] − y)·x[1:n]ᵀ"),
        ("[A, B]*x", "x", "A: m×n, B: m×p", "[A, B]"),
        ("logdet([A, b; b', d])", "b", "A: n×n symmetric, b: n, d: scalar", "2·([A, b; bᵀ, d]⁻¹)[1:n,n + 1]"),
    ],
)
def test_derivatives(formula: str, wrt: str, where: str, printed: str) -> None:
    """Printed forms, read by a person."""
    assert str(matcalc.derive(formula, wrt, where=where).result) == printed


@pytest.mark.parametrize(
    ("formula", "where", "printed"),
    [
        ("logdet(A'*diag(w)*A)", "A: m×n, w: m positive", "−(A·(Aᵀ·diag(w)·A)⁻¹·Aᵀ).^2"),
        ("tr(diag(w)*A*diag(w)*B)", "A, B: n×n, w: n", "Bᵀ ⊙ A + Aᵀ ⊙ B"),
    ],
)
def test_hessians_by_a_diagonal(formula: str, where: str, printed: str) -> None:
    """diag(A·diag(v)·B) = (A ⊙ Bᵀ)·v, so that no Kronecker product is left."""
    assert str(matcalc.derive(formula, "w", where=where, order=2).result) == printed


@pytest.mark.parametrize(
    ("formula", "wrt", "where", "printed"),
    [
        ("var(x)", "x", "x: n", "2·center(x)/n"),
        (
            "c'*((x - mean(x))/std(x))",
            "x",
            "x, c: n",
            "sqrt(n)·center(c − (cᵀ·center(x))·center(x)/‖center(x)‖²)/‖center(x)‖",
        ),
        ("sum(std(X, columns))", "X", "X: m×n", "diag(1 ⊘ rownorms(center(X, axis=1)))·center(X, axis=1)/sqrt(n)"),
        ("||(X - mean(X, rows))*W||^2", "X", "X: m×n, W: n×p", "2·center(X, axis=0)·W·Wᵀ"),
        ("x - mean(x)", "x", "x: n", "eye(n) − ones(n, n)/n"),
        ("logdet(L*L')", "L", "L: n×n lower", "2·diag(1 ⊘ diag(L))"),
        ("||L*x - m||^2/2 - logdet(L)", "L", "L: n×n lower, x, m: n", "tril((L·x − m)·xᵀ) − diag(1 ⊘ diag(L))"),
    ],
)
def test_as_short_as_the_papers(formula: str, wrt: str, where: str, printed: str) -> None:
    """What has lost its mean is named, and what triangular matrices leave is short, as in the papers."""
    assert str(matcalc.derive(formula, wrt, where=where).result) == printed
    assert str(matcalc.parse(printed, where=where)) == printed
