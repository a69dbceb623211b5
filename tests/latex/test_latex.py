"""Formulas in LaTeX: snippets from papers against NumPy, small spellings against the notation of the grammar."""

from __future__ import annotations

import re
from random import Random
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.api import read
from matcalc.check.points import draw, sizes_of
from matcalc.dims import Dim
from matcalc.expr import Expr
from matcalc.syntax import is_latex
from tests.latex.snippets import SNIPPETS
from tests.latex.values import VALUES


def arrays(symbols: dict[str, Expr], roots: list[Expr], seed: int) -> dict[str, Any]:
    """A random point in NumPy: vectors 1-D, scalars floats; all sizes differ, and properties hold."""
    random = Random(seed)
    sizes = sizes_of([*roots, *symbols.values()], "distinct", random)
    point = {}
    for name, symbol in symbols.items():
        a = np.array(draw(symbol, sizes, seed, random), dtype=float)
        point[name] = float(a[0, 0]) if symbol.is_scalar else a.ravel() if symbol.shape[1] == 1 else a
    return point


@pytest.mark.parametrize(("origin", "latex", "variable", "where"), SNIPPETS, ids=[s[0] for s in SNIPPETS])
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_snippets(origin: str, latex: str, variable: str, where: str) -> None:
    """Each is read as NumPy written by hand computes it, and its derivative passes the check."""
    found = read(latex, where)
    compared = 0
    for seed in range(60):
        point = arrays(dict(found.symbols), [found.expr], seed)
        expected = VALUES[origin](**{"lam" if n == "lambda" else n: v for n, v in point.items()})
        if not np.isfinite(expected):
            continue
        assert found.expr.compile()(**point) == pytest.approx(expected, rel=1e-9, abs=1e-9)
        compared += 1
        if compared == 3:
            break
    assert compared == 3
    d = matcalc.derive(latex, variable, where=where)
    assert d.check is not None and d.check.ok
    assert d.shape == found.symbols[d.variable.name].shape


def test_every_snippet_has_its_value() -> None:
    """Sixty and more, none twice."""
    assert len(SNIPPETS) >= 60 and len({s[0] for s in SNIPPETS}) == len(SNIPPETS)
    assert {s[0] for s in SNIPPETS} == set(VALUES)


