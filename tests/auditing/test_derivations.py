"""Derivations from books and papers pass; a copy of each with a mistake fails at the line with the mistake."""

from __future__ import annotations

from pathlib import Path

import pytest

import matcalc

FOLDER = Path(__file__).parent / "derivations"
FILES = sorted(p.name for p in FOLDER.iterdir())

MISTAKES = [
    # file, what stands there, the mistake, its line, a word of the repair ("" if none is expected)
    ("autoencoder.tex", r"-2 X^\top R W - 2", r"-2 X^\top R W + 2", 5, "sign"),
    ("autoencoder.tex", r"-2 (X^\top R + R^\top X) W", r"-2 (X^\top R + R X^\top) W", 6, ""),
    ("backprop.tex", r"(a_2 - y) \odot", r"(y - a_2) \odot", 9, "sign"),
    ("backprop.tex", r"W_2^T \delta_2", r"W_2 \delta_2", 10, "transposed"),
    ("backprop.tex", r"\delta_1 x^T", r"x \delta_1^T", 15, "transposed"),
    ("bias.txt", "2*sum(X*W + b - Y, rows)", "sum(X*W + b - Y, rows)", 4, "factor 2"),
    ("determinant.md", "2 (X^+)", "(X^+)", 3, "factor 2"),
    ("differential.txt", "= 2*(X*w - y)'*X*dw", "= (X*w - y)'*X*dw", 3, "factor 2"),
    ("differential.tex", r"- \operatorname{tr}(A X^{-1} dX X^{-1})", r"+ \operatorname{tr}(A X^{-1} dX X^{-1})", 6, "sign"),
    ("differential.tex", r"(X^{-1} - X^{-1} A X^{-1})^\top", r"(X^{-1} - X^{-1} A X^{-1})", 8, "transposed"),
    ("factorization.tex", r"(M - U V^\top) V + ", r"(M - U V^\top) V - ", 4, "sign"),
    ("factorization.tex", r"-(M - U V^\top)^\top U", r"-(M - U V^\top) U", 7, "transposed"),
    ("gaussian.tex", r"\Lambda^{-\top} -", r"\Lambda^{-\top} +", 14, "sign"),
    ("gaussian.tex", r"(\Lambda + \Lambda^\top)(x - \mu)", r"\Lambda (x - \mu)", 16, ""),
    ("hinge_loss.md", "c*w - X'*(y .* step", "c*w - X'*(y*step", 6, ""),
    ("ica.tex", r"W^{-T} + g'(W x)", r"W^{-1} + g'(W x)", 6, ""),
    ("inverse.txt", "-inv(X)'*a*b'*inv(X)'", "-inv(X)*a*b'*inv(X)", 3, ""),
    ("jacobian.txt", "dz/dy*A", "A*dz/dy", 4, ""),
    ("kalman.tex", r"- 2 \operatorname{tr}(K H P)", r"- \operatorname{tr}(K H P)", 5, ""),
    ("kalman.tex", r"-2 P H^\top + 2 K S", r"-2 H P + 2 K S", 7, ""),
    ("logistic.md", r"(\sigma(Xw) - y)", r"(\sigma(Xw) + y)", 13, "sign"),
    ("logsumexp.txt", "= Aᵀ·softmax(A·x + b)", "= A·softmax(A·x + b)", 5, "transposed"),
    ("lora.md", r"x^\top A^\top,", r"A^\top x^\top,", 7, ""),
    ("lora.md", r"B^\top \frac{\partial L}{\partial h} x^\top .", r"\frac{\partial L}{\partial h} B^\top x^\top .", 8, ""),
    ("network.txt", "df/dH = df/dE*V'", "df/dH = df/dE*V", 12, "transposed"),
    ("network.txt", "df/dZ = df/dH .* g'(Z)", "df/dZ = df/dH .* g(Z)", 13, ""),
    ("network.txt", "df/db = sum(df/dZ, rows)", "df/db = sum(df/dZ, columns)", 18, ""),
    ("nmf.tex", r"W^\top W H - W^\top V", r"W^\top W H + W^\top V", 6, "sign"),
    ("normal_equations.tex", r"X^T X \theta - X^T \vec{y}" + "\n", r"X^T X \theta - X \vec{y}" + "\n", 9, "transposed"),
    ("normal_equations.tex", r"\theta^T X^T X \theta - 2", r"\theta^T X^T X \theta - ", 7, ""),
    ("numerator.tex", r"-2 e^\top \Phi =", r"2 e^\top \Phi =", 7, "sign"),
    ("quadratic.txt", "= A*x - b\n", "= 2*A*x - b\n", 6, ""),
    ("ridge.md", r"2 X^\top (X w - y) + 2 \lambda w", r"2 X^\top (X w - y) + \lambda w", 16, "factor 2"),
    ("softmax.tex", r"= (\operatorname{softmax}(W x + b) - y) x^\top", r"= x (\operatorname{softmax}(W x + b) - y)^\top", 7,
     "transposed"),
    ("softmax.tex", r"- y \\" + "\n" + r"\frac{\partial L}{\partial W}", r"+ y \\" + "\n" + r"\frac{\partial L}{\partial W}",
     6, "sign"),
    ("svm.txt", "-2*X'*(y .* relu", "-2*X'*(y*relu", 5, ""),
    ("trace.tex", "B^T X A^T + B X A", "B X A^T + B X A", 4, "symmetric"),
    ("weighted.tex", r"-2 X^\top W (y - X\beta)", r"2 X^\top W (y - X\beta)", 7, "sign"),
]  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_right_derivations(name: str) -> None:
    """Every line is right, and none is passed over."""
    audit = matcalc.audit((FOLDER / name).read_text(encoding="utf-8"), name=name)
    assert audit.ok and audit.exit_code == 0, audit.text()
    assert {line.status for line in audit.lines} <= {"given", "right", "condition"}
    assert "all right" in audit.text(ascii=True)


def test_every_derivation_has_a_copy_with_a_mistake() -> None:
    """The tables are as long as they are said to be."""
    assert {name for name, *_ in MISTAKES} == set(FILES) and len(FILES) >= 20


@pytest.mark.parametrize(("name", "right", "wrong", "number", "repair"), MISTAKES)
def test_a_mistake_is_found_at_its_line(name: str, right: str, wrong: str, number: int, repair: str) -> None:
    """The first wrong line is that with the mistake; it shows both values, or the shapes that do not fit."""
    text = (FOLDER / name).read_text(encoding="utf-8")
    assert text.count(right) == 1
    audit = matcalc.audit(text.replace(right, wrong), name=name)
    assert audit.exit_code == 1, audit.text()
    first = audit.first_wrong
    assert first is not None and first.number == number, audit.text()
    assert first.difference is not None or first.error is not None
    if first.difference is not None:
        a, b = first.difference.values
        assert abs(a - b) > 1e-7
    assert repair in (first.repair.words if first.repair is not None else ""), audit.text()
    assert f"the first wrong one is line {number}" in audit.text()
