"""Jacobians, differentials, Hessians and their products: what textbooks print, and the identities that hold for all."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np
import pytest

import matcalc
from matcalc.codegen import Argument, compile_function
from matcalc.dims import show_shape
from matcalc.errors import ShapeError, UndecidedError, UnsupportedError
from tests.numeric import compare_array, compare_hessian

SIZES = {"m": 4, "n": 3, "p": 2, "r": 5, "k": 6}


def arrays(d: matcalc.Derivation, seed: int = 0) -> dict[str, Any]:
    """Random values for every name of a derivation, all sizes different."""
    rng = np.random.default_rng(seed)
    found = {}
    for name, s in d.symbols.items():
        rows, columns = (e if isinstance(e, int) else SIZES[str(e)] for e in s.shape)
        values = rng.uniform(0.5, 1.5, (rows, columns))
        found[name] = values.ravel() if columns == 1 else values
        if s.is_scalar:
            found[name] = float(values[0, 0])
    return found


TEXTBOOK = [
    # formula, variable, options, declarations, form, what a textbook prints, where it does
    ("softmax(x)", "x", {}, "", None, "p = softmax(x); diag(p) − p·pᵀ", "Bishop (2006), eq. 4.106"),
    ("logsumexp(A*x)", "x", {"order": 2}, "", None, "p = softmax(A·x); Aᵀ·(diag(p) − p·pᵀ)·A", "Boyd (2004), p. 74"),
    ("log(sum(exp(A*x)))", "x", {"order": 2}, "", None, "p = softmax(A·x); Aᵀ·(diag(p) − p·pᵀ)·A", "the same, typed"),
    (
        "sum(log(1 + exp(X*w))) - y'*X*w",
        "w",
        {"order": 2},
        "",
        None,
        "s = sigmoid(X·w); Xᵀ·diag(s ⊙ (1 − s))·X",
        "Bishop (2006), eq. 4.97",
    ),
    ("inv(X)", "X", {}, "", "differential", "−X⁻¹·dX·X⁻¹", "Cookbook, eq. 40"),
    ("inv(X)", "X", {}, "", None, "−(X⁻ᵀ ⊗ X⁻¹)", "Magnus & Neudecker, 9.13"),
    ("X'*X", "X", {}, "X: m×n", None, "(eye(n*n) + commutation(n, n))·(eye(n) ⊗ Xᵀ)", "Magnus & Neudecker, 9.14"),
    ("X*X'", "X", {}, "X: m×n", None, "(eye(m*m) + commutation(m, m))·(X ⊗ eye(m))", "Magnus & Neudecker, 9.14"),
    (
        "det(X)",
        "X",
        {"order": 2},
        "",
        None,
        "det(X)·(vec(X⁻ᵀ)·vec(X⁻ᵀ)ᵀ − (X⁻¹ ⊗ X⁻ᵀ)·commutation(n, n))",
        "Magnus & Neudecker, 10.10",
    ),
    (
        "det(A + t*B + t^2*C)",
        "t",
        {},
        "A, B, C: n×n, t: scalar",
        None,
        "det(A + t·B + t²·C)·tr((A + t·B + t²·C)⁻¹·(B + 2t·C))",
        "Cookbook, eq. 46",
    ),
    ("s*X + t*X", "X", {}, "s, t: scalar", None, "(s + t)·eye(m*n)", "like terms"),
    ("logdet(X)", "X", {"order": 2}, "", "differential", "−tr(X⁻¹·dX·X⁻¹·dX)", "Boyd (2004), A.4.1"),
    ("x/norm(x)", "x", {}, "", None, "u = x/‖x‖; (eye(n) − u·uᵀ)/‖x‖", "Golub & Van Loan"),
    ("a'*X*a", "X", {}, "", "index", "∂f/∂X_kl = a_k·a_l", "Cookbook, eq. 72"),
    ("inv(X)", "X", {}, "", "index", "T[i,j,k,l] = −(X⁻¹)_ik·(X⁻¹)_lj", "Cookbook, eq. 60"),
    ("X'*X", "X", {}, "X: m×n", "index", "T[i,j,k,l] = δ_jl·X_ki + δ_il·X_kj", "Cookbook, eq. 79"),
    ("A*X*b", "X", {}, "A: m×n, X: n×p", "index", "T[i,k,l] = A_ik·b_l", "three indices"),
    ("A*X*b", "X", {}, "A: m×n, X: n×p", "operator", "dX ↦ A·dX·b\nadjoint: S ↦ Aᵀ·S·bᵀ", "the pullback"),
    ("exp(r)", "r", {}, "r: 1×n", "index", "T[i,k] = δ_ik·exp(r_i)", "a row"),
    ("t^2*A", "t", {}, "A: m×n, t: scalar", "index", "T[i,j] = 2t·A_ij", "by a scalar"),
    ("X/norm(X)", "X", {}, "X: m×n", "index", "T[i,j,k,l] = δ_ik·δ_jl/‖X‖_F − X_ij·X_kl/‖X‖_F³", "what divides a term"),
    ("tanh(X*b)", "X", {}, "X: m×n", "index", "T[i,k,l] = δ_ik·(1 − tanh((X·b)_i)²)·b_l", "a layer of a network"),
    ("tanh(X*b)", "X", {}, "X: m×n", None, "bᵀ ⊗ diag(1 − tanh(X·b).^2)", "the same"),
    ("diag(x)*A", "x", {}, "A: n×m", None, "diag(vec(A))·(ones(m) ⊗ eye(n))", "vec(diag(x)·A) = vec(A ⊙ x·1ᵀ)"),
    ("X/norm(X)", "X", {}, "X: m×n", None, "eye(m*n)/‖X‖_F − vec(X)·vec(X)ᵀ/‖X‖_F³", "as x/‖x‖"),
    (
        "sum(logsumexp(X*W, columns)) - sum(Y .* (X*W))",
        "W",
        {},
        "",
        None,
        "P = softmax(X·W, axis=1); Xᵀ·(P − Y)",
        "Bishop (2006), eq. 4.109",
    ),
    ("lambda_max(X'*X)", "X", {}, "", None, "v = eigvec_max(Xᵀ·X); 2X·v·vᵀ", "Magnus & Neudecker (2019), ch. 9"),
    ("det(X)*X", "X", {}, "X: n×n", None, "det(X)·(eye(n*n) + vec(X)·vec(X⁻ᵀ)ᵀ)", "Cookbook, eq. 49"),
    (
        "softmax(X, axis=1)",
        "X",
        {},
        "X: m×n",
        None,
        "P = softmax(X, axis=1); diag(vec(P))·(eye(m*n) − (ones(n, n) ⊗ eye(m))·diag(vec(P)))",
        "softmax of each row",
    ),
    ("sum(exp(X*w))", "X", {"order": 2}, "X: m×n", None, "(w·wᵀ) ⊗ diag(exp(X·w))", "by the weights of a layer"),
    ("A*X*B", "X", {}, "", "vec", "Bᵀ ⊗ A", "Magnus & Neudecker, 9.13"),
    ("tr(A*X)", "X", {}, "", "vec", "vec(Aᵀ)ᵀ", "Magnus & Neudecker, 9.9"),
    ("logdet(X)", "X", {"hvp": "V"}, "", None, "−X⁻ᵀ·Vᵀ·X⁻ᵀ", "Boyd (2004), A.4.3"),
    ("logdet(X)", "X", {"along": "V", "order": 3}, "", None, "2·tr(X⁻¹·V·X⁻¹·V·X⁻¹·V)", "Boyd (2004), 9.6"),
    ("x'*A*x", "x", {"layout": "numerator"}, "", None, "xᵀ·(A + Aᵀ)", "Wikipedia, numerator layout"),
    ("A*x", "x", {"layout": "denominator"}, "", None, "Aᵀ", "Wikipedia, denominator layout"),
    ("t^4*a'*b", "t", {"order": 3}, "t: scalar", None, "24t·aᵀ·b", "a third derivative by a scalar"),
]


@pytest.mark.parametrize(("formula", "wrt", "options", "where", "form", "printed", "source"), TEXTBOOK)
def test_textbook(
    formula: str, wrt: str, options: dict[str, Any], where: str, form: str | None, printed: str, source: str
) -> None:
    """What is printed, up to a transposed 1×1 product or the order of terms, is what the source prints."""
    d = matcalc.derive(formula, wrt, where=where, **options)
    assert d.check is not None and d.check.ok, source
    assert d.text(form=form) == printed


def test_index_derivation() -> None:
    """The derivation with Kronecker deltas is the one a textbook shows."""
    d = matcalc.derive("a'*X*a", "X")
    assert d.text(steps=True, form="index").splitlines() == [
        "y_i = Σ_j X_ij·a_j",
        "f = Σ_i a_i·y_i = Σ_ij a_i·X_ij·a_j",
        "∂f/∂X_kl = Σ_ij δ_ik·δ_jl·a_i·a_j = a_k·a_l",
    ]


def test_steps_of_a_hessian_go_on_from_the_gradient() -> None:
    """The gradient's derivation comes first; each line has its own left side; the reading has a reason."""
    text = matcalc.derive("logdet(X)", "X", order=2).text(steps=True)
    assert text.splitlines()[:2] == ["f = logdet(X)", "df/dX = X⁻ᵀ   (1) log-determinant"]
    assert "d∇f     = −X⁻ᵀ·dXᵀ·X⁻ᵀ" in text
    assert "φ = ⟨S, ∇f⟩" in text and "⟨S, d∇f⟩ = ⟨dφ/dX, dX⟩ for every S" in text
    assert "vec(A·E·B) = (Bᵀ ⊗ A)·vec E; vec(Eᵀ) = K·vec E" in text


