"""Print thousands of random formulas in LaTeX, read them, and count those that come back as something else.

Usage: python benchmarks/latex_round_trip.py [--cases 5000] [--depth 4] [--seed 0]

tests/latex/test_round_trip.py does the same for a few hundred.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from random import Random

sys.path.insert(0, str(Path(__file__).parents[1]))

import matcalc
from matcalc.errors import UnsupportedError
from tests.latex.round_trip import difference
from tests.random_formulas import WHERE, array_formula, scalar_formula


def main() -> int:
    """Count and print; 1 if any formula does not come back."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", type=int, default=5_000)
    parser.add_argument("--depth", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    wrong = 0
    for seed in range(options.seed, options.seed + options.cases):
        random = Random(seed)
        text, _ = (scalar_formula if seed % 2 else array_formula)(random, random.randint(1, options.depth))
        try:
            found = difference(matcalc.parse(text, WHERE))
        except UnsupportedError:  # no value anywhere
            continue
        if found is not None:
            wrong += 1
            print(f"{text} (seed {seed})\n  {found}")
    print(f"{options.cases} formulas, {wrong} came back as something else")
    return int(wrong > 0)


if __name__ == "__main__":
    sys.exit(main())
