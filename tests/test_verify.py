"""Claims about derivatives: right ones in many spellings, wrong ones with the counterexample and the repair."""

from __future__ import annotations

from typing import Any

import pytest

import matcalc
from matcalc.cli import main
from matcalc.errors import UnknownName

RIGHT = [
    # formula, variable, claim, declarations
    ("||X - D*R||_F^2", "D", "-2*(X - D*R)*R'", ""),
    ("||X - D*R||_F^2", "D", "2*D*R*R' - 2*X*R'", ""),
    ("||X - D*R||_F^2", "R", "-2*D'*(X - D*R)", ""),
    ("||g(X*W) - Y||_F^2", "W", "2*X'*((g(X*W) - Y) .* g'(X*W))", ""),
    ("||X*w - y||^2", "w", "2*X'*(X*w - y)", ""),
    ("||X*w - y||^2", "w", "2*X'*X*w - 2*X'*y", ""),
    ("x'*A*x", "x", "(A + A')*x", ""),
    ("x'*A*x", "x", "2*A*x", "A: n×n symmetric"),
    ("a'*X*b", "X", "a*b'", ""),
    ("a'*X'*b", "X", "b*a'", ""),
    ("tr(A*X)", "X", "A'", "A: n×m, X: m×n"),
    ("tr(X*A*X')", "X", "X*(A + A')", "X: m×n"),
    ("logdet(X)", "X", "inv(X)'", ""),
    ("logdet(X)", "X", "inv(X')", ""),
    ("logdet(X'*X)", "X", "2*X*inv(X'*X)", "X: m×n"),
    ("det(X)", "X", "det(X)*inv(X)'", ""),
    ("tr(inv(X)*A)", "X", "-(inv(X)*A*inv(X))'", "X: n×n, A: n×n"),
    ("log(sum(exp(x)))", "x", "exp(x)/sum(exp(x))", ""),
    ("log(sum(exp(A*x)))", "x", "A'*softmax(A*x)", ""),
    ("sum(log(1 + exp(X*w))) - y'*X*w", "w", "X'*(sigmoid(X*w) - y)", ""),
    ("sum(log(1 + exp(-(y .* (X*w)))))", "w", "-X'*(y .* sigmoid(-(y .* (X*w))))", ""),
    ("norm(x)", "x", "x/norm(x)", ""),
    ("norm(x)", "x", "x/sqrt(x'*x)", ""),
    ("1/2*||x||^2", "x", "x", ""),
    ("sum(x.^3)", "x", "3*x.^2", ""),
    ("sum(X*W + b)", "b", "m*ones(p)'", "X: m×n, W: n×p, b: 1×p"),
    ("||X*W + b - Y||_F^2", "b", "2*sum(X*W + b - Y, rows)", "X: m×n, W: n×p, b: 1×p, Y: m×p"),
    ("x'*x/(y'*y)", "y", "-2*(x'*x)*y/(y'*y)^2", "x: n, y: n"),
    ("tr(X^3)", "X", "3*(X^2)'", ""),
    ("||A*X - B||_F^2 + c*||X||_F^2", "X", "2*A'*(A*X - B) + 2*c*X", ""),
    ("softmax(x)", "x", "diag(softmax(x)) - softmax(x)*softmax(x)'", ""),
    ("softmax(x)", "x", "diag(exp(x))/sum(exp(x)) - exp(x)*exp(x)'/sum(exp(x))^2", ""),
    ("A*x", "x", "A", ""),
    ("x/norm(x)", "x", "eye(n)/norm(x) - x*x'/norm(x)^3", "x: n"),
    ("inv(X)", "X", "-kron(inv(X)', inv(X))", ""),
    ("A*X*B", "X", "kron(B', A)", ""),
    ("sin(A*x)", "x", "diag(cos(A*x))*A", ""),
    ("t^2*A", "t", "2*t*A", "t: scalar, A: m×n"),
    ("exp(-x'*x/2)", "x", "-exp(-x'*x/2)*x", ""),
    ("sum(tanh(X))", "X", "1 - tanh(X).^2", ""),
    ("sum(max(x, 0))", "x", "step(x)", ""),
    ("sum(abs(x))", "x", "sign(x)", ""),
    ("tr(A*X*B*X')", "X", "A'*X*B' + A*X*B", ""),
    ("a'*inv(X)*b", "X", "-inv(X)'*a*b'*inv(X)'", ""),
    ("(x - m)'*inv(S)*(x - m)", "x", "2*inv(S)*(x - m)", "S: n×n posdef"),
    ("-0.5*(x - m)'*inv(S)*(x - m) - 0.5*logdet(S)", "m", "inv(S)*(x - m)", "S: n×n posdef, x: n, m: n"),
    ("sum(sigmoid(x))", "x", "exp(-x) ./ (1 + exp(-x)).^2", ""),
    ("||x||^4", "x", "4*(x'*x)*x", ""),
    ("vec(X)'*vec(X)", "X", "2*X", ""),
    ("y'*log(softmax(z))", "z", "y - sum(y)*softmax(z)", "y: n, z: n"),
    ("det(X^k)", "X", "k*det(X^k)*inv(X)'", "X: n×n, k: integer"),
    ("||x'*x||", "x", "2*x", "x: n"),
]

