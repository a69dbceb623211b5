"""What stands around derivations: lists, words, labels, commands of the author, and what is said of the names."""

from __future__ import annotations

from itertools import pairwise

import pytest

import matcalc
from matcalc.auditing import read_document
from matcalc.errors import LimitError
from matcalc.syntax.latex_macros import written_out

LISTS = {
    "dashes": "- f = x'*A*x\n- df/dx = A*x + A'*x\n- = (A + A')*x\n",
    "stars": "* f = x'*A*x\n* df/dx = A*x + A'*x\n* df/dx = (A + A')*x\n",
    "numbers": "1. f = x'*A*x\n2. df/dx = A*x + A'*x\n3.       = (A + A')*x\n",
    "brackets": "1) f = x'*A*x\n2) df/dx = A*x + A'*x\n3) = (A + A')*x\n",
    "words": "Let f = x'*A*x.\nThen df/dx = A*x + A'*x,\nhence df/dx = (A + A')*x for all x\n",
    "sentences": "We consider f = x'*A*x\nso we get df/dx = A*x + A'*x by the product rule\nwhich gives = (A + A')*x\n",
    "labels": "Loss: f = x'*A*x\nStep 2: df/dx = A*x + A'*x\n**Result:** df/dx = (A + A')*x\n",
    "remarks": "f = x'*A*x   # quadratic\ndf/dx = A*x + A'*x   (by the product rule)\n= (A + A')*x   // factored\n",
    "a list that goes on": "- f = x'*A*x\n- df/dx = A*x\n   + A'*x\n- df/dx = (A + A')*x\n",
    "latex": r"""- f = x^\top A x
- \frac{df}{dx} = A x + A^\top x
- = (A + A^\top) x""",
    "words in latex": r"""Let f = x^\top A x
Then \frac{df}{dx} = A x + A^\top x
so \frac{df}{dx} = (A + A^\top) x""",
    "markdown": "- Let $f = x^TAx$.\n- Then $$\\nabla_x f = Ax + A^Tx$$ so\n1. $$\\nabla_x f = (A + A^T)x$$\n",
}


@pytest.mark.parametrize("text", LISTS.values(), ids=LISTS.keys())
def test_lists_and_words(text: str) -> None:
    """Bullets, numbers and words are no part of a formula: the gradient of xᵀAx is (A + Aᵀ)x, and neither (A − Aᵀ)x nor 2Ax."""
    audit = matcalc.audit(text)
    assert audit and [line.status for line in audit.lines][-2:] == ["right", "right"], audit.text()
    last = text.rindex("(A +")
    assert matcalc.audit(text[:last] + text[last:].replace("A +", "A -")).exit_code == 1


def test_a_sign_is_no_bullet() -> None:
    """A line may begin with a sign, and names may be words."""
    audit = matcalc.audit("f = x'*x\n  - x'*A*x\ndf/dx = 2*x\n  - A*x\n  - A'*x")
    assert audit and audit.lines[-1].status == "right", audit.text()
    audit = matcalc.audit("loss = x'*A*x\ngradient = A*x + A'*x\n= (A + A')*x")
    assert [line.status for line in audit.lines] == ["given", "given", "right"], audit.text()


SAID = [
    "% where \\Sigma: n×n symmetric",
    "% where \\Sigma \\in \\mathbb{R}^{n \\times n} symmetric",
    "where $\\Sigma$ is symmetric.",
    "for a symmetric matrix $\\Sigma$",
    "since $\\Sigma$ is a positive definite matrix",
    "with $\\Sigma$ diagonal and $\\Sigma = \\Sigma^\\top$",
]


@pytest.mark.parametrize("said", SAID)
def test_what_is_said_of_a_matrix(said: str) -> None:
    """∇xᵀΣx = 2Σx needs a symmetric Σ: it is right where the text says so, as a comment or in a sentence."""
    text = "\\begin{align}\nf(x) &= x^\\top \\Sigma x \\\\\n\\nabla f &= 2\\Sigma x\n\\end{align}\n"
    assert matcalc.audit(text).exit_code == 1
    assert matcalc.audit(text + said), matcalc.audit(text + said).text()
    assert matcalc.audit(text + said, where="Sigma: n×n")
    assert matcalc.audit(text.replace("2", "3") + said).exit_code == 1


