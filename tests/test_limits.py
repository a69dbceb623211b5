"""Everything ends: short texts that ask for much are refused with a clear error."""

from __future__ import annotations

import itertools
from pathlib import Path

import pytest

import matcalc
from matcalc import limits
from matcalc.check.points import MAX_WORK, work
from matcalc.cli import main
from matcalc.errors import LimitError, MatcalcError
from matcalc.expr import postorder


def _clock(monkeypatch: pytest.MonkeyPatch, step: float) -> None:
    """A clock that goes on by a step whenever it is read."""
    ticks = itertools.count()
    monkeypatch.setattr(limits.time, "thread_time", lambda: step * next(ticks))


def test_a_derivation_ends_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """What reads the clock often enough is ended, and the error says how to go on."""
    _clock(monkeypatch, 100.0)
    with pytest.raises(LimitError, match="not finished after 30 seconds") as caught:
        matcalc.derive("log(sum(exp(A*x + b)))", "x", where="A: m×n, b: m")
    assert "--timeout" in (caught.value.hint or "")
    with pytest.raises(LimitError, match="not finished after 7 seconds"):
        matcalc.verify("tr(A*X)", "X", claim="A'", timeout=7)
    assert str(matcalc.derive("tr(A*X)", "X", timeout=None)) == "Aᵀ"
    assert str(matcalc.derive("tr(A*X)", "X", timeout=1e9)) == "Aᵀ"


def test_each_stage_reads_the_clock() -> None:
    """Reading, deriving, the check and the proof: none of them goes on when the time is up."""
    d = matcalc.derive("tr(A*X)", "X")
    stages = (
        lambda: matcalc.parse("x'*A*x"),
        lambda: matcalc.derive("x'*A*x", "x"),
        lambda: matcalc.check.check(d.function, d.variable, d.result),
        lambda: matcalc.proof.prove(d.function, d.variable, d.result),
    )
    for stage in stages:
        with limits.limited(50):
            stage()
            with pytest.MonkeyPatch.context() as late:
                late.setattr(limits, "OFTEN", 1)
                late.setattr(limits.time, "thread_time", lambda: float("inf"))
                with pytest.raises(LimitError):
                    stage()


def test_of_two_limits_the_nearer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit within a limit cannot put it off, unless it lifts it."""
    _clock(monkeypatch, 1.0)
    with limits.limited(5), limits.limited(100), pytest.raises(LimitError, match="after 5 sec"):
        with limits.limited(None):
            for _ in range(20):
                limits.time.thread_time()
                limits.still_time()
        for _ in range(limits.OFTEN):
            limits.still_time()


TOWER = "".join(f"y{i + 1} = kron(y{i}, y{i}); " for i in range(60)) + "sum(y60)"


@pytest.mark.parametrize(
    ("formula", "wrt", "where", "message"),
    [
        ("||A*X||_*", "X", "X: 1000000000×1000000000", "multiplications"),
        ("prod(x)", "x", "x: 99999999999", "multiplications"),
        ("tr(X*eye(10^12)*expm(X))", "X", "", "multiplications"),
        ("tr(X)", "X", "X: 99999999999999999999×n", "rows or columns"),
        ("tr(X)", "X", "X: (a+b+c+d+e+f+g+h)^16×n", "terms of a dimension"),
        ("prod(X)*X[99999999999,1]", "X", "X: m×n", "multiplications"),
        ("exp(sum(x[1:99999999]))", "x", "x: n", "multiplications"),
        ("det(" + "kron(" * 6 + "X" + ", X)" * 6 + ")", "X", "X: n×n", "multiplications"),
        ("y0 = X; " + TOWER, "X", "X: n×n", "symbols"),
        ("y0 = X; " + TOWER, "X", "X: 2×2", "rows or"),
        ("y0 = 10^300*x; " + "".join(f"y{i + 1} = y{i}*y{i}; " for i in range(60)) + "y60", "x", "x: scalar", "bits"),
        ("1e99999999*x", "x", "x: scalar", "1,000 digits"),
    ],
)
def test_too_large(formula: str, wrt: str, where: str, message: str) -> None:
    """Sizes, numbers and checks beyond what can be handled have a limit that the error names."""
    with pytest.raises(LimitError, match=message) as caught:
        matcalc.derive(formula, wrt, where=where)
    assert caught.value.exit_code == 3


def test_powers_are_not_multiplied_out() -> None:
    """A huge power of a number stays a power; zero has all of them."""
    assert str(matcalc.derive("x*2^99999999", "x", where="x: scalar")) == "2⁹⁹⁹⁹⁹⁹⁹⁹"
    assert str(matcalc.parse("x*(10^4)^9999")) == "10000⁹⁹⁹⁹·x"
    assert matcalc.parse("0^5000") == matcalc.parse("0")


def test_large_sizes_are_no_limit_where_there_is_a_proof() -> None:
    """A proof holds for all sizes; the answer says that it was not evaluated."""
    d = matcalc.derive("||X*W - Y||_F^2", "W", where="X: 60000×784, W: 784×10, Y: 60000×10")
    assert str(d) == "2Xᵀ·(X·W − Y)"
    assert d.check is not None and d.check.ok and d.check.method == "by proof"
    assert d.assurance.startswith("proved for all sizes; not evaluated: more than")
    small = matcalc.derive("||X*W - Y||_F^2", "W", where="X: 60×7, W: 7×10, Y: 60×10")
    assert small.check is not None and small.check.method == "exactly"


def test_smaller_sizes_where_the_usual_ones_cost_too_much() -> None:
    """A tower of Kronecker products is checked at smaller sizes than other formulas, and the report says at which."""
    d = matcalc.derive("tr(" + "kron(" * 6 + "X" + ", A)" * 6 + ")", "X", where="X: n×n, A: k×k")
    assert d.check is not None and d.check.ok
    assert "n=2" in d.check.detail and "n=4" not in d.check.detail


def test_work_counts_products() -> None:
    """m×n times n×p costs m·n·p."""
    e = matcalc.parse("A*B", where="A: m×n, B: n×p")
    sizes = {"m": 30, "n": 50, "p": 70}
    assert work(postorder(e), sizes) >= 30 * 50 * 70 > work(postorder(*e.args), sizes)
    assert work(postorder(e), {"m": 300, "n": 300, "p": 300}) > MAX_WORK


def test_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """Over the time is exit code 3, with nothing on standard output; a time that is none is exit code 2."""
    assert main(["derive", "tr(A*X)", "--wrt", "X", "--timeout", "1e-9"]) == 3
    out, err = capsys.readouterr()
    assert out == "" and "error: not finished after 1e-09 seconds" in err
    for wrong in ("0", "-1", "nan", "soon"):
        with pytest.raises(SystemExit) as caught:
            main(["derive", "tr(A*X)", "--wrt", "X", "--timeout", wrong])
        assert caught.value.code == 2
    assert main(["derive", "tr(A*X)", "--wrt", "X", "--timeout", "60", "-q"]) == 0


@pytest.mark.parametrize(
    "text", ["x\x00", "x\u200f+x", "\u202ex", "x\ud800", "x+🙂", "x½", "²x", "\ufffe", "\x1b[31mx"]
)
def test_odd_characters(text: str) -> None:
    """They are refused by name; what is printed about them can be printed."""
    with pytest.raises(MatcalcError) as caught:
        matcalc.derive(text, "x")
    caught.value.render().encode()