DERIVATIVES = [
    ("inv(S)*A*S", "A", "A, S: n×n"),
    ("dX*X*S", "X", "dX: m×n, X: n×p, S: p×r"),
    ("inv(X)", "X", "X: n×n"),
    ("X'*X", "X", "X: m×n"),
    ("A*X*B", "X", "A: m×n, X: n×p, B: p×r"),
    ("softmax(X)", "X", "X: m×n"),
    ("softmax(X, axis=0)", "X", "X: m×n"),
    ("logsumexp(X, axis=1)", "X", "X: m×n"),
    ("X*diag(v)*X'", "v", "X: m×n"),
    ("X*diag(v)*X'", "X", "X: m×n"),
    ("diag(X*A)", "X", "X: m×n, A: n×m"),
    ("kron(A, X)", "X", "A: p×r, X: m×n"),
    ("kron(X, A)", "X", "A: p×r, X: m×n"),
    ("vec(X)'", "X", "X: m×n"),
    ("X .* sin(A*X)", "X", "A: m×m, X: m×n"),
    ("X*b/norm(X*b)", "X", "X: m×n, b: n"),
    ("det(X)*X", "X", "X: n×n"),
    ("tr(A*X)*X'", "X", "A: n×m, X: m×n"),
    ("sum(X, rows)", "X", "X: m×n"),
    ("exp(X)*b + c", "X", "X: m×n"),
    ("x*x'", "x", "x: n"),
    ("t^2*A + exp(t)*B", "t", "A, B: m×n, t: scalar"),
    ("sum(X.^3)*r", "X", "X: m×n, r: 1×p"),
    ("vec(X*B)'", "X", "X: m×n, B: n×p"),
    ("kron(r, A)", "r", "r: 1×n, A: m×p"),
    ("sylvester(A, B, X)", "X", "A: m×m, B: n×n, X: m×n"),
    ("tril(X)*sin(X)", "X", "X: n×n"),
    ("cholesky(X'*X + eye(n))", "X", "X: m×n"),
    ("X[1:3,:]*b", "X", "X: m×n"),
    ("r*A*t", "t", "r: 1×m, A: m×n, t: scalar"),
]