SPELLINGS = r"""
    \Vert XW \Vert_F^2                          | ||X*W||_F^2
    \lVert Xw\rVert_2^2                         | ||X*w||_2^2
    \|x\|_1                                     | ||x||_1
    \left\|Xw\right\|                           | ||X*w||
    ||Xw - y||^2                                | ||X*w - y||^2          | latex
    |x||y|                                      | abs(x)*abs(y)          | latex
    \|A\|_\mathrm{F}^2                          | ||A||_F^2
    \|A\|^2_{\text{F}}                          | ||A||_F^2
    \|A\|_{*} + \|A\|_2                         | ||A||_* + ||A||_2
    \left( A + B \right) x                      | (A + B)*x
    \bigl(A+B\bigr)x                            | (A + B)*x
    \left[ A + B \right] x                      | (A + B)*x
    \frac12 x^Tx                                | 1/2*x'*x
    \tfrac{1}{2} x^Tx                           | 1/2*x'*x
    \tfrac12x^Tx                                | 1/2*x'*x
    \frac{1}{n}\|x\|^2                          | 1/n*||x||^2
    \frac{a}{b}^2                               | (a/b)^2
    \dfrac{x^Tx}{y^Ty}                          | (x'*x)/(y'*y)
    \operatorname{tr}(AX)                       | tr(A*X)
    \mathrm{tr}(AX)                             | tr(A*X)
    \text{tr}(AX)                               | tr(A*X)
    \tr(AX)                                     | tr(A*X)
    \mathrm{tr}\,AX                             | tr(A*X)
    \operatorname*{tr}\left[AX\right]           | tr(A*X)
    {\rm Tr}\{AX\}                              | tr(A*X)
    \operatorname{tr} A + \operatorname{tr} B   | tr(A) + tr(B)
    A \odot B                                   | A .* B
    A \circ B                                   | A .* B
    A \oslash B                                 | A ./ B
    A \cdot B \times C                          | A*B*C
    A \otimes B                                 | kron(A, B)
    A^{\top}B A^\top + A^T C                    | A'*B*A' + A'*C
    A^{\mathsf T}B                              | A'*B
    A^\mathsf{T} B + A^{\mathrm{T}} C           | A'*B + A'*C
    A^\intercal B                               | A'*B
    A^{-1}B                                     | inv(A)*B
    A^{-\top}B + A^{-T}B                        | inv(A)'*B + inv(A)'*B
    (A^\top)^{-1}B                              | inv(A')*B
    A^\dagger b                                 | pinv(A)*b
    \log\det X + \operatorname{tr} X            | logdet(X) + tr(X)
    \ln\det(X) y - \log(\det X)                 | logdet(X)*y - log(det(X))
    \log|X| + \log\left|x\right|                 | log(det(X)) + log(abs(x))
    \log\frac{|A|}{|B|} - \ln(|C|)              | log(det(A)/det(B)) - log(det(C))
    |A|^{-1/2} + 1/\sqrt{|B|}                   | det(A)^(-1/2) + 1/sqrt(det(B))
    \mathbf{1}^\top|X|\mathbf{1}                | sum(abs(X))
    |\beta|_1 + |\delta|_2^2                    | ||beta||_1 + ||delta||_2^2
    X^{1/2} + X^{-\frac{1}{2}}                  | sqrtm(X) + inv(sqrtm(X))
    \|x - x'\|^2                               | ||x - x_prime||^2
    \|Xw - y\|^2, \quad y = Vw                 | ||X*w - V*w||^2
    \min_{x\in\mathbb{R}^n} \|x\|^2 \quad \text{s.t. } Ax = b  | ||x||^2
    \log\sigma(u^\top v) y                      | log(sigmoid(u'*v))*y
    \log x \exp y                               | log(x)*exp(y)
    \exp(x) + e^{x}                             | exp(x) + exp(x)
    e^{-x^\top y}                               | exp(-x'*y)
    \mathbf{x}^\top\mathbf{A}\mathbf{x}         | x'*A*x
    {\bf x}^T{\bf A}{\bf x}                     | x'*A*x
    \boldsymbol{\beta}^\top x + \bm\beta^\top y | beta'*x + beta'*y
    \mathcal{X}\mathbb{W}                       | X*W
    \varepsilon x                               | epsilon*x
    W_1 x + W_{12} y                            | W_1*x + W_12*y
    W_{\text{in}} x                             | W_in*x
    W^{(1)} x + W^{[2]}y                        | W_1*x + W_2*y
    \|x - x^*\|^2                               | ||x - x_star||^2
    \hat y - \hat{\mathbf{y}}_1                 | y_hat - y_hat_1
    \tilde w^\top x                             | w_tilde'*x
    \frac1n (x - y)^\top (x - y)                | (x - y)'*(x - y)/n
    log det(S) + tr(S^{-1} A) \lambda           | logdet(S) + tr(inv(S)*A)*lambda
    exp(-x^\top x) sin(t)                       | exp(-x'*x)*sin(t)
    a^TGa                                       | a'*G*a
    2X^TX w                                     | 2*X'*X*w
    x'y + x^{\prime}y                           | x'*y + x'*y            | latex
    \sqrt{x^Tx} + \sqrt2                        | sqrt(x'*x) + sqrt(2)
    \sigma(Xw)                                  | sigmoid(X*w)
    \phi(Xw)                                    | phi(X*w)
    \lambda\left(x^Tx\right)                    | lambda*(x'*x)
    \lambda \|w\|^2                             | lambda*||w||^2
    \mathbf 1^\top x                            | vector(1)'*x
    1^\top x                                    | vector(1)'*x
    x^\top 1                                    | x'*vector(1)
    \mathbf{1}_n^\top x                         | ones(n)'*x
    \mathbf{1}^\top X \mathbf{1}                | sum(X)
    \mathbf{I} - X                              | I - X
    (I_{n} - X) x                               | (eye(n) - X)*x
    \langle A, B\rangle                         | tr(A'*B)
    \left\langle A, B \right\rangle_F           | tr(A'*B)
    \max\{0, x\}                                | max(0, x)
    \max\left(0, 1-x\right)                     | max(0, 1 - x)
    \operatorname{diag}(x)A                     | diag(x)*A
    \begin{bmatrix} A & B \\ C & D \end{bmatrix}  | [A, B; C, D]
    \begin{pmatrix} Ax \\ -y \end{pmatrix}      | [A*x; -y]
    \sin^2(x)                                   | sin(x).^2
    \sin^2 x + \cos x                           | sin(x).^2 + cos(x)
    X^{\odot 2} + X^{\circ 3}                   | X.^2 + X.^3
    A\,x + A\;x + A\!x + A\quad x + A~x         | A*x + A*x + A*x + A*x + A*x
    $x^Tx$                                      | x'*x
    $$x^Tx.$$                                   | x'*x
    \[ x^Tx, \]                                 | x'*x
    \begin{equation} x^Tx \label{eq:1} \end{equation}  | x'*x
    \begin{align*} f(x) &= x^Tx \\ &+ 1 \end{align*}   | x'*x + 1
    \left. x^T x \right.                        | x'*x
    \underbrace{x^Tx}_{\text{length}} + 1       | x'*x + 1
    f(x) := x^Tx                                | x'*x
    \mathcal{L}(W; X) = \|XW\|_F^2              | ||X*W||_F^2
    \min_{x}\; \|Ax - b\|_2^2                   | ||A*x - b||_2^2
    \hat x = \operatorname*{arg\,min}_{x} \|x\|^2  | ||x||^2
    \underset{x}{\text{minimize}}\ \|x\|^2      | ||x||^2
    \operatorname{softmax}(Wx)                  | softmax(W*x)
    \log(1 + \exp(-y\odot(Xw)))                 | log(1 + exp(-y .* (X*w)))
"""


