"""Dimensions: unification of what the kinds leave open, with the blame for every clash."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from matcalc.dims import Dim, DimLike, Shape, dim_names, show_dim
from matcalc.elaborate.items import Item, Names
from matcalc.elaborate.kinds import Kind
from matcalc.errors import ArityError, ShapeError, Side, UnsupportedError
from matcalc.operators import OPERATORS

__all__ = ["Axis", "Dimensions"]

FRESH = ("m", "n", "p", "k", "q", "r", "l", "s", "t", "u", "v", "w", "h", "d", "c")
"""Names for dimensions that nobody declared."""


class Axis:
    """An unknown dimension; united axes share a root, which carries what is known."""

    __slots__ = ("origin", "parent", "value")

    def __init__(self, value: DimLike | None = None, origin: str = "") -> None:
        self.parent: Axis | None = None
        self.value = value
        self.origin = origin

    def root(self) -> Axis:
        """The representative of all axes united with this one."""
        axis = self
        while axis.parent is not None:
            if axis.parent.parent is not None:
                axis.parent = axis.parent.parent
            axis = axis.parent
        return axis


Pair = tuple[Axis, Axis]


class Dimensions:
    """The axes of every item of a formula, united item by item.

    Args:
        items: arguments before the items that use them.
        kinds: the kind of every item, by identity.
        names: the declarations.
        text: the formula, for messages.
    """

    def __init__(self, items: Sequence[Item], kinds: Mapping[int, Kind], names: Names, text: str) -> None:
        self.kinds, self.names, self.text = kinds, names, text
        self.axes: dict[int, Pair] = {}
        self.symbols: dict[str, Pair] = {}
        self.readings: dict[int, str] = {}
        self.products: list[tuple[Axis, tuple[Axis, Axis], Item]] = []
        self.notes: list[str] = []
        for item in items:
            self.axes[id(item)] = self._axes_of(item)
        self._multiply_out()
        self._name_the_rest(items)

    # --- looking up ---------------------------------------------------------------------------------------------------

    def shape(self, item: Item) -> Shape:
        """The shape of an item; after all items are united."""
        rows, columns = self.axes[id(item)]
        return (_value(rows), _value(columns))

    def _pair(self, item: Item) -> Pair:
        return self.axes[id(item)]

    def _new(self, kind: Kind) -> Pair:
        return (Axis(1) if kind.one_row else Axis(), Axis(1) if kind.one_column else Axis())

    # --- uniting ------------------------------------------------------------------------------------------------------

    def unite(self, a: Axis, b: Axis, clash: Callable[[], ShapeError]) -> None:
        """Make two axes equal; raises the clash if both are known and differ."""
        a, b = a.root(), b.root()
        if a is b:
            return
        if a.value is not None and b.value is not None and a.value != b.value:
            raise clash()
        if a.value is None:
            a, b = b, a
        b.parent = a

    def _clash(self, item: Item, left: Item, right: Item, a: Axis, b: Axis, what: str, hint: str) -> ShapeError:
        start = max(0, left.span.end)
        return ShapeError(
            f"shapes do not fit in {what}",
            left=self._side(left),
            right=self._side(right),
            differ=(_show(a), _show(b)),
            span=item.span if left.span.end > right.span.start else left.span.to(right.span),
            point=start,
            hint=hint,
        )

    def _side(self, item: Item) -> Side:
        inner = item
        while inner.op == "group":
            inner = inner.args[0]
        shape = tuple(_show(a) for a in self._pair(item))
        name = self.text[item.span.start : item.span.end]
        origin = (
            "" if inner.op != "symbol" else "declared" if inner.data in self.names.shapes else "taken so from its use"
        )
        return Side(shape, name if len(name) <= 40 else name[:37] + "…", origin)

    # --- one item -----------------------------------------------------------------------------------------------------

    def _axes_of(self, item: Item) -> Pair:
        method = getattr(self, "_" + _RULES.get(item.op, item.op), None)
        if method is None:
            raise UnsupportedError(f"{item.op} is not supported yet", span=item.span)
        pair: Pair = method(item)
        return pair

    def _number(self, item: Item) -> Pair:
        return (Axis(1), Axis(1))

    def _symbol(self, item: Item) -> Pair:
        name = item.data
        if name not in self.symbols:
            shape = self.names.shapes.get(name)
            if shape is not None:
                self.symbols[name] = (Axis(shape[0], "declared"), Axis(shape[1], "declared"))
            else:
                self.symbols[name] = self._new(self.kinds[id(item)])
            if {"symmetric", "posdef", "antisymmetric", "orthogonal", "diagonal"} & set(
                self.names.properties.get(name, ())
            ):
                rows, columns = self.symbols[name]
                self.unite(
                    rows,
                    columns,
                    lambda: ShapeError(
                        f"{name} is declared with a property of square matrices",
                        span=item.span,
                        hint=f"declare {name}: n×n with the property",
                    ),
                )
        return self.symbols[name]

    def _constant(self, item: Item) -> Pair:
        dims = item.data
        if item.op == "commutation":
            size = dims[0] * dims[1]
            return (Axis(size), Axis(size))
        if item.op == "eye":
            axis = Axis(dims)
            return (axis, axis)
        if item.op == "fill" or not dims:
            return self._new(self.kinds[id(item)])
        return (Axis(dims[0]), Axis(dims[1] if len(dims) > 1 else 1))

    def _same(self, item: Item) -> Pair:
        return self._pair(item.args[0])

    def _flipped(self, item: Item) -> Pair:
        rows, columns = self._pair(item.args[0])
        return (columns, rows)

    def _scalar(self, item: Item) -> Pair:
        return (Axis(1), Axis(1))

    def _square(self, item: Item) -> Pair:
        x = item.args[0]
        rows, columns = self._pair(x)

        def clash() -> ShapeError:
            what = {"inv": "an inverse", "power": "a power"}.get(item.op, f"{item.data}(…)")
            return ShapeError(
                f"{what} needs a square matrix",
                left=self._side(x),
                differ=(_show(rows), _show(columns)),
                span=item.span,
                hint="X'·X and X·X' are square" + ("; X.^k takes each entry to a power" if item.op == "power" else ""),
            )

        inner = x
        while inner.op == "group":
            inner = inner.args[0]
        if rows.root().value is None and columns.root().value is None and "kron" in (inner.op, inner.data):
            for factor in inner.args:
                self.unite(*self._pair(factor), clash)
        self.unite(rows, columns, clash)
        return (rows, columns)

    def _power(self, item: Item) -> Pair:
        base, exponent = (self.kinds[id(a)] for a in item.args)
        if exponent != Kind(True, True):
            raise ShapeError(
                "an exponent is a scalar",
                left=self._side(item.args[1]),
                span=item.args[1].span,
                hint="for exponents entry by entry write .^",
            )
        if base.one_row != base.one_column:
            raise ShapeError(
                "a vector has no powers",
                left=self._side(item.args[0]),
                span=item.span,
                hint="x.^k takes each entry to the power k; x'*x is the square of the norm",
            )
        return self._pair(item.args[0]) if base.one_row else self._square(item)

    def _joined(self, item: Item) -> Pair:
        return self._join(item, item.args, "a sum" if item.op == "add" else "an entrywise operation")

    def _join(self, item: Item, args: Sequence[Item], what: str) -> Pair:
        kind = Kind(all(self.kinds[id(a)].one_row for a in args), all(self.kinds[id(a)].one_column for a in args))
        return self._join_pairs(item, [(a, self._pair(a)) for a in args], kind, what)

    def _join_pairs(self, item: Item, args: Sequence[tuple[Item, Pair]], kind: Kind, what: str) -> Pair:
        found: list[Axis] = []
        for side, single in enumerate(kind):
            first: tuple[Item, Axis] | None = None
            for a, pair in args:
                axis = pair[side]
                if single or axis.root().value == 1:
                    first = first or (a, axis)
                    continue
                if first is None or first[1].root().value == 1:
                    first = (a, axis)
                    continue
                x, known = first
                self.unite(known, axis, partial(self._sum_clash, item, (x, known), (a, axis), what))
            assert first is not None
            found.append(first[1])
        return (found[0], found[1])

    def _sum_clash(self, item: Item, left: tuple[Item, Axis], right: tuple[Item, Axis], what: str) -> ShapeError:
        hint = self._hint_for_sum(left[0], right[0])
        return self._clash(item, left[0], right[0], left[1], right[1], what, hint)

    def _hint_for_sum(self, a: Item, b: Item) -> str:
        (r, c), (s, t) = self._pair(a), self._pair(b)
        if _show(s) == _show(c) and _show(t) == "1":
            return f"a row broadcasts over rows: write {self._side(b).name}' or declare it 1×{_show(c)}"
        if (_show(r), _show(c)) == (_show(t), _show(s)):
            return f"the transpose would fit: {self._side(b).name}'"
        return "declare shapes that agree"

    def _chain(self, item: Item) -> Pair:
        from matcalc.elaborate.chains import reading_of

        reading, pair = reading_of(item, self)
        self.readings[id(item)] = reading
        return pair

    def times(self, item: Item, a: tuple[Item, Pair, Kind], b: tuple[Item, Pair, Kind], op: str) -> Pair:
        """The axes of a product, quotient or entrywise product of two factors."""
        (x, p, k), (y, q, l) = a, b
        if op in ("*", ""):
            if k == (True, True) or l == (True, True):
                return q if k == (True, True) else p
            self.unite(
                p[1], q[0], lambda: self._clash(item, x, y, p[1], q[0], "a product", self._hint_for_product(x, y))
            )
            return (p[0], q[1])
        if op == "/":
            if l != (True, True):
                raise ShapeError(
                    "only a scalar can divide",
                    left=self._side(y),
                    span=y.span,
                    hint="for entrywise division write ./, for a matrix A/B write A*inv(B)",
                )
            return p
        if op == "\\":
            self.unite(
                p[0],
                p[1],
                lambda: ShapeError(
                    "A\\b needs a square A",
                    left=self._side(x),
                    span=x.span,
                    hint="for least squares write inv(A'*A)*A'*b",
                ),
            )
            self.unite(
                p[1], q[0], lambda: self._clash(item, x, y, p[1], q[0], "A\\b", "A and b need the same number of rows")
            )
            return (p[1], q[1])
        kind = Kind(k.one_row and l.one_row, k.one_column and l.one_column)
        return self._join_pairs(item, [(x, p), (y, q)], kind, "an entrywise product")

    def _hint_for_product(self, a: Item, b: Item) -> str:
        (_, c), (s, t) = self._pair(a), self._pair(b)
        (r, _) = self._pair(a)
        names = self._side(a).name, self._side(b).name
        if _show(c) == _show(t):
            return f"the transpose would fit: {names[0]}·{names[1]}'"
        if _show(r) == _show(s):
            return f"the transpose would fit: {names[0]}'·{names[1]}"
        if (_show(r), _show(c)) == (_show(s), _show(t)):
            return f"for the entrywise product write {names[0]} .* {names[1]}"
        return "declare shapes whose inner dimensions agree"

    def _inner(self, item: Item) -> Pair:
        self._join(item, item.args, "an inner product")
        return (Axis(1), Axis(1))

    def _sum(self, item: Item) -> Pair:
        rows, columns = self._pair(item.args[0])
        return (Axis(1) if item.data in (None, 0) else rows, Axis(1) if item.data in (None, 1) else columns)

    def _kron(self, item: Item) -> Pair:
        pair = self._pair(item.args[0])
        for other in item.args[1:]:
            pair = (
                self._product(pair[0], self._pair(other)[0], item),
                self._product(pair[1], self._pair(other)[1], item),
            )
        return pair

    def _product(self, a: Axis, b: Axis, item: Item) -> Axis:
        if a.root().value == 1:
            return b
        if b.root().value == 1:
            return a
        result = Axis()
        self.products.append((result, (a, b), item))
        return result

    def _operator(self, item: Item) -> Pair:
        row = OPERATORS[item.data]
        if len(item.args) != row.arity:
            raise ArityError(
                f"{row.name} takes {row.arity} argument{'s' * (row.arity > 1)}, not {len(item.args)}",
                span=item.span,
                hint=f"write {row.name}({', '.join('AB'[: row.arity])})",
            )
        x = self._pair(item.args[0])
        if row.kind == "square to scalar":
            self._square(item)
            return (Axis(1), Axis(1))
        if row.kind == "square":
            return self._square(item)
        if row.kind == "scalar":
            return (Axis(1), Axis(1))
        if row.kind == "diag":
            kind = self.kinds[id(item.args[0])]
            if kind == (False, False):
                self._square(item)
                return (x[0], Axis(1))
            axis = x[1] if kind.one_row else x[0]
            return (axis, axis)
        if row.kind == "vector":
            return (self._product(x[0], x[1], item), Axis(1))
        if row.name == "kron":
            return self._kron(item)
        return self._join(item, item.args, row.name + "(…)")

    def _abstract(self, item: Item) -> Pair:
        name, index = item.data
        declared = self.names.abstract[name]
        if len(item.args) != len(declared.domain):
            raise ShapeError(
                f"{name} is declared with {len(declared.domain)} arguments, not {len(item.args)}",
                span=item.span,
                hint="give it as many as declared",
            )
        for a, shape in zip(item.args, declared.domain, strict=True):
            for axis, d in zip(self._pair(a), shape or (), strict=False):
                self.unite(axis, Axis(d), partial(self._argument_clash, name, a, axis, d))
        return (
            self._pair(item.args[index])
            if index is not None
            else (Axis(declared.codomain[0]), Axis(declared.codomain[1]))
        )

    def _argument_clash(self, name: str, a: Item, axis: Axis, declared: DimLike) -> ShapeError:
        return ShapeError(
            f"{name} is declared for other arguments",
            left=self._side(a),
            differ=(_show(axis), show_dim(declared)),
            span=a.span,
            hint=f"declare {name} with the shape of its argument",
        )

    # --- at the end ---------------------------------------------------------------------------------------------------

    def _multiply_out(self) -> None:
        """Give products of dimensions, such as the length of vec(X), their values."""
        for result, (a, b), item in self.products:
            for factor in (a, b):
                if factor.root().value is None:
                    factor.root().value = Dim(self._fresh())
            value = _value(a) * _value(b)
            self.unite(result, Axis(value), partial(self._size_clash, item, result, value))

    def _size_clash(self, item: Item, axis: Axis, value: DimLike) -> ShapeError:
        return ShapeError(
            "shapes do not fit", differ=(_show(axis), show_dim(value)), span=item.span, hint="declare shapes that agree"
        )

    def _fresh(self) -> str:
        taken = set(self.names.dims)
        for pair in self.symbols.values():
            for axis in pair:
                value = axis.root().value
                taken |= set(dim_names(value)) if value is not None else set()
        taken |= set(self.given)
        name = next((n for n in FRESH if n not in taken), None) or f"n{len(taken)}"
        self.given.append(name)
        return name

    @property
    def given(self) -> list[str]:
        """The names given to dimensions so far."""
        if not hasattr(self, "_given"):
            self._given: list[str] = []
        return self._given

    def _name_the_rest(self, items: Sequence[Item]) -> None:
        for pair in [*self.symbols.values(), *(self.axes[id(i)] for i in items)]:
            for axis in pair:
                if axis.root().value is None:
                    axis.root().value = Dim(self._fresh())


_RULES = {
    "dimension": "number",
    "pi": "number",
    "neg": "same",
    "group": "same",
    "elementwise": "same",
    "sqrt": "same",
    "braces": "same",
    "transpose": "flipped",
    "inv": "square",
    "add": "joined",
    "elpower": "joined",
    "norm": "scalar",
    "mean": "sum",
    "ones": "constant",
    "zeros": "constant",
    "eye": "constant",
    "vector": "constant",
    "matrix": "constant",
    "fill": "constant",
    "commutation": "constant",
}


def _value(axis: Axis) -> DimLike:
    value = axis.root().value
    return Dim("?") if value is None else value


def _show(axis: Axis) -> str:
    return show_dim(_value(axis))