@pytest.mark.parametrize(("formula", "wrt", "where"), DERIVATIVES)
def test_compiled_differential_and_adjoint(formula: str, wrt: str, where: str) -> None:
    """The array T[i,j,k,l] against differences, and the adjoint identity <S, dF> = <pullback(S), dX>."""
    d = matcalc.derive(formula, wrt, where=where)
    point = arrays(d)
    f = matcalc.parse(formula, where=where).compile()
    derivative = np.asarray(d.compile()(**point))
    x = np.asarray(point[wrt])
    rng = np.random.default_rng(1)
    h = rng.normal(size=x.shape)
    plus, minus = (np.asarray(f(**{**point, wrt: x + s * 1e-6 * h})) for s in (1, -1))
    claimed = np.tensordot(derivative, h, h.ndim)
    assert claimed.reshape(-1) == pytest.approx(((plus - minus) / 2e-6).reshape(-1), rel=1e-6, abs=1e-7)
    there, back = d.linear_map, d.linear_map.adjoint()
    forward, backward = (
        compile_function(m.value, [Argument(n, s.shape) for n, s in {**d.symbols, m.argument.name: m.argument}.items()])
        for m in (there, back)
    )
    change = forward(**{there.argument.name: h, **point})
    cotangent = rng.normal(size=np.shape(change))
    assert np.sum(cotangent * change) == pytest.approx(
        np.sum(backward(**{back.argument.name: cotangent, **point}) * h), rel=1e-10
    )


