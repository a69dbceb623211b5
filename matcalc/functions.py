"""The table of elementwise functions, read from ``rules/elementwise.rules``: one line each."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from statistics import NormalDist

from matcalc.errors import RuleError
from matcalc.resources import resource, table_lines

__all__ = ["Function", "find_function", "function_names", "polygamma", "read_functions"]


@dataclass(frozen=True, slots=True)
class Function:
    """An elementwise function of one argument.

    Args:
        name: the word in formulas.
        parameter: the name of the argument in the texts below.
        formula: what it means in terms of other functions; "" if it is a primitive.
        derivative: in the argument and y, the value already computed; "" if SymPy is to find it.
        means: the definition in more elementary functions, for proofs, where the function is not computed that way.
        domain, kink: conditions on the argument, separated by commas.
        at: a point and the value there, where the formula has none.
        latex, numpy: how it is written there; "" for the usual way.
        aliases: other names.
    """

    name: str
    parameter: str = "x"
    formula: str = ""
    derivative: str = ""
    means: str = ""
    domain: str = ""
    kink: str = ""
    at: str = ""
    latex: str = ""
    numpy: str = ""
    aliases: tuple[str, ...] = ()


_LINE = re.compile(r"(?P<name>\w+)\((?P<x>\w+)\)\s*(?P<equals>=)?\s*(?P<rest>.*)$")
_OPTION = re.compile(r"(?:^|\s{2,}|,\s*(?=at ))(derivative|means|domain|kink|latex|numpy|aliases|at)\s+")


def read_functions(text: str, file: str) -> Iterator[Function]:
    """The functions of a file, one a line.

    Raises: RuleError with file and line.

    >>> next(read_functions("sinc(x) = sin(x)/x, at 0: 1", "my.rules")).at
    '0: 1'
    """
    for number, line in table_lines(text):
        found = _LINE.match(line)
        if found is None:
            raise RuleError("a function reads name(x), then its derivative, or = and a formula", file=file, line=number)
        first, *options = _OPTION.split(found["rest"])
        values = {key: value.strip() for key, value in zip(options[::2], options[1::2], strict=True)}
        values["formula" if found["equals"] else "derivative"] = first.strip()
        aliases = tuple(a.strip() for a in values.pop("aliases", "").split(",") if a.strip())
        if not (values.get("formula") or values.get("derivative")):
            raise RuleError(f"{found['name']} has neither a derivative nor a formula", file=file, line=number)
        yield Function(found["name"], found["x"], aliases=aliases, **values)


@lru_cache(maxsize=1)
def _table() -> dict[str, Function]:
    text = resource("rules").joinpath("elementwise.rules").read_text(encoding="utf-8")
    table: dict[str, Function] = {}
    for f in read_functions(text, "elementwise.rules"):
        for name in (f.name, *f.aliases):
            if name in table:
                raise RuleError(f"{name} is given twice", file="elementwise.rules", line=0)
            table[name] = f
    return table


def find_function(name: str) -> Function | None:
    """The function of a name or alias, or None.

    >>> find_function("ln").name
    'log'
    """
    return _table().get(name)


def function_names() -> tuple[str, ...]:
    """All names and aliases."""
    return tuple(_table())


def _sigmoid(x: float) -> float:
    return 1 / (1 + math.exp(-x)) if x >= 0 else math.exp(x) / (1 + math.exp(x))


def _digamma(x: float) -> float:
    """ψ(x) for x > 0: ψ(x) = ψ(x + 1) − 1/x until the asymptotic series is exact to rounding."""
    total = 0.0
    while x < 12:
        total -= 1 / x
        x += 1
    y = 1 / x**2
    series = y * (1 / 12 - y * (1 / 120 - y * (1 / 252 - y * (1 / 240 - y / 132))))
    return total + math.log(x) - 1 / (2 * x) - series


def polygamma(n: int, x: float) -> float:
    """ψ⁽ⁿ⁾(x) = (−1)ⁿ⁺¹·n!·Σ 1/(x + j)ⁿ⁺¹ over j ≥ 0, for n ≥ 1 and x > 0: the first terms, then Euler and Maclaurin's sum.

    >>> abs(polygamma(1, 1) - math.pi**2 / 6) < 1e-14
    True
    """
    if x <= 0:
        raise ValueError("the argument is positive")
    total = 0.0
    while x < 12 + 2 * n:
        total += x ** -(n + 1)
        x += 1
    total += x**-n / n + x ** -(n + 1) / 2
    for k, b in enumerate((1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66), start=1):
        total += b * math.comb(2 * k + n - 1, n) / (2 * k) * x ** -(2 * k + n)
    return math.factorial(n) * (total if n % 2 else -total)


def _positive(f: Callable[[float], float]) -> Callable[[float], float]:
    def at(x: float) -> float:
        if x <= 0:
            raise ValueError("the argument is positive")
        return f(x)

    return at


PRIMITIVES: dict[str, Callable[[float], float]] = {
    "abs": abs,
    "sign": lambda x: float((x > 0) - (x < 0)),
    "step": lambda x: float(x > 0),
    "relu": lambda x: max(x, 0.0),
    "sigmoid": _sigmoid,
    "softplus": lambda x: max(x, 0.0) + math.log1p(math.exp(-abs(x))),
    "erfinv": lambda x: NormalDist().inv_cdf((x + 1) / 2) / 2**0.5,
    "lgamma": _positive(math.lgamma),
    "digamma": _positive(_digamma),
    "trigamma": lambda x: polygamma(1, x),
}
"""Values of the functions that neither have a formula nor stand in Python's math under their name."""


def float_value(name: str) -> Callable[[float], float]:
    """A function of the table without a formula, on floats."""
    found: Callable[[float], float] = PRIMITIVES.get(name) or getattr(math, name)
    return found
