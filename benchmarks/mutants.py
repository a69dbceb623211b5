"""Plant mistakes in right gradients and see what the prover, the check and an arbiter say of them.

    python benchmarks/mutants.py [COUNT]            the prover: no wrong mutant is proved
    python benchmarks/mutants.py --check [COUNT]    the check: every wrong mutant is refuted, every gradient passes

Mistakes: a sign, a factor, a transpose, a dropped term or factor, swapped factors, ⊙ for ·, another function. Those that
do not fit by their shapes are refused before, and counted. A mutant may equal the gradient after all: the arbiter
decides, which evaluates both with 40 digits at sixty points, and knows neither the prover nor the prime field.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

import matcalc
from matcalc import algebra
from matcalc.check import check
from matcalc.check.digits import Digits
from matcalc.check.evaluator import Evaluator
from matcalc.check.jets import NoValue
from matcalc.check.points import draw, flat, sizes_of
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, free_symbols, postorder
from matcalc.pattern import substitute
from matcalc.proof import prove
from tests.corpus import cases, where
from tests.formulas.test_formulas import FORMULAS

POINTS = 60
"""Points that the arbiter tries: on both sides of every kink, in all likelihood."""


def changes(e: Expr) -> Iterator[Expr]:
    """What may stand in place of a node by mistake."""
    yield algebra.neg(e)
    yield algebra.mul(algebra.number(2), e)
    if e.op in ("add", "mul", "dot", "hadamard"):
        for i in range(len(e.args)):
            rest = e.args[:i] + e.args[i + 1 :]
            yield rest[0] if len(rest) == 1 else algebra.reconstruct(e, rest)
        if e.op == "dot":
            for i in range(len(e.args) - 1):
                yield algebra.mul(*e.args[:i], e.args[i + 1], e.args[i], *e.args[i + 2 :])
            yield algebra.hadamard(*e.args)
        if e.op == "hadamard":
            yield algebra.mul(*e.args)
    yield algebra.transpose(e)
    if e.op == "elementwise":
        yield algebra.elementwise("sin" if e.data[0] != "sin" else "cos", e.args[0])
        yield e.args[0]
    if e.op == "power":
        yield e.args[0]


def mutants(e: Expr) -> Iterator[Expr]:
    """The expression with one mistake in it, in every way that fits."""
    return (m for m in attempts(e) if m is not None)


def attempts(e: Expr) -> Iterator[Expr | None]:
    """The expression with one mistake in it, in every way; None for one that does not fit."""
    seen = {e}
    for node in postorder(e):
        options = changes(node)
        while True:
            try:
                new = next(options, None)
                if new is None:
                    break
                whole = substitute(e, {node: new}) if new.shape == node.shape else None
            except MatcalcError:
                whole = None
            if whole is None or whole.shape != e.shape:
                yield None
            elif whole not in seen:
                seen.add(whole)
                yield whole


Planted = tuple[str, matcalc.Derivation, Expr | None]


def planted(count: int, seed: int = 1) -> tuple[list[matcalc.Derivation], list[Planted]]:
    """The gradients of the corpus and the formulas from books, and so many of their mutants."""
    formulas = [(case["id"], case["expr"], case["wrt"], where(case)) for case in cases("gradient")]
    formulas += [(f["name"], f["formula"], f["wrt"], f["where"]) for f in FORMULAS if f.get("order", 1) == 1]
    derived = [
        (name, matcalc.derive(formula, wrt, where=declared, timeout=None)) for name, formula, wrt, declared in formulas
    ]
    found = [(name, d, m) for name, d in derived for m in attempts(d.result)]
    Random(seed).shuffle(found)
    fitting = [i for i, (_, _, m) in enumerate(found, 1) if m is not None][:count]
    return [d for _, d in derived], found[: fitting[-1]]


def equivalent(a: Expr, b: Expr, points: int = POINTS, seed: int = 1) -> bool:
    """Whether two expressions have the same values, to 20 digits, wherever both have any."""
    ring, random = Digits(40), Random(seed)
    symbols = free_symbols(a, b)
    tried = 0
    for attempt in range(4 * points):
        sizes = sizes_of([a, b, *symbols.values()], ("distinct", "equal", "large")[attempt % 3], random)
        point = {n: {0: draw(s, sizes, random.randrange(5), random, ring)} for n, s in symbols.items()}
        evaluator = Evaluator(ring, point, sizes, random)
        try:
            left, right = (flat(evaluator.value(e)[0]) for e in (a, b))
        except NoValue:
            continue
        scale = sum(map(abs, left)) + sum(map(abs, right))
        if any(abs(x - y) > 1e-20 * scale for x, y in zip(left, right, strict=True)):
            return False
        tried += 1
        if tried == points:
            break
    return tried > 0


def run(count: int, seed: int = 1) -> tuple[int, list[str]]:
    """How many mutants the prover was asked for, and the wrong ones that it proved."""
    wrong, tried = [], 0
    for name, d, claim in planted(count, seed)[1]:
        if claim is None:
            continue
        tried += 1
        if prove(d.function, d.variable, claim, d.kind) is not None:
            report = check(d.function, d.variable, claim, d.kind)
            if report.ok is not True or not equivalent(claim, d.result):
                wrong.append(f"{name}: {claim} ({report})")
    return tried, wrong


def run_check(count: int, seed: int = 1) -> tuple[Counter[str], list[str]]:
    """What the check said of mutants, and what it should not have said."""
    counts: Counter[str] = Counter()
    wrong = []
    derived, found = planted(count, seed)
    for d in derived:
        counts["gradients that pass again"] += 1
        report = check(d.function, d.variable, d.result, d.kind, seed=seed)
        if report.ok is not True:
            wrong.append(f"false alarm: {d.function} by {d.variable}: {report}")
    for name, d, claim in found:
        if claim is None:
            counts["refused by their shapes"] += 1
            continue
        report = check(d.function, d.variable, claim, d.kind, seed=seed)
        same = report.ok is not False and equivalent(claim, d.result)
        word = "refuted" if report.ok is False else "equal to the gradient" if same else "missed"
        counts[word] += 1
        if word == "missed" or (report.ok is False and equivalent(claim, d.result, 20 * POINTS)):
            wrong.append(f"{word}: {name}: {claim} ({report})")
    return counts, wrong


def main() -> int:
    """Count and print; 1 if a mistake was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count", type=int, nargs="?")
    parser.add_argument("--check", action="store_true", help="try the check instead of the prover")
    options = parser.parse_args()
    started = time.process_time()
    if options.check:
        counts, wrong = run_check(options.count or 2000)
        said = ", ".join(f"{n} {word}" for word, n in counts.most_common())
    else:
        tried, wrong = run(options.count or 5000)
        said = f"{tried} mutants, {len(wrong)} wrong ones proved"
    print(*wrong, sep="\n")
    print(f"{said}, {time.process_time() - started:.1f} s")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