def test_linear_maps_are_closed() -> None:
    """Sums, multiples, compositions and transposes of linear maps are linear maps."""
    a = matcalc.derive("A*X", "X", where="A: m×n, X: n×p").linear_map
    b = matcalc.derive("X*B", "X", where="X: n×p, B: p×p").linear_map
    assert str((a @ b).value) == "A·dX·B"
    assert str((b + b).value) == str((2 * b).value) == "2dX·B"
    assert str((-b).value) == "−dX·B" and (b - b).value == matcalc.algebra.zeros(b.value.shape)
    assert (a @ b).adjoint() == (a @ b).T
    assert str((a @ b).adjoint().value) == "Aᵀ·S·Bᵀ"
    assert str((a @ b).matrix()) == "Bᵀ ⊗ A"


def test_linear_maps_say_what_they_take() -> None:
    """Arrays go to the compiled function; a shape that does not fit is named."""
    there = matcalc.derive("A*X", "X", where="A: m×n, X: n×p").linear_map
    with pytest.raises(TypeError, match=r"compile\(\)"):
        there(np.ones((3, 2)))  # type: ignore[arg-type]
    with pytest.raises(ShapeError, match="shape of its argument"):
        there(matcalc.matrix("Z", "p", "n"))


@pytest.mark.parametrize("formula", ["inv(X)", "X*A*X", "softmax(A*X)", "X'*X + X"])
def test_no_kronecker_matrix_in_code(formula: str) -> None:
    """Four indices come from an einsum of small arrays."""
    code = matcalc.derive(formula, "X", where="A: n×n, X: n×n").code()
    assert "kron" not in code and "einsum" in code and "reshape" not in code


def test_a_delta_inside_a_contraction() -> None:
    """Where joined factors are the identity, the summed index is renamed in the whole term."""
    d = matcalc.derive("cofactor(softmax(X*X', axis=0))", "X", where="X: m×n")
    compare_array(d, Random(1))


@pytest.mark.parametrize("formula", ["vec(A*X)", "cholesky(X*X' + A)", "tril(X)*A"])
def test_no_kronecker_matrix_without_an_index_form(formula: str) -> None:
    """What has no index form comes from the differential, for one entry of dX after the other."""
    code = matcalc.derive(formula, "X", where="A: n×n posdef, X: n×n").code()
    assert "kron" not in code and "np.ndindex(n, n)" in code


@pytest.mark.parametrize("formula", ["A*X*b", "vec(A*X)'", "X'*A"])
def test_denominator_layout_puts_the_variable_first(formula: str) -> None:
    """The array of the denominator layout is that of the mixed one with the axes of X in front."""
    where = "A: m×n, X: n×p, b: p" if "'*A" not in formula else "A: n×m, X: n×p"
    mixed, turned = (matcalc.derive(formula, "X", where=where, layout=w) for w in ("mixed", "denominator"))
    point = arrays(mixed)
    expected = np.moveaxis(mixed.compile()(**point), (-2, -1), (0, 1))
    assert turned.compile()(**point) == pytest.approx(expected)


def test_linear_maps_run() -> None:
    """The operator and its adjoint as functions of arrays."""
    d = matcalc.derive("A*sin(X)*b", "X", where="A: m×n, X: n×p")
    point = arrays(d)
    h, s = np.random.default_rng(8).normal(size=(3, 2)), np.random.default_rng(9).normal(size=4)
    there, back = d.linear_map, d.linear_map.adjoint()
    change = there.compile()(dX=h, **point)
    assert change == pytest.approx(point["A"] @ (np.cos(point["X"]) * h) @ point["b"])
    assert s @ change == pytest.approx(np.sum(back.compile()(S=s, **point) * h))
    assert "def linear_map(dX" in there.code()


