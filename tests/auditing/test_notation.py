"""What is read as a derivative, where lines begin and end, and what is said of lines that cannot be judged."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

import matcalc
from matcalc.cli import main
from tests.corpus import cases, where

LOSS = "f = ||X*w - y||^2\n"


@pytest.mark.parametrize(
    "line",
    [
        "df/dw = 2*X'*(X*w - y)",
        "∂f/∂w = 2*X'*(X*w - y)",
        "∇_w f = 2*X'*(X*w - y)",
        "d/dw ||X*w - y||^2 = 2*X'*(X*w - y)",
        "d(||X*w - y||^2)/dw = 2*X'*(X*w - y)",
        "d normsq(X*w - y)/dw = 2*X'*(X*w - y)",
        "d||X*w - y||^2/dw = X'*df/d(X*w)",
        "df/dw = X'*df/d(X*w) = X'*df/d(X*w - y) = 2*X'*(X*w - y)",
        "df/dw = X'*df/d(y - X*w)*(-1)",
        "df/dw' = 2*(X*w - y)'*X",
        "r = X*w - y; df/dr = 2*r; df/dw = X'*df/dr",
        "df/dw = 2*X'*r; r = X*w - y",
        "df/dw = (df/dw')'",
        r"\frac{df}{dw} = 2X^\top(Xw - y)",
    ],
)  # fmt: skip
def test_ways_to_write_a_derivative(line: str) -> None:
    """All these lines are right."""
    text = LOSS + line
    if "\\" in line:
        text = r"f = \|Xw - y\|^2 \\ " + line
    audit = matcalc.audit(text)
    assert audit, audit.text()
    assert audit.lines[-1].status in ("given", "right") and "right" in {entry.status for entry in audit.lines}


@pytest.mark.parametrize(
    "tex",
    [
        r"\frac{\partial f}{\partial w} &= 2 X^T (Xw-y)",
        r"\frac{\partial f(w)}{\partial w} = 2 X^T (Xw-y) . \label{eq:a}",
        r"\dfrac{\mathrm{d} f}{\mathrm{d} w} = 2 X^T (Xw-y) \quad\text{by the chain rule}",
        r"\nabla f(w) = 2 X^T (Xw-y), \tag{$\ast$}",
        r"\nabla_w f = 2 X^T (Xw-y) \nonumber",
        r"\partial f/\partial w = 2 X^T (Xw-y)",
        r"\frac{d}{dw} \left( \|Xw - y\|^2 \right) = 2 X^T (Xw-y)",
        r"\nabla_{w} \|Xw - y\|^2 = 2 X^T (Xw-y)",
        r"\implies \frac{df}{dw} = 2 X^T (Xw-y)",
        r"\frac{df}{d w} &= 2 X^T X w \\ &\quad - 2 X^T y",
        r"\left[\frac{df}{dw}\right] = 2 X^T \left( Xw-y \right)",
        r"\frac{df}{dw^\top} = 2 (Xw-y)^\top X",
    ],
)
@pytest.mark.parametrize("environment", ["align*", "equation", "gather", "eqnarray*"])
def test_ways_to_write_it_in_latex(tex: str, environment: str) -> None:
    """Marks, labels, words and punctuation are no part of a formula; an expression may go on in the next row."""
    audit = matcalc.audit(rf"\begin{{{environment}}} f(w) = \|X w - y\|^2 \\ {tex} \end{{{environment}}}")
    assert audit, audit.text()
    assert [line.status for line in audit.lines] == ["given", "right"]


@pytest.mark.parametrize("case", cases("gradient")[::11], ids=lambda c: c["id"])
@pytest.mark.parametrize("form", ["text", "latex"])
def test_what_matcalc_prints_passes(case: dict[str, str], form: str) -> None:
    """The steps that matcalc prints, as text and in LaTeX, are right line by line."""
    d = matcalc.derive(case["expr"], case["wrt"], where=where(case))
    text = (
        d.text(steps=True) if form == "text" else rf"\[ f = {d.function._repr_latex_()[15:-1]} \]" + d.latex(steps=True)
    )
    audit = matcalc.audit(text, where=where(case))
    assert audit, audit.text()


def test_the_first_line_is_compared_with_the_function() -> None:
    """Lines that are all equal are wrong from the start if the first is."""
    audit = matcalc.audit(LOSS + "df/dw = 2*X'*(y - X*w)\n= 2*X'*y - 2*X'*X*w\n= 2*X'*(X*w - y)")
    assert [line.status for line in audit.lines] == ["given", "wrong", "follows", "right"]
    assert audit.first_wrong is not None and audit.first_wrong.number == 2


def test_a_function_in_several_forms() -> None:
    """What follows the definition of a function has to be equal to it."""
    audit = matcalc.audit(LOSS + "= (X*w - y)'*(X*w - y)\n= w'*X'*X*w - 2*y'*X*w + y'*y\n= w'*X'*X*w + y'*y")
    assert [line.status for line in audit.lines] == ["given", "right", "right", "wrong"]


def test_a_model_is_no_definition() -> None:
    """y = X·w + e in a sentence does not make the loss vanish."""
    text = r"We assume $y = X w + e$ and minimise $$f = \|X w - y\|^2.$$ Then $$\frac{df}{dw} = 2X^\top(Xw-y).$$"
    audit = matcalc.audit(text)
    assert audit, audit.text()


def test_without_a_function_there_is_no_verdict() -> None:
    """But a line that is not equal to the one before is wrong."""
    audit = matcalc.audit("df/dD = 2*(X - D*R)*(-R')\n= -2*(X - D*R)*R'")
    assert audit.ok is None and audit.exit_code == 3 and "f is not given" in audit.text()
    audit = matcalc.audit("df/dD = 2*(X - D*R)*(-R')\n= 2*(X - D*R)*R'")
    assert audit.exit_code == 1 and audit.first_wrong is not None and audit.first_wrong.number == 2


def test_any_function_of_a_map() -> None:
    """df/dX in terms of df/dG, for f of which nothing is known."""
    good = r"\[ G: X \mapsto W X \] \[ \frac{df}{dX} = W^\top \frac{df}{dG} \]"
    assert matcalc.audit(good)
    assert matcalc.audit(good.replace(r"^\top", "")).exit_code == 1
    assert matcalc.audit("G = g(X*W)\ndf/dX = (df/dG .* g'(X*W))*W'")


@pytest.mark.parametrize(
    ("text", "code", "word"),
    [
        (LOSS + "df/dw = 2*X'*(X*w - y)", 0, "all right"),
        (LOSS + "df/dw = X'*(X*w - y)", 1, "a factor 2"),
        (LOSS + "df/dw = 2*X'*(X*w - y\n", 2, ":2: "),
        (LOSS + "df/dw = 2*X*(X*w - y)", 1, "shapes do not fit"),
        ("there is nothing here", 2, "no derivation"),
        ("f = log(-x'*x)\ndf/dx = x", 3, "undecided"),
        (LOSS + "df/dw = 2*X'*df/d(X + w)", 1, "shapes do not fit in a sum"),
        (LOSS + "df/dw = 2*X'*df/d(X*w + y)", 1, "is no part of"),
        (r"$$y_i = \sum_{j} A_{ij} x_j = \sum_{k} A_{ik} x_k$$", 3, "not read"),
    ],
)
def test_exit_codes(
    text: str, code: int, word: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """0 all right, 1 a line is wrong, 2 a line cannot be read, 3 no verdict; from a file and from standard input."""
    file = tmp_path / "derivation.txt"
    file.write_text(text, encoding="utf-8")
    assert main(["audit", str(file)]) == code
    shown = capsys.readouterr()
    assert word in shown.out + shown.err and "Traceback" not in shown.err
    assert (code == 2) == bool(shown.err)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert main(["audit", "-", "--ascii"]) == code
    out = capsys.readouterr().out
    assert out.isascii() or "\\" in text


def test_a_line_that_cannot_be_read_does_not_stop_the_others(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Its place is shown, and the lines behind it are compared with the last one that was read."""
    file = tmp_path / "derivation.txt"
    file.write_text(LOSS + "df/dw = X'*df/d(X*w)\n= 2*X'**(X*w - y)\n= 2*X'*X*w - 2*X'*y", encoding="utf-8")
    assert main(["audit", str(file)]) == 2
    shown = capsys.readouterr()
    assert f"{file}:3: " in shown.err and "^" in shown.err
    assert shown.out.count("right") == 2


