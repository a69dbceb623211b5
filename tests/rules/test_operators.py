"""Every operator of the table: its code computes what the check defines, and what is printed reads back."""

from __future__ import annotations

import ast
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc import algebra
from matcalc.check import check_equal
from matcalc.check.evaluator import Evaluator, Floats
from matcalc.check.jets import NoValue
from matcalc.expr import Expr
from matcalc.functions import find_function, function_names
from matcalc.operators import OPERATORS, Operator, Signature
from matcalc.printing import latex, text
from matcalc.rulebook import default_rulebook

ROWS = [row for row in OPERATORS.values() if isinstance(row.shape, Signature)]
OTHERS = ["spectral_norm(X)", "nuclear_norm(X)", "prod(X)", "unvec(vec(X), X)", "softmax(X, axis=0)", "norm1(X)"]
OTHERS += ["softmax(r, axis=0)", "logsumexp(r, axis=0)", "softmax(r, axis=1)", "logsumexp(r, axis=1)", "colnorms(r)"]
OTHERS += [f"{name}({v})" for name in ("pinv", "polar", "nuclear_norm", "spectral_norm", "prod") for v in "xr"]
OTHERS += ["singvec_left(x)", "singvec_right(r)", "colnorms(x)", "softmax(x)", "logsumexp(x)"]


def _where(row: Operator) -> str:
    """Declarations of arguments A, B, C that fit a row."""
    assert isinstance(row.shape, Signature)
    declared = []
    for name, (rows, columns) in zip("ABC", row.shape.arguments, strict=False):
        kind = "integer" if rows == columns == "1" else f"{rows}×{columns}"
        needs = " posdef" if rows == columns != "1" and name == "A" and (row.domain or row.symmetric) else ""
        declared.append(f"{name}: {kind}{needs}")
    return ", ".join(declared)


def _example(row: Operator) -> Expr:
    return matcalc.parse(f"{row.name}({', '.join('ABC'[: row.arity])})", where=_where(row))


ARGUMENTS = {"inv": "P", "kron": "A, C", "unkron_left": "S, C", "unkron_right": "S, B"}
EXAMPLES = [*(_example(row) for row in ROWS), *(matcalc.parse(f, where="X: m×n, x: m, r: 1×n") for f in OTHERS)]


@pytest.mark.parametrize("e", EXAMPLES, ids=str)
def test_what_is_wrong_is_not_taken_for_right(e: Expr) -> None:
    """Twice an operator is not its value, in whatever numbers the two are compared."""
    assert check_equal(e, algebra.mul(algebra.number(2), e)).ok is False


@pytest.mark.parametrize("e", EXAMPLES, ids=str)
def test_code_computes_the_definition(e: Expr, at_point: Callable[..., Any]) -> None:
    """The NumPy code and the definition that the check knows give the same value."""

    def compare(point: dict[str, Any], sizes: dict[str, int]) -> None:
        defined = Evaluator(Floats(), {n: {0: m} for n, m in point.items()}, sizes, Random(1)).value(e)[0]
        arrays = {n: np.array(m, dtype=float) for n, m in point.items()}
        arrays = {n: a.ravel() if a.shape[1] == 1 < len(a) else a if a.size > 1 else a[0, 0] for n, a in arrays.items()}
        try:
            computed = e.compile()(**arrays)
        except np.linalg.LinAlgError as singular:
            raise NoValue("singular") from singular
        assert np.ravel(computed) == pytest.approx(np.ravel(defined), rel=1e-8, abs=1e-8)

    for plan in ("distinct", "equal"):
        at_point([e], compare, plan)


CODE = {row.name: row.numpy.format("X", "Y", "Z") for row in OPERATORS.values()}
CODE |= {n: f.numpy.replace("{x}", "x") for n in function_names() if (f := find_function(n)) is not None}


@pytest.mark.parametrize("name", [n for n, code in CODE.items() if code])
def test_code_can_stand_in_a_product_or_a_power(name: str) -> None:
    """The code of an operator or a function is a call, or has brackets around it."""
    found = ast.parse(CODE[name], mode="eval").body
    assert isinstance(found, ast.Call | ast.Subscript | ast.Name | ast.Attribute) or CODE[name].startswith("(")


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_prints_and_reads_back(row: Operator) -> None:
    """Text in Unicode and ASCII parses to the same expression; there is LaTeX."""
    e = _example(row)
    for printed in (text(e), text(e, "ascii")):
        assert matcalc.parse(printed, where=_where(row)) == e
    assert not any(f"({{{i}}})" in latex(e) for i in range(3)) and "^{+}^" not in latex(e)
    assert latex(e).count("{") == latex(e).count("}")


