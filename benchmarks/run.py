"""Figures side by side with SymPy, as ratios in one run.

    python benchmarks/run.py            everything, some minutes
    python benchmarks/run.py --smoke    a quick pass over all parts

Whole processes: `matcalc derive` of a network's gradient, and `import matcalc`, against `import sympy`. Warm
derivations: medians over textbook formulas, with and without the check, and SymPy's matrix diff on those it can do.
The check of the corpus' gradients: processor time, and how probable a mistake is at most. Hessians: the median over
those of the corpus, and a loss of 20 different terms. Growth: nested functions, long sums and deep networks at 1×, 2×, 4×.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import matcalc
from matcalc.check import check as checked
from tests.corpus import cases, where

NET = "||g(X*W) - Y||_F^2"
FORMULAS = [
    ("||X*W - Y||_F^2", "W", "X: m×n, W: n×p, Y: m×p"),
    (NET, "W", "X: m×n, W: n×p, Y: m×p"),
    ("||X - D*R||_F^2", "D", "X: m×n, D: m×k, R: k×n"),
    ("x'*A*x", "x", "A: n×n, x: n"),
    ("tr(A*X*B)", "X", "A: p×m, X: m×n, B: n×p"),
    ("tr(X'*B*X)", "X", "X: m×n, B: m×m"),
    ("a'*inv(X)*b", "X", "a: n, X: n×n, b: n"),
    ("det(X)", "X", "X: n×n"),
    ("log(det(X))", "X", "X: n×n"),
    ("tr(X*X')", "X", "X: m×n"),
    ("(A*x - b)'*(A*x - b)", "x", "A: m×n, x: n, b: m"),
    ("sum(log(exp(-y.*(X*w)) + vector(1)))", "w", "X: n×d, w: d, y: n"),
    ("log(sum(exp(A*x + b)))", "x", "A: m×n, x: n, b: m"),
    ("-0.5*logdet(S) - 0.5*tr(inv(S)*C)", "S", "S: n×n, C: n×n symmetric"),
]


def clock(action: Callable[[], object]) -> float:
    """Milliseconds of one call."""
    start = time.perf_counter()
    action()
    return (time.perf_counter() - start) * 1e3


def _fresh(action: Callable[[], object]) -> float:
    """Milliseconds of one call of SymPy's, which otherwise would be answered from its cache."""
    from sympy.core.cache import clear_cache

    clear_cache()
    return clock(action)