WRONG = [
    # formula, variable, claim, declarations, a word of the repair ("" if none is expected)
    ("||X - D*R||_F^2", "D", "2*(X - D*R)*R'", "", "sign"),
    ("||X - D*R||_F^2", "D", "-(X - D*R)*R'", "", "factor 2"),
    ("||X - D*R||_F^2", "D", "-2*R*(X - D*R)'", "", "transposed"),
    ("||X - D*R||_F^2", "D", "-2*(X - D*R)*R", "", "R is to be transposed"),
    ("||X - D*R||_F^2", "R", "2*D'*(X - D*R)", "", "sign"),
    ("||X - D*R||_F^2", "R", "-2*D'*X + D'*D*R", "", "factor 2"),
    ("||g(X*W) - Y||_F^2", "W", "2*X'*(g(X*W) - Y)*g'(X*W)", "", "⊙"),
    ("||g(X*W) - Y||_F^2", "W", "2*X'*(g(X*W) - Y)", "", ""),
    ("||g(X*W) - Y||_F^2", "W", "X'*((g(X*W) - Y) .* g'(X*W))", "", "factor 2"),
    ("||X*w - y||^2", "w", "2*X*(X*w - y)", "", "transposed"),
    ("||X*w - y||^2", "w", "X'*(X*w - y)", "", "factor 2"),
    ("||X*w - y||^2", "w", "2*(X*w - y)'*X", "", "transposed"),
    ("x'*A*x", "x", "2*A*x", "", "symmetric"),
    ("x'*A*x", "x", "A*x", "", ""),
    ("x'*A*x", "x", "(A - A')*x", "", "sign"),
    ("a'*X*b", "X", "b*a'", "", "transposed"),
    ("tr(A*X)", "X", "A", "A: n×m, X: m×n", "transposed"),
    ("tr(A*X)", "X", "A", "A, X: n×n", "transposed"),
    ("logdet(X)", "X", "inv(X)", "", "transposed"),
    ("logdet(X'*X)", "X", "X*inv(X'*X)", "X: m×n", "factor 2"),
    ("det(X)", "X", "inv(X)'", "", ""),
    ("tr(inv(X)*A)", "X", "inv(X)'*A'*inv(X)'", "X: n×n, A: n×n", "sign"),
    ("tr(inv(X)*A)", "X", "-inv(X)*A*inv(X)", "X: n×n, A: n×n", ""),
    ("log(sum(exp(x)))", "x", "exp(x)", "", ""),
    ("log(sum(exp(A*x)))", "x", "A*softmax(A*x)", "", "transposed"),
    ("sum(log(1 + exp(X*w))) - y'*X*w", "w", "X'*(y - sigmoid(X*w))", "", "sign"),
    ("sum(log(1 + exp(X*w))) - y'*X*w", "w", "X'*sigmoid(X*w)", "", "missing"),
    ("norm(x)", "x", "x", "", ""),
    ("norm(x)", "x", "2*x/norm(x)", "", "factor 1/2"),
    ("1/2*||x||^2", "x", "2*x", "", "factor 1/2"),
    ("sum(x.^3)", "x", "3*x", "", ""),
    ("sum(X*W + b)", "b", "ones(p)'", "X: m×n, W: n×p, b: 1×p", ""),
    ("||X*W + b - Y||_F^2", "b", "2*(X*W + b - Y)", "X: m×n, W: n×p, b: 1×p, Y: m×p", "sum over rows"),
    ("||X*W + c - Y||_F^2", "c", "2*(X*W + c - Y)", "X: m×n, W: n×p, c: m, Y: m×p", "sum over columns"),
    ("tr(X^3)", "X", "3*X^2", "", "transposed"),
    ("||A*X - B||_F^2 + c*||X||_F^2", "X", "2*A'*(A*X - B)", "", "missing"),
    ("||A*X - B||_F^2 + c*||X||_F^2", "X", "2*A'*(A*X - B) + c*X", "", "factor 2"),
    ("softmax(x)", "x", "diag(softmax(x))", "", "missing"),
    ("softmax(x)", "x", "diag(softmax(x)) + softmax(x)*softmax(x)'", "", "sign"),
    ("A*x", "x", "A'", "", "transposed"),
    ("inv(X)", "X", "kron(inv(X)', inv(X))", "", "sign"),
    ("inv(X)", "X", "-kron(inv(X), inv(X))", "", ""),
    ("A*X*B", "X", "kron(A, B')", "A: m×n, B: n×m, X: n×n", ""),
    ("sin(A*x)", "x", "diag(cos(x))*A", "A: n×n, x: n", ""),
    ("exp(-x'*x/2)", "x", "exp(-x'*x/2)*x", "", "sign"),
    ("sum(tanh(X))", "X", "1 - tanh(X)", "", ""),
    ("sum(abs(x))", "x", "ones(n)", "x: n", ""),
    ("tr(A*X*B*X')", "X", "2*A*X*B", "", ""),
    ("x'*A*y", "x", "A'*y", "x: n, y: n, A: n×n", "symmetric"),
    ("x'*A*y", "x", "A*z", "x: n, y: n, A: n×n", ""),
]