def test_what_is_not_said_to_be_equal_is_passed_over() -> None:
    """An approximation or a bound is no mistake, but it is said that it was not read."""
    audit = matcalc.audit(r"$$ f = \|Xw - y\|^2 \\ \frac{df}{dw} = 2X^T(Xw-y) \\ \approx 2X^TXw $$")
    assert [line.status for line in audit.lines] == ["given", "right", "unread"] and audit.exit_code == 0
    assert "1 not read" in audit.summary


def test_a_missing_file_is_a_mistake(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """So is one that is no text."""
    assert main(["audit", str(tmp_path / "none.tex")]) == 2
    (tmp_path / "binary.tex").write_bytes(b"\xff\xfe\x00")
    assert main(["audit", str(tmp_path / "binary.tex")]) == 2
    assert "error: " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("body", "lines", "right"),
    [
        (r"f &= x^\top A x\\ \frac{\partial f}{\partial x} &= (A + A^\top) x\\ &\quad{}+ 3x", 1, False),
        (r"f &= x^\top A x + \|x\|^2\\ \frac{\partial f}{\partial x} &= (A + A^\top) x\\ & {}+ 2x", 1, True),
        (r"f &= x^\top A x\\ \nabla_x f &= (A + A^\top) x\\ &\overset{(a)}{=} 2Ax", 2, False),
        (r"f &\triangleq x^\top A x\\ \nabla_x f &\stackrel{(a)}{=} (A + A^\top) x", 1, True),
    ],
)
def test_rows_that_go_on_and_signs_with_a_label(body: str, lines: int, right: bool) -> None:
    """{}+ … belongs to the row before, and a labelled = is one: nothing of a derivation is passed over in silence."""
    found = matcalc.audit("\\begin{align}" + body + "\\end{align}")
    assert found.summary.startswith(f"{lines} line") and bool(found) is right


