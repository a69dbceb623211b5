"""The ways to a verdict, one after the other: exactly with random values, exactly with laws, in floats."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from matcalc.check.degrees import CONSTANT, LINEAR, PRODUCTS, chance
from matcalc.check.digits import Digits
from matcalc.check.evaluator import Evaluator
from matcalc.check.examples import smallest_example
from matcalc.check.floats import Floats
from matcalc.check.jets import NoValue, OutsideDomain, Ring
from matcalc.check.points import Sizes, draw
from matcalc.check.prime_field import Field
from matcalc.check.primes import LENGTH, chain
from matcalc.check.questions import Question
from matcalc.check.report import CheckReport, bound_text, sizes_text
from matcalc.check.structured import Structured
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, free_symbols, postorder
from matcalc.functions import find_function

__all__ = ["decide"]

PLANS = ("distinct", "distinct", "equal", "large")
"""The sizes of the runs: all different (a lost transpose shows), all equal (as does one that only fits then), large."""

REPEATS = 5
"""How often the runs are repeated where signs are 1 or −1: a mistake on one side of a kink shows only there."""

DRAWS = 12
"""Points tried for a run before it is given up."""

PATIENCE = 48
"""The same where half of the points have no root."""

TOLERANCE = 2e-6
"""Relative to the sum of the absolute values of the terms compared."""

DIGITS = 40, 80
"""Decimal digits of the numbers that decide where float64 finds a difference."""

AGREED = 1e-12
"""A difference below this is none, where so many digits are reckoned with."""

SURE = 1e-12
"""The chance that a wrong answer passes is to be no larger."""

RATIONAL = CONSTANT | LINEAR | PRODUCTS | {"add", "symbol", "abstract", "inv", "det", "adjugate", "prod", "normsq"}
RATIONAL |= {"sylvester", "matpower", "power_sum"}
"""Operators that mean in a field what they mean for real numbers, so that a difference is one there, too."""

EXPONENTIAL = frozenset({"softmax", "logsumexp"})


def decide(question: Question, seed: int | None) -> CheckReport:
    """The first verdict that is reached."""
    random = Random(20260 if seed is None else seed)
    nodes = list(postorder(*question.roots))
    rational = all(map(_is_rational, nodes))
    if any(_is_limited(e) or (_divides(e) and not rational) for e in nodes):
        report = _without_a_point(question, random)
        if report is not None:
            return report
    exactly = _exactly(random)
    try:
        runs = _runs(question, exactly, PLANS, random)
        if runs.error and rational:
            return _refuted(question, Field.method, "the sides differ in a prime field")
        if _passed(runs, PLANS):
            return _right(question, runs, exactly, random)
        if not rational:
            runs, plans = _with_laws(question, nodes, random)
            if _passed(runs, plans):
                return CheckReport(True, Field.method, f"{sizes_text(runs.sizes)}; {bound_text(None)}")
    except UnsupportedError:
        pass
    return _in_floats(question, REPEATS if any(map(_is_kinked, nodes)) else 1, random)


# --- runs -------------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Runs:
    """What came of some runs: the sizes of those that found a point, and how far the sides were apart."""

    sizes: list[dict[str, int]] = field(default_factory=list)
    error: float = 0.0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class _Trial:
    """A question at a random point: the same one whenever it is asked."""

    question: Question
    symbols: Mapping[str, Expr]
    sizes: dict[str, int]
    style: int
    seed: int

    def error(self, ring: Ring) -> float:
        """How far the sides are apart; raises NoValue outside the domain."""
        random = Random(self.seed)
        point = {n: draw(s, self.sizes, self.style, random, ring) for n, s in self.symbols.items()}
        return self.question.error(ring, point, self.sizes, random)


def _runs(
    question: Question,
    error: Callable[[_Trial], float],
    plans: Sequence[str],
    random: Random,
    draws: int = DRAWS,
    all_plans: bool = True,
) -> _Runs:
    """Compare the sides once for every plan, until they differ, or one plan has no point and all are needed."""
    found = _Runs()
    symbols = free_symbols(*question.roots)
    possible = Sizes([*question.roots, *symbols.values()])
    for number, plan in enumerate(plans):
        first = number // len(PLANS)  # where more points are tried, some are near zero and some far out
        for style in range(first, first + draws):
            trial = _Trial(question, symbols, possible.draw(plan, random), style, random.getrandbits(64))
            try:
                apart = error(trial)
            except NoValue as reason:
                found.trouble = str(reason)
                continue
            found.sizes.append(trial.sizes)
            found.error = max(found.error, apart)
            if apart > TOLERANCE:
                return found
            break
        else:
            if all_plans:
                return found
    return found


def _passed(runs: _Runs, plans: Sequence[str]) -> bool:
    return runs.error == 0 and len(runs.sizes) == len(plans)


# --- exactly ----------------------------------------------------------------------------------------------------------


def _exactly(random: Random) -> Callable[[_Trial], float]:
    """Compare in a prime field."""
    return lambda trial: trial.error(Field(chain(random)[0], random))


def _right(question: Question, runs: _Runs, exactly: Callable[[_Trial], float], random: Random) -> CheckReport:
    """The verdict with its bound; with more runs if one for each size is not enough."""
    largest: dict[str, int] = {}
    for sizes in runs.sizes:
        for name, size in sizes.items():
            largest[name] = max(size, largest.get(name, 0))
    single = chance(question.parts, largest, chain(random)[0])
    bound = single
    while single is not None and bound is not None and bound > SURE:
        if single > 1e-4:
            bound = None
            break
        more = _runs(question, exactly, PLANS, random)
        if more.error or len(more.sizes) < len(PLANS):
            return _in_floats(question, 1, random)
        bound *= single
    return CheckReport(True, Field.method, f"{sizes_text(runs.sizes)}; {bound_text(bound)}", bound)


def _with_laws(question: Question, nodes: Sequence[Expr], random: Random) -> tuple[_Runs, Sequence[str]]:
    """Runs with roots, signs and exponentials that obey their laws."""
    plans = PLANS * (REPEATS if any(map(_is_kinked, nodes)) else 1)
    primes = min(LENGTH, 2 + _nesting(nodes))
    error = lambda trial: trial.error(Structured(chain(random)[:primes], random))
    return _runs(question, error, plans, random, PATIENCE), plans


def _nesting(nodes: Sequence[Expr]) -> int:
    """How many functions of the table stand within one another: exponentials need a prime each."""
    depth: dict[Expr, int] = {}
    for e in nodes:
        own = e.op in EXPONENTIAL or (e.op == "power" and e.args[1].value is None) or _is_known(e)
        depth[e] = max((depth[a] for a in e.args), default=0) + own
    return max(depth.values())


def _is_known(e: Expr) -> bool:
    return e.op == "elementwise" and find_function(e.data[0]) is not None


def _is_rational(e: Expr) -> bool:
    if e.op == "power":
        n = e.args[1].value
        return n is not None and n.denominator == 1
    return e.op in RATIONAL or (e.op == "elementwise" and not _is_known(e))


# --- in floats --------------------------------------------------------------------------------------------------------


def _rounded(trial: _Trial) -> float:
    """Compare in float64; where the sides seem to differ, with so many digits that more of them change nothing.

    Raises: NoValue also where all digits are lost to rounding.
    """
    apart = trial.error(Floats())
    if apart <= TOLERANCE:
        return apart
    few, many = (trial.error(Digits(digits)) for digits in DIGITS)
    if many > AGREED:  # of a zero that large terms leave all digits may be rounding, and then so are twice as many
        few, many = many, trial.error(Digits(2 * DIGITS[1]))
    if many > AGREED and abs(many - few) > TOLERANCE * many:
        raise NoValue("rounding hides the value")
    return many


def _in_floats(question: Question, repeats: int, random: Random) -> CheckReport:
    try:
        runs = _runs(question, _rounded, PLANS * repeats, random, all_plans=False)
    except UnsupportedError as unsupported:
        return CheckReport(None, Floats.method, unsupported.headline())
    if runs.error > TOLERANCE:
        return _refuted(question, Floats.method, f"relative error {runs.error:.1e}")
    if len(runs.sizes) < 2:
        reason = f"no point found where the formula has a value ({runs.trouble})"
        return CheckReport(None, Floats.method, reason)
    detail = f"{sizes_text(runs.sizes)}; largest relative error {runs.error:.0e}; {bound_text(None)}"
    return CheckReport(True, Floats.method, detail)


def _refuted(question: Question, method: str, detail: str) -> CheckReport:
    example = smallest_example(question)
    if example is None:
        return CheckReport(False, method, detail)
    claimed, true = example.shown
    words = f"{example}; in entry {example.entry} one side is {claimed}, the other {true}"
    return CheckReport(False, method, detail, counterexample=words)


def _without_a_point(question: Question, random: Random) -> CheckReport | None:
    """The verdict where no real point was found at which both sides have a value; None where one was.

    A claim that is outside its domain wherever the function has a value is wrong.
    """
    symbols = free_symbols(*question.roots)
    possible = Sizes([*question.roots, *symbols.values()])
    trouble = ""
    claims: list[bool] = []
    for attempt in range(len(PLANS) * PATIENCE):
        sizes = possible.draw(PLANS[attempt % len(PLANS)], random)
        point = {n: {0: draw(s, sizes, attempt // len(PLANS), random)} for n, s in symbols.items()}
        evaluator = Evaluator(Floats(), point, sizes, random)
        first, *others = question.roots
        try:
            evaluator.value(first)
            for root in others:
                evaluator.value(root)
        except NoValue as reason:
            trouble = str(reason)
            if first in evaluator.values:
                claims.append(isinstance(reason, OutsideDomain))
        except UnsupportedError:
            return None
        else:
            return None
    if len(claims) >= DRAWS and all(claims):
        return CheckReport(False, Floats.method, f"one side has no value where the other has one ({trouble})")
    return CheckReport(None, Floats.method, f"no point found where the formula has a value ({trouble})")


def _is_limited(e: Expr) -> bool:
    """Whether a node has a value only for some real arguments."""
    if e.op == "power":
        return not _is_rational(e)
    known = find_function(e.data[0]) if e.op == "elementwise" else None
    return known is not None and bool(known.domain)


def _divides(e: Expr) -> bool:
    """Whether a node divides by a sum: 1/(‖x‖² − xᵀ·x) has a value where ‖x‖ is a random number, but for no real x."""
    if e.op == "power":
        return e.args[1].value is not None and e.args[1].value < 0 and e.args[0].op == "add"
    return e.op == "inv"


def _is_kinked(e: Expr) -> bool:
    known = find_function(e.data[0]) if e.op == "elementwise" else None
    return e.op in ("max", "min", "norm1") or (known is not None and bool(known.kink))