HESSIANS = [
    ("sum(exp(A*x))", "x", "A: m×n"),
    ("norm(A*x - b)", "x", "A: m×n"),
    ("logdet(X'*A*X)", "X", "X: m×n, A: m×m posdef"),
    ("||X*X'*a||^2", "X", "X: m×n"),
    ("tr(inv(X))", "X", "X: n×n"),
    ("sum(log(1 + exp(-(y .* (X*w)))))", "w", "X: m×n"),
    ("||tanh(X*w)||^2", "w", "X: m×n"),
    ("sum(exp(X) .* X)", "X", "X: m×n"),
    ("logsumexp(X*w)^2", "w", "X: m×n"),
]


@pytest.mark.parametrize(("formula", "wrt", "where"), HESSIANS)
def test_hessian_products_and_symmetry(formula: str, wrt: str, where: str) -> None:
    """H is symmetric, H·V is what hvp gives, ⟨V, H·V⟩ the second directional derivative, and both match differences."""
    second = matcalc.derive(formula, wrt, where=where, order=2)
    point = arrays(second)
    if "posdef" in where:
        point["A"] = point["A"] @ point["A"].T
    x = np.asarray(point[wrt])
    h = np.asarray(second.compile()(**point)).reshape(x.size, x.size)
    assert h == pytest.approx(h.T, rel=1e-9, abs=1e-9 * abs(h).max())
    v = np.random.default_rng(2).normal(size=x.shape)
    product = np.asarray(matcalc.derive(formula, wrt, where=where, hvp="V").compile()(**point, V=v))
    assert product.reshape(-1) == pytest.approx(h @ v.reshape(-1), rel=1e-8)
    along = matcalc.derive(formula, wrt, where=where, along="V", order=2).compile()(**point, V=v)
    assert float(along) == pytest.approx(v.reshape(-1) @ h @ v.reshape(-1), rel=1e-8)
    gradient = second.previous.compile()
    plus, minus = (np.asarray(gradient(**{**point, wrt: x + s * 1e-6 * v})) for s in (1, -1))
    assert product == pytest.approx((plus - minus) / 2e-6, rel=1e-5, abs=1e-6)


def test_order_two_of_several_variables_is_a_mapping_of_pairs() -> None:
    """∂²f/∂x∂y and ∂²f/∂y∂x are transposes of each other."""
    found = matcalc.derive("||X*w - y||^2", ["X", "w"], order=2)
    assert set(found) == {("X", "X"), ("X", "w"), ("w", "X"), ("w", "w")}
    point = arrays(found["X", "w"])
    one, other = (np.asarray(found[pair].compile()(**point)) for pair in (("X", "w"), ("w", "X")))
    assert one == pytest.approx(np.moveaxis(other, 0, -1))


@pytest.mark.parametrize(
    ("formula", "wrt", "where"),
    [
        ("x'*A*x", "x", "A: n×n"),
        ("tr(A*X*B)", "X", "A: m×n, X: n×p, B: p×m"),
        ("A*x", "x", "A: m×n"),
        ("A*X*B", "X", "A: m×n, X: n×p, B: p×r"),
    ],
)
def test_layouts_are_transposes(formula: str, wrt: str, where: str) -> None:
    """Each layout is the mixed one or its transpose, and says so."""
    results = {w: matcalc.derive(formula, wrt, where=where, layout=w) for w in ("mixed", "numerator", "denominator")}
    mixed = results["mixed"].result
    scalar = results["mixed"].kind == "gradient"
    assert results["numerator"].result == (mixed.T if scalar else mixed)
    assert results["denominator"].result == (mixed if scalar else mixed.T)
    for word, d in results.items():
        assert word in d.layout_words


LAYOUTS = [
    # formula, variable, declarations, order; how shape and layout are said: mixed, numerator, denominator
    ("r*b", "r", "r: 1×n, b: n", 1, "1×n (that of r", "n×1 (that of r transposed", "1×n (that of r"),
    (
        "t*b",
        "t",
        "t: scalar, b: n",
        1,
        "n×1 (that of the f",
        "n×1 (that of the f",
        "1×n (that of the function transposed",
    ),
    (
        "t*A",
        "t",
        "t: scalar, A: m×n",
        1,
        "m×n (that of the f",
        "m×n (that of the f",
        "n×m (that of the function transposed",
    ),
    (
        "r*A",
        "r",
        "r: 1×m, A: m×n",
        1,
        "n×m (entries of the f",
        "n×m (entries of the f",
        "m×n (entries of r by entries of the f",
    ),
    ("A*X*b", "X", "A: m×n, X: n×p", 1, "m×n·p (entries of the", "m×n·p (entries of the", "n·p×m (entries of X by"),
    ("tr(A*X)", "X", "X: m×n", 1, "m×n (that of X", "n×m (that of X transposed", "m×n (that of X"),
    ("x'*A*x", "x", "", 2, "n×n (entries of x", "n×n (entries of x", "n×n (entries of x"),
    ("sin(t)", "t", "t: scalar", 1, "scalar (mixed", "scalar (numerator", "scalar (denominator"),
]


