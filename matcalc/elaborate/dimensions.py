"""Dimensions: unification of what the kinds leave open, in the order of the text."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain, count, islice

from matcalc.dims import Dim, Shape, show_dim
from matcalc.elaborate import mistakes
from matcalc.elaborate.chains import ENTRYWISE, READINGS, Fit, combine_kinds, fold, readings_that_fit
from matcalc.elaborate.declared import Names
from matcalc.elaborate.items import Item, shorten
from matcalc.elaborate.kinds import MATRIX, ROW, SCALAR, VECTOR, WORDS, along, kind_word
from matcalc.elaborate.mistakes import Part
from matcalc.elaborate.sizes import Product, solve_products
from matcalc.elaborate.unify import Axis, Pair, Unifier
from matcalc.errors import ShapeError, UnsupportedError
from matcalc.operators import OPERATORS, Signature

__all__ = ["Dimensions"]

FRESH = ("m", "n", "p", "k", "q", "r", "l", "s", "t", "u", "v", "w", "h", "d", "c")
"""Names for dimensions that nobody declared, in this order; a single one is n."""


class Dimensions:
    """The rows and columns of every item of a formula, united item by item.

    Args:
        items: arguments before the items that use them, each with its place.
        kinds: the kind of every item, by place.
        names: the declarations.
        text: the formula, for messages.
        functions: names that are taken as functions, and so are no names for dimensions.

    Raises: ShapeError where shapes do not fit.
    """

    def __init__(
        self, items: Sequence[Item], kinds: Sequence[int], names: Names, text: str, functions: Iterable[str] = ()
    ) -> None:
        self.kinds, self.names, self.text = kinds, names, text
        self.taken = {*names.dims, *names.kinds, *names.generic, *names.abstract, *functions}
        self.taken |= {item.data for item in items if item.op == "symbol"}
        self.unifier = Unifier()
        self.pairs: list[Pair] = []
        self.symbols: dict[str, Pair] = {}
        self.readings: dict[int, str] = {}
        self.values: dict[str, Pair] = {}
        self.products: list[Product] = []
        self.notes: list[str] = []
        self.spare, self.letters = self._spare_names(), self._spare_names()
        for item in items:
            self.pairs.append(_RULES[item.op](self, item))
        self._declare_the_rest()
        solve_products(self.products, self.unifier, self._name_one, text)
        self._name_the_rest()

    def shape(self, item: Item) -> Shape:
        """The shape of an item, when all are united."""
        return _shape(self.pairs[item.place])

    def symbol_shapes(self) -> dict[str, Shape]:
        """The shapes of all names, those that occur first."""
        return {name: _shape(pair) for name, pair in self.symbols.items()}

    # --- parts of a formula ---------------------------------------------------------------------------------------------

    def part(self, item: Item) -> Part:
        """An item with what is known of it, for uniting and for messages."""
        return Part(item.span, self.pairs[item.place], self.kinds[item.place], item)

    def _parts(self, items: Sequence[Item]) -> list[Part]:
        return [self.part(item) for item in items]

    def _shown(self, part: Part) -> Part:
        """A part for a message, in which every unknown dimension has a letter."""
        for root in (axis.root() for axis in part.pair):
            if root.label == "?":
                root.label = next(self.letters)
        return part

    # --- atoms ----------------------------------------------------------------------------------------------------------

    def _scalar(self, item: Item) -> Pair:
        return (Axis(1), Axis(1))

    def _symbol(self, item: Item) -> Pair:
        return self._pair_of(item.data, self.kinds[item.place])

    def _pair_of(self, name: str, kind: int) -> Pair:
        """The rows and columns of a variable."""
        known = self.symbols.get(name)
        if known is None:
            shape = self.names.shapes.get(name)
            if shape is not None:
                rows, columns = (mistakes.axis_names(name, kind)[i] for i in (0, 1))
                known = (Axis(shape[0], f"{rows} (declared)"), Axis(shape[1], f"{columns} (declared)"))
            else:
                origin = "" if name in self.names.kinds else f"{name} taken as {kind_word(kind)}"
                known = (Axis(1, origin) if kind & ROW else Axis(), Axis(1, origin) if kind & VECTOR else Axis())
                if self.names.is_square(name):
                    known = (known[0], known[0])
            self.symbols[name] = known
        return known

    def _declare_the_rest(self) -> None:
        """Rows and columns of declared names that do not occur."""
        for name, word in self.names.kinds.items():
            kind = {"vector": VECTOR, "row": ROW, "matrix": MATRIX}.get(word, SCALAR)
            self._pair_of(name, kind)

    def _eye(self, item: Item) -> Pair:
        axis = Axis(item.data, f"eye({show_dim(item.data)})") if item.data is not None else Axis()
        return (axis, axis)

    def _constant(self, item: Item) -> Pair:
        dims = item.data
        kind = self.kinds[item.place]
        if not dims:
            return (Axis(1) if kind & ROW else Axis(), Axis(1) if kind & VECTOR else Axis())
        origin = f"{item.op}({', '.join(map(show_dim, dims))})"
        return (Axis(dims[0], origin), Axis(dims[1] if len(dims) > 1 else 1, origin))

    def _unit(self, item: Item) -> Pair:
        return (Axis(item.data[0], "the length of a unit vector") if len(item.data) > 1 else Axis(), Axis(1))

    def _units(self, item: Item) -> Pair:
        *length, first, last = item.data
        count = last - first + 1
        if isinstance(count, int) and count < 1:
            count = 1  # refused when it is built
        return (Axis(length[0], "the length of unit vectors") if length else Axis(), Axis(count))

    def _pick(self, item: Item) -> Pair:
        x, (length, count) = self.part(item.args[0]), self.pairs[item.args[1].place]
        self.unifier.unite(length, x.pair[1 if x.kind == ROW else 0], item)
        return (Axis(1), count) if x.kind == ROW else (count, x.pair[1])

    def _basis(self, item: Item) -> Pair:
        name, size = item.data
        return (Axis() if size is None else Axis(size, f"the range of {name}"), Axis(1))

    def _entry(self, item: Item) -> Pair:
        x, *indices = self._parts(item.args)
        if x.kind not in ((ROW, VECTOR), (MATRIX,))[len(indices) - 1]:
            raise mistakes.wrong_indices(item, self._shown(x), self.text)
        wide = [side for side in (0, 1) if x.kind == MATRIX or not x.kind & (ROW, VECTOR)[side]]
        for side, index in zip(wide, indices, strict=True):
            self._range(item, x, side, index)
        return (Axis(1), Axis(1))

    def _line(self, item: Item) -> Pair:
        x, index = self._parts(item.args)
        if x.kind != MATRIX:
            raise mistakes.wrong_indices(item, self._shown(x), self.text)
        along = 0 if item.data == "rows" else 1
        self._range(item, x, along, index)
        return (x.pair[1 - along], Axis(1))

    def _range(self, item: Item, x: Part, side: int, index: Part) -> None:
        """An index runs over an axis."""
        if not self.unifier.unite(x.pair[side], index.pair[0], item):
            raise mistakes.clash_of_ranges(self._shown(x), side, self._shown(index), self.text)

    def _fill(self, item: Item) -> Pair:
        if self.kinds[item.args[0].place] != SCALAR:
            raise mistakes.not_scalar(
                f"{item.data}(…) repeats a scalar", self._shown(self.part(item.args[0])), self.text
            )
        return (Axis(), Axis(1)) if item.data == "vector" else (Axis(), Axis())

    def _commutation(self, item: Item) -> Pair:
        size = item.data[0] * item.data[1]
        axis = Axis(size, f"commutation({show_dim(item.data[0])}, {show_dim(item.data[1])})")
        return (axis, axis)

    # --- what keeps or turns a shape --------------------------------------------------------------------------------------

    def _same(self, item: Item) -> Pair:
        return self.pairs[item.args[0].place]

    def _transpose(self, item: Item) -> Pair:
        rows, columns = self.pairs[item.args[0].place]
        return (columns, rows)

    def _square(self, item: Item) -> Pair:
        x = self.part(item.args[0])
        if x.kind in (ROW, VECTOR):
            raise mistakes.not_square(item, self._shown(x), self.text)
        if not self.unifier.unite(*x.pair, item):
            raise mistakes.not_square(item, self._shown(x), self.text)
        return x.pair

    def _bars(self, item: Item) -> Pair:
        if self.kinds[item.args[0].place] != MATRIX:
            return self._same(item)
        self._square(item)
        return (Axis(1), Axis(1))

    def _power(self, item: Item) -> Pair:
        base, exponent = self._parts(item.args)
        if exponent.kind != SCALAR:
            raise mistakes.exponent_is_array(self._shown(base), self._shown(exponent), self.text)
        if base.kind in (ROW, VECTOR):
            raise mistakes.power_of_vector(item, self._shown(base), self.text)
        return base.pair if base.kind == SCALAR else self._square(item)

    # --- sums and what goes entry by entry ----------------------------------------------------------------------------------

    def _add(self, item: Item) -> Pair:
        return self._join(item, self._parts(item.args), "a sum")

    def _compare(self, item: Item) -> Pair:
        return self._join(item, self._parts(item.args), "a comparison")

    def _elpower(self, item: Item) -> Pair:
        return self._join(item, self._parts(item.args), "a power entry by entry")

    def _join(self, item: Item, parts: Sequence[Part], what: str) -> Pair:
        """One shape for all parts, to which rows, columns and scalars broadcast."""
        kind = SCALAR
        for part in parts:
            kind &= part.kind
        found: list[Axis] = []
        for side, single in enumerate((ROW, VECTOR)):
            wide = [part for part in parts if not part.kind & single]
            if not wide:
                found.append(Axis(1))
                continue
            first = wide[0]
            for other in wide[1:]:
                if not self.unifier.unite(first.pair[side], other.pair[side], item):
                    raise mistakes.clash_in_sum(self._shown(first), self._shown(other), side, what, self.text)
            found.append(first.pair[side])
        return (found[0], found[1])

    def _inner(self, item: Item) -> Pair:
        a, b = self._parts(item.args)
        if a.kind != b.kind:
            raise mistakes.clash_in_inner(self._shown(a), self._shown(b), self.text)
        self._join(item, (a, b), "an inner product")
        return (Axis(1), Axis(1))

    # --- products ---------------------------------------------------------------------------------------------------------

    def _chain(self, item: Item) -> Pair:
        """The reading that forces the fewest equations between dimensions, left to right on a tie."""
        readings = list(readings_that_fit(item.data, [self.kinds[a.place] for a in item.args]).items())
        best = readings[0][0]
        if best != READINGS[0] or len(readings) > 1:
            best = self._best_reading(item, readings)
        self.readings[item.place] = best
        return self._evaluate(item, best)

    def _best_reading(self, item: Item, readings: Sequence[tuple[str, Fit]]) -> str:
        """The reading with the fewest equations among those of the first one's kind, which is the item's; noted."""
        mark, counted = self.unifier.mark(), {}
        for reading, _ in readings:
            with suppress(ShapeError):
                self._evaluate(item, reading)
                counted[reading] = self.unifier.mark() - mark
            self.unifier.undo(mark)
        possible = [r for r, fit in readings if r in counted and fit.kind == readings[0][1].kind]
        if not possible:
            return readings[0][0]
        best = min(possible, key=lambda r: (counted[r], READINGS.index(r)))
        if len({self._grouping(item, r) for r in (READINGS[0], *counted)}) > 1:
            self.notes.append(f"{self._cut(item)} read as {self._grouping(item, best)}; brackets decide it")
        return best

    def _grouping(self, item: Item, reading: str) -> str:
        """The chain with brackets that show a reading."""
        signs = {"*": "*", "": "*", ".*": " .* ", "./": " ./ "}

        def show(a: tuple[str, str], b: tuple[str, str], op: str) -> tuple[str, str]:
            sides = [text if not inner or inner == op else f"({text})" for text, inner in (a, b)]
            return (signs.get(op, op).join(sides), op)

        values = [(mistakes.operand_text(self.part(a), self.text), "") for a in item.args]
        return fold(item.data, values, reading, show)[0]

    def _cut(self, item: Item) -> str:
        return shorten(self.text[item.span.start : item.span.end])

    def _evaluate(self, item: Item, reading: str) -> Pair:
        def combine(a: Part, b: Part, op: str) -> Part:
            fit = combine_kinds(Fit(a.kind, 0, 0), Fit(b.kind, 0, 0), op)
            return Part(a.span.to(b.span), self._times(item, a, b, op), fit.kind)

        return fold(item.data, self._parts(item.args), reading, combine).pair

    def _times(self, item: Item, a: Part, b: Part, op: str) -> Pair:
        """The rows and columns of a product, a quotient or an entrywise product of two factors."""
        if op in ENTRYWISE:
            return self._join(item, (a, b), "an entrywise product" if op == ".*" else "an entrywise quotient")
        if op == "/":
            if b.kind != SCALAR:
                raise mistakes.division_by_array(self._shown(a), self._shown(b), self.text)
            return a.pair
        if op == "\\":
            if a.kind != MATRIX or not self.unifier.unite(*a.pair, item):
                raise mistakes.solve_not_square(self._shown(a), self._shown(b), self.text)
        elif SCALAR in (a.kind, b.kind):
            return b.pair if a.kind == SCALAR else a.pair
        fit = (a.kind & VECTOR != 0) == (b.kind & ROW != 0)
        if not fit or not self.unifier.unite(a.pair[1], b.pair[0], item):
            raise mistakes.clash_in_product(self._shown(a), self._shown(b), op, self.text)
        return (a.pair[0], b.pair[1])

    def _kron(self, item: Item) -> Pair:
        pairs = [self.pairs[a.place] for a in item.args]
        return (self._product([p[0] for p in pairs], item), self._product([p[1] for p in pairs], item))

    def _beside(self, item: Item) -> Pair:
        """Blocks that have one axis in common and share the other."""
        parts = self._parts(item.args)
        along = 1 if item.op == "hcat" else 0
        for part in parts[1:]:
            if not self.unifier.unite(parts[0].pair[1 - along], part.pair[1 - along], item):
                raise mistakes.clash_in_blocks(item, self._shown(parts[0]), self._shown(part), 1 - along, self.text)
        total = Axis()
        self.products.append(Product(total, tuple(part.pair[along] for part in parts), item, is_sum=True))
        common = parts[0].pair[1 - along]
        return (common, total) if along else (total, common)

    def _product(self, factors: Sequence[Axis], item: Item) -> Axis:
        """The axis whose length is a product, the factor that changes slowest first."""
        wide = [axis for axis in factors if axis.known != 1]
        if len(wide) < 2:
            return wide[0] if wide else Axis(1)
        result = Axis()
        self.products.append(Product(result, tuple(wide), item))
        return result

    # --- functions --------------------------------------------------------------------------------------------------------

    def _sum(self, item: Item) -> Pair:
        rows, columns = self.pairs[item.args[0].place]
        axis = along(item.data, self.kinds[item.args[0].place])
        return (Axis(1) if axis in (None, 0) else rows, Axis(1) if axis in (None, 1) else columns)

    def _operator(self, item: Item) -> Pair:
        row = OPERATORS[item.data]
        if len(item.args) != row.arity:
            raise mistakes.wrong_arity(row.name, (row.arity,), len(item.args), item.span)
        x = self.part(item.args[0])
        if isinstance(row.shape, Signature):
            return self._signature(item, row.shape)
        if row.kind == "square to scalar":
            self._square(item)
            return (Axis(1), Axis(1))
        if row.kind == "square":
            return self._square(item)
        if row.kind == "scalar":
            return (Axis(1), Axis(1))
        if row.kind == "vector":
            return (self._product(x.pair[::-1], item), Axis(1))
        if row.kind == "diag":
            if x.kind == MATRIX:
                self._square(item)
                return (x.pair[0], Axis(1))
            axis = x.pair[1] if x.kind == ROW else x.pair[0]
            return (axis, axis)
        if row.name == "kron":
            return self._kron(item)
        if row.kind == "blocks":
            return self._quotient(item)
        if row.kind == "shaped":
            like = self.part(item.args[1]).pair
            self.unifier.unite(x.pair[0], self._product(like[::-1], item), item)
            return like
        return self._join(item, self._parts(item.args), f"{row.name}(…)")

    def _signature(self, item: Item, signature: Signature) -> Pair:
        """Axes with the same letter are one."""
        if signature.arguments[0][0] == signature.arguments[0][1] != "1":
            self._square(item)
        axes = {"1": Axis(1)}
        for letters, part in zip(signature.arguments, self._parts(item.args), strict=True):
            for letter, axis in zip(letters, part.pair, strict=True):
                if not self.unifier.unite(axes.setdefault(letter, axis), axis, item):
                    raise mistakes.wrong_signature(item, signature.text, self._shown(part), self.text)
        return (axes[signature.value[0]], axes[signature.value[1]])

    def _quotient(self, item: Item) -> Pair:
        """The axes whose products with those of the second argument are the axes of the first."""
        whole, block = (self.part(a).pair for a in item.args)
        pair = (Axis(), Axis())
        for total, quotient, size in zip(whole, pair, block, strict=True):
            self.products.append(Product(total, (quotient, size), item))
        return pair

    def _abstract(self, item: Item) -> Pair:
        name, index = item.data
        declared = self.names.abstract[name]
        if len(item.args) != len(declared.domain):
            raise mistakes.wrong_arity(name, (len(declared.domain),), len(item.args), item.span)
        for i, (part, shape) in enumerate(zip(self._parts(item.args), declared.domain, strict=True)):
            fits = WORDS[declared.kinds[i]] == part.kind
            for axis, size in zip(part.pair, shape or (), strict=False):
                known = Axis(size, f"a side of the argument of {name} (declared)")
                fits = fits and self.unifier.unite(axis, known, item)
            if not fits:
                raise mistakes.wrong_argument(name, declared, i, self._shown(part), self.text)
        if index is not None:
            return self._partial(item, declared.kinds[-1])
        if name not in self.values:
            shape, kind = declared.codomain, WORDS[declared.kinds[-1]]
            origin = f"a side of the value of {name} (declared)"
            open_pair = (Axis(1) if kind & ROW else Axis(), Axis(1) if kind & VECTOR else Axis())
            self.values[name] = open_pair if shape is None else (Axis(shape[0], origin), Axis(shape[1], origin))
        return self.values[name]

    def _partial(self, item: Item, value: str) -> Pair:
        """The derivative of a scalar function by an argument has the shape of that argument."""
        name, index = item.data
        if value != "scalar":
            hint = f"declare {name} with a scalar value, such as {name}: m×p -> scalar"
            raise UnsupportedError(f"∂{name} is supported for scalar functions only", span=item.span, hint=hint)
        target: Item = item.args[index]
        return self.pairs[target.place]

    def _derivative(self, item: Item) -> Pair:
        """The shape of n for a scalar f, that of f for a scalar n, else entries of f by entries of n, as vec has them."""
        function, target = self._parts(item.args)
        if function.kind == SCALAR:
            return target.pair[::-1] if item.data == "numerator" else target.pair
        if target.kind == SCALAR:
            return function.pair
        return (self._product(function.pair[::-1], item), self._product(target.pair[::-1], item))

    def _equal(self, item: Item) -> Pair:
        first, *others = self._parts(item.args)
        for other in others:
            for side in (0, 1):
                if not self.unifier.unite(first.pair[side], other.pair[side], item):
                    raise mistakes.sides_differ(self._shown(first), self._shown(other), side, self.text)
        return first.pair

    # --- at the end -------------------------------------------------------------------------------------------------------

    def _spare_names(self) -> Iterator[str]:
        """Names for dimensions that nothing else has."""
        return (name for name in chain(FRESH, (f"n{i}" for i in count(1))) if name not in self.taken)

    def _name_one(self, open_axes: Sequence[Axis]) -> None:
        """Name one of some unknown dimensions, the first in the text."""
        roots = {id(axis.root()) for axis in open_axes}
        in_text = (axis.root() for pair in self.symbols.values() for axis in pair)
        first = next((root for root in in_text if id(root) in roots), open_axes[0].root())
        first.value = Dim(next(self.spare))

    def _name_the_rest(self) -> None:
        """Name what is still unknown, in the order of the text; a single unknown dimension is n."""
        unknown: dict[int, Axis] = {}
        for pair in (*self.symbols.values(), *self.pairs):
            for axis in pair:
                root = axis.root()
                if root.value is None:
                    unknown[id(root)] = root
        names = list(islice(self.spare, max(2, len(unknown))))
        if len(unknown) == 1 and "n" in names:
            names = ["n"]
        for root, name in zip(unknown.values(), names, strict=False):
            root.value = Dim(name)


def _shape(pair: Pair) -> Shape:
    rows, columns = pair[0].known, pair[1].known
    assert rows is not None and columns is not None
    return (rows, columns)


_RULES: dict[str, Callable[[Dimensions, Item], Pair]] = {
    "number": Dimensions._scalar,
    "dimension": Dimensions._scalar,
    "pi": Dimensions._scalar,
    "symbol": Dimensions._symbol,
    "eye": Dimensions._eye,
    "unit": Dimensions._unit,
    "units": Dimensions._units,
    "hcat": Dimensions._beside,
    "vcat": Dimensions._beside,
    "pick": Dimensions._pick,
    "basis": Dimensions._basis,
    "entry": Dimensions._entry,
    "line": Dimensions._line,
    "sigma": Dimensions._same,
    "ones": Dimensions._constant,
    "zeros": Dimensions._constant,
    "fill": Dimensions._fill,
    "commutation": Dimensions._commutation,
    "neg": Dimensions._same,
    "use": Dimensions._same,
    "elementwise": Dimensions._same,
    "softmax": Dimensions._same,
    "hardmax": Dimensions._same,
    "center": Dimensions._same,
    "transpose": Dimensions._transpose,
    "inv": Dimensions._square,
    "bars": Dimensions._bars,
    "power": Dimensions._power,
    "add": Dimensions._add,
    "elpower": Dimensions._elpower,
    "compare": Dimensions._compare,
    "inner": Dimensions._inner,
    "chain": Dimensions._chain,
    "kron": Dimensions._kron,
    "sum": Dimensions._sum,
    "mean": Dimensions._sum,
    "max": Dimensions._sum,
    "min": Dimensions._sum,
    "logsumexp": Dimensions._sum,
    "norm": Dimensions._scalar,
    "operator": Dimensions._operator,
    "abstract": Dimensions._abstract,
    "derivative": Dimensions._derivative,
    "differential": Dimensions._same,
    "equal": Dimensions._equal,
}