def test_there_are_fifty_of_each() -> None:
    """The tables are as long as they are said to be."""
    assert len(RIGHT) >= 50 and len(WRONG) >= 50


def test_no_example_has_less_than_one_entry() -> None:
    """The smallest sizes that are tried leave something of every slice."""
    verdict = matcalc.verify("sum((x[2:n] - x[1:n-1]).^2)", "x", claim="2*x", where="x: n")
    assert not verdict and "n = 2" in verdict.text()


@pytest.mark.parametrize(("formula", "wrt", "claim", "where"), RIGHT)
def test_right_claims(formula: str, wrt: str, claim: str, where: str) -> None:
    """Right claims are found right, also where they are written differently."""
    verdict = matcalc.verify(formula, wrt, claim=claim, where=where)
    assert verdict, verdict.text()
    assert "right" in verdict.text()


@pytest.mark.parametrize(("formula", "wrt", "claim", "where", "repair"), WRONG)
def test_wrong_claims(formula: str, wrt: str, claim: str, where: str, repair: str) -> None:
    """Wrong claims are refuted; a counterexample shows both values; a repair, where one is proposed, is right."""
    verdict = matcalc.verify(formula, wrt, claim=claim, where=where)
    assert verdict.ok is False
    assert repair in verdict.repair
    assert verdict.difference is not None or "shape" in verdict.reason
    if verdict.difference is not None:
        a, b = verdict.difference.values
        assert abs(a - b) > 1e-7
    if verdict.repaired is not None and "symmetric" not in verdict.repair:
        assert matcalc.verify(formula, wrt, claim=verdict.repaired, where=where)


