"""The command line: output, exit codes, errors with a caret."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from matcalc.cli import main

NET = "||g(X*W) - Y||_F^2"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    try:
        code = main(list(arguments))
    except SystemExit as stop:
        code = int(stop.code or 0)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_derive_shows_steps_shape_and_check(capsys: pytest.CaptureFixture[str]) -> None:
    """The main job."""
    code, out, err = run(capsys, "derive", NET, "--wrt", "W", "--steps", "--where", "X: m×n, W: n×p, Y: m×p")
    assert code == 0 and not err
    for words in ("left multiplication by X", "elementwise function g", "adding −Y", "squared Frobenius norm"):
        assert words in out
    assert "df/dW = 2Xᵀ·((g(X·W) − Y) ⊙ g′(X·W))\nshape: n×p (that of W; mixed layout)\n" in out
    assert "proved for all sizes; checked exactly: at sizes" in out


def test_blocks_are_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """The semicolon of a block matrix ends no definition."""
    declared = "A: n×n, B: n×p, C: p×n, D: p×p"
    code, out, _ = run(capsys, "derive", "logdet([A, B; C, D])", "--wrt", "B", "--where", declared)
    assert code == 0 and out.startswith("df/dB = ([A, B; C, D]⁻¹)[n + 1:n + p,1:n]ᵀ\nshape: n×p")


def test_quiet_ascii_latex_json(capsys: pytest.CaptureFixture[str]) -> None:
    """The formula alone, in each format."""
    assert run(capsys, "derive", NET, "--wrt", "W", "-q")[1] == "2Xᵀ·((g(X·W) − Y) ⊙ g′(X·W))\n"
    assert run(capsys, "derive", NET, "--wrt", "W", "-q", "--ascii")[1] == "2*X'*((g(X*W) - Y) .* g'(X*W))\n"
    assert r"\odot" in run(capsys, "derive", NET, "--wrt", "W", "--format", "latex")[1]
    document = json.loads(run(capsys, "derive", NET, "--wrt", "W", "--format", "json")[1])
    assert document["version"] == 1 and document["check"]["ok"] and document["shape"] == ["n", "p"]


def test_minus_first_several_variables_and_stdin(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A formula may begin with a minus, come from standard input, and have several variables."""
    assert run(capsys, "derive", "-x'*x", "--wrt", "x", "-q")[1] == "−2x\n"
    assert run(capsys, "verify", "-x'*x", "--wrt", "x", "--claim", "-2*x")[:2] == (0, "right: equal\n")
    monkeypatch.setattr("sys.stdin", io.StringIO("a'*X*b"))
    assert run(capsys, "derive", "-", "--wrt", "X", "-q")[1] == "a·bᵀ\n"
    assert run(capsys, "derive", "||X - D*R||_F^2", "--wrt", "D,R", "-q")[1] == "−2(X − D·R)·Rᵀ\n−2Dᵀ·(X − D·R)\n"