def test_nothing_is_said_of_a_variable() -> None:
    """The gradient by X of log det X is X⁻ᵀ and that of tr(A·X) is Aᵀ, also where X is said to be symmetric."""
    text = "f(X) = tr(A*X), where X is symmetric\ndf/dX = A'"
    assert matcalc.audit(text) and read_document(text).said == ()
    assert read_document("since A is not symmetric").said == ()


def test_what_is_said_of_a_variable_counts_where_it_is_needed() -> None:
    """S⁻¹ − S⁻¹·A·S⁻¹ is the gradient at a symmetric S alone, and no other sign makes it right."""
    text = "f(S) = logdet(S) + tr(inv(S)*A), where S is n×n symmetric positive definite and A is symmetric.\n\n"
    assert matcalc.audit(text + "df/dS = inv(S) - inv(S)*A*inv(S)")
    assert matcalc.audit(text + "df/dS = inv(S) + inv(S)*A*inv(S)").exit_code == 1
    bare = text.replace("where S is n×n symmetric positive definite and ", "where ")
    assert matcalc.audit(bare + "df/dS = inv(S) - inv(S)*A*inv(S)").exit_code == 1


def test_what_a_sentence_says_of_a_function_is_judged() -> None:
    """After we have, hence and the like, f(x) = … is no new definition; after let it is."""
    text = r"Consider $f(x) = x^\top A x$. We have $f(x) = 2 x^\top A x$. Then $\nabla f(x) = (A + A^\top) x$."
    assert [line.status for line in matcalc.audit(text).lines] == ["wrong", "right"]
    assert matcalc.audit(text.replace("= 2 x", "= x"))
    other = text.replace("We have", "Now let").replace("(A + A^\\top)", "2(A + A^\\top)")
    assert matcalc.audit(other), matcalc.audit(other).text()


def test_commands_of_the_author() -> None:
    """They are written out, with their arguments, and lines keep their numbers."""
    text = r"""
\newcommand{\tr}{\operatorname{tr}} \def\R{\mathbf{R}}
\DeclareMathOperator{\diag}{diag} \newcommand*{\norm}[1]{\left\lVert
 #1\right\rVert}
\newcommand{\pd}[2][f]{\frac{\partial #1}{\partial #2}} \renewcommand\T{^{\mathsf T}}
\begin{align}
f(\mathbf W) &= \tr(\mathbf W\T \R \mathbf W) + \norm{\mathbf
 W}_F^2\\
\nabla_{\mathbf W} f &= (\R + \R\T)\mathbf W + 2 \mathbf W \\
\pd{\mathbf W} &= (\R + \R\T)\mathbf W + \mathbf W
\end{align}
"""
    audit = matcalc.audit(text)
    assert [(line.number, line.status) for line in audit.lines] == [(7, "given"), (9, "right"), (10, "wrong")], (
        audit.text()
    )


def test_commands_that_never_end() -> None:
    """A command defined by itself, or one that doubles with each of many, is refused."""
    with pytest.raises(LimitError, match="defined"):
        written_out(r"\def\a{x\a} \a")
    names = [f"\\{'abcdefghijklmnopqrstuvwxyz'[i]}z" for i in range(19)]
    doubled = "".join(rf"\def{a}{{{b * 10}}}" for a, b in pairwise(names))
    with pytest.raises(LimitError, match="too large"):
        written_out(doubled + names[0])


def test_derivatives_by_letters_in_bold() -> None:
    """What stands below ∇ and ∂ may have a style."""
    for left in (
        r"\nabla_{\mathbf W} f",
        r"\nabla_\mathbf{W} f",
        r"\partial_{\mathbf{W}} f",
        r"\nabla_{\bm W}f(\mathbf W)",
    ):
        text = rf"\[ f(\mathbf W) = \|\mathbf W\|_F^2 \] \[ {left} = 2\mathbf W \]"
        assert matcalc.audit(text) and matcalc.audit(text.replace("2\\", "3\\")).exit_code == 1


def test_commands_in_formulas() -> None:
    """A formula may bring its own commands."""
    d = matcalc.derive(r"\newcommand{\tr}{\operatorname{tr}} \def\bX{\mathbf{X}} \tr(A \bX)", r"\mathbf{X}")
    assert d.result == matcalc.derive("tr(A*X)", "X").result
