"""From items with shapes to expressions: broadcasts and conventions become explicit, and are noted."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from matcalc import algebra
from matcalc.atoms import derivative, differential, is_indicator
from matcalc.dims import DimLike, Shape
from matcalc.elaborate import mistakes
from matcalc.elaborate.chains import ENTRYWISE, fold
from matcalc.elaborate.dimensions import Dimensions
from matcalc.elaborate.indices import refuse_entry
from matcalc.elaborate.items import Item, shorten
from matcalc.elaborate.kinds import along
from matcalc.elaborate.resolve import Scope
from matcalc.errors import MatcalcError, ShapeError, UnsupportedError
from matcalc.expr import Expr, free_symbols
from matcalc.operators import OPERATORS
from matcalc.sums import INDEX, Sum, is_index, summed

__all__ = ["build"]

HALF = Fraction(1, 2)
OF_ENTRIES = frozenset({"pnorm"})
"""What is said of a vector, and of a matrix in more than one sense."""


def build(items: Sequence[Item], dims: Dimensions, scope: Scope) -> list[Expr]:
    """The expression of every item, by place; notes go to the scope.

    Raises: MatcalcError with the place.
    """
    builder = _Builder(dims, scope)
    made: list[Expr] = []
    for item in items:
        try:
            made.append(_RULES[item.op](builder, item, [made[a.place] for a in item.args]))
        except MatcalcError as mistake:
            raise mistake.located(item.span, dims.text) from None
    return made


class _Builder:
    def __init__(self, dims: Dimensions, scope: Scope) -> None:
        self.dims, self.scope = dims, scope

    def _cut(self, item: Item) -> str:
        return shorten(self.dims.text[item.span.start : item.span.end])

    # --- atoms ----------------------------------------------------------------------------------------------------------

    def _number(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.number(item.data)

    def _symbol(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.symbol(item.data, self.dims.shape(item), self.scope.names.properties.get(item.data, ()))

    def _dimension(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.dimension(item.data)

    def _pi(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.pi()

    def _eye(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.eye(self.dims.shape(item)[0])

    def _unit(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.unit(self.dims.shape(item)[0], item.data[-1])

    def _units(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.units(self.dims.shape(item)[0], *item.data[-2:])

    def _hcat(self, item: Item, args: list[Expr]) -> Expr:
        """[A, B] is A·[I, 0] + B·[0, I]."""
        total = self.dims.shape(item)[1]
        end: DimLike = 0
        terms = []
        for x in args:
            first, end = end + 1, end + x.shape[1]
            terms.append(algebra.mul(x, algebra.transpose(algebra.units(total, first, end))))
        return algebra.add(*terms)

    def _vcat(self, item: Item, args: list[Expr]) -> Expr:
        """[A; B] is [I; 0]·A + [0; I]·B."""
        total = self.dims.shape(item)[0]
        end: DimLike = 0
        terms = []
        for x in args:
            first, end = end + 1, end + x.shape[0]
            terms.append(algebra.mul(algebra.units(total, first, end), x))
        return algebra.add(*terms)

    def _pick(self, item: Item, args: list[Expr]) -> Expr:
        x, e = args
        return algebra.mul(x, e) if x.shape[0] == 1 else algebra.mul(algebra.transpose(e), x)

    def _basis(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.symbol(f"{item.data[0]}#{item.place}", self.dims.shape(item), (INDEX,))

    def _entry(self, item: Item, args: list[Expr]) -> Expr:
        x, *indices = args
        if len(indices) == 1:
            return self._pick(item, args)
        return algebra.mul(algebra.transpose(indices[0]), x, indices[1])

    def _line(self, item: Item, args: list[Expr]) -> Expr:
        x, index = args
        return algebra.mul(algebra.transpose(x) if item.data == "rows" else x, index)

    def _sigma(self, item: Item, args: list[Expr]) -> Expr:
        """The sums from the innermost index on; what was read as what is kept, to be checked."""
        body, *indices = args
        for index in reversed(indices):
            result = summed(item.data, index, body)
            self.scope.sums.append(Sum(item.data, index, body, result, item.span))
            body = result
        if not any(map(is_index, free_symbols(body).values())):
            self.scope.note(f"{self._cut(item)} read as {body}")
        return body

    def _ones(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.ones_like(self.dims.shape(item))

    def _zeros(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.zeros(self.dims.shape(item))

    def _fill(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.broadcast(args[0], self.dims.shape(item))

    def _commutation(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.commutation(*item.data)

    # --- sums and products ------------------------------------------------------------------------------------------------

    def _same(self, item: Item, args: list[Expr]) -> Expr:
        return args[0]

    def _neg(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.neg(args[0])

    def _add(self, item: Item, args: list[Expr]) -> Expr:
        shape = self.dims.shape(item)
        terms: list[Expr] = []
        for sign, term, x in zip(item.data, item.args, args, strict=True):
            if x.shape != shape:
                refuse_entry(term, term, self.scope.names.kinds)
                self._note_broadcast(item, term, x, shape, "added to")
                x = algebra.broadcast(x, shape)
            terms.append(x if sign == "+" else algebra.neg(x))
        return algebra.add(*terms)

    def _compare(self, item: Item, args: list[Expr]) -> Expr:
        """a > b is step(a − b), and a ≥ b is 1 − step(b − a); of several signs all hold."""
        shape = self.dims.shape(item)
        sides = [algebra.broadcast(x, shape) for x in args]
        held = []
        for sign, a, b in zip(item.data, sides, sides[1:], strict=False):
            difference = algebra.sub(a, b) if sign[0] == ">" else algebra.sub(b, a)
            strict = algebra.elementwise("step", difference if len(sign) == 1 else algebra.neg(difference))
            held.append(strict if len(sign) == 1 else algebra.sub(algebra.ones_like(shape), strict))
        shown = self._cut(item)
        if any(sign in shown for sign in "<>≤≥⩽⩾"):  # not inside of a function that is written out
            self.scope.note(f"{shown} is 1 where it holds, else 0")
        return algebra.hadamard(*held)

    def _note_broadcast(self, whole: Item, item: Item, x: Expr, shape: Shape, verb: str) -> None:
        """Say that a term is repeated, and what a scalar could have been instead."""
        if x.op == "number" or item.span == whole.span:  # inside of a function that is written out
            return
        what = "entry" if x.is_scalar else "row" if x.shape[0] == 1 else "column"
        part = self.dims.part(item)
        note = f"{mistakes.name_of(part, self.dims.text)} is {verb} every {what}"
        inner = item
        while inner.op in ("neg", "use", "transpose"):
            inner = inner.args[0]
        if x.is_scalar and inner.op == "symbol" and inner.data not in self.scope.names.kinds and 1 not in shape:
            note += f"; for a row declare {inner.data}: 1×{mistakes.bracketed(shape[1])}"
        if what == "column" and shape[0] == shape[1]:
            note += f"; for a row, as NumPy would have it, write {mistakes.prime(mistakes.operand_text(part, self.dims.text))}"
        self.scope.note(note)

    def _chain(self, item: Item, args: list[Expr]) -> Expr:
        factors = [_Factors([x], [i]) for x, i in zip(args, item.args, strict=True)]
        return fold(item.data, factors, self.dims.readings[item.place], self._combine).value()

    def _combine(self, a: _Factors, b: _Factors, op: str) -> _Factors:
        """A product grows until another operator comes, so that it is made flat, in one go."""
        if op in ("*", ""):
            return a.followed_by(b)
        x, y = a.value(), b.value()
        items = [*a.items, *b.items]
        if op == "/":
            return _Factors([algebra.divide(x, y)], items)
        if op == "\\":
            return _Factors([algebra.mul(algebra.inverse(x), y)], items)
        assert op in ENTRYWISE
        shape = _common(x, y)
        if x.is_scalar and y.is_scalar:
            return _Factors([algebra.mul(x, y) if op == ".*" else algebra.divide(x, y)], items)
        if op == "./":
            y = algebra.power(y, algebra.number(-1))
        if x.is_scalar or y.is_scalar:
            return _Factors([algebra.mul(x, y)], items)
        for side, other, e in ((a, b, x), (b, a, y)):
            if e.shape != shape and len(side.items) == 1:
                self._note_broadcast(
                    other.items[0],
                    side.items[0],
                    e,
                    shape,
                    "multiplied with" if side is a or op == ".*" else "divided into",
                )
        return _Factors([algebra.hadamard(algebra.broadcast(x, shape), algebra.broadcast(y, shape))], items)

    def _kron(self, item: Item, args: list[Expr]) -> Expr:
        total = args[0]
        for x in args[1:]:
            total = algebra.kron(total, x)
        return total

    def _inner(self, item: Item, args: list[Expr]) -> Expr:
        a, b = args
        if a.shape[0] == 1:
            return algebra.mul(a, algebra.transpose(b))
        product = algebra.mul(algebra.transpose(a), b)
        return product if product.is_scalar else algebra.apply("tr", product)

    # --- powers, transposes, inverses -------------------------------------------------------------------------------------

    def _power(self, item: Item, args: list[Expr]) -> Expr:
        base, exponent = args
        if base.op == "norm" and exponent.value == 2:
            return algebra.apply("normsq", base.args[0])  # what ‖x‖² is printed for
        if base.op == "pnorm" and exponent == base.args[1]:
            return algebra.total(algebra.power(algebra.elementwise("abs", base.args[0]), exponent))
        if base.is_scalar:
            return algebra.power(base, exponent)
        if exponent.value == -1:
            return algebra.inverse(base)
        if exponent.value in (HALF, -HALF):
            self.scope.note(f"{self._cut(item)} is the square root of a matrix")
            root = algebra.apply("sqrtm", base)
            return root if exponent.value == HALF else algebra.inverse(root)
        if not algebra.is_integer(exponent):
            name = self._cut(item.args[1])
            hint = f"{self._cut(item.args[0])}.^({name}) takes each entry to the power {name}"
            if exponent.op == "symbol":
                hint = f"declare {name}: integer; " + hint
            message = f"the power of a matrix has a whole exponent, and {name} is not declared whole"
            if exponent.op == "number":
                message = f"the power of a matrix has a whole exponent, not {name}"
            raise ShapeError(message, span=item.args[1].span, hint=hint)
        return algebra.matpower(base, exponent)

    def _elpower(self, item: Item, args: list[Expr]) -> Expr:
        shape = self.dims.shape(item)
        if shape == (1, 1):
            return self._power(item, args)
        base, exponent = algebra.broadcast(args[0], shape), args[1]
        return algebra.power(base, exponent if exponent.is_scalar else algebra.broadcast(exponent, shape))

    def _transpose(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.transpose(args[0])

    def _bars(self, item: Item, args: list[Expr]) -> Expr:
        if 1 in args[0].shape:
            return algebra.elementwise("abs", args[0])
        self.scope.note(f"|{self._cut(item.args[0])}| is the determinant")
        return algebra.apply("det", args[0])

    def _inv(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.inverse(args[0])

    # --- functions --------------------------------------------------------------------------------------------------------

    def _elementwise(self, item: Item, args: list[Expr]) -> Expr:
        name, order = item.data
        square = 1 not in args[0].shape and args[0].shape[0] == args[0].shape[1]
        if name == "abs" and square and self._cut(item)[0] in "|∣":
            self.scope.note(f"{self._cut(item)} holds the absolute values; the determinant is det(X)")
        return algebra.elementwise(name, args[0], order)

    def _abstract(self, item: Item, args: list[Expr]) -> Expr:
        name, index = item.data
        return algebra.abstract(name, index, args, self.dims.shape(item))

    def _derivative(self, item: Item, args: list[Expr]) -> Expr:
        return derivative(args[0], args[1], self.dims.shape(item))

    def _differential(self, item: Item, args: list[Expr]) -> Expr:
        return differential(args[0])

    def _operator(self, item: Item, args: list[Expr]) -> Expr:
        name = item.data
        row = OPERATORS[name]
        if row.kind == "diag":
            if args[0].is_scalar:
                return args[0]
            column = algebra.transpose(args[0]) if args[0].shape[0] == 1 else args[0]
            return algebra.apply("diag" if 1 in args[0].shape else "diagonal", column)
        if name == "kron":
            return self._kron(item, args)
        if row.symmetric and not args[0].is_symmetric:
            shown = self._cut(item.args[0])
            raise ShapeError(
                f"{name} is that of a symmetric matrix, and {shown} is not known to be symmetric",
                span=item.args[0].span,
                hint=f"declare the symbols in {shown}, such as X: n×n symmetric, or take ({shown} + {shown}')/2",
            )
        if row.kind == "vector" and args[0].is_scalar:
            return args[0]
        if row.conditional and not is_indicator(args[0]):
            hint = f"the first argument of {name} is a comparison, such as x > 0"
            shown = self._cut(item.args[0])
            raise UnsupportedError(f"{shown} is no condition", span=item.args[0].span, hint=hint)
        if row.conditional and args[0].op == "symbol":
            self.scope.note(f"{args[0]} is taken to hold 0 and 1")
        if name in OF_ENTRIES and 1 not in args[0].shape:
            self.scope.note(f"{self._cut(item)} is that of the entries, as of one vector")
        if row.is_entrywise:
            shape = self.dims.shape(item)
            args = [algebra.broadcast(x, shape) for x in args]
        return algebra.apply(name, *args)

    def _axis(self, item: Item) -> Any:
        return along(item.data, self.dims.kinds[item.args[0].place])

    def _sum(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.total(args[0], self._axis(item))

    def _mean(self, item: Item, args: list[Expr]) -> Expr:
        (rows, columns), axis = args[0].shape, self._axis(item)
        count = {None: rows * columns, 0: rows, 1: columns}[axis]
        return algebra.divide(algebra.total(args[0], axis), algebra.dimension(count))

    def _softmax(self, item: Item, args: list[Expr]) -> Expr:
        axis = self._axis(item)
        if axis is None and 1 not in args[0].shape:
            self.scope.note(f"{self._cut(item)} is taken within each row; the other way is {item.op}(X, axis=0)")
            axis = 1
        return self._keeping(item.op, args[0], axis)

    def _center(self, item: Item, args: list[Expr]) -> Expr:
        return self._keeping("center", args[0], self._axis(item))

    def _keeping(self, name: str, x: Expr, axis: Any) -> Expr:
        """An operator whose value has the shape of its argument; among all entries if there is no axis."""
        if axis in (0, 1) or 1 in x.shape:
            return self._within(name, x, axis if axis in (0, 1) else None)
        return algebra.apply("unvec", algebra.apply(name, algebra.apply("vec", x)), x)

    def _logsumexp(self, item: Item, args: list[Expr]) -> Expr:
        x, axis = args[0], self._axis(item)
        return self._within("logsumexp", algebra.apply("vec", x) if axis is None and 1 not in x.shape else x, axis)

    def _extreme(self, item: Item, args: list[Expr]) -> Expr:
        """The largest entry of all, of each column or of each row; the smallest is that of −X, with a minus."""
        axis = self._axis(item)
        return (
            self._largest(args[0], axis) if item.op == "max" else algebra.neg(self._largest(algebra.neg(args[0]), axis))
        )

    def _largest(self, x: Expr, axis: Any = None) -> Expr:
        if x.is_scalar:
            return x
        return self._within("amax", algebra.apply("vec", x) if axis is None and 1 not in x.shape else x, axis)

    def _within(self, name: str, x: Expr, axis: int | None) -> Expr:
        """An operator on columns, applied to columns (axis 0) or rows (axis 1), or to all of a vector."""
        if axis == 0 or (axis is None and x.shape[1] == 1):
            return algebra.apply(name, x)
        return algebra.transpose(algebra.apply(name, algebra.transpose(x)))

    def _norm(self, item: Item, args: list[Expr]) -> Expr:
        x, kind = args[0], item.data
        is_matrix = 1 not in x.shape
        if x.is_scalar:
            return algebra.elementwise("abs", x)
        shown = self._cut(item)
        if kind == "1":
            if is_matrix:
                self.scope.note(f"{shown} is the sum of the absolute entries")
            return algebra.apply("norm1", x)
        if kind == "max":
            if is_matrix:
                self.scope.note(f"{shown} is the largest absolute entry")
            return self._largest(algebra.elementwise("abs", x))
        if is_matrix and kind in ("2", "*"):
            return algebra.apply("spectral_norm" if kind == "2" else "nuclear_norm", x)
        if is_matrix and kind is None:
            self.scope.note(f"{shown} is the Frobenius norm")
        return algebra.apply("norm", x)


class _Factors:
    """A product that may go on: its factors, and the operands of the formula that they came from."""

    def __init__(self, factors: list[Expr], items: list[Item]) -> None:
        self.factors, self.items = factors, items

    def value(self) -> Expr:
        """The product."""
        if len(self.factors) > 1:
            self.factors = [algebra.mul(*self.factors)]
        return self.factors[0]

    def followed_by(self, other: _Factors) -> _Factors:
        """The product with more factors; where it becomes a scalar it is closed: x'*x*y is (x'*x)*y."""
        factors = [*self.factors, *other.factors]
        if factors[0].shape[0] == 1 and factors[-1].shape[1] == 1:
            factors = [algebra.mul(*factors)]
        return _Factors(factors, [*self.items, *other.items])


def _common(a: Expr, b: Expr) -> Shape:
    """The shape to which two broadcast."""
    rows, columns = (y if x == 1 else x for x, y in zip(a.shape, b.shape, strict=True))
    return (rows, columns)


_RULES: dict[str, Callable[[_Builder, Item, list[Expr]], Expr]] = {
    "number": _Builder._number,
    "symbol": _Builder._symbol,
    "dimension": _Builder._dimension,
    "pi": _Builder._pi,
    "eye": _Builder._eye,
    "unit": _Builder._unit,
    "units": _Builder._units,
    "hcat": _Builder._hcat,
    "vcat": _Builder._vcat,
    "pick": _Builder._pick,
    "basis": _Builder._basis,
    "entry": _Builder._entry,
    "line": _Builder._line,
    "sigma": _Builder._sigma,
    "ones": _Builder._ones,
    "zeros": _Builder._zeros,
    "fill": _Builder._fill,
    "commutation": _Builder._commutation,
    "use": _Builder._same,
    "neg": _Builder._neg,
    "add": _Builder._add,
    "chain": _Builder._chain,
    "kron": _Builder._kron,
    "inner": _Builder._inner,
    "power": _Builder._power,
    "elpower": _Builder._elpower,
    "compare": _Builder._compare,
    "transpose": _Builder._transpose,
    "inv": _Builder._inv,
    "bars": _Builder._bars,
    "elementwise": _Builder._elementwise,
    "abstract": _Builder._abstract,
    "derivative": _Builder._derivative,
    "differential": _Builder._differential,
    "equal": _Builder._same,
    "operator": _Builder._operator,
    "sum": _Builder._sum,
    "mean": _Builder._mean,
    "softmax": _Builder._softmax,
    "hardmax": _Builder._softmax,
    "center": _Builder._center,
    "logsumexp": _Builder._logsumexp,
    "max": _Builder._extreme,
    "min": _Builder._extreme,
    "norm": _Builder._norm,
}