@pytest.mark.parametrize("line", [line.strip() for line in SPELLINGS.strip().splitlines()])
def test_spellings(line: str) -> None:
    """Each spelling is read like the notation of the grammar beside it."""
    latex, text, *forced = (part.strip() for part in line.split(" | "))
    language = forced[0] if forced else "auto"
    assert matcalc.parse(latex, language=language) == matcalc.parse(text)


@pytest.mark.parametrize(
    ("latex", "message", "at"),
    [
        (r"\Vert X W", "this bar is never closed", r"\Vert"),
        (r"\lVert X \rvert", "this bar is never closed", r"\lVert"),
        (r"x^\top (A + B", "( is closed by )", "("),
        (r"\frac{1}{2 x", "{ is closed by }", "{2"),
        (r"A + \foo{B}", r"\foo is not known", r"\foo"),
        (r"x^\top A 2", "a number cannot follow directly", "2"),
        (r"\|X\|_{AB}", "this norm is not supported", "{"),
        (r"2 \max_i x", "with a subscript", "_"),
        (r"\max_i x_i", "with a subscript", "_"),
        (r"\min_{j} a_j^\top x", "with a subscript", "_"),
        (r"\operatorname{tr} + A", "has no argument", r"\operatorname"),
        (r"\sin^{-1}(x)", "the inverse function or 1/sin", "^"),
        (r"\begin{bmatrix} A & B", "never closed", r"\begin{bmatrix}"),
        (r"A \end{bmatrix}", "has nothing to close", r"\end{bmatrix}"),
        (r"x^\top + ", "the formula ends", "+"),
        (r"\operatorname{tr}(X W)", "shapes do not fit", None),
    ],
)
def test_mistakes_point_into_the_latex(latex: str, message: str, at: str | None) -> None:
    """Each says what is wrong, and the caret stands at the place in the LaTeX as typed."""
    with pytest.raises(matcalc.MatcalcError, match=re.escape(message)) as raised:
        matcalc.derive(latex, "X", where="X: m×n, W: m×n" if at is None else None, language="latex")
    mistake = raised.value
    assert mistake.text == latex and mistake.exit_code == 2
    if at is not None:
        assert mistake.span is not None and mistake.span.start == latex.index(at)


def test_shapes_that_clash_point_into_the_latex() -> None:
    """Shapes are those of the text; the marked part is LaTeX."""
    with pytest.raises(matcalc.MatcalcError) as raised:
        matcalc.parse(r"\left\Vert X^{\top}\, Y \right\Vert_F^2", "X: m×n, Y: n×m")
    span = raised.value.span
    assert span is not None and raised.value.text[span.start : span.end] == r"X^{\top}\, Y"


@pytest.mark.parametrize(
    ("latex", "note"),
    [
        (r"\lambda(\|x\|^2 + 1)", "\\lambda(…) read as a product"),
        (r"\sigma(Xw)", "\\sigma is the sigmoid"),
        (r"\|r\|^2 / 2\sigma^2", "/2 \\sigma: only 2 is below the line"),
        (r"\min_x \|Ax - b\|^2", "\\min_x is left out"),
        (r"\log|\Sigma|", "|\\Sigma| is the determinant"),
        (r"\Sigma^{1/2}", "\\Sigma^{1/2} is the square root of a matrix"),
        (r"\|x - x'\|", "x' read as a name of its own, x_prime"),
        (r"z_y - \log(\mathbf{1}^\top e^{z})", "z_y is a name of its own and no entry of z"),
        (r"||Ax - b||^2", "Ax is one name; a product is A*x"),
    ],
)
def test_what_is_assumed_is_said(latex: str, note: str) -> None:
    """Notes on readings that could be others."""
    assert any(n.startswith(note) for n in read(latex).notes)