def test_unequal_is_not_judged() -> None:
    """A line that is said not to be equal is listed, and not judged."""
    found = matcalc.audit("\\begin{align} f &= x^\\top x \\\\ \\nabla_x f &= 2x \\\\ &\\ne x \\end{align}")
    assert found and "1 not read" in found.summary


@pytest.mark.parametrize(
    "text",
    [
        "f = x'*x\ndf/dx = df/d(0)*x",
        "z = tanh(A*x)\nsqrtm(dz)/dyz = tanh(y)sqrtmdz/dyz = tanh(y)",
        "f = sum(exp(A*x + b))\ndf/dx = A'*df/d(A*x)\n= A'*exp(A*x + b)/sum(ones(A*x + b))",
        "y = A*x\nz = step(y)\ndz/dy = diag(step(y))\n= diag(1 - tanh(y).^2)",
        r"\[ f = \log\det X \] \[ df = \operatorname{tr}(X^{-1} \, \mathrm{dX} x) \]",
        r"\[ f = \log\det X \] \[ df = \operatorname{tr}(X^{-1} dX) = \operatorname{tr}((X^{-1} - I) \, \mathrm{dX}X) \]",
    ],
)
def test_odd_lines(text: str) -> None:
    """A derivative by 0, a name with two shapes, a matrix as a dimension, zeros in the shape of a derivative: no line is right."""
    audit = matcalc.audit(text)
    assert audit.ok is not True and "right" not in [line.status for line in audit.lines][-1:]