def processes(runs: int) -> None:
    """Whole processes, in turn, so that a drift of the machine's speed cancels."""
    commands = {
        "import sympy": [sys.executable, "-c", "import sympy"],
        "import matcalc": [sys.executable, "-c", "import matcalc"],
        "matcalc derive": [sys.executable, "-m", "matcalc.cli", "derive", NET, "--wrt", "W"],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(runs + 1):
        for name, command in commands.items():
            times[name].append(clock(lambda c=command: subprocess.run(c, capture_output=True, check=True)))
    base = statistics.median(times["import sympy"][1:])
    print("whole process                      ms   / import sympy")
    for name, values in times.items():
        median = statistics.median(values[1:])
        print(f"  {name:28} {median:8.0f}   {median / base:6.2f}")


def warm(runs: int) -> None:
    """Warm derivations over the formulas."""
    derive, check = [], []
    for formula, name, declared in FORMULAS:
        found = [matcalc.derive(formula, name, where=declared).timings for _ in range(runs + 1)][1:]
        derive.append(statistics.median(t["derive"] for t in found))
        check.append(statistics.median(t["check"] for t in found))
    print(f"\nwarm, median over {len(FORMULAS)} formulas")
    print(f"  derive {statistics.median(derive):.1f} ms, check {statistics.median(check):.1f} ms")
    ours, theirs = [], []
    for formula, name, declared in FORMULAS:
        function = matcalc.parse(formula, where=declared)
        try:
            import sympy

            expression = function.to_sympy()
            variable = next(s for s in expression.free_symbols | expression.atoms(sympy.MatrixSymbol) if str(s) == name)
            spent = statistics.median(_fresh(lambda e=expression, v=variable: sympy.diff(e, v)) for _ in range(runs))
        except Exception as refusal:
            print(f"  SymPy refuses {formula}: {type(refusal).__name__}")
            continue
        theirs.append(spent)
        ours.append(
            statistics.median(matcalc.derive(formula, name, where=declared).timings["derive"] for _ in range(runs))
        )
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    print(f"  on the {len(theirs)} that SymPy does: matcalc / SymPy = {ratio:.2f} (median of ratios)")


def loss_of_twenty_terms(run: int) -> tuple[str, str]:
    """Least squares, log-sum-exp, logistic losses and powers, five of each with arrays of their own; declarations.

    Every run has names of its own, so that nothing is remembered of the run before.
    """
    terms = [f"||A{i}*x - b{i}||^2" for i in range(5)] + [f"logsumexp(C{i}*x)" for i in range(5)]
    terms += [f"sum(log(1 + exp(-(y{i} .* (D{i}*x)))))" for i in range(5)] + [f"(e{i}'*x)^{i + 2}" for i in range(5)]
    arrays = [f"A{i}: m{i}×n, b{i}: m{i}, C{i}: k{i}×n, D{i}: l{i}×n, y{i}: l{i}, e{i}: n" for i in range(5)]
    formula, declared = " + ".join(terms), ", ".join(["x: n", *arrays])
    return re.sub(r"\b([AbCDye]\d)", rf"\1_{run}", formula), re.sub(r"\b([AbCDye]\d)", rf"\1_{run}", declared)


def hessians(runs: int) -> None:
    """Second derivatives, warm: all that comes before the check, gradient included; milliseconds of the processor too."""

    def figures(name: str, formulas: Iterable[tuple[str, str]]) -> tuple[float, float]:
        walls, busy = [], []
        for formula, declared in formulas:
            started = time.process_time()
            d = matcalc.derive(formula, name, where=declared, order=2)
            whole = (time.process_time() - started) * 1e3
            spent = d.timings["derive"]
            walls.append(spent)
            busy.append(whole * spent / sum(d.timings.values()))
        return statistics.median(walls[1:]), statistics.median(busy[1:])

    found = [figures(c["wrt"], [(c["expr"], where(c))] * (runs + 1)) for c in cases("hessian")]
    wall, processor = (statistics.median(f[i] for f in found) for i in (0, 1))
    print(
        f"\nHessians, warm\n  median over {len(found)} of the corpus: {wall:.1f} ms ({processor:.1f} of the processor)"
    )
    wall, processor = figures("x", map(loss_of_twenty_terms, range(runs + 1)))
    print(f"  a loss of 20 terms: {wall:.1f} ms ({processor:.1f} of the processor)")


def checks(runs: int) -> None:
    """The check alone, over the gradients of the corpus; the best of some runs each."""
    times, bounds, unbounded = [], [], 0
    for case in cases("gradient"):
        d = matcalc.derive(case["expr"], case["wrt"], where=where(case))
        best = float("inf")
        for _ in range(runs):
            started = time.process_time()
            report = checked(d.function, d.variable, d.result, d.kind)
            best = min(best, time.process_time() - started)
        times.append(best * 1e3)
        bounds += [report.bound] if report.bound is not None else []
        unbounded += report.bound is None
    print(f"\ncheck of the corpus' {len(times)} gradients")
    print(f"  median {statistics.median(times):.2f} ms, largest {max(times):.1f} ms of the processor")
    print(f"  a wrong answer passes with probability < {max(bounds):.0e}; {unbounded} without a bound")


def growth(unit: int) -> None:
    """Time against size."""
    g = matcalc.function("g")

    def network(layers: int) -> object:
        h = matcalc.matrix("X", "n", "d0")
        for i in range(layers):
            h = g(h @ matcalc.matrix(f"W{i}", f"d{i}", f"d{i + 1}"))
        return matcalc.normsq(h)

    print("\ngrowth (ms to derive, without the check)        1×       2×       4×")
    for label, size, run in [
        ("sin(sin(…))", 12 * unit, lambda n: matcalc.derive("sin(" * n + "x" + ")" * n, "x", where="x: scalar")),
        ("a sum of terms", 12 * unit, lambda n: matcalc.derive("+".join(f"a{i}'*x" for i in range(n)), "x")),
        ("a network of layers", unit // 2, lambda n: matcalc.derive(network(n), "W0")),
    ]:
        times = [run(size * k).timings["derive"] for k in (1, 2, 4)]
        print(f"  {label:24} ({size * 4:5} at 4×) " + " ".join(f"{t:8.0f}" for t in times))


def main() -> None:
    """Run the benchmarks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="small sizes, few runs")
    smoke = parser.parse_args().smoke
    processes(1 if smoke else 9)
    warm(1 if smoke else 9)
    hessians(1 if smoke else 9)
    checks(1 if smoke else 5)
    growth(8 if smoke else 104)


if __name__ == "__main__":
    main()
