"""From items with shapes to expressions: broadcasts and conventions become explicit."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from matcalc import algebra
from matcalc.dims import Shape
from matcalc.elaborate.chains import ENTRYWISE, group
from matcalc.elaborate.dimensions import Dimensions
from matcalc.elaborate.items import Item, Scope
from matcalc.errors import MatcalcError, UnsupportedError
from matcalc.expr import Expr

__all__ = ["build"]


def build(items: Sequence[Item], dims: Dimensions, scope: Scope) -> Expr:
    """The expression of the last item; notes about broadcasts and norms go to the scope."""
    builder = _Builder(dims, scope)
    done: dict[int, Expr] = {}
    for item in items:
        args = [done[id(a)] for a in item.args]
        try:
            done[id(item)] = builder.expression(item, args)
        except MatcalcError as mistake:
            raise mistake.located(item.span, dims.text) from None
    return done[id(items[-1])]


class _Builder:
    def __init__(self, dims: Dimensions, scope: Scope) -> None:
        self.dims, self.scope = dims, scope

    def text(self, item: Item) -> str:
        """The formula's text of an item, shortened."""
        found = self.dims.text[item.span.start : item.span.end]
        return found if len(found) <= 30 else found[:27] + "…"

    def expression(self, item: Item, args: list[Expr]) -> Expr:
        """The expression of an item from those of its arguments."""
        method = getattr(self, "_" + item.op, None)
        if method is not None:
            made: Expr = method(item, args)
            return made
        raise UnsupportedError(f"{item.op} is not supported yet", span=item.span)

    # --- atoms --------------------------------------------------------------------------------------------------------

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

    def _ones(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.ones_like(self.dims.shape(item))

    def _zeros(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.zeros(self.dims.shape(item))

    _vector = _matrix = _zeros

    def _fill(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.broadcast(args[0], self.dims.shape(item))

    def _commutation(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.commutation(*item.data)

    # --- algebra ------------------------------------------------------------------------------------------------------

    def _group(self, item: Item, args: list[Expr]) -> Expr:
        return args[0]

    _braces = _group

    def _neg(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.neg(args[0])

    def _add(self, item: Item, args: list[Expr]) -> Expr:
        shape = self.dims.shape(item)
        self._note_broadcasts(item.args, args, shape)
        terms = [algebra.broadcast(a, shape) for a in args]
        return algebra.add(*(t if sign == "+" else algebra.neg(t) for sign, t in zip(item.data, terms, strict=True)))

    def _note_broadcasts(self, items: Sequence[Item], args: Sequence[Expr], shape: Shape) -> None:
        for i, a in zip(items, args, strict=True):
            if a.shape == shape or a.op == "number":
                continue
            what = (
                "a scalar added to every entry"
                if a.is_scalar
                else "a row added to every row"
                if a.shape[0] == 1
                else "a column added to every column"
            )
            self.scope.note(f"{self.text(i)} broadcast: {what}")

    def _chain(self, item: Item, args: list[Expr]) -> Expr:
        parts: list[tuple[str, list[tuple[str, Expr]]]] = [
            (op, [(inner, args[i]) for inner, i in run]) for op, run in group(item, self.dims.readings[id(item)])
        ]
        return _fold([(op, _fold(run)) for op, run in parts])

    def _kron(self, item: Item, args: list[Expr]) -> Expr:
        total = args[0]
        for a in args[1:]:
            total = algebra.kron(total, a)
        return total

    def _power(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.power(*args) if args[0].is_scalar else algebra.matpower(*args)

    def _elpower(self, item: Item, args: list[Expr]) -> Expr:
        shape = self.dims.shape(item)
        base = algebra.broadcast(args[0], shape)
        return algebra.power(base, args[1] if args[1].is_scalar else algebra.broadcast(args[1], shape))

    def _transpose(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.transpose(args[0])

    def _inv(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.inverse(args[0])

    # --- functions ----------------------------------------------------------------------------------------------------

    def _elementwise(self, item: Item, args: list[Expr]) -> Expr:
        name, order = item.data
        return self.scope.elementwise(name, order, args[0])

    def _sqrt(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.power(args[0], algebra.number(Fraction(1, 2)))

    def _abstract(self, item: Item, args: list[Expr]) -> Expr:
        name, index = item.data
        return algebra.abstract(name, index, args, self.dims.shape(item))

    def _operator(self, item: Item, args: list[Expr]) -> Expr:
        name = item.data
        if name in ("diag", "diagonal"):
            column = algebra.transpose(args[0]) if args[0].shape[0] == 1 else args[0]
            return algebra.apply("diag" if 1 in args[0].shape else "diagonal", column)
        if name == "kron":
            return self._kron(item, args)
        if len(args) == 2:
            shape = self.dims.shape(item)
            args = [algebra.broadcast(a, shape) for a in args]
        if args[0].is_scalar and name == "vec":
            return args[0]
        return algebra.apply(name, *args)

    def _sum(self, item: Item, args: list[Expr]) -> Expr:
        return algebra.total(args[0], item.data)

    def _mean(self, item: Item, args: list[Expr]) -> Expr:
        rows, columns = args[0].shape
        count = {None: rows * columns, 0: rows, 1: columns}[item.data]
        return algebra.divide(algebra.total(args[0], item.data), algebra.dimension(count))

    def _inner(self, item: Item, args: list[Expr]) -> Expr:
        shape = tuple(a if a != 1 else b for a, b in zip(args[0].shape, args[1].shape, strict=True))
        a, b = (algebra.broadcast(x, (shape[0], shape[1])) for x in args)
        if b.shape[0] == 1:
            return algebra.mul(a, algebra.transpose(b))
        product = algebra.mul(algebra.transpose(a), b)
        return product if product.is_scalar else algebra.apply("tr", product)

    def _norm(self, item: Item, args: list[Expr]) -> Expr:
        x, kind = args[0], item.data
        is_matrix = 1 not in x.shape
        if x.is_scalar:
            return algebra.elementwise("abs", x)
        if kind == "1":
            if is_matrix:
                self.scope.note(f"‖{self.text(item.args[0])}‖₁ is the sum of absolute entries")
            return algebra.apply("norm1", x)
        if is_matrix and kind in ("2", "*"):
            name = "spectral norm" if kind == "2" else "nuclear norm"
            raise UnsupportedError(
                f"the {name} is not supported yet", span=item.span, hint="‖X‖_F is the Frobenius norm"
            )
        if is_matrix and kind is None:
            self.scope.note(f"‖{self.text(item.args[0])}‖ is the Frobenius norm")
        return algebra.apply("norm", x)


def _fold(parts: Sequence[tuple[str, Expr]]) -> Expr:
    """The factors of a run combined left to right; neighbouring matrix products in one go."""
    total = parts[0][1]
    pending: list[Expr] = [total]
    for op, factor in parts[1:]:
        if op in ("*", ""):
            pending.append(factor)
            if pending[0].shape[0] == 1 and factor.shape[1] == 1:  # a scalar: x'*x*y is (x'*x)*y
                pending = [algebra.mul(*pending)]
            continue
        total = algebra.mul(*pending)
        if op == "/":
            total = algebra.divide(total, factor)
        elif op == "\\":
            total = algebra.mul(algebra.inverse(total), factor)
        elif op in ENTRYWISE:
            shape = tuple(b if a == 1 else a for a, b in zip(total.shape, factor.shape, strict=True))
            a, b = (
                algebra.broadcast(x, (shape[0], shape[1])) if not x.is_scalar or op == "./" else x
                for x in (total, factor)
            )
            if op == "./":
                b = algebra.power(b, algebra.number(-1))
            total = algebra.mul(a, b) if a.is_scalar or b.is_scalar else algebra.hadamard(a, b)
        pending = [total]
    return algebra.mul(*pending)
