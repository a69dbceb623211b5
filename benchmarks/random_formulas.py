"""Derive thousands of random formulas and count what comes back.

Usage: python benchmarks/random_formulas.py [--cases 20000] [--depth 8] [--seed 0] [--kind gradient|array|hessian]

Every answer has passed its check. Counted apart: refused as not supported, refused for lack of a point in the domain
(undecided), and anything else, which is a bug and is printed with its formula.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections import Counter
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

import matcalc
from matcalc.errors import LimitError, UndecidedError, UnsupportedError
from tests.random_formulas import WHERE, array_formula, scalar_formula


def outcome(seed: int, depth: int, kind: str) -> tuple[str, str]:
    """What became of one formula, and the formula."""
    random = Random(seed)
    draw = array_formula if kind == "array" else scalar_formula
    formula, variable = draw(random, random.randint(1, depth))
    try:
        matcalc.derive(formula, variable, where=WHERE, order=2 if kind == "hessian" else 1)
    except UndecidedError:
        return "no point in the domain", formula
    except (UnsupportedError, LimitError):
        return "not supported", formula
    except Exception as bug:
        return f"BUG {type(bug).__name__}: {bug}", f"{formula} by {variable} (seed {seed})"
    return "checked", formula


def main() -> int:
    """Count and print; 1 if anything but a refusal came back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=20_000)
    parser.add_argument("--depth", type=int, default=8)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kind", choices=("gradient", "array", "hessian"), default="gradient")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    seconds: list[float] = []
    for seed in range(options.seed, options.seed + options.cases):
        started = time.process_time()
        word, formula = outcome(seed, options.depth, options.kind)
        seconds.append(time.process_time() - started)
        counts["BUG" if word.startswith("BUG") else word] += 1
        if word.startswith("BUG"):
            print(word, formula, sep="\n  ")
    for word, count in counts.most_common():
        print(f"{count:7} {100 * count / options.cases:6.2f} %  {word}")
    print(f"median {1e3 * statistics.median(seconds):.1f} ms, longest {max(seconds):.1f} s")
    return int(counts["BUG"] > 0)


if __name__ == "__main__":
    sys.exit(main())
