"""The words that mean something before a bracket, and what each of them means."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache

from matcalc.elaborate.items import Item
from matcalc.elaborate.library import library_names
from matcalc.elaborate.mistakes import wrong_arity
from matcalc.elaborate.norms import AXES, exponent_of, norm
from matcalc.errors import Span, SyntaxMistake, UnsupportedError
from matcalc.functions import find_function, function_names
from matcalc.operators import OPERATORS
from matcalc.syntax import Node, dimension_of, postorder
from matcalc.syntax.names import NORMS

__all__ = [
    "FIRST_ONLY",
    "SIZED",
    "axis_of",
    "formulas_of",
    "is_known",
    "known_words",
    "operator_of",
    "special",
    "usual_spelling",
]

SIZED = frozenset({"unit", "units", "ones", "zeros", "eye", "commutation"})
"""Their arguments are dimensions."""

FIRST_ONLY = frozenset({"sum", "mean", "softmax", "hardmax", "center", "logsumexp", "norm"})
"""Only their first argument is a formula; an axis or the kind of a norm follows."""

KEEPING = frozenset({"softmax", "hardmax", "center"})
"""What has the shape of its argument: the axis is the one along which entries are compared."""

EXTREMES = {"max": "max", "maximum": "max", "amax": "max", "min": "min", "minimum": "min", "amin": "min"}
"""Of two arrays entry by entry, or of the entries of one array."""

ONE_ARRAY = frozenset({"amax", "amin"})
"""Those of one array alone."""

NOT_YET = {
    "svd": "||X||_2, ||X||_* and polar(X) are known",
    "eig": "eigvals, eigvecs, lambda_max and eigsum of a symmetric matrix are known",
    "rank": "it is not differentiable",
    "qr": "cholesky(X'*X) is the transpose of R",
    "cumsum": "multiply by a constant triangular matrix",
    "median": "it is not differentiable",
    "argmax": "it is not differentiable",
    "argmin": "it is not differentiable",
    "floor": "its derivative is zero wherever it has one",
    "ceil": "its derivative is zero wherever it has one",
    "round": "its derivative is zero wherever it has one",
    "trunc": "its derivative is zero wherever it has one",
    "duplication": "vec(X) of a symmetric X keeps all entries",
    "elimination": "vec(X) keeps all entries",
    "conj": "all matrices are real",
    "real": "all matrices are real",
    "imag": "all matrices are real",
    "reshape": "vec(X) stacks the columns",
    "flatten": "vec(X) stacks the columns",
    "vech": "vec(X) of a symmetric X keeps all entries",
    "adjoint": "X' is the transpose, adjugate(X) the adjugate",
    "cov": "write (X - mean(X, rows))'*(X - mean(X, rows))/n",
    "cross": "multiply by the constant matrix of the cross product",
    "cumprod": "it is not supported",
    "sort": "it is not supported",
    "fft": "multiply by a constant matrix",
    "length": "the length of a vector is its dimension: n in x: n",
    "size": "the size of an array is its dimensions: m and n in X: m×n",
    "numel": "the number of entries is m*n for X: m×n",
    "rowsum": "sum(X, columns) adds up each row",
    "colsum": "sum(X, rows) adds up each column",
}
"""Words that would mean too much to be taken as a generic function, and what may do instead."""

Make = Callable[[Node, tuple[Item, ...]], Item]
Axis = int | str | None
"""0 or 1; "last", "all", or None where none is given."""


def axis_of(node: Node) -> Axis:
    """The axis of sum(X, rows), sum(X, axis=0) or sum(X, 0); keepdims says nothing here, for axes are always kept."""
    words = [a for a in node.args[1:] if not (a.head == "keyword" and a.value == "keepdims")]
    if not words:
        return None
    word = words[0]
    if len(words) > 1 or (word.head == "keyword" and word.value not in ("axis", "dim")):
        last = node.args[-1]
        raise SyntaxMistake(
            f"{node.value[0]} takes one array and an axis", span=last.span, hint=f"write {node.value[0]}(X, axis=0)"
        )  # fmt: skip
    if word.head == "keyword":
        word = word.args[0]
    if word.head == "name" and word.value in AXES:
        return AXES[word.value]
    if word.head == "number" and word.value in (0, 1):
        return int(word.value)
    if (word.head == "add" and word.value == ("-",) and word.args[0].value == 1) or word.value == "last":
        return "last"
    hint = "sum(X, rows) adds the rows up, like axis=0; sum(X, columns) is axis=1; sum(X, all) adds up all entries"
    raise SyntaxMistake("an axis is rows, columns, all, 0 or 1", span=word.span, hint=hint)


def formulas_of(call: Node) -> tuple[Node, ...]:
    """The arguments of a call that are formulas themselves, not sizes, axes or kinds of norms."""
    name = call.value[0]
    if name in SIZED:
        return ()
    if name == "norm":
        return (*call.args[:1], *exponent_of(call))
    only_first = name in FIRST_ONLY or (name in EXTREMES and _is_reduction(call))
    return call.args[:1] if only_first else call.args


def _is_reduction(call: Node) -> bool:
    """Whether the largest entry of an array is asked for, rather than the larger of two; amax(X, 0) is NumPy's."""
    options = call.args[1:]
    return not options or call.value[0] in ONE_ARRAY or any(a.head == "keyword" or a.value in AXES for a in options)


