"""The wording of every mistake about names and shapes: what is wrong, where each side came from, what to write instead."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from matcalc.dims import show_shape
from matcalc.elaborate.declared import AbstractFunction
from matcalc.elaborate.items import Item, shorten
from matcalc.elaborate.kinds import MATRIX, ROW, VECTOR, kind_word
from matcalc.elaborate.unify import Axis, Pair, trace
from matcalc.errors import ArityError, LimitError, NameClash, ShapeError, Side, Span, SyntaxMistake, UnknownName
from matcalc.syntax import canonical_name

__all__ = ["Part", "axis_names", "nearest", "operand_text"]


class Part(NamedTuple):
    """A factor or a term with what is known of it; a factor of a chain may be no item of its own."""

    span: Span
    pair: Pair
    kind: int
    item: Item | None = None


OBJECTIVES = frozenset({"min", "max", "argmin", "argmax", "minimize", "minimise", "maximize", "maximise"})
"""What an objective begins with: min_w ‖X·w − y‖²."""


def function_alone(name: str, span: Span) -> NameClash:
    """`exp + 1`."""
    hint = f"write {name}(…); if it is a variable, declare it, such as {name}: scalar"
    return NameClash(f"{name} is a function and stands here without its argument", span=span, hint=hint)


def objective(name: str, span: Span) -> NameClash:
    """`min_w ||X*w - y||^2`."""
    hint = f"give what is minimised alone, and the variable with --wrt (wrt=); or declare {name}: scalar"
    return NameClash(f"{name} is no name unless it is declared", span=span, hint=hint)


def nearest(name: str, words: Iterable[str], cutoff: float = 0.75) -> str | None:
    """The word that a name may have been meant to be; one-letter names differ in case alone.

    >>> nearest("logdte", ["logdet", "log"]), nearest("Tr", ["tr"]), nearest("x", ["y"])
    ('logdet', 'tr', None)
    """
    words = list(words)
    alike = [word for word in words if word != name and word.lower() == name.lower()]
    if alike or len(name) < 3:
        return alike[0] if alike else None
    near = difflib.get_close_matches(name, words, 1, cutoff)
    return near[0] if near else None


def prime(operand: str) -> str:
    """An operand with a prime more, or one less."""
    return operand[:-1] if operand.endswith("'") else operand + "'"


def bracketed(size: object) -> str:
    """A dimension in brackets where it is a sum: (n + 1)×p."""
    return f"({size})" if " " in str(size) else str(size)


def axis_names(name: str, kind: int) -> tuple[str, str]:
    """What the rows and columns of a variable are called.

    >>> axis_names("X", MATRIX)
    ('the rows of X', 'the columns of X')
    """
    length = f"the length of {name}"
    return (length if kind == VECTOR else f"the rows of {name}", length if kind == ROW else f"the columns of {name}")


# --- the sides of a clash -------------------------------------------------------------------------------------------------


def operand_text(part: Part, text: str) -> str:
    """An operand as typed, in brackets if it is a sum or a product."""
    shown = name_of(part, text)
    compound = part.item is None or part.item.op in ("add", "chain", "neg", "kron")
    return f"({shown})" if compound else shown


def side(part: Part, text: str) -> Side:
    """A side of a clash, with the origin of its shape if that is a word."""
    shape = tuple(str(axis) for axis in part.pair)
    return Side(shape, name_of(part, text), _origin(part))


def name_of(part: Part, text: str) -> str:
    """A part as typed; a variable in a function that the user defines is not in the text where the function is used."""
    typed = _balanced(part.span, text)
    item = part.item
    if item is not None and item.op == "symbol" and canonical_name(typed) != item.data:
        return str(item.data)
    return shorten(typed)


def _balanced(span: Span, text: str) -> str:
    """The text of a span, up to the brackets that are open in it: a span ends before the bracket round its last part."""
    missing = 0
    for character in text[span.start : span.end]:
        missing += (character in "([{") - (character in ")]}")
    end = span.end
    while missing > 0 and end < len(text):
        missing -= text[end] in ")]}"
        end += 1
    return text[span.start : end]


def _origin(part: Part) -> str:
    if part.item is None or part.item.op != "symbol":
        return ""
    rows = part.pair[0]
    if rows.origin.endswith("(declared)"):
        return "declared"
    return f"taken as {kind_word(part.kind)}"


def why(part: Part, axis: Axis, text: str) -> tuple[str, ...]:
    """Where a dimension of a side comes from, unless the side itself is its origin."""
    atom = part.item is not None and not part.item.args
    return (
        ()
        if (atom and not axis.edges) or (axis.known == 1 and axis.origin.endswith("(declared)"))
        else trace(axis, text)
    )


def _clash(
    message: str, a: Part, b: Part, axes: tuple[Axis, Axis], text: str, hint: str, point: int | None = None
) -> ShapeError:
    facts = why(a, axes[0], text) + why(b, axes[1], text)
    return ShapeError(
        message,
        left=side(a, text),
        right=side(b, text),
        differ=(str(axes[0]), str(axes[1])),
        span=a.span.to(b.span),
        point=_between(a.span, b.span, text) if point is None else point,
        facts=tuple(dict.fromkeys(facts)),
        hint=hint,
    )


def _between(a: Span, b: Span, text: str) -> int | None:
    """Where the operator between two operands stands."""
    if a.end > b.start:
        return None
    place = next((i for i in range(a.end, b.start) if text[i] not in " ()\t\n'"), None)
    return a.end if place is None else place


# --- products -------------------------------------------------------------------------------------------------------------


def clash_in_product(a: Part, b: Part, op: str, text: str) -> ShapeError:
    """Inner dimensions that differ, with the transposes that would fit."""
    what = "A\\b" if op == "\\" else "a product"
    return _clash(f"shapes do not fit in {what}", a, b, (a.pair[1], b.pair[0]), text, _product_hint(a, b, op, text))


def _product_hint(a: Part, b: Part, op: str, text: str) -> str:
    (r, c), (s, t) = (tuple(map(str, part.pair)) for part in (a, b))
    left, right = operand_text(a, text), operand_text(b, text)
    if op == "\\":
        return f"{left} and {right} need as many rows"
    if a.kind == b.kind == VECTOR and r == s:
        return (
            f"{left}'*{right} is the inner product, {left}*{right}' the outer one, {left}.*{right} goes entry by entry"
        )
    if a.kind == b.kind == VECTOR:
        return f"{left}*{right}' is the outer product"
    fitting = []
    if c == t:
        fitting.append(f"{left}*{prime(right)}")
    if r == s:
        fitting.append(f"{prime(left)}*{right}")
    if t == r and not fitting:
        fitting.append(f"{right}*{left}")
    if (r, c) == (s, t):
        fitting.append(f"{left}.*{right} entry by entry")
    if fitting:
        return "these would fit: " + ", ".join(fitting)
    if b.item is not None and b.item.op == "symbol" and b.kind in (MATRIX, VECTOR):
        shape = c if b.kind == VECTOR else f"{bracketed(c)}×{bracketed(t)}"
        return f"declare {b.item.data}: {shape}, or change {left}"
    rule = "the columns of the left factor must be the rows of the right one"
    return f"{rule}; a scalar such as x'*y goes in brackets" if b.kind == ROW else rule


def division_by_array(a: Part, b: Part, text: str) -> ShapeError:
    """A/B is not defined; what may be meant depends on the kinds."""
    left, right = operand_text(a, text), operand_text(b, text)
    hint = f"{left}./{right} divides entry by entry"
    if b.kind == MATRIX:
        hint = f"{left}*inv({_bare(right)}) multiplies by the inverse, {hint}"
    return ShapeError(
        "only a scalar can divide",
        right=side(b, text),
        span=a.span.to(b.span),
        point=_between(a.span, b.span, text),
        facts=why(b, b.pair[0 if b.kind != ROW else 1], text),
        hint=hint,
    )


def _bare(operand: str) -> str:
    return operand[1:-1] if operand.startswith("(") and operand.endswith(")") else operand


def solve_not_square(a: Part, b: Part, text: str) -> ShapeError:
    """A\\b with A not square."""
    return ShapeError(
        "A\\b needs a square matrix A",
        left=side(a, text),
        span=a.span.to(b.span),
        point=_between(a.span, b.span, text),
        facts=why(a, a.pair[0], text) + why(a, a.pair[1], text),
        hint="least squares is inv(A'*A)*A'*b",
    )


# --- sums and what goes entry by entry --------------------------------------------------------------------------------------


def clash_in_sum(a: Part, b: Part, axis: int, what: str, text: str) -> ShapeError:
    """Terms of different shapes, with the transpose or the row that may be meant."""
    return _clash(f"shapes do not fit in {what}", a, b, (a.pair[axis], b.pair[axis]), text, _sum_hint(a, b, text))


def _sum_hint(a: Part, b: Part, text: str) -> str:
    (r, c), (s, t) = (tuple(map(str, part.pair)) for part in (a, b))
    for x, y, width, height in ((a, b, c, s), (b, a, t, r)):
        shown = operand_text(y, text)
        if x.kind == MATRIX and y.kind == VECTOR and width == height:
            declare = f", or declare {shown}: 1×{bracketed(height)}" if y.item and y.item.op == "symbol" else ""
            return f"for a row added to every row write {shown}'{declare}"
    if (r, c) == (t, s):
        return f"the transpose would fit: {prime(operand_text(b, text))}"
    return "shapes must be equal; only rows, columns and scalars are repeated"


def sides_differ(a: Part, b: Part, axis: int, text: str) -> ShapeError:
    """What is said to be equal has different shapes."""
    return ShapeError(
        "what is said to be equal differs in shape",
        left=side(a, text),
        right=side(b, text),
        differ=(str(a.pair[axis]), str(b.pair[axis])),
        span=b.span,
        hint="both sides of = have one shape; only rows, columns and scalars are repeated, and only in sums",
    )


def clash_in_inner(a: Part, b: Part, text: str) -> ShapeError:
    """<a, b> of a column and a row."""
    differ = 0 if a.kind & ROW != b.kind & ROW else 1
    hint = "an inner product takes two arrays of one shape"
    if {a.kind, b.kind} == {ROW, VECTOR}:
        hint = f"transpose one of them: {prime(operand_text(b, text))}"
    return _clash("shapes do not fit in an inner product", a, b, (a.pair[differ], b.pair[differ]), text, hint)


def wrong_indices(item: Item, part: Part, text: str) -> ShapeError:
    """x[i] of a matrix, X[i,j] of a vector, an entry of a scalar."""
    name = name_of(part, text)
    hint = "a vector has entries x[i], a matrix X[i,j]"
    if item.op == "entry" and part.kind == MATRIX:
        hint = f"for rows as vectors declare {name.lower()}_i: rows of {name}, and write {name.lower()}_i"
    return ShapeError("the number of indices does not fit", left=side(part, text), span=item.span, hint=hint)


def clash_of_ranges(part: Part, along: int, index: Part, text: str) -> ShapeError:
    """An index that runs over axes of different lengths, or further than the axis."""
    ends = (index.pair[0], part.pair[along])
    name = index.item.data[0] if index.item is not None else "i"
    fact = f"the index {name} runs to {ends[0]}, and {name_of(part, text)} has {ends[1]} there"
    hint = "give each sum an index of its own"
    return ShapeError("an index runs over axes of different lengths", facts=(fact,), span=part.span, hint=hint)


def not_scalar(message: str, part: Part, text: str) -> ShapeError:
    """An array where only a scalar can stand."""
    return ShapeError(message, left=side(part, text), span=part.span, hint="sum(X), norm2(X) and tr(X) are scalars")


# --- squares and powers -----------------------------------------------------------------------------------------------------


def wrong_signature(item: Item, signature: str, x: Part, text: str) -> ShapeError:
    """An argument that does not fit the others of its operator."""
    wanted = signature.split(" -> ")[0].replace("1×1", "scalar")
    return ShapeError(
        f"{item.data}(…) takes arguments of shapes {wanted}",
        left=side(x, text),
        span=item.span,
        hint="the same letter stands for the same dimension",
    )


def clash_in_blocks(item: Item, a: Part, b: Part, axis: int, text: str) -> ShapeError:
    """Blocks of different height side by side, or of different width one below the other."""
    what = ("blocks side by side have different numbers of rows", "blocks one below the other have different widths")[
        axis
    ]
    return ShapeError(
        what,
        left=side(a, text),
        right=side(b, text),
        differ=(str(a.pair[axis]), str(b.pair[axis])),
        span=item.span,
        hint="a comma puts blocks side by side, a semicolon one below the other",
    )


def not_square(item: Item, x: Part, text: str) -> ShapeError:
    """An operator of square matrices, or a power, of what is none."""
    name = {"inv": "an inverse", "power": "a power"}.get(item.op, f"{item.data}(…)")
    shown = operand_text(x, text)
    hint = f"{prime(shown)}*{shown} and {shown}*{prime(shown)} are square"
    if item.op == "power":
        hint += f"; {shown}.^k takes each entry to a power"
    elif x.kind in (ROW, VECTOR):
        hint = "sum(x) adds the entries up" if item.data == "tr" else f"diag({_bare(shown)}) is a square matrix"
    return ShapeError(
        f"{name} needs a square matrix",
        left=side(x, text),
        differ=(str(x.pair[0]), str(x.pair[1])),
        span=item.span,
        point=x.span.start,
        facts=tuple(dict.fromkeys(why(x, x.pair[0], text) + why(x, x.pair[1], text))),
        hint=hint,
    )


def power_of_vector(item: Item, base: Part, text: str) -> ShapeError:
    """x^2 of a vector."""
    shown = operand_text(base, text)
    exponent = text[item.args[1].span.start : item.args[1].span.end]
    square = f"{shown}'*{shown}" if base.kind == VECTOR else f"{shown}*{prime(shown)}"
    hint = f"{shown}.^{exponent} takes each entry to the power {exponent}; {square} is the sum of squares"
    hint = _transpose_hint(shown, exponent) or hint
    return ShapeError(
        "a vector has no powers", left=side(base, text), span=item.span, point=_caret(item, text), hint=hint
    )


def _transpose_hint(base: str, exponent: str) -> str | None:
    """a^TGa is a power with exponent TGa, and was meant as a transpose."""
    is_meant = exponent.isalnum() and exponent.startswith("T") and len(exponent) > 1
    return f"for the transpose write {base}^T {exponent[1:]}" if is_meant else None


def exponent_is_array(base: Part, exponent: Part, text: str) -> ShapeError:
    """2^X, e^x, X^Y."""
    below, above = operand_text(base, text), operand_text(exponent, text)
    hint = f"{below}.^{above} goes entry by entry"
    if below == "e":
        function = "; the matrix exponential is not supported yet" if exponent.kind == MATRIX else ""
        hint = f"exp({_bare(above)}) is the exponential of each entry{function}"
    hint = _transpose_hint(below, above) or hint
    return ShapeError("an exponent is a scalar", right=side(exponent, text), span=exponent.span, hint=hint)


def _caret(item: Item, text: str) -> int | None:
    place = text.find("^", item.args[0].span.end, item.args[1].span.end)
    return place if place >= 0 else None


# --- functions --------------------------------------------------------------------------------------------------------------


NUMBERS = ("no", "one", "two", "three", "four")


def wrong_arity(name: str, allowed: tuple[int, ...], found: int, span: Span, hint: str | None = None) -> ArityError:
    """Too few or too many arguments."""
    counts = [NUMBERS[n] if n < len(NUMBERS) else str(n) for n in allowed]
    noun = "argument" if allowed == (1,) else "arguments"
    if hint is None and name in ("max", "min"):
        hint = f"{name}(A, B) goes entry by entry; {name}(X) is the {'largest' if name == 'max' else 'smallest'} of all entries"
    return ArityError(f"{name} takes {' or '.join(counts)} {noun}, not {found}", span=span, hint=hint)


def wrong_argument(name: str, declared: AbstractFunction, i: int, part: Part, text: str) -> ShapeError:
    """An argument that is not of the declared shape."""
    shape = declared.domain[i]
    wanted = declared.kinds[i] if shape is None else show_shape(shape)
    which = "" if len(declared.domain) == 1 else f" as argument {i + 1}"
    return ShapeError(
        f"{name} is declared to take a {wanted}{which}"
        if shape is None
        else f"{name} is declared to take {wanted}{which}",
        left=side(part, text),
        span=part.span,
        facts=why(part, part.pair[0], text) + why(part, part.pair[1], text),
        hint=f"change the declaration of {name} or its argument",
    )


def too_large(name: str, limit: int, span: Span) -> LimitError:
    """Definitions that use definitions double again and again."""
    return LimitError(
        f"the formula has more than {limit:,} operations when {name} is written out",
        limit=limit,
        span=span,
        hint="give repeated parts a name: Z = X*W; then Z is computed once",
    )


def not_a_dimension(name: str, span: Span) -> SyntaxMistake:
    """eye(X), where X is a variable."""
    return SyntaxMistake(
        f"{name} is a variable, and a dimension is needed", span=span,
        hint="sizes are numbers and names of dimensions; without them, I and vector(1) take the size that fits",
    )  # fmt: skip


# --- variables --------------------------------------------------------------------------------------------------------------


def unknown_variable(name: str, known: Sequence[str]) -> UnknownName:
    """A variable that neither is declared nor occurs."""
    near = nearest(name, known, 0.5)
    words = ", ".join(known[:8]) + (", …" if len(known) > 8 else "")
    hint = f"did you mean {near}?" if near else f"the names are {words}" if known else "the formula has no names"
    return UnknownName(f"{name} is neither declared nor in the formula", name=name, nearest=near, hint=hint)
