"""The table of elementwise functions: SymPy confirms each derivative; adding one takes one line."""

from __future__ import annotations

import math

import pytest
import sympy

import matcalc
from matcalc import functions
from matcalc.entrywise import meaning_of
from matcalc.errors import RuleError, SyntaxMistake
from matcalc.expr import postorder
from matcalc.functions import Function, find_function, float_value, function_names, read_functions
from matcalc.rulebook import default_rulebook
from matcalc.sympy_bridge import to_sympy

TABLE = sorted({find_function(n).name for n in function_names()})  # type: ignore[union-attr]


@pytest.mark.parametrize("name", TABLE)
def test_derivative(name: str) -> None:
    """The derivative by matcalc is the one by SymPy, at points on both sides of the kinks."""
    d = matcalc.derive(f"{name}(x)", "x", where="x: scalar")
    x = sympy.Symbol("x", real=True)
    ours, theirs = to_sympy(d.result), sympy.diff(to_sympy(d.function), x)
    for point in (0.37, 0.83, -0.41, 1.7):
        if name in ("erfinv", "probit") and not 0 < point < 1:
            continue
        value = complex(theirs.doit().subs(x, sympy.Float(point, 30)).evalf())
        if abs(value.imag) < 1e-12 and math.isfinite(value.real):
            got = complex(ours.subs(x, sympy.Float(point, 30)).evalf())
            assert got.real == pytest.approx(value.real, rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", [n for n in TABLE if not find_function(n).formula])  # type: ignore[union-attr]
def test_float_values_are_those_of_sympy(name: str) -> None:
    """The checker's own value of a primitive function."""
    x = sympy.Symbol("x", real=True)
    for point in (0.37, 1.7) if name != "erfinv" else (0.37, -0.7):
        value = complex(to_sympy(matcalc.parse(f"{name}(x)", where="x: scalar")).subs(x, point).evalf())
        if abs(value.imag) < 1e-12:
            assert float_value(name)(point) == pytest.approx(value.real)


def test_one_line_adds_a_function(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line with a formula is enough: derivative, check and code follow."""
    (swoosh,) = read_functions("swoosh(x) = x*tanh(softplus(2*x))", "my.rules")
    table = {**functions._table(), "swoosh": swoosh}
    monkeypatch.setattr(functions, "_table", lambda: table)
    d = matcalc.derive("sum(swoosh(x))", "x", where="x: n")
    assert d.check is not None and d.check.ok
    assert "tanh" in d.text() and not d.notes
    at, step = 0.3, 1e-5
    values = [s * math.tanh(math.log(1 + math.exp(2 * s))) for s in (at + step, at - step)]
    assert d.compile()(x=[at])[0] == pytest.approx((values[0] - values[1]) / (2 * step), rel=1e-6)


@pytest.mark.parametrize("line", ["mish", "mish(x)", "mish(x) =", "= x"])
def test_mistakes_have_a_line(line: str) -> None:
    """A line that cannot be read is refused with its number."""
    with pytest.raises(RuleError) as caught:
        list(read_functions(f"# comment\n{line}", "my.rules"))
    assert "my.rules:2" in caught.value.render()


def test_aliases() -> None:
    """An alias is the same function."""
    assert isinstance(find_function("ln"), Function)
    assert matcalc.parse("ln(x)") == matcalc.parse("log(x)")


def test_functions_as_an_argument() -> None:
    """functions= adds formulas by head, beside declarations as text or as a mapping; a head names its argument."""
    formulas = {"decay(t)": "t*exp(-2*t)"}
    for where in ("x: n", {"x": "n"}, None):
        d = matcalc.derive("sum(decay(x))", "x", where=where, functions=formulas)
        x = 0.3
        assert d.compile()(x=[x])[0] == pytest.approx(math.exp(-2 * x) * (1 - 2 * x))
    assert matcalc.verify("sum(decay(x))", "x", claim="(1 - 2*x) .* exp(-2*x)", functions=formulas)
    with pytest.raises(SyntaxMistake, match="of what is decay a function"):
        matcalc.derive("sum(decay(x))", "x", functions={"decay": "t*exp(-2*t)"})


def test_meanings_are_read_as_they_stand() -> None:
    """x·step(x) says what relu(x) is, also where it would be rewritten to relu(x) when it is first read."""
    book = default_rulebook()
    meaning_of.cache_clear()
    with book.in_force():
        meanings = {name: meaning_of(function) for name in function_names() if (function := find_function(name))}
    meaning_of.cache_clear()
    for name, meaning in meanings.items():
        inside = [] if meaning is None else [e.data[0] for e in postorder(meaning) if e.op == "elementwise"]
        assert name not in inside