def _reduction(node: Node, args: tuple[Item, ...]) -> Item:
    name = node.value[0]
    return Item(name, args, node.span, axis_of(node) if name in KEEPING else _summed_axis(node))


def _summed_axis(node: Node) -> Axis:
    """The axis of what is one number for all entries: all of them are what is meant without an axis."""
    axis = axis_of(node)
    return None if axis == "all" else axis


def _extreme(node: Node, args: tuple[Item, ...]) -> Item:
    word = EXTREMES[node.value[0]]
    if not node.args:
        raise wrong_arity(word, (1, 2), 0, node.span)
    if not _is_reduction(node):
        return Item("operator", args, node.span, word)
    return Item(word, args, node.span, _summed_axis(node))


def _sized(node: Node, args: tuple[Item, ...]) -> Item:
    name = node.value[0]
    dims = tuple(dimension_of(a) for a in node.args)
    for size, typed in zip(dims, node.args, strict=True):
        if isinstance(size, int) and size < 1:
            raise SyntaxMistake("a dimension is 1 or more", span=typed.span, hint="write 3 or n")
    if name == "eye":
        if len(dims) == 2 and dims[0] != dims[1]:
            raise UnsupportedError(
                "eye(m, n) is not square", span=node.span, hint="write eye(n), or a declared constant"
            )
        return Item("eye", (), node.span, dims[0] if dims else None)
    if name == "commutation":
        _count(node, (1, 2))
        return Item(name, (), node.span, (dims[0], dims[-1]))
    _count(node, (0, 1, 2))
    return Item(name, (), node.span, dims)


def _unit_vector(node: Node, args: tuple[Item, ...]) -> Item:
    name = node.value[0]
    _count(node, (2,) if name == "unit" else (3,))
    dims = tuple(dimension_of(a) for a in node.args)
    if not all(i >= 1 if isinstance(i, int) else name == "units" for i in dims[1:]):
        hint = "write unit(n, 1)" if name == "unit" else "write units(n, 1, 3)"
        raise SyntaxMistake("the index of a unit vector is a whole number from 1", span=node.span, hint=hint)
    return Item(name, (), node.span, dims)


def _fill(node: Node, args: tuple[Item, ...]) -> Item:
    _count(node, (1,))
    return Item("fill", args, node.span, node.value[0])


def _norm(node: Node, args: tuple[Item, ...]) -> Item:
    name = node.value[0]
    if name in ("norm1", "norm2"):
        _count(node, (1,))
        return Item("norm", args, node.span, {"norm1": "1", "norm2": "entries"}[name])
    _count(node, (1, 2, 3))
    along = [a for a in node.args[1:] if a.head == "keyword" and a.value in ("axis", "dim", "keepdims")]
    if along or (len(node.args) == 2 and node.args[1].value in AXES):
        squares = Item("elpower", (args[0], Item("number", (), node.span, Fraction(2))), node.span)
        total = Item("sum", (squares,), node.span, _summed_axis(node))
        return Item("elpower", (total, Item("number", (), node.span, Fraction(1, 2))), node.span)
    if len(node.args) == 1:
        return norm(args[0], None, None, node.span)
    which = node.args[1]
    if which.head == "keyword" and which.value == "ord":
        which = which.args[0]
    infinite = which.head != "name" and any(n.head == "name" and NORMS.get(n.value) == "max" for n in postorder(which))
    if len(node.args) > 2 or which.head == "keyword" or infinite:
        hint = "write norm(x, 3), norm(X, 'fro'), norm(x, inf) or norm(X, axis=1)"
        raise SyntaxMistake("norm takes one array and which norm, or an axis", span=node.args[-1].span, hint=hint)
    return norm(args[0], which.text, args[1] if len(args) > 1 else None, node.span)