OTHER_KINDS = [
    # formula, variable, claim, options of verify, whether it is right, a word of the reason or of the repair
    (r"\Vert X - D\cdot R\Vert_F^2", "D", r"-2(X-D\cdot R)\cdot R^\top", {}, True, "equal"),
    (r"\Vert X - DR\Vert_F^2", "D", "2DRR^T - 2XR^T", {}, True, "written differently"),
    (r"\Vert X - DR\Vert_F^2", "D", r"2 (X - DR) R^\top", {}, False, "the sign"),
    ("||X*w - y||^2", "w", r"2X^\top(Xw - y)", {}, True, "equal"),
    ("||X*w - y||^2", "w", r"2X(Xw - y)", {"language": "latex"}, False, "X is to be transposed"),
    ("x'*A*x", "x", "A' + A", {"order": 2}, True, "equal"),
    ("x'*A*x", "x", "2*A", {"order": 2}, False, "A is symmetric"),
    ("x'*A*y", "x", "A", {"then": "y", "where": "x: m, A: m×n, y: n"}, True, "equal"),
    ("x'*A*y", "x", "A'", {"then": "y", "where": "x: m, A: m×n, y: n"}, False, "transposed"),
    ("||A*X - B||_F^2", "X", "2*kron(eye(p), A'*A)", {"order": 2, "where": "A: m×n, X: n×p, B: m×p"}, True, "equal"),
    ("||A*X - B||_F^2", "X", "2*kron(A'*A, eye(p))", {"order": 2, "where": "A: m×n, X: n×p, B: m×p"}, False, "differs"),
    ("A*x", "x", "A'", {"layout": "denominator"}, True, "equal"),
    ("A*x", "x", "A", {"layout": "denominator"}, False, "another layout"),
    ("a'*X*b", "X", "a*c'", {}, False, "c is not in the function"),
    ("a'*X*b", "X", "a*b'*Q", {}, False, "Q is not in the function"),
    ("a'*X*b", "X", "2", {}, False, "the shape scalar"),
    ("sum(log(x))", "x", "1/x", {}, False, "a quotient is to be ⊘"),
    ("||X*W + b - Y||_F^2", "b", "2*sum(X*W + b - Y)", {"where": "b: 1×p, X: m×n, W: n×p, Y: m×p"}, False, "over rows"),
    ("||X*w - y||^2", "w", "r = X*w - y; 2*X'*r", {}, True, "equal"),
    ("softmax(x)", "x", "p = softmax(x); diag(p) - p*p'", {}, True, "equal"),
    ("x'*x", "x", "x(1 + 1)", {}, True, "equal"),
]  # fmt: skip


