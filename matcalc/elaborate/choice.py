"""The choice of kinds: those that the declarations leave open are decided by defaults and use.

Where kinds clash, other kinds are tried for undeclared names, the fewest changes first. A choice is weighed by what is
odd about it: see `Weigher`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations, islice, product

from matcalc.dims import DimLike
from matcalc.elaborate.chains import PRODUCT, readings_that_fit
from matcalc.elaborate.declared import Names
from matcalc.elaborate.items import Item
from matcalc.elaborate.kinds import MATRIX, ROW, SCALAR, TRANSPOSED, VECTOR, WORDS, along, declared_kind, default_kind
from matcalc.operators import OPERATORS, Signature

__all__ = ["choose_kinds"]

TRIES = 400
"""Choices that are weighed before the best so far is taken."""
WORK = 300_000
"""Occurrences visited over all tries."""
HARD = 100.0
"""What a clash weighs against anything odd."""


def choose_kinds(items: Sequence[Item], names: Names) -> Iterator[list[int]]:
    """The kind of every item, by place: the best choice, then the usual one, if that differs, for its mistakes.

    The best single change is made again and again; if kinds clash still, pairs of names are changed together.
    """
    used = list(dict.fromkeys(item.data for item in items if item.op == "symbol"))
    free = [name for name in used if name not in names.kinds]
    usual = {n: default_kind(n) if n not in names.kinds else declared_kind(n, names) for n in used}
    weigher = Weigher(items, frozenset(free), names)
    columns = {n: VECTOR for n in _turned(items) if n in free and not n[0].isupper()}
    starts = [usual, {**usual, **columns}] if columns and weigher.weigh(usual) > 0 else [usual]
    found = [_improved(start, usual, free, weigher) for start in starts]
    best = min(found, key=lambda kinds: weigher.weigh(kinds) + _strangeness(kinds, usual))
    for chosen in (best, usual) if best != usual else (best,):
        weigher.weigh(chosen)
        yield list(weigher.kinds)


def _improved(start: dict[str, int], usual: dict[str, int], free: Sequence[str], weigher: Weigher) -> dict[str, int]:
    best, weight = start, weigher.weigh(start)
    tries = min(TRIES, WORK // max(1, len(weigher.items))) if free else 0
    size = 1
    while weight > 0 and tries > 0:
        trials = list(islice(_changes(best, free, size), tries))
        tries -= len(trials)
        weighed = [(weigher.weigh(t) + _strangeness(t, usual), i) for i, t in enumerate(trials)]
        least, i = min(weighed, default=(weight, 0))
        if least < weight:
            weight, best, size = least, trials[i], 1
        elif size == 1 and weight >= HARD:
            size = 2
        else:
            break
    return best


def _turned(items: Sequence[Item]) -> set[str]:
    """The names that are transposed, alone or in a sum: no scalars, whatever letters they are."""
    below: list[Item] = [item.args[0] for item in items if item.op == "transpose"]
    names: set[str] = set()
    while below:
        item = below.pop()
        if item.op == "symbol":
            names.add(item.data)
        elif item.op in ("add", "neg"):
            below += item.args
    return names


def _changes(start: Mapping[str, int], free: Sequence[str], size: int) -> Iterator[dict[str, int]]:
    """Choices that differ for some names; a capital is changed alone, and to a scalar, such as N."""
    for some in combinations([n for n in free if size == 1 or not n[0].isupper()], size):
        for kinds in product(*((SCALAR, MATRIX) if n[0].isupper() else (VECTOR, SCALAR, ROW, MATRIX) for n in some)):
            if all(start[n] != k for n, k in zip(some, kinds, strict=True)):
                yield {**start, **dict(zip(some, kinds, strict=True))}


def _strangeness(trial: Mapping[str, int], usual: Mapping[str, int]) -> float:
    """What it costs to give names other kinds than the usual ones; a capital is hardly ever no matrix."""
    changed = [(n, k) for n, k in trial.items() if k != usual[n]]
    return sum(3.0 if n[0].isupper() else 0.4 if k in (SCALAR, VECTOR) else 1.4 for n, k in changed)


class Weigher:
    """Finds the kinds of all items for a choice of the kinds of names, and what is odd about it.

    Args:
        items: arguments before the items that use them, each with its place.
        free: the names that were not declared.
        declared: what is declared.
    """

    def __init__(self, items: Sequence[Item], free: frozenset[str], declared: Names) -> None:
        self.items = items
        self.free = free
        self.functions = declared.abstract
        self.names: Mapping[str, int] = {}
        self.oddity = 0.0
        self.kinds = [SCALAR] * len(items)
        self.loose = self._looseness(_TRANSPARENT) if free else [0.0] * len(items)
        self.inside = self._looseness(_TRANSPARENT | _ENTRYWISE) if free else self.loose
        self.plan = [(item, _RULES.get(item.op, Weigher._same)) for item in items]

    def weigh(self, names: Mapping[str, int]) -> float:
        """How odd a choice of kinds is; `kinds` holds those that follow from it."""
        self.names = names
        self.oddity = 0.0
        kinds = self.kinds
        for item, rule in self.plan:
            kinds[item.place] = rule(self, item, [kinds[a.place] for a in item.args])
        return self.oddity

    def _looseness(self, transparent: frozenset[str]) -> list[float]:
        """How freely each item could have another kind: 1 for an undeclared name, 0 for what is no choice at all.

        transparent: operations that have the kind of their argument.
        """
        loose = [0.0] * len(self.items)
        for item in self.items:
            inner = [loose[a.place] for a in item.args]
            if item.op == "symbol":
                loose[item.place] = float(item.data in self.free)
            elif item.op in transparent:
                loose[item.place] = max(inner)
            elif item.op == "chain" and PRODUCT.issuperset(item.data) and all(map(_is_plain, item.args)):
                loose[item.place] = 0.5 * max(inner)
        return loose

    # --- rules: the kind of an item from those of its arguments; what is odd is added to `oddity` ---------------------

    def _same(self, item: Item, args: list[int]) -> int:
        return args[0] if args else SCALAR

    def _symbol(self, item: Item, args: list[int]) -> int:
        return self.names[item.data]

    def _scalar(self, item: Item, args: list[int]) -> int:
        return SCALAR

    def _matrix(self, item: Item, args: list[int]) -> int:
        return MATRIX

    def _eye(self, item: Item, args: list[int]) -> int:
        return SCALAR if item.data == 1 else MATRIX

    def _unit(self, item: Item, args: list[int]) -> int:
        return VECTOR

    def _pick(self, item: Item, args: list[int]) -> int:
        self._expect_no_scalar(item, args[:1])
        if args[1] == MATRIX:
            return args[0]
        return ROW if args[0] == MATRIX else SCALAR

    def _beside(self, item: Item, args: list[int]) -> int:
        single = ROW if item.op == "hcat" else VECTOR
        shared = {kind & single for kind in args}
        self.oddity += HARD * (len(shared) > 1)
        return single if shared == {single} else MATRIX

    def _entry(self, item: Item, args: list[int]) -> int:
        """An entry has as many indices as there are axes."""
        self.oddity += HARD * (args[0] not in ((ROW, VECTOR), (MATRIX,))[len(args) - 2])
        return SCALAR

    def _line(self, item: Item, args: list[int]) -> int:
        self.oddity += HARD * (args[0] != MATRIX)
        return VECTOR

    def _units(self, item: Item, args: list[int]) -> int:
        first, last = item.data[-2:]
        return VECTOR if first == last else MATRIX

    def _constant(self, item: Item, args: list[int]) -> int:
        dims: tuple[DimLike, ...] = item.data
        if not dims:
            return VECTOR if item.op == "ones" else MATRIX
        return (dims[0] == 1) | (len(dims) == 1 or dims[1] == 1) << 1

    def _fill(self, item: Item, args: list[int]) -> int:
        self.oddity += HARD * (args[0] != SCALAR)
        return VECTOR if item.data == "vector" else MATRIX

    def _transpose(self, item: Item, args: list[int]) -> int:
        if args[0] == SCALAR and self.free:
            self.oddity += 2.5 if self.loose[item.args[0].place] == 1 else 0.6
        return TRANSPOSED[args[0]]

    def _expect_no_scalar(self, item: Item, args: list[int], factor: float = 1.0) -> None:
        """A scalar that is normed or summed is odd, the more so if it could be something else."""
        if self.free:
            for a, k in zip(item.args, args, strict=False):
                if k == SCALAR:
                    self.oddity += factor * (5.0 if self.inside[a.place] == 1 else 0.6)

    def _add(self, item: Item, args: list[int]) -> int:
        """A sum, with broadcasts. That an undeclared name is broadcast, or broadcasts others, is odd."""
        kind = MATRIX | 3
        for k in args:
            kind &= k
        if not self.free or all(k == kind for k in args):
            return kind
        if kind not in args:
            self.oddity += 2.0
        computed = False
        for a, k in zip(item.args, args, strict=True):
            loose = self.loose[a.place]
            if k == kind:
                continue
            if loose:
                self.oddity += 1.1 * loose if k == SCALAR else 2.0
            elif a.op not in ("number", "dimension", "pi"):
                computed = True
        if computed and all(k != kind or self._hangs_free(a) for a, k in zip(item.args, args, strict=True)):
            self.oddity += 4.0
        return kind

    def _hangs_free(self, item: Item) -> bool:
        """Whether the kind of a term is that of one undeclared name: x, c·x, or (x − 1)·c where c is a scalar."""
        while item.op == "chain" or item.op in _TRANSPARENT:
            arrays = [a for a in item.args if self.kinds[a.place] != SCALAR]
            if len(arrays) != 1:
                return False
            item = arrays[0]
        return item.op == "symbol" and self.loose[item.place] == 1

    def _chain(self, item: Item, args: list[int]) -> int:
        if self.free:
            self._expect_vectors_on_the_right(item, args)
        fit = next(iter(readings_that_fit(item.data, args).values()))
        self.oddity += HARD * fit.clashes + 2.0 * fit.broadcasts
        return fit.kind

    def _expect_vectors_on_the_right(self, item: Item, args: list[int]) -> None:
        """A name to the right of a matrix or a row is rather a vector than a scalar."""
        before = args[0]
        for op, a, k in zip(item.data, item.args[1:], args[1:], strict=True):
            if k == SCALAR and before != SCALAR and op in ("*", ""):
                self.oddity += 1.2 * self.loose[a.place]
            if k != SCALAR:
                before = k if op not in ("*", "") or before == SCALAR else (before & ROW) | (k & VECTOR)

    def _power(self, item: Item, args: list[int]) -> int:
        """x^k: (X*w)^2 is rather a mistake for (X*w).^2 than the square of a matrix X*w."""
        base, exponent = args
        self.oddity += HARD * (exponent != SCALAR) + HARD * (base in (VECTOR, ROW))
        if base == MATRIX and self.free and item.args[0].op == "chain":
            last = item.args[0].args[-1]
            self.oddity += HARD * (
                self.loose[last.place] == 1 and last.op == "symbol" and default_kind(last.data) == VECTOR
            )
        return base

    def _elpower(self, item: Item, args: list[int]) -> int:
        base, exponent = args
        if exponent != SCALAR and self.loose[item.args[1].place]:
            self.oddity += 1.0
        if SCALAR not in args and base != exponent:
            self.oddity += 2.0
        return base & exponent

    def _square(self, item: Item, args: list[int]) -> int:
        self.oddity += HARD * (args[0] in (VECTOR, ROW))
        return args[0]

    def _bars(self, item: Item, args: list[int]) -> int:
        return SCALAR if args[0] == MATRIX else args[0]

    def _norm(self, item: Item, args: list[int]) -> int:
        self._expect_no_scalar(item, args, 2.0)
        return SCALAR

    def _inner(self, item: Item, args: list[int]) -> int:
        self.oddity += HARD * (args[0] != args[1])
        self._expect_no_scalar(item, args)
        return SCALAR

    def _sum(self, item: Item, args: list[int]) -> int:
        self._expect_no_scalar(item, args)
        axis = along(item.data, args[0])
        return SCALAR if axis is None else args[0] | (ROW if axis == 0 else VECTOR)

    def _softmax(self, item: Item, args: list[int]) -> int:
        self._expect_no_scalar(item, args)
        return args[0]

    def _abstract(self, item: Item, args: list[int]) -> int:
        name, index = item.data
        function = self.functions[name]
        for k, word in zip(args, function.kinds, strict=False):
            self.oddity += HARD * (k != WORDS[word])
        return WORDS[function.kinds[-1]] if index is None else args[index]

    def _derivative(self, item: Item, args: list[int]) -> int:
        function, target = args
        if function == SCALAR:
            return TRANSPOSED[target] if item.data == "numerator" else target
        return function if target == SCALAR else MATRIX

    def _equal(self, item: Item, args: list[int]) -> int:
        self.oddity += HARD * sum(kind != args[0] for kind in args)
        return args[0]

    def _kron(self, item: Item, args: list[int]) -> int:
        kind = SCALAR
        for k in args:
            kind &= k
        return kind

    def _operator(self, item: Item, args: list[int]) -> int:
        row = OPERATORS[item.data]
        if not args:
            return SCALAR
        x = args[0]
        if isinstance(row.shape, Signature):
            return self._signature(item, args, row.shape)
        if row.kind == "diag":
            self._expect_no_scalar(item, args, HARD)
            return (VECTOR, MATRIX, MATRIX, SCALAR)[x]
        if row.kind == "vector":
            return VECTOR if x != SCALAR else SCALAR
        if row.kind == "square to scalar":
            self._square(item, args)
            self._expect_no_scalar(item, args, 0.5)
            return SCALAR
        if row.kind == "square":
            return self._square(item, args)
        if row.kind == "scalar":
            self._expect_no_scalar(item, args, 2.0)
            return SCALAR
        if row.kind == "blocks":
            return MATRIX
        return args[-1] if row.kind == "shaped" else self._kron(item, args)

    def _signature(self, item: Item, args: list[int], signature: Signature) -> int:
        """The kind of a value from the sides of the arguments that are single."""
        if signature.arguments[0][0] == signature.arguments[0][1]:
            self._square(item, args)
            self._expect_no_scalar(item, args, 0.5)
        single = {"1"}
        for letters, kind in zip(signature.arguments, args, strict=False):
            single |= {letter for letter, bit in zip(letters, (ROW, VECTOR), strict=True) if kind & bit}
        rows, columns = (letter in single for letter in signature.value)
        return (ROW if rows else 0) | (VECTOR if columns else 0)


def _is_plain(item: Item) -> bool:
    """Whether a factor is a number, a name, a transposed name, or a power of a name."""
    return not item.args or (item.op in ("power", "transpose") and not item.args[0].args)


_TRANSPARENT = frozenset({"neg", "transpose", "use", "add"})
_ENTRYWISE = frozenset({"elementwise", "elpower"})

Rule = Callable[[Weigher, Item, list[int]], int]

_RULES: dict[str, Rule] = {
    "symbol": Weigher._symbol,
    "number": Weigher._scalar,
    "dimension": Weigher._scalar,
    "pi": Weigher._scalar,
    "eye": Weigher._eye,
    "unit": Weigher._unit,
    "units": Weigher._units,
    "hcat": Weigher._beside,
    "vcat": Weigher._beside,
    "pick": Weigher._pick,
    "basis": Weigher._unit,
    "entry": Weigher._entry,
    "line": Weigher._line,
    "ones": Weigher._constant,
    "zeros": Weigher._constant,
    "fill": Weigher._fill,
    "commutation": Weigher._matrix,
    "add": Weigher._add,
    "chain": Weigher._chain,
    "kron": Weigher._kron,
    "compare": Weigher._kron,
    "power": Weigher._power,
    "elpower": Weigher._elpower,
    "transpose": Weigher._transpose,
    "inv": Weigher._square,
    "bars": Weigher._bars,
    "operator": Weigher._operator,
    "sum": Weigher._sum,
    "mean": Weigher._sum,
    "max": Weigher._sum,
    "min": Weigher._sum,
    "softmax": Weigher._softmax,
    "hardmax": Weigher._softmax,
    "center": Weigher._softmax,
    "logsumexp": Weigher._sum,
    "inner": Weigher._inner,
    "norm": Weigher._norm,
    "abstract": Weigher._abstract,
    "derivative": Weigher._derivative,
    "equal": Weigher._equal,
}
"""What is not here has the kind of its argument."""