def _entry_power(exponent: Fraction) -> Make:
    def make(node: Node, args: tuple[Item, ...]) -> Item:
        _count(node, (1,))
        return Item("elpower", (args[0], Item("number", (), node.span, exponent)), node.span)

    return make


def _inner(node: Node, args: tuple[Item, ...]) -> Item:
    _count(node, (2,))
    return Item("inner", args, node.span)


def _outer(node: Node, args: tuple[Item, ...]) -> Item:
    _count(node, (2,))
    return Item("chain", (args[0], Item("transpose", args[1:], args[1].span)), node.span, ("*",))


def _joined_by(operator: str) -> Make:
    def make(node: Node, args: tuple[Item, ...]) -> Item:
        _count(node, (2,))
        return Item("chain", args, node.span, (operator,))

    return make


def _unary(op: str) -> Make:
    def make(node: Node, args: tuple[Item, ...]) -> Item:
        _count(node, (1,))
        return Item(op, args, node.span)

    return make


def _power(node: Node, args: tuple[Item, ...]) -> Item:
    _count(node, (2,))
    return Item("power", args, node.span)


def _count(node: Node, allowed: tuple[int, ...]) -> None:
    name, found = node.value[0], len(node.args)
    if found not in allowed:
        raise wrong_arity(name, allowed, found, node.span)


SPECIAL: dict[str, Make] = {
    "sum": _reduction, "mean": _reduction, "softmax": _reduction, "logsumexp": _reduction,
    "hardmax": _reduction, "center": _reduction,
    "unit": _unit_vector, "units": _unit_vector, "ones": _sized, "zeros": _sized, "eye": _sized, "commutation": _sized,
    **dict.fromkeys(EXTREMES, _extreme), "vector": _fill, "matrix": _fill,
    "norm": _norm, "norm1": _norm, "norm2": _norm,
    "sqrt": _entry_power(Fraction(1, 2)), "square": _entry_power(Fraction(2)), "cbrt": _entry_power(Fraction(1, 3)),
    "inner": _inner, "dot": _inner, "outer": _outer,
    "hadamard": _joined_by(".*"), "matmul": _joined_by("*"), "solve": _joined_by("\\"),
    "inv": _unary("inv"), "inverse": _unary("inv"), "transpose": _unary("transpose"), "bars": _unary("bars"),
    "pow": _power, "matrix_power": _power,
}  # fmt: skip
"""What is neither an operator of the table nor an elementwise function."""

OPERATOR_WORDS = {word: row.name for row in OPERATORS.values() for word in (row.name, *row.aliases)}


def operator_of(name: str) -> str | None:
    """The operator of the table that a word names."""
    return OPERATOR_WORDS.get(name)


def is_known(name: str) -> bool:
    """Whether a name before a bracket has a meaning of its own."""
    return name in SPECIAL or name in OPERATOR_WORDS or name in NOT_YET or find_function(name) is not None


def usual_spelling(name: str) -> str | None:
    """The one known word that differs from a name in capital letters alone: Tr, ReLU, Log.

    >>> usual_spelling("ReLU"), usual_spelling("relu"), usual_spelling("G")
    ('relu', None, None)
    """
    if len(name) < 2 or name.islower():
        return None
    alike = {word for word in known_words() if word.lower() == name.lower()} - SIZED
    return alike.pop() if len(alike) == 1 and name not in alike else None


@lru_cache(maxsize=1)
def _fixed_words() -> tuple[str, ...]:
    return (*SPECIAL, *OPERATOR_WORDS, *NOT_YET)


def known_words() -> tuple[str, ...]:
    """All names that have a meaning before a bracket."""
    return (*function_names(), *_fixed_words(), *library_names())


def special(node: Node, args: tuple[Item, ...]) -> Item | None:
    """What a call of one of the words here means, or None.

    Raises: ArityError, SyntaxMistake, UnsupportedError with the place.
    """
    name, primes = node.value
    if name in NOT_YET:
        raise UnsupportedError(f"{name} is not supported", span=node.span, hint=NOT_YET[name])
    make = SPECIAL.get(name)
    if make is None:
        return None
    if primes:
        end = node.span.start + len(name) + primes
        raise SyntaxMistake(
            f"{name}' is no function", span=Span(node.span.start, end), hint="only elementwise functions have a derivative"
        )  # fmt: skip
    if name in FIRST_ONLY and not node.args:
        _count(node, (1, 2))
    return make(node, args)
