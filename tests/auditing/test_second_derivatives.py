"""Second derivatives in derivations, as people write them: right ones pass, wrong ones do not."""

from __future__ import annotations

import pytest

import matcalc

TEX = r"\begin{align} f(x) &= \|Ax - b\|^2 \\ %s &= 2A^\top A \end{align}"
PLAIN = "f(x) = ||A*x - b||^2\n%s = 2*A'*A"


@pytest.mark.parametrize(
    "typed",
    [
        r"\frac{\partial^2 f}{\partial x^2}",
        r"\frac{d^2 f}{dx^2}",
        r"\frac{\mathrm{d}^2 f}{\mathrm{d}x\,\mathrm{d}x^{\top}}",
        r"\frac{\partial^2 f(x)}{\partial x \partial x^\top}",
        r"\frac{\partial^2}{\partial x\,\partial x^T} f",
        r"\frac{d^2 f}{dxdx^T}",
        r"\partial^2 f/\partial x^2",
        r"\nabla^2 f",
        r"\nabla^2 f(x)",
        r"\nabla_x^2 f",
        r"\nabla^{2}_{\mathbf{x}} f",
        r"\frac{\partial}{\partial x}\left(\frac{\partial f}{\partial x}\right)",
        r"\nabla_x \nabla_x f",
        r"H = \nabla^2 f",
        "d^2f/dx^2",
        "d²f/dx²",
        "∂²f/∂x²",
        "∂²f/∂x∂x'",
        "d^2(||A*x - b||^2)/dx^2",
        "d²/dx² f",
        "∇²f",
        "∇^2 f(x)",
        "∇_x² f",
        "d/dx (df/dx)",
        "H = d²f/dx²",
    ],
)
def test_ways_to_write_a_second_derivative(typed: str) -> None:
    """The Hessian of ‖Ax − b‖² is 2AᵀA: neither AᵀA nor 2AAᵀ."""
    text = (TEX if "\\" in typed else PLAIN) % typed
    audit = matcalc.audit(text)
    assert audit and audit.lines[-1].status == "right", audit.text()
    tail = r"2A^\top A" if "\\" in typed else "2*A'*A"
    for wrong in (tail[1:].lstrip("*"), "2AA^\\top" if "\\" in typed else "2*A*A'"):
        assert matcalc.audit(text.replace(tail, wrong)).exit_code == 1


@pytest.mark.parametrize(
    ("text", "right", "wrong"),
    [
        ("f = t^3*a'*x\nd²f/dt² = ", "6*t*a'*x", "3*t*a'*x"),
        ("f = t^3*a'*x\n∂²f/∂x∂t = ", "3*t^2*a", "3*t*a"),
        ("f = x'*A*y + y'*y\n∂²f/∂x∂y = ", "A", "2*A"),
        ("f = x'*A*y + y'*y\n∂²f/∂x∂y = ", "A'", "-A'"),  # whose entries count the rows is no matter of right or wrong
        ("f = log(sum(exp(x)))\n∂²f/∂x∂x' = ", "diag(softmax(x)) - softmax(x)*softmax(x)'", "diag(softmax(x))"),
        ("f = a'*x\n∇_x² f = ", "0", "1"),
        ("g(W) = tr(W'*W)\nd²g/dW² = ", "2*eye(m*n)", "2"),
        ("f = x'*A*x\nd^2f = ", "2*dx'*A*dx", "dx'*A*dx"),
        ("f = ||x||^2\nd(df) = ", "2*dx'*dx", "2*x'*dx"),
        ("Z = X*W\ndZ/dW = ", "eye(k) ⊗ X", "X"),
    ],
)
def test_of_what_kind_it_is(text: str, right: str, wrong: str) -> None:
    """By a scalar, mixed, of matrices as vec has them, and second differentials."""
    audit = matcalc.audit(text + right, where="X: m×n, W: n×k" if "W:" not in text and "X" in text else None)
    assert audit and audit.lines[-1].status == "right", audit.text()
    assert matcalc.audit(text + wrong).exit_code == 1


def test_third_derivatives_are_refused() -> None:
    """It is said that they are not read; a d that is a number stays one."""
    audit = matcalc.audit("f = t^4\nd^3f/dt^3 = 24*t")
    assert audit.exit_code == 3 and "up to the second" in audit.text()
    assert matcalc.audit("f(x) = d^2*(x'*x)\ndf/dx = 2*d^2*x")


def test_a_function_with_its_argument_is_a_factor() -> None:
    """f(x)(bᵀx) is no f(bᵀx)."""
    for product in ("f(x)(b^T x)", r"f(x)\left(b^T x\right)", "(b^T x) f(x)"):
        text = rf"\begin{{align}} f(x) &= a^T x \\ g(x) &= {product} \\ \nabla g &= (b^T x) a + (a^T x) b \end{{align}}"
        assert matcalc.audit(text), matcalc.audit(text).text()
    assert matcalc.audit("f(x) = a'*x\ng(x) = f(x) (b'*x)\n= (a'*x)*(b'*x)")
    assert matcalc.audit("f(x) = a'*x\ng(z) = f(2*z)\n= 2*a'*z")
