"""Derive thousands of random formulas and count what comes back.

    python benchmarks/random_formulas.py [--cases 20000] [--depth 8] [--seed 0] [--kind gradient|array|hessian]

Every answer has passed its check. Those of arrays (Jacobians, four indices) and Hessians are also compared as compiled
code with differences; for arrays the adjoint identity is tried in a prime field or, to 1e-10 of its terms, in 40 digits,
and Hessians are symmetric. Counted apart, with the reasons: refused as not supported, over a limit, without a point in
the domain (undecided); anything else is a bug and is printed with its formula. Times are those of the processor.
Interrupted (Ctrl-C), it counts what was done.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
import warnings
from collections import Counter
from contextlib import suppress
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

import matcalc
from matcalc.errors import LimitError, UndecidedError, UnsupportedError
from tests.numeric import NoComparison, compare_array, compare_hessian
from tests.random_formulas import WHERE, array_formula, scalar_formula

REFUSALS: dict[type[Exception], str] = {
    UndecidedError: "no point in the domain",
    LimitError: "over a limit",
    UnsupportedError: "not supported",
}


def outcome(seed: int, depth: int, kind: str) -> tuple[str, str, float]:
    """What became of one formula; the formula of a bug, or why there is no answer; and the seconds for it."""
    random = Random(seed)
    draw = array_formula if kind == "array" else scalar_formula
    formula, variable = draw(random, random.randint(1, depth))
    started = time.process_time()
    try:
        order = 2 if kind == "hessian" else 1
        d = matcalc.derive(formula, variable, where=WHERE, order=order, timeout=None)
        spent = time.process_time() - started
        if kind != "gradient":
            (compare_array if kind == "array" else compare_hessian)(d, random)
            return "checked, and compared as code", "", spent
        return "checked", "", spent
    except NoComparison:
        return "checked, without a value as code", "", spent
    except (UndecidedError, LimitError, UnsupportedError) as refused:
        word, detail = REFUSALS[type(refused)], refused.headline()
    except Exception as bug:
        word = f"BUG {type(bug).__name__}: {bug}"
        detail = f"{formula} by {variable} (seed {seed})"
    return word, detail, time.process_time() - started


def main() -> int:
    """Count and print; 1 if anything but an answer or a refusal came back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--depth", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=("gradient", "array", "hessian"), default="gradient")
    options = parser.parse_args()
    warnings.simplefilter("ignore", RuntimeWarning)
    counts: Counter[str] = Counter()
    reasons: dict[str, Counter[str]] = {word: Counter() for word in REFUSALS.values()}
    times: list[tuple[float, int]] = []
    with suppress(KeyboardInterrupt):
        for seed in range(options.seed, options.seed + options.cases):
            word, detail, seconds = outcome(seed, options.depth, options.kind)
            times.append((seconds, seed))
            counts["BUG" if word.startswith("BUG") else word] += 1
            if word in reasons:
                reasons[word][detail] += 1
            if word.startswith("BUG"):
                print(word, detail, sep="\n  ", flush=True)
    for word, count in counts.most_common():
        print(f"{count:7} {100 * count / len(times):6.2f} %  {word}")
        for reason, n in reasons.get(word, Counter()).most_common():
            print(f"{n:22}  {reason}")
    longest = ", ".join(f"{s:.1f} s (seed {seed})" for s, seed in sorted(times, reverse=True)[:3])
    print(f"median {1e3 * statistics.median(s for s, _ in times):.1f} ms, longest {longest}")
    return int(counts["BUG"] > 0)


if __name__ == "__main__":
    sys.exit(main())