@pytest.mark.parametrize(("formula", "wrt", "claim", "options", "right", "word"), OTHER_KINDS)
def test_other_kinds_of_claims(
    formula: str, wrt: str, claim: str, options: dict[str, Any], right: bool, word: str
) -> None:
    """LaTeX, Hessians, mixed derivatives, Jacobians in layouts, names that are not in the function, definitions."""
    verdict = matcalc.verify(formula, wrt, claim=claim, **options)
    assert verdict.ok is right, verdict.text()
    assert word in f"{verdict.reason}; {verdict.repair}"
    if verdict.repaired is not None and "symmetric" not in verdict.repair:
        assert matcalc.verify(formula, wrt, claim=verdict.repaired, **options)


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["||X*w - y||^2", "--wrt", "w", "--claim", "2*X'*(X*w - y)"], 0, "right"),
        (["||X - D*R||_F^2", "--wrt", "D", "--claim", "-2*(X - D*R)*R'"], 0, "right"),
        (["||X*w - y||^2", "--wrt", "w", "--claim", "X'*(X*w - y)"], 1, "factor 2"),
        (["x'*A*x", "--wrt", "x", "--order", "2", "--claim", "A + A'"], 0, "right"),
        (["x'*A*x", "--wrt", "x", "--layout", "numerator", "--claim", "x'*(A + A')"], 0, "right"),
        (["x'*A*x", "--wrt", "x", "--claim", "A*("], 2, ""),
        (["log(-x'*x)", "--wrt", "x", "--claim", "x"], 3, ""),
    ],
)
def test_exit_codes(arguments: list[str], code: int, word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """0 right, 1 wrong, 2 a claim that cannot be read, 3 no verdict."""
    assert main(["verify", *arguments]) == code
    out = capsys.readouterr().out
    assert word in out and (code < 2 or not out)


@pytest.mark.parametrize(
    ("function", "claim", "said"),
    [
        ("sum(softplus(X*w))", "X'*sigmod(X*w)", "did you mean sigmoid?"),
        ("sum(softplus(X*w))", "X'*h(X*w)", "declare h: elementwise"),
    ],
)
def test_unknown_functions(function: str, claim: str, said: str) -> None:
    """Of a function that is neither known nor in the formula nothing can be said: no claim with it is called wrong."""
    with pytest.raises(UnknownName) as caught:
        matcalc.verify(function, "w", claim=claim)
    assert said in str(caught.value)


def test_large_powers() -> None:
    """Whole powers are judged in a field, whatever they are; large numbers are shown in short."""
    assert matcalc.verify("tr(X^5000)", "X", claim="5000*X'^4999")
    verdict = matcalc.verify("tr(X^5000)", "X", claim="5000*X'^4998")
    assert verdict.ok is False and "e+150" in str(verdict) and len(str(verdict)) < 300


def test_unknown_names() -> None:
    """A letter that only the claim has is to be defined there."""
    verdict = matcalc.verify("softmax(x)", "x", claim="diag(p) - p*p'")
    assert verdict.ok is False and "define it in the claim, p = …" in verdict.reason
    assert matcalc.verify("softmax(x)", "x", claim="p = softmax(x); diag(p) - p*p'")


DIFFERENTIALS = [
    # function, variable, claim about its differential, one with a mistake
    ("inv(X)", "X", "-inv(X)*dX*inv(X)", "inv(X)*dX*inv(X)"),
    ("tr(A*X)", "X", "df = tr(A*dX)", "df = tr(A*dX')"),
    ("X'*A*X", "X", "dX'*A*X + X'*A*dX", "dX'*A*X + X'*A'*dX"),
    ("log(det(X))", "X", "tr(inv(X)*dX)", "tr(inv(X)'*dX)"),
    ("||A*x - b||^2", "x", "2*(A*x - b)'*A*dx", "(A*x - b)'*A*dx"),
    (r"X^{-1}", "X", r"-X^{-1}\, \mathrm{d}X\, X^{-1}", r"-X^{-1} X^{-1} \mathrm{d}X"),
    (r"\operatorname{tr}(AX)", "X", r"\operatorname{tr}(A\,dX)", r"\operatorname{tr}(dX)"),
]


@pytest.mark.parametrize(("f", "wrt", "right", "wrong"), DIFFERENTIALS)
def test_claims_about_a_differential(f: str, wrt: str, right: str, wrong: str) -> None:
    """A claim with dX is one about dF, as Magnus and Neudecker state them."""
    verdict = matcalc.verify(f, wrt, claim=right)
    assert verdict, verdict.text()
    assert matcalc.verify(f, wrt, claim=wrong).ok is False


def test_along_a_direction_there_is_no_other() -> None:
    """d log det X along V is tr(X⁻¹V), and no dX is in it."""
    assert matcalc.verify("logdet(X)", "X", claim="tr(inv(X)*V)", along="V")
    assert matcalc.verify("logdet(X)", "X", claim="tr(inv(X)*dX)", along="V").ok is False


def test_a_second_differential() -> None:
    """d²(xᵀAx) = dxᵀ(A + Aᵀ)dx."""
    assert matcalc.verify("x'*A*x", "x", claim="dx'*(A + A')*dx", order=2)
    assert matcalc.verify("x'*A*x", "x", claim="dx'*A*dx", order=2).ok is False
    assert matcalc.verify("d*x'*dX*x", "x", claim="2*d*dX*x", where="dX: n×n symmetric")  # here dX and d are names


@pytest.mark.parametrize(
    ("f", "where", "claim", "convention", "word"),
    [
        ("logdet(S)", "S: n×n symmetric", "2*inv(S) - diag(diag(inv(S)))", "within", "convention free"),
        ("logdet(S)", "S: n×n symmetric", "inv(S)", "free", "convention within"),
        ("tr(A*S)", "A: n×n, S: n×n symmetric", "A + A' - diag(diag(A))", "within", "--convention free"),
        ("tr(A*S)", "", "A + A' - diag(diag(A))", "within", "declared symmetric"),
        ("tr(A*S)", None, "(A + A')/2", "within", "S is symmetric"),
        ("tr(A*S)", {"t": ()}, "(A + A')/2", "within", "S is symmetric"),
    ],
)
def test_right_in_another_convention(f: str, where: Any, claim: str, convention: str, word: str) -> None:
    """A claim that is right for a symmetric variable, or by its free entries, is wrong here, and it is said where it is right."""
    verdict = matcalc.verify(f, "S", claim=claim, where=where, convention=convention)
    assert verdict.ok is False and word in verdict.repair, verdict.text()
    assert word not in matcalc.verify(f, "S", claim=claim + " + I", where=where, convention=convention).repair
