"""Plant mistakes in right gradients and count those that the prover lets pass: there must be none.

    python benchmarks/mutants.py [COUNT]

Mistakes: a sign, a factor, a transpose, a dropped term or factor, swapped factors, ⊙ for ·, another function.
A mutant that equals the gradient after all (found by the check at random points) does not count.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

import matcalc
from matcalc import algebra
from matcalc.check import check
from matcalc.errors import MatcalcError
from matcalc.expr import Expr, postorder
from matcalc.pattern import substitute
from matcalc.proof import prove
from tests.corpus import cases, where
from tests.formulas.test_formulas import FORMULAS


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
    """The expression with one mistake in it, in every way."""
    seen = {e}
    for node in postorder(e):
        options = changes(node)
        while True:
            try:
                new = next(options, None)
                if new is None:
                    break
                if new.shape != node.shape:
                    continue
                whole = substitute(e, {node: new})
            except MatcalcError:
                continue
            if whole not in seen and whole.shape == e.shape:
                seen.add(whole)
                yield whole


def run(count: int, seed: int = 1) -> tuple[int, list[str]]:
    """How many mutants were tried, and the wrong ones that were proved."""
    planted = []
    formulas = [(case["id"], case["expr"], case["wrt"], where(case)) for case in cases("gradient")]
    formulas += [(f["name"], f["formula"], f["wrt"], f["where"]) for f in FORMULAS if f.get("order", 1) == 1]
    for name, formula, wrt, declared in formulas:
        d = matcalc.derive(formula, wrt, where=declared)
        planted += [(name, d, m) for m in mutants(d.result)]
    Random(seed).shuffle(planted)
    wrong, tried = [], 0
    for name, d, claim in planted[:count]:
        tried += 1
        if prove(d.function, d.variable, claim, d.kind) is not None:
            report = check(d.function, d.variable, claim, d.kind)
            if report.ok is not True:
                wrong.append(f"{name}: {claim} ({report})")
    return tried, wrong


if __name__ == "__main__":
    started = time.perf_counter()
    tried, wrong = run(int(sys.argv[1]) if len(sys.argv) > 1 else 5000)
    print(*wrong, sep="\n")
    print(f"{tried} mutants, {len(wrong)} wrong ones proved, {time.perf_counter() - started:.1f} s")
    sys.exit(bool(wrong))
