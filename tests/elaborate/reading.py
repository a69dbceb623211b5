"""How the tests here read formulas."""

from matcalc.dims import show_shape
from matcalc.elaborate import Elaborated, elaborate
from matcalc.errors import MatcalcError
from matcalc.expr import Expr
from matcalc.syntax import parse_program, parse_where


def read(formula: str, where: str = "", wrt: str = "") -> Elaborated:
    """A formula with declarations; wrt holds names with blanks between them."""
    return elaborate(parse_program(formula), parse_where(where), wrt.split(), where_text=where)


def expr(formula: str, where: str = "") -> Expr:
    """The expression of a formula."""
    return read(formula, where).expr


def shapes(formula: str, where: str = "") -> str:
    """The shapes of all names of a formula, in words of a declaration."""
    found = read(formula, where).symbols
    return ", ".join(f"{name}: {show_shape(e.shape)}" for name, e in found.items())


def mistake(formula: str, where: str = "", wrt: str = "") -> MatcalcError:
    """The error that a formula gives."""
    try:
        read(formula, where, wrt)
    except MatcalcError as error:
        return error
    raise AssertionError(f"{formula} is accepted")