@pytest.mark.parametrize(("formula", "wrt", "where", "order", "mixed", "numerator", "denominator"), LAYOUTS)
def test_answers_say_shape_and_layout(
    formula: str, wrt: str, where: str, order: int, mixed: str, numerator: str, denominator: str
) -> None:
    """Every kind says its shape, what rows and columns are, and the layout; the shape is that of the result."""
    for layout, said in (("mixed", mixed), ("numerator", numerator), ("denominator", denominator)):
        d = matcalc.derive(formula, wrt, where=where, order=order, layout=layout)
        assert d.shape_words().startswith(said)
        assert d.shape_words().endswith(f"{layout} layout)")
        assert d.shape_words().startswith(show_shape(d.result.shape))


def test_names_stand_in_the_steps() -> None:
    """The derivation of a Hessian as a textbook has it: p is named, φ pulled back, the map read off with its reason."""
    assert matcalc.derive("logsumexp(A*x)", "x", order=2).text(steps=True).splitlines() == [
        "f = logsumexp(A·x)",
        "p = softmax(A·x)",
        "df/dx = Aᵀ·df/d(A·x)   (1) left multiplication by A",
        "      = Aᵀ·p           (2) log-sum-exp",
        "",
        "∇f = Aᵀ·p",
        "φ = ⟨S, ∇f⟩",
        "dφ/dx   = Aᵀ·dφ/d(A·x)                    (3) left multiplication by A",
        "        = Aᵀ·(p ⊙ dφ/dp − (pᵀ·dφ/dp)·p)   (4) softmax",
        "        = Aᵀ·(p ⊙ (A·S) − (pᵀ·A·S)·p)     (5) left multiplication by Aᵀ",
        "d∇f     = Aᵀ·(p ⊙ (A·dx − pᵀ·A·dx))       (6) ⟨S, d∇f⟩ = ⟨dφ/dx, dx⟩ for every S",
        "d²f/dx² = Aᵀ·diag(p)·A − Aᵀ·p·pᵀ·A        (7) (aᵀ·e)·b = b·aᵀ·e; a ⊙ e = diag(a)·e",
        "        = Aᵀ·(diag(p) − p·pᵀ)·A           (8) common factors taken out",
    ]


def test_steps_in_ascii_are_ascii() -> None:
    """Reasons and left sides, too."""
    for formula, options in (("logdet(X)", {"order": 2}), ("X'*X", {}), ("softmax(X)", {}), ("x/norm(x)", {})):
        d = matcalc.derive(formula, "X" if "X" in formula else "x", **options)
        assert d.text(steps=True, ascii=True).isascii()
        assert all(d.text(form=form, ascii=True).isascii() for form in ("operator", "index", "let"))


