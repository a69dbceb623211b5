"""Equations that follow from a derivative that is zero: normal equations and solutions, right and wrong ones."""

from __future__ import annotations

import pytest

import matcalc

LEAST = "f = ||X*b - y||^2\ndf/db = 2*X'*(X*b - y) = 0\n"
RIDGE = "L(w) = ||X*w - y||^2 + lambda*||w||^2\ndL/dw = 2*X'*(X*w - y) + 2*lambda*w\nSetting dL/dw = 0 gives\n"
DET = "L(S) = logdet(S) - tr(S*A)\ndL/dS = inv(S)' - A' = 0\n"

EQUATIONS = [
    # what stands before, an equation that follows, one that does not
    (LEAST, "X'*X*b = X'*y", "X'*X*b = -X'*y"),
    (LEAST, "X'*X*b = X'*y", "X'*X*b = X*y"),
    (LEAST, "2*X'*X*b - 2*X'*y = 0", "2*X'*X*b + 2*X'*y = 0"),
    (LEAST, "b'*X'*X = y'*X", "b'*X'*X = 2*y'*X"),
    (LEAST, "X'*(y - X*b) = 0", "X'*(y + X*b) = 0"),
    (LEAST, "b = inv(X'*X)*X'*y", "b = 2*inv(X'*X)*X'*y"),
    (LEAST, "b_hat = inv(X'*X)*X'*y", "b_hat = inv(X'*X)*X*y"),
    (RIDGE, "(X'*X + lambda*eye(n))*w = X'*y", "(X'*X - lambda*eye(n))*w = X'*y"),
    (RIDGE, "w = inv(X'*X + lambda*eye(n))*X'*y", "w = inv(X'*X + lambda^2*eye(n))*X'*y"),
    (RIDGE, "w^* = X'*inv(X*X' + lambda*I)*y", "w^* = X'*inv(X*X' + 2*lambda*I)*y"),
    (DET, "inv(S) = A", "inv(S) = ones(2, 3)"),
    (DET, "S = inv(A)", "S = inv(A)'"),
]


@pytest.mark.parametrize(("before", "right", "wrong"), EQUATIONS)
def test_what_follows_from_a_condition(before: str, right: str, wrong: str) -> None:
    """The solutions are those of textbooks, the others have a mistake that no size hides."""
    right, wrong = (line.replace("w^*", "w_star") for line in (right, wrong))
    audit = matcalc.audit(before + right)
    assert audit and audit.lines[-1].status == "right" and "= 0" in audit.lines[-1].reason, audit.text()
    audit = matcalc.audit(before + wrong)
    assert audit.exit_code == 1 and audit.lines[-1].status == "wrong", audit.text()


def test_eigenvectors() -> None:
    """A·x = λ·x is what a Lagrangian says; x = 0, which solves it too, makes nothing right or wrong."""
    text = "where A: n×n symmetric\nL(x) = x'*A*x - lambda*(x'*x - 1)\nSetting dL/dx = 0 gives A*x = lambda*x"
    assert matcalc.audit(text).lines[-1].status == "right"
    for other in ("x'*A*x = lambda*x'*x", "A*x = 2*lambda*x"):
        assert matcalc.audit(text.replace("A*x = lambda*x", other)).lines[-1].status == "condition"


def test_two_variables_in_turn() -> None:
    """Alternating least squares: each solution takes the other variable as given."""
    text = "f = ||X - D*R||_F^2\ndf/dR = 0 => R = inv(D'*D)*D'*X\ndf/dD = 0 => D = X*R'*inv(R*R')"
    assert [line.status for line in matcalc.audit(text).lines].count("right") == 2, matcalc.audit(text).text()
    assert matcalc.audit(text.replace("R = inv", "R = 2*inv")).exit_code == 1