def test_output_file_and_standalone_latex(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """-o writes to a file; --standalone makes a whole LaTeX document."""
    file = tmp_path / "net.tex"
    code, out, _ = run(
        capsys, "derive", NET, "--wrt", "W", "--steps", "--format", "latex", "--standalone", "-o", str(file)
    )
    assert code == 0 and not out
    text = file.read_text(encoding="utf-8")
    assert text.startswith("\\documentclass") and "\\tag{4}" in text


def test_rules_and_parse(capsys: pytest.CaptureFixture[str]) -> None:
    """Rules are shown as they stand in their file; parse says how a formula is read."""
    assert "pullback X  A' * S" in run(capsys, "rules", "left_multiplication")[1]
    assert "quadratic_form" in run(capsys, "rules")[1]
    assert "did you mean" in run(capsys, "rules", "quadratic_forms")[2]
    out = run(capsys, "parse", "||X*w - y||^2")[1]
    assert "w: n×1" in out and "shape: scalar" in out


BAD = [
    ("", "X"),
    ("   ", "X"),
    ("||X", "X"),
    ("|x", "x"),
    ("||x|-|y|", "x"),
    ("tr(X", "X"),
    ("tr X)", "X"),
    ("tr(X))", "X"),
    ("[X, Y", "X"),
    ("X*", "X"),
    ("*X", "X"),
    ("X**Y", "X"),
    ("X + ", "X"),
    ("X - - - ", "X"),
    ("x 2", "x"),
    ("2..3*x", "x"),
    ("x^y^z", "x"),
    ("x ^", "x"),
    ("X € Y", "X"),
    ("X ? Y", "X"),
    ("import os", "X"),
    ("__import__('os')", "X"),
    ("X; Y;", "X"),
    ("a = b = c", "a"),
    ("X = ", "X"),
    ("tr(X)", "Z"),
    ("tr(X)", "x"),
    ("sum(X, 5)", "X"),
    ("sum()", "X"),
    ("tr()", "X"),
    ("tr(X, Y, Z)", "X"),
    ("||X||_{7,p}", "X"),
    ("A ⊗ B * C ⊗ D ⊗", "A"),
    ("1/0*x", "x"),
    ("x'*x/0", "x"),
    ("log(-x'*x)", "x"),
    ("(" * 20_000 + "x", "x"),
    ("[" * 1_000_000, "x"),
    ("x" * 200_000, "x"),
    ("x'*y + ", "x"),
    (".", "x"),
    ("'", "x"),
    ("\\frac{1}{2x", "x"),
    ("X_{", "X"),
    ("x.^", "x"),
    ("norm1()", "x"),
    ("exp(x, y)", "x"),
]
"""Formulas with a mistake of their own, without declarations."""

CLASHES = [
    ("X*W", "X", "X: m×n, W: p×k"),
    ("X + W", "X", "X: m×n, W: n×m"),
    ("X .* W", "X", "X: m×n, W: m×k"),
    ("det(X)", "X", "X: m×n"),
    ("tr(X)", "X", "X: m×n"),
    ("inv(X)", "X", "X: m×n"),
    ("x^2*y'*y", "x", "x: n, y: n"),
    ("X/W", "X", "X: n×n, W: n×n"),
    ("X^3", "X", "X: m×n"),
    ("2^X", "X", "X: n×n"),
    ("x'*y", "x", "x: n, y: m"),
    ("||X*w - y||", "w", "X: m×n, w: n, y: k"),
    ("X*W + b", "b", "X: n×d, W: d×p, b: p"),
    ("g + g(X)", "X", "X: n×n, g: elementwise"),
    ("tr(X)", "X", "X: n×n, X: m×m"),
    ("tr(X)", "X", "X: n×"),
    ("tr(X)", "X", "X n×n"),
    ("f(X, Y)", "X", "X: n×n, Y: n×n, f: n×n -> scalar"),
    ("f(X)", "X", "X: n×n, f: m×k -> scalar"),
    ("A\\b", "A", "A: m×n, b: m"),
    ("x'*x", "x", "x: n symmetric"),
    ("X", "X", "X: m×n symmetric"),
]
"""Formulas whose declared shapes or names clash."""


@pytest.mark.parametrize(
    ("formula", "wrt", "declared"), [(f, w, None) for f, w in BAD] + CLASHES, ids=lambda v: str(v)[:24]
)
def test_bad_input(capsys: pytest.CaptureFixture[str], formula: str, wrt: str, declared: str | None) -> None:
    """A clear error: exit code 2 or 3, nothing on standard output, a reason, help, no traceback."""
    code, out, err = run(capsys, "derive", formula or " ", "--wrt", wrt, *(["--where", declared] if declared else []))
    assert code in (2, 3) and out == ""
    assert err.startswith("error: ") and "help: " in err and "Traceback" not in err


@pytest.mark.parametrize(("formula", "wrt", "declared"), CLASHES[:8])
def test_clash_shows_the_place(capsys: pytest.CaptureFixture[str], formula: str, wrt: str, declared: str) -> None:
    """A clash of shapes has a caret under the formula."""
    err = run(capsys, "derive", formula, "--wrt", wrt, "--where", declared)[2]
    assert formula in err and "^" in err.split(formula, 1)[1]


@pytest.mark.parametrize("order", ["1", "2"])
def test_along_a_direction(capsys: pytest.CaptureFixture[str], order: str) -> None:
    """A directional derivative is a value, with no form as a linear map."""
    code, out, _ = run(capsys, "derive", "x'*A*x", "--wrt", "x", "--along", "v", "--order", order)
    assert code == 0 and "shape: scalar" in out
    code, out, err = run(capsys, "derive", "x'*A*x", "--wrt", "x", "--along", "v", "--order", order, "--form", "index")
    assert code == 3 and out == "" and "along a direction" in err


@pytest.mark.parametrize(
    ("formula", "where", "note"),
    [
        ("||X[1:3,:]||_F^2", "X: 5×n", "units(5, 1, 3): columns 1 to 3 of eye(5)"),
        ("X[2,:]*y", "X: m×n, y: n", "unit(m, 2): column 2 of eye(m)"),
    ],
)
def test_unit_vectors_are_explained(capsys: pytest.CaptureFixture[str], formula: str, where: str, note: str) -> None:
    """A note says what unit vectors in a result are; without any there is none."""
    code, out, _ = run(capsys, "derive", formula, "--wrt", "X", "--where", where)
    assert code == 0 and f"note: {note}" in out.splitlines()
    code, out, _ = run(capsys, "derive", "||X||_F^2", "--wrt", "X", "--where", where)
    assert code == 0 and "eye(" not in out