@pytest.mark.parametrize("norm", ["‖X‖₂", "||X||_2", "‖X‖_*", "||X||_*", "sigma_max(X)", "nuclear(X)"])
def test_norms_of_matrices_read_back(norm: str) -> None:
    """The spectral and the nuclear norm, as they are written."""
    e = matcalc.parse(norm, where="X: m×n")
    assert e.op in ("spectral_norm", "nuclear_norm")
    assert matcalc.parse(text(e), where="X: m×n") == e == matcalc.parse(text(e, "ascii"), where="X: m×n")


def test_symmetry_has_to_be_known() -> None:
    """The largest eigenvalue of a matrix that may not be symmetric is refused, with what to do."""
    with pytest.raises(matcalc.MatcalcError, match="not known to be symmetric"):
        matcalc.parse("lambda_max(X)", where="X: n×n")
    assert matcalc.parse("lambda_max(X + X')", where="X: n×n").is_scalar


@pytest.mark.parametrize(
    "factor", ["tril(X)", "triu(X)", "sylvester(X, Y, Z)", "expm_frechet(X, Y)", "power_sum(X, Y, 3)"]
)
def test_products_with_the_transpose_are_symmetric(factor: str) -> None:
    """L·Lᵀ is symmetric, whatever L is; L·L is not known to be."""
    assert matcalc.parse(f"lambda_max({factor}*({factor})')", where="X, Y, Z: n×n").is_scalar
    with pytest.raises(matcalc.MatcalcError, match="not known to be symmetric"):
        matcalc.parse(f"lambda_max({factor}*{factor})", where="X, Y, Z: n×n")


@pytest.mark.parametrize(
    ("formula", "shapes"), [("sylvester(A, B, C)", "A: m×m, B: n×n, C: n×m"), ("expm(A)", "A: m×n"), ("pinv(A, B)", "")]
)
def test_misfits_are_refused(formula: str, shapes: str) -> None:
    """Arguments that do not fit the signature are an error of shape or arity."""
    with pytest.raises(matcalc.MatcalcError):
        matcalc.parse(formula, where=shapes)


TURNED = [row for row in OPERATORS.values() if row.transpose == "covariant" or row.mirror]


@pytest.mark.parametrize("row", TURNED, ids=[row.name for row in TURNED])
def test_transposes_of_values_are_values(row: Operator, at_point: Callable[..., Any]) -> None:
    """op(A, B)' has the value that the row says, and is known to be equal to it."""
    arguments = ARGUMENTS.get(row.name, ", ".join("ABD"[: row.arity]))
    where = "A, B, D: m×n, S: m*k×n*l, C: k×l, P: m×m"
    e = _example(row) if row in ROWS else matcalc.parse(f"{row.name}({arguments})", where=where)
    other, *order = row.mirror or (row.name, *range(row.arity))
    turned = algebra.apply(str(other), *(algebra.transpose(e.args[int(i)]) for i in order))
    assert algebra.transpose(e) == turned
    with default_rulebook().in_force():
        assert algebra.transpose(e) == turned
    for plan in ("distinct", "equal"):

        def same(point: dict[str, Any], sizes: dict[str, int]) -> None:
            evaluator = Evaluator(Floats(), {n: {0: m} for n, m in point.items()}, sizes, Random(1))
            left, right = evaluator.value(e)[0], evaluator.value(turned)[0]
            assert np.transpose(left) == pytest.approx(np.array(right), rel=1e-8, abs=1e-8)

        at_point([e, turned], same, plan)


@pytest.mark.parametrize("name", [row.name for row in ROWS if row.transpose == "covariant" and row.arity == 1])
def test_functions_of_symmetric_matrices_are_symmetric(name: str) -> None:
    """op(X)' is op(X') and so op(X) where X is symmetric."""
    x = algebra.symbol("X", matcalc.matrix("X", "n", "n").shape, ["symmetric"])
    assert algebra.apply(name, x).is_symmetric
    plain = matcalc.matrix("X", "n", "n")
    assert algebra.apply(name, algebra.transpose(plain)) == algebra.transpose(algebra.apply(name, plain))