@pytest.mark.parametrize("word", ["=>", "<=>", "iff", "leads to", "gives"])
def test_words_before_a_consequence(word: str) -> None:
    """S solves the condition each time, whatever it was found to be before."""
    text = "f = logdet(S) - tr(inv(A)*S)\ndf/dS = 0 => S = A\ndf/dS = 0 " + word + " S = A"
    assert [line.status for line in matcalc.audit(text).lines[1:]] == ["condition", "right"] * 2
    assert matcalc.audit(text + "'").exit_code == 1


def test_of_a_function_that_is_not_given_nothing_is_said() -> None:
    """dL/dx is neither zero nor anything else."""
    assert "right" not in {line.status for line in matcalc.audit("dL/dx = 0 => x = b").lines}


def test_what_follows_from_what_cannot_be_read() -> None:
    """Where it is not known by what f is differentiated, an equation that follows is not called wrong."""
    text = "where X: n×p, beta: p, y: n\nf = ||y - X*beta||^2\n∇f = -2*X'*(y - X*beta)\n∇f = 0\n⇒ X'*X*beta = X'*y"
    assert matcalc.audit(text).lines[-1].status == "condition"


def test_in_latex_without_a_line_that_is_zero() -> None:
    """That the gradient is set to zero may be said in words."""
    text = r"""We minimise $f(b) = \|Xb - y\|^2$. $$\frac{\partial f}{\partial b} = 2X^TXb - 2X^Ty$$ At the minimum
    $$X^TXb = X^Ty$$ $$\hat b = (X^TX)^{-1}X^Ty$$"""
    audit = matcalc.audit(text)
    assert [line.status for line in audit.lines] == ["right", "right", "right"], audit.text()
    assert matcalc.audit(text.replace("X^TXb = X^Ty", "X^TXb = 3X^Ty")).exit_code == 1


def test_more_than_one_side() -> None:
    """Behind an equation that follows from a condition the next side is compared with the one before."""
    audit = matcalc.audit(LEAST + "X'*X*b = X'*y\n= (y'*X)'\n= 2*X'*y")
    assert [line.status for line in audit.lines][-3:] == ["right", "right", "wrong"], audit.text()


def test_what_cannot_be_judged_is_said_not_to_be() -> None:
    """A multiplier that was eliminated, a constraint: no line of these is called wrong."""
    text = """L(w, mu) = w'*S*w - mu*(a'*w - c), where S is symmetric
dL/dw = 2*S*w - mu*a = 0
a'*w = c
w = c*inv(S)*a/(a'*inv(S)*a)
A*z = d
"""
    audit = matcalc.audit(text)
    assert [line.status for line in audit.lines][-3:] == ["condition"] * 3, audit.text()
    assert "c, mu is not in both" in audit.text()


def test_an_identity_stays_one() -> None:
    """What is equal only because both sides are zero at the minimum is no equation for it, and a lost factor is wrong."""
    assert matcalc.audit(LEAST + "2*X'*(X*b - y) = X'*X*b - X'*y").exit_code == 1
    assert matcalc.audit(LEAST + "2*X'*(X*b - y) = 2*X'*X*b - 2*X'*y")
    assert matcalc.audit(LEAST + "(A + B)' = A' - B'").exit_code == 1
    assert matcalc.audit("softmax(z) = exp(z)/sum(exp(z))") and matcalc.audit("inv(S) = S'").exit_code == 1


def test_marks_of_the_best_value() -> None:
    """X̂ᵀXŵ = Xᵀy for the ŵ where the gradient is zero; a Hessian may be said to be positive."""
    text = r"""\begin{align} f(w) &= \tfrac12 \|Xw - y\|^2 \\ \nabla f &= X^\top(Xw - y) \\ \nabla^2 f &= X^\top X \succeq 0 \end{align}
    $$X^\top X\hat w = X^\top y$$"""
    audit = matcalc.audit(text)
    assert [line.status for line in audit.lines] == ["given", "right", "right", "unread", "right"], audit.text()
    assert matcalc.audit(text.replace(r"\hat w = ", r"\hat w = 2")).exit_code == 1
