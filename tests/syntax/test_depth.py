"""Long and deep formulas take work in proportion to their length, and no recursion."""

from collections.abc import Callable

import pytest

from matcalc.errors import LimitError, MatcalcError
from matcalc.syntax import parse_expression, parse_program, parse_where, postorder
from tests.work import calls

AT_ONCE = 2_000_000
"""Calls that take less than two seconds."""


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("sin(" * 5000 + "x" + ")" * 5000, 5001),
        (" + ".join(f"x{i}" for i in range(5000)), 5001),
        ("*".join(f"X{i}" for i in range(5000)), 5001),
        ("(" * 5000 + "x" + ")" * 5000, 5001),
        ("||" * 2500 + "x" + "||" * 2500, 2501),
        ("x" + "'" * 5000, 5001),
        ("x^" + "-" * 5000 + "1", 5003),
        ("+".join(["||x|-|y||"] * 500), 3001),
    ],
    ids=["calls", "terms", "factors", "brackets", "bars", "primes", "signs", "bar puzzles"],
)
def test_deep(text: str, count: int) -> None:
    """Five thousand levels or terms are read, and walked, without recursion."""
    node = parse_expression(text)
    assert sum(1 for _ in postorder(node)) == count
    assert repr(node)


@pytest.mark.parametrize("pattern", ["sin({})", "({} + 1)", "|{}|", "2*{}"])
def test_linear(pattern: str) -> None:
    """Four times the depth takes about four times the work; sixteen times would be quadratic."""
    before, after = pattern.split("{}")
    parse_expression("x")
    small, large = (calls(lambda n=n: parse_expression(before * n + "x" + after * n)) for n in (1000, 4000))
    assert large < 5 * small


@pytest.mark.parametrize(
    "text",
    ["(" * 1_000_000, "(" * 50_000 + "x" + ")" * 49_999, "x+" * 60_000 + "x", "[" * 20_000 + "]" * 20_000],
    ids=["1 MB of brackets", "deep", "long", "blocks"],
)
def test_limits(text: str) -> None:
    """A text too long or too deep is refused at once, with exit code 3."""
    for parse in (parse_program, parse_expression, parse_where):
        assert calls(lambda parse=parse: _refused(parse, text)) < AT_ONCE


def _refused(parse: Callable[[str], object], text: str) -> None:
    with pytest.raises(LimitError) as caught:
        parse(text)
    assert caught.value.exit_code == 3


@pytest.mark.parametrize("text", ["|x" * 39_999, "|" * 99_999, "#" * 99_999 + "\n)", "'" * 99_999, "|||x" * 19_999])
def test_long_nonsense(text: str) -> None:
    """Long nonsense is refused at once too, in a message that is short."""

    def refused() -> None:
        with pytest.raises(MatcalcError) as caught:
            parse_program(text)
        assert len(caught.value.render()) < 600

    assert calls(refused) < AT_ONCE
