"""To SymPy: whole expressions for users, and scalar formulas there and back for our own simplification."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from matcalc import algebra
from matcalc.dims import DimLike
from matcalc.entrywise import derivative, formula_of
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, postorder
from matcalc.functions import find_function
from matcalc.pattern import substitute
from matcalc.sympy_reader import Reader

__all__ = ["differentiate", "simplify_scalar", "to_sympy"]


def to_sympy(e: Expr) -> Any:
    """The expression as SymPy's: matrices as MatrixSymbol, entrywise functions as applyfunc.

    Raises: UnsupportedError for an operator that SymPy does not have.

    >>> from matcalc.api import parse
    >>> to_sympy(parse("tr(A*X)", where="A: n×m, X: m×n"))
    Trace(A*X)
    """
    writer = _Writer()
    for node in postorder(e):
        writer.done[node] = writer.write(node, [writer.done[a] for a in node.args])
    return writer.done[e]


class _Writer:
    def __init__(self) -> None:
        import sympy

        self.sympy = sympy
        self.done: dict[Expr, Any] = {}
        self.dims: dict[str, Any] = {}

    def size(self, d: DimLike) -> Any:
        if isinstance(d, int):
            return self.sympy.Integer(d)
        total = self.sympy.Integer(0)
        for names, c in d.terms:
            term = self.sympy.Integer(c)
            for n in names:
                term *= self.dims.setdefault(n, self.sympy.Symbol(n, integer=True, positive=True))
            total += term
        return total

    def write(self, node: Expr, args: list[Any]) -> Any:
        method: Callable[[Expr, list[Any]], Any] | None = getattr(self, "_" + node.op, None)
        if method is None:
            raise UnsupportedError(f"SymPy has no {node.op}", hint="the result's code or text can be used instead")
        return method(node, args)

    def _number(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.Rational(node.data.numerator, node.data.denominator)

    def _symbol(self, node: Expr, args: list[Any]) -> Any:
        if node.is_scalar:
            return self.sympy.Symbol(
                node.name, **{p: True for p in ("integer", "positive") if p in node.data[1]}, real=True
            )
        return self.sympy.MatrixSymbol(node.name, self.size(node.shape[0]), self.size(node.shape[1]))

    def _dimension(self, node: Expr, args: list[Any]) -> Any:
        return self.size(node.data)

    def _pi(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.pi

    def _ones(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.OneMatrix(self.size(node.shape[0]), 1)

    def _eye(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.Identity(self.size(node.shape[0]))

    def _zero(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.ZeroMatrix(self.size(node.shape[0]), self.size(node.shape[1]))

    def _add(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.Add(*args) if node.is_scalar else self.sympy.MatAdd(*args)

    def _mul(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.Mul(*args) if node.is_scalar else self.sympy.MatMul(*args)

    def _dot(self, node: Expr, args: list[Any]) -> Any:
        product = self.sympy.MatMul(*args)
        return self.sympy.Trace(product) if node.is_scalar else product  # [0, 0] would write the sums out

    def _hadamard(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.HadamardProduct(*args)

    def _power(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.Pow(*args) if node.is_scalar else self.sympy.HadamardPower(*args)

    def _matpower(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.MatPow(*args)

    def _transpose(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.Transpose(args[0])

    def _sym(self, node: Expr, args: list[Any]) -> Any:
        return (args[0] + self.sympy.Transpose(args[0])) / 2

    def _center(self, node: Expr, args: list[Any]) -> Any:
        rows, ones = self.size(node.shape[0]), self.sympy.OneMatrix
        return args[0] - self.sympy.MatMul(ones(rows, 1), ones(1, rows), args[0]) / rows

    def _where(self, node: Expr, args: list[Any]) -> Any:
        condition, *sides = args
        if node.is_scalar:
            return condition * sides[0] + (1 - condition) * sides[1]
        rest = self.sympy.OneMatrix(*map(self.size, node.shape)) - condition
        product = self.sympy.HadamardProduct
        return product(condition, sides[0]) + product(rest, sides[1])

    def _inv(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.Inverse(args[0])

    def _tr(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.Trace(args[0])

    def _det(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.Determinant(args[0])

    def _logdet(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.log(self.sympy.Abs(self.sympy.Determinant(args[0])))

    def _normsq(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.Trace(self.sympy.MatMul(self.sympy.Transpose(args[0]), args[0]))

    def _norm(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.sqrt(self._normsq(node, args))

    def _norm1(self, node: Expr, args: list[Any]) -> Any:
        rows, columns = (self.size(d) for d in node.args[0].shape)
        absolute = args[0].applyfunc(self.sympy.Abs)
        ones = self.sympy.OneMatrix
        return self.sympy.Trace(self.sympy.MatMul(ones(1, rows), absolute, ones(columns, 1)))

    def _diag(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.DiagMatrix(args[0])

    def _diagonal(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.DiagonalMatrix(args[0]) * self.sympy.OneMatrix(self.size(node.shape[0]), 1)

    def _kron(self, node: Expr, args: list[Any]) -> Any:
        return self.sympy.KroneckerProduct(*args)

    def _polygamma(self, node: Expr, args: list[Any]) -> Any:
        t, (order, x) = self.sympy.Dummy("t", real=True), args
        entry = self.sympy.polygamma(order, t)
        return entry.subs(t, x) if node.is_scalar else x.applyfunc(self.sympy.Lambda(t, entry))

    def _elementwise(self, node: Expr, args: list[Any]) -> Any:
        t = self.sympy.Dummy("t", real=True)
        entry = self.function(node.data[0], node.data[1], t)
        return entry.subs(t, args[0]) if node.is_scalar else args[0].applyfunc(self.sympy.Lambda(t, entry))

    def function(self, name: str, order: int, t: Any) -> Any:
        """g(t) for a known or generic function."""
        s = self.sympy
        known: dict[str, Callable[[Any], Any]] = {
            "abs": s.Abs,
            "sign": s.sign,
            "step": lambda x: s.Heaviside(x, 0),
            "relu": lambda x: s.Max(x, 0),
            "sigmoid": lambda x: 1 / (1 + s.exp(-x)),
            "softplus": lambda x: s.log(1 + s.exp(x)),
            "log1p": lambda x: s.log(1 + x),
            "expm1": lambda x: s.exp(x) - 1,
            "lgamma": s.loggamma,
            "trigamma": lambda x: s.polygamma(1, x),
        }
        row = find_function(name)
        if row is None:
            return s.Function(name + "_prime" * order)(t)
        if row.formula:
            x, formula = formula_of(row)
            return to_sympy(formula).subs(s.Symbol(x.name, real=True), t)
        return known[name](t) if name in known else getattr(s, name)(t)


def differentiate(formula: Expr, x: Expr) -> Expr:
    """The derivative of a scalar formula by SymPy, its functions of x taken from the table.

    Functions that are ours alone, such as sigmoid, stay symbols: the chain rule is applied over them.
    """
    import sympy

    slopes: dict[Expr, Expr] = {}
    for node in postorder(formula):
        if node.op == "elementwise" and not hasattr(sympy, node.data[0]):
            slopes[node] = algebra.mul(derivative(node.data[0], 1, node.args[0]), _slope(node.args[0], x, slopes))
    return _slope(formula, x, slopes)


def _slope(e: Expr, x: Expr, slopes: Mapping[Expr, Expr]) -> Expr:
    """de/dx by SymPy, for the derivatives of some nodes; the chain rule does the rest."""
    import sympy

    inner = {node: algebra.symbol(f"u{i}") for i, node in enumerate(slopes)}
    symbols = {sympy.Symbol(s.name, real=True): s for s in (x, *inner.values())}
    outer, reader = to_sympy(substitute(e, inner)), Reader(symbols)
    partials = [reader.read(sympy.diff(outer, symbol)) for symbol in symbols]
    total = algebra.add(*map(algebra.mul, partials, (algebra.ONE, *slopes.values())))
    return substitute(total, {u: node for node, u in inner.items()})


@lru_cache(maxsize=256)
def simplify_scalar(e: Expr) -> Expr:
    """A scalar formula simplified by SymPy where that makes it shorter; the formula itself otherwise."""
    import sympy

    atoms = {n: algebra.symbol(f"u{i}") for i, n in enumerate(_opaque(e))}
    plain = substitute(e, atoms)
    symbols = {sympy.Symbol(u.name, real=True): u for u in atoms.values()}
    try:
        found = substitute(Reader(symbols).read(sympy.simplify(to_sympy(plain))), {u: n for n, u in atoms.items()})
    except (UnsupportedError, NotImplementedError, AttributeError, KeyError):
        return e
    return found if found.size < e.size else e


SCALAR = frozenset({"add", "mul", "power", "number", "pi", "elementwise"})


def _opaque(e: Expr) -> Sequence[Expr]:
    """The largest parts of a scalar formula that are symbols for SymPy."""
    found: list[Expr] = []
    stack, seen = [e], set()
    import sympy

    while stack:
        node = stack.pop()
        if node in seen:
            continue
        seen.add(node)
        known = (
            node.op in SCALAR
            and node.is_scalar
            and (node.op != "elementwise" or (node.data[1] == 0 and hasattr(sympy, node.data[0])))
        )
        if known:
            stack.extend(node.args)
        else:
            found.append(node)
    return found