def test_declared_names_are_no_functions_and_constants() -> None:
    """e, I, sigma and a Greek letter before a bracket are what they are declared to be."""
    assert matcalc.parse(r"e^{2} x", "e: scalar") == matcalc.parse("e^2*x", "e: scalar")
    assert matcalc.parse(r"\sigma(x)", "sigma: elementwise") == matcalc.parse("sigma(x)", "sigma: elementwise")
    assert matcalc.parse(r"\sigma(x)", "sigma: scalar") == matcalc.parse("sigma*x")
    assert matcalc.parse(r"\lambda(x)", "lambda: elementwise") == matcalc.parse("lambda(x)", "lambda: elementwise")
    assert matcalc.parse(r"\operatorname{tr}(I X)", "I, X: n×n") == matcalc.parse("tr(I*X)", "I, X: n×n")


def test_names_and_declarations_in_latex() -> None:
    """The variable and the shapes may be given as the paper writes them."""
    where = r"$A \in \mathbb{R}^{m\times n}, \mathbf{b} \in \mathbb{R}^m, W_{1}: n \times n$"
    d = matcalc.derive(r"\|A\mathbf{x} - \mathbf b\|^2", r"\mathbf{x}", where=where)
    assert d.result == matcalc.parse("2*A'*(A*x - b)", "A: m×n, b: m") and d.symbols["W_1"].shape == (
        Dim("n"),
        Dim("n"),
    )
    assert matcalc.derive("x'W_1x", "W_{1}", where=where, language="latex").variable.name == "W_1"
    with pytest.raises(matcalc.MatcalcError) as raised:
        matcalc.parse("x", r"A \in \mathbb{R}^{m\times}")
    assert raised.value.text is not None and r"\times" in raised.value.text


def test_what_is_latex() -> None:
    """Commands and braces tell LaTeX; what both notations share stays text."""
    for text in ("a^TGa", r"\sigma(Xw)", r"\lambda x", "x^{n+1}", "$x'x$", r"\|x\|", r"2X^TXw", "x_{12}"):
        assert is_latex(text), text
    for text in ("A\\b", r"\lambda*x", "X^{T}", "||x||_{2}", r"tr(\Sigma*A)", "X^T*A", "X'*Xw", r"\lambda*norm1(x)"):
        assert not is_latex(text), text


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        (r"\mathbb{E}[\|Xw - y\|^2]", "expectations"),
        (r"\mathbb{E}_{x \sim p}\left[ x^\top A x \right]", "expectations"),
        (r"\operatorname{Var}(a^\top x)", "variances"),
        (r"\mathrm{E}(x)", "expectations"),
    ],
)
def test_random_variables_are_refused(typed: str, word: str) -> None:
    """An expectation is no matrix E; \\mathbf{E} is one, and so is a declared E."""
    with pytest.raises(matcalc.MatcalcError, match=word):
        matcalc.parse(typed, language="latex")
    assert str(matcalc.parse(r"\mathbf{E}(A + B)", language="latex")) == "E·(A + B)"
    assert str(matcalc.parse(r"\mathbb{E}(A + B)", "E: n×n", language="latex")) == "E·(A + B)"


def test_accents_are_printed_as_accents() -> None:
    """They are names with a word behind in text, and read back; a name may be declared so."""
    from matcalc.printing import latex

    e = matcalc.parse(r"\|X\hat\theta - \bar{y}_1\|^2 + \tilde{x}^\top \tilde x", r"\hat\theta: n, \tilde{x}: k")
    assert r"\hat{\theta}" in latex(e) and r"\bar{y}_{1}" in latex(e) and r"\tilde{x}^{\top}" in latex(e), latex(e)
    assert matcalc.parse(latex(e), language="latex") == matcalc.parse("||X*theta_hat - y_bar_1||^2 + x_tilde'*x_tilde")
    d = matcalc.derive(r"\|X\hat\theta - y\|^2", r"\hat\theta", where=r"\hat\theta: n")
    assert d.latex() == r"2 X^{\top} \, \left( X \, \hat{\theta} - y \right)"


@pytest.mark.parametrize("one", [r"\mathbb{1}[x > y]", r"\mathbf{1}\{x > y\}", r"\mathbb 1\left( x > y \right)"])
def test_indicators_are_no_vectors_of_ones(one: str) -> None:
    """Before a comparison \\mathbb{1} is an indicator; before other brackets 𝟏 is a vector of ones."""
    where = "x, y, a: n"
    assert matcalc.parse(rf"{one}^\top x", where, language="latex") == matcalc.parse("[x > y]'*x", where)
    assert not matcalc.parse(r"\mathbf{1}(a^\top x)", where, language="latex").is_scalar