@pytest.mark.parametrize(
    ("formula", "where"),
    [("A*X*X*b", "A: m×n, X: n×n, b: n"), ("inv(X)", "X: n×n"), ("vec(A*X)'", "A: m×n, X: n×n"), ("X.^3*X", "X: n×n")],
)
@pytest.mark.parametrize("order", [1, 2])
def test_arrays_along_a_direction(formula: str, where: str, order: int) -> None:
    """dᵏF(X + tV)/dtᵏ at t = 0 in the shape of F, against differences."""
    d = matcalc.derive(formula, "X", where=where, along="V", order=order)
    point = arrays(d)
    x, v = point["X"] + 2 * np.eye(3), point["V"]
    f = matcalc.parse(formula, where=where).compile()
    step = 1e-5 if order == 1 else 1e-3
    minus, middle, plus = (np.asarray(f(**{**point, "X": x + t * step * v})) for t in (-1, 0, 1))
    expected = (plus - minus) / (2 * step) if order == 1 else (plus - 2 * middle + minus) / step**2
    found = np.asarray(d.compile()(**{**point, "X": x}))
    assert found.shape == expected.shape
    assert found == pytest.approx(expected, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize(("formula", "order", "left"), [("expm(X)", 1, "dF"), ("tr(X^k)", 2, "d∇f")])
def test_maps_without_a_matrix_are_answered_as_differentials(formula: str, order: int, left: str) -> None:
    """The answer says why, is checked, and agrees with differences."""
    d = matcalc.derive(formula, "X", where="X: n×n, k: integer", order=order)
    assert d.heading() == left and d.check.ok and "so the answer is the differential" in d.notes[-1]
    rng = np.random.default_rng(5)
    x, h = rng.normal(size=(3, 3)), rng.normal(size=(3, 3))
    before = d.previous.compile() if order == 2 else matcalc.parse(formula, where="X: n×n").compile()
    change = (before(X=x + 1e-6 * h, k=3) - before(X=x - 1e-6 * h, k=3)) / 2e-6
    assert d.compile()(X=x, dX=h, k=3) == pytest.approx(change, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize(
    ("formula", "where"),
    [
        ("tr(A*expm(X))", "A, X: n×n"),
        ("tr(A*logm(eye(n) + X'*X))", "A: n×n, X: m×n"),
        ("tr(A*X^k)", "A, X: n×n, k: integer"),
        ("nuclear_norm(A*X)", "A: m×n, X: n×p"),
        ("eigsum(X'*X, 2)", "X: m×n"),
        ("tr(A*eigproj(X*X', 2))", "A: n×n, X: n×m"),
    ],
)
def test_second_derivatives_of_functions_of_matrices(formula: str, where: str) -> None:
    """They agree with differences of the gradient."""
    compare_hessian(matcalc.derive(formula, "X", where=where, order=2), Random(3))


SOLVED = [
    ("||T - U*V'||_F^2", "U", "U: m×p, V: n×p", "block diagonal with equal blocks, rows in turn"),
    ("||T - U*V'||_F^2", "V", "U: m×p, V: n×p", "block diagonal with equal blocks, rows in turn"),
    ("||T - U*V||_F^2", "V", "U: m×p, V: p×n", "block diagonal with equal blocks"),
    ("tr(X'*A*X*B)", "X", "A: m×m symmetric, B: n×n symmetric, X: m×n", "a Kronecker product"),
    ("logdet(X)", "X", "X: n×n", "a Kronecker product times a commutation matrix"),
    ("sum(X.^4)", "X", "X: m×n", "diagonal"),
    ("sum(exp(x))", "x", "x: n", "diagonal"),
    ("sum(exp(x)) + (a'*x)^2", "x", "x: n", "diagonal plus rank one"),
    ("c*x'*x + (a'*x)^2", "x", "x: n, c: scalar", "a multiple of the identity plus rank one"),
    ("||X||_F^2", "X", "X: m×n", "a multiple of the identity"),
    ("||X*w - y||^2", "w", "X: m×n", "dense"),
    ("||A*X*B - C||_F^2", "X", "A: r×m, X: m×n, B: n×k, C: r×k", "a Kronecker product"),
    ("||X*w - y||^2 + c*||w||^2", "w", "X: m×n, c: scalar", "a multiple of the identity plus rank m"),
    ("||A'*w||^2 + ||w||^2", "w", "A: n×p, w: n", "a multiple of the identity plus rank p"),
    ("sum(exp(x)) + c*||U'*x||^2", "x", "U: n×p, c: scalar", "diagonal plus rank p"),
    ("sum(exp(x)) + ||U'*x||^2", "x", "U: n×2, x: n", "diagonal plus rank 2"),
    ("logsumexp(x) + c/2*||x||^2", "x", "x: n, c: scalar", "diagonal plus rank one"),
    ("logsumexp(A*x) + ||x||^2", "x", "A: p×n", "a multiple of the identity plus rank p"),
    (
        "sum(log(1 + exp(-(y .* (X*w))))) + c*||w||^2",
        "w",
        "X: m×n, c: scalar",
        "a multiple of the identity plus rank m",
    ),
    ("tr(X'*A*X) + tr(X*B*X')", "X", "A: m×m symmetric, B: n×n symmetric, X: m×n", "a Kronecker sum"),
    ("tr(X'*A*X) + c*tr(X*B*X')", "X", "A: m×m symmetric, B: n×n symmetric, X: m×n, c: scalar", "a Kronecker sum"),
    ("||A*X - B||_F^2 + c*||X||_F^2", "X", "A: p×m, X: m×n, c: scalar", "block diagonal with equal blocks"),
    ("r*A*r' + r*r'", "r", "A: n×n symmetric, r: 1×n", "dense"),
]


@pytest.mark.parametrize(("formula", "wrt", "where", "structure"), SOLVED)
def test_newton_steps(formula: str, wrt: str, where: str, structure: str) -> None:
    """The formula that uses the structure solves the dense system."""
    d = matcalc.derive(formula, wrt, where=where, order=2)
    step = d.solve("G")
    assert step.structure == d.structure == structure
    point = arrays(d)
    for name, s in d.symbols.items():
        if "symmetric" in s.data[1]:
            point[name] = point[name] + point[name].T
    x = np.asarray(point[wrt])
    g = np.random.default_rng(3).normal(size=x.shape)
    h = np.asarray(d.compile()(**point)).reshape(x.size, x.size)
    u = np.asarray(step.compile()(**point, G=g))
    assert u.shape == x.shape
    assert step.check.ok
    assert u.reshape(-1) == pytest.approx(np.linalg.solve(h, g.reshape(-1)), rel=1e-6, abs=1e-9)


@pytest.mark.parametrize(("m", "n"), [(2, 5), (5, 2)])
def test_low_rank_steps_look_at_the_sizes(m: int, n: int) -> None:
    """Where only the sizes tell which formula saves work, both are at hand, and both solve the system."""
    d = matcalc.derive("||X*w - y||^2 + c*||w||^2", "w", where="X: m×n, c: scalar", order=2)
    step = d.solve("G")
    assert [str(s) for s in step.saves] == ["m", "n"]
    rng = np.random.default_rng(6)
    x, g = rng.normal(size=(m, n)), rng.normal(size=n)
    point = {"X": x, "c": 0.7, "w": g, "y": rng.normal(size=m), "G": g}
    expected = np.linalg.solve(2 * (x.T @ x + 0.7 * np.eye(n)), g)
    assert step.compile()(**point) == pytest.approx(expected)
    for formula in (step.result, step.otherwise):
        compiled = compile_function(formula, [Argument(name, s.shape) for name, s in step.symbols.items()])
        assert compiled(**point) == pytest.approx(expected)
    assert matcalc.derive("||X*w||^2 + ||w||^2", "w", where="X: 2×9, w: 9", order=2).solve("G").saves is None
    assert matcalc.derive("||X*w||^2 + ||w||^2", "w", where="X: 9×2, w: 2", order=2).structure == "dense"


REFUSED: list[tuple[type[Exception], str, Callable[[], object]]] = [
    (UnsupportedError, "second derivatives are those of scalar", lambda: matcalc.derive("A*x", "x", order=2)),
    (UnsupportedError, "more than two indices", lambda: matcalc.derive("sum(x.^4)", "x", order=3)),
    (UnsupportedError, "there is no layout", lambda: matcalc.derive("a'*x", "x", layout="row")),
    (UnsupportedError, "there is no form", lambda: matcalc.derive("a'*x", "x").form("tensor")),
    (UnsupportedError, "needs a Hessian", lambda: matcalc.derive("x'*x", "x").solve("g")),
    (UnsupportedError, "singular", lambda: matcalc.derive("logsumexp(x)", "x", order=2).solve("g")),
    (
        UndecidedError,
        "may be singular|could not be checked",
        lambda: matcalc.derive("norm(x)", "x", order=2).solve("g"),
    ),
    (ShapeError, "does not have the shape of x", lambda: matcalc.derive("x'*A*x", "x", hvp="A")),
    (UnsupportedError, "not written with indices", lambda: matcalc.derive("kron(A, X)", "X").form("index")),
]


@pytest.mark.parametrize(("error", "message", "call"), REFUSED, ids=[m for _, m, _ in REFUSED])
def test_refusals(error: type[Exception], message: str, call: Callable[[], object]) -> None:
    """What is not supported is refused in words."""
    with pytest.raises(error, match=message):
        call()
