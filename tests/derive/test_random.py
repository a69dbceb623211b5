"""Random formulas: compiled derivatives against differences, the adjoint identity, symmetric Hessians.

`pytest --hypothesis-profile nightly tests/derive/test_random.py` tries thousands, benchmarks/random_formulas.py more.
"""

from __future__ import annotations

from contextlib import suppress
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import matcalc
from matcalc.check import check_equal
from matcalc.elaborate.library import library_names
from matcalc.errors import LimitError, UndecidedError, UnsupportedError
from matcalc.operators import OPERATORS
from matcalc.printing import text
from tests.numeric import NoComparison, compare_array, compare_hessian
from tests.random_formulas import FUNCTIONS, WHERE, array_formula, scalar_formula


def derive_or_skip(formula: str, variable: str, **options: Any) -> Any:
    """The derivation, or None where it is refused or the formula has a value nowhere."""
    try:
        return matcalc.derive(formula, variable, where=WHERE, **options)
    except (UndecidedError, UnsupportedError, LimitError):
        return None


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(st.randoms(use_true_random=False))
def test_arrays(random: Random) -> None:
    """∂F_ij/∂X_kl of random vectors and matrices against differences; <S, dF> = <pullback(S), dX> to rounding."""
    formula, variable = array_formula(random, random.randint(1, 4), kinks=False)
    d = derive_or_skip(formula, variable)
    if d is not None:
        with suppress(NoComparison):
            compare_array(d, random)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
@given(st.randoms(use_true_random=False))
def test_hessians(random: Random) -> None:
    """Hessians of random scalars against differences of the gradient; they are symmetric."""
    formula, variable = scalar_formula(random, random.randint(1, 3), kinks=False)
    d = derive_or_skip(formula, variable, order=2)
    if d is not None:
        with suppress(NoComparison):
            compare_hessian(d, random)


@given(st.randoms(use_true_random=False))
def test_printed_text_is_the_formula(random: Random) -> None:
    """What is printed, in Unicode and in ASCII, reads back as something of the same value, and derives to the same."""
    formula, variable = scalar_formula(random, random.randint(1, 4))
    e = matcalc.parse(formula, where=WHERE)
    for printed in (str(e), text(e, "ascii")):
        again = matcalc.parse(printed, where=WHERE)
        assert again == e or check_equal(again, e).ok is not False, printed
        first, second = (derive_or_skip(f, variable) for f in (formula, printed))
        if first is not None and second is not None:
            assert first.result == second.result or check_equal(first.result, second.result).ok is not False, printed


@given(st.randoms(use_true_random=False))
def test_gradients(random: Random) -> None:
    """Random scalars up to depth 6, kinks and all: every answer passes its check, and nothing else escapes."""
    formula, variable = scalar_formula(random, random.randint(1, 6))
    d = derive_or_skip(formula, variable)
    assert d is None or d.check.ok


def test_most_are_answered() -> None:
    """Refusals are few: of 20,000 formulas 3 in 100 have no answer, most of these no value anywhere either."""
    answered = 0
    for seed in range(30):
        random = Random(seed)
        formula, variable = scalar_formula(random, random.randint(1, 6))
        answered += derive_or_skip(formula, variable) is not None
    assert answered >= 26


def test_all_tables_are_drawn_from() -> None:
    """Every operator, elementwise function and definition occurs in random formulas."""
    drawn: set[str] = set()
    for seed in range(1500):
        formula, _ = array_formula(Random(seed), 5)
        drawn.update(formula.replace("(", " ").split())
    assert not {*OPERATORS, *FUNCTIONS, *library_names()} - drawn
