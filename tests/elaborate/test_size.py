"""Long and deep formulas: no recursion, and work that grows linearly."""

import pytest

from matcalc.elaborate import elaborate
from matcalc.errors import LimitError
from matcalc.syntax import parse_program
from tests.elaborate.reading import read
from tests.work import calls

SIZE = 5_000
FORMULAS = {
    "sum": lambda n: "+".join(["x"] * n),
    "sum of names": lambda n: "+".join(f"x{i}" for i in range(n)),
    "product": lambda n: "*".join(["A"] * n),
    "nested functions": lambda n: "sin(" * n + "x" + ")" * n,
    "nested brackets": lambda n: "(" * n + "x" + " + 1)" * n,
    "nested norms": lambda n: "norm2(" * (n // 2) + "x" + " + 1)" * (n // 2),
    "sum of losses": lambda n: "+".join(f"||X*w{i} - y||^2" for i in range(n // 5)),
    "definitions": lambda n: "z0 = x; " + "".join(f"z{i + 1} = z{i} + 1; " for i in range(n // 2)) + f"z{n // 2}",
    "functions of functions": lambda n: (
        "h0(t) = t + 1; " + "".join(f"h{i + 1}(t) = h{i}(t) + t; " for i in range(200)) + "h200(x)"
    ),
}


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_large(formula: object) -> None:
    """Formulas of thousands of operations are read."""
    assert callable(formula)
    assert read(formula(SIZE)).expr is not None


@pytest.mark.parametrize("name", ["sum", "sum of names", "nested functions", "sum of losses", "definitions"])
def test_linear(name: str) -> None:
    """Four times the formula takes about four times the work."""
    programs = [parse_program(FORMULAS[name](size)) for size in (SIZE // 4, SIZE)]
    small, large = (calls(lambda p=p: elaborate(p)) for p in programs)
    assert large < 5 * small


def test_functions_that_double() -> None:
    """Definitions that double again and again come to a limit instead of filling the memory."""
    text = "h0(t) = t + t; " + "".join(f"h{i + 1}(t) = h{i}(t) + h{i}(2*t); " for i in range(40)) + "h40(x)"
    with pytest.raises(LimitError, match="200,000 operations"):
        read(text)
