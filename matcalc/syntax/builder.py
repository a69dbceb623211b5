"""From the rules of the grammar to nodes: the LALR tables call one method per rule, innermost first.

Children come with all tokens, so that a node's span reaches from its first character to its last.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias
from unicodedata import numeric

from matcalc.errors import DeclarationError, LimitError, Span, SyntaxMistake
from matcalc.syntax.comparisons import COMPARISONS
from matcalc.syntax.mistakes import one_entry_or_two
from matcalc.syntax.names import NORMS, canonical_name, odd_character
from matcalc.syntax.tree import Definition, Node, Program, number

if TYPE_CHECKING:
    from lark import Token

    Part: TypeAlias = Node | Token
else:
    Part = Any

MAX_DIGITS = 1_000
"""The longest number that is read, in digits; its exponent likewise."""

OPERATORS = {
    "TIMES": "*",
    "HADAMARD": ".*",
    "KRON": "kron",
    "SLASH": "/",
    "ELEMENT_SLASH": "./",
    "SOLVE": "\\",
}
SUPERSCRIPTS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
SUBSCRIPTS = str.maketrans("₁₂₃₄₅₆₇₈₉ₚ", "123456789p")
FRACTIONS = {sign: Fraction(numeric(sign)).limit_denominator(8) for sign in "½⅓⅔¼¾⅕⅛"}
COMPARED = {private: sign for sign, private in COMPARISONS.items()}


def _start(part: Part) -> int:
    return part.span.start if isinstance(part, Node) else int(part.start_pos or 0)


def _end(part: Part) -> int:
    return part.span.end if isinstance(part, Node) else int(part.end_pos or 0)


def span_of(parts: Sequence[Part]) -> Span:
    return Span(_start(parts[0]), _end(parts[-1]))


def nodes_of(parts: Iterable[Part]) -> tuple[Node, ...]:
    return tuple(part for part in parts if isinstance(part, Node))


class ExpressionBuilder:
    """The rules of expression.lark."""

    # ---- sums and products

    def add(self, parts: list[Part]) -> Node:
        """Terms with a sign each; of several signs in a row an odd number of minuses counts as minus."""
        signs: list[str] = []
        terms: list[Node] = []
        minus = False
        for part in parts:
            if isinstance(part, Node):
                signs.append("-" if minus else "+")
                terms.append(part)
                minus = False
            else:
                minus ^= part.value != "+"
        if signs == ["+"]:
            return terms[0]
        return Node("add", tuple(terms), span_of(parts), tuple(signs))

    def signed(self, parts: list[Part]) -> Node:
        """A sign before a factor or in an exponent; a plus says nothing."""
        sign, operand = parts
        if str(sign) == "+":
            return nodes_of([operand])[0]
        return Node("neg", nodes_of([operand]), span_of(parts))

    def chain(self, parts: list[Part]) -> Node:
        """Operands and the operators between them, "" for juxtaposition; flat."""
        operands: list[Node] = []
        operators: list[str] = []
        for part in parts:
            if isinstance(part, Node):
                if len(operators) < len(operands):
                    _refuse_number(part)
                    operators.append("")
                operands.append(part)
            else:
                operators.append(OPERATORS[part.type])
        if "kron" not in operators:
            return Node("chain", tuple(operands), span_of(parts), tuple(operators))
        for i, operator in enumerate(operators):
            if operator != "kron":
                raise SyntaxMistake(
                    "⊗ is mixed with another product",
                    span=operands[i].span.to(operands[i + 1].span),
                    hint="bracket one of them: 2*(A ⊗ B), (A*B) ⊗ C",
                )
        return Node("kron", tuple(operands), span_of(parts))

    def sigma(self, parts: list[Any]) -> Node:
        """`sum[i,j] body`, `sum[i=1:n] body`."""
        bounds = [part for part in parts if isinstance(part, tuple)]
        names = distinct_names(name for name, _ in bounds)
        word = "prod" if str(parts[0])[0] in "p∏" else "sum"
        return Node("sigma", (nodes_of(parts)[-1], *(bound for _, bound in bounds)), span_of(parts), (word, names))

    def bound(self, parts: list[Any]) -> tuple[Node, Node]:
        """`i` or `i=1:n`: an index and where it ends."""
        name, *rest = parts
        if not rest:
            return name, Node("slice", (), name.span)
        if str(rest[1]) != "1":
            raise SyntaxMistake(
                "an index runs from 1",
                span=Span(_start(rest[1]), _end(rest[1])),
                hint="write i=1:n, or name the part X[2:n,:]",
            )
        return name, rest[-1]

    # ---- postfixes and powers

    def power(self, parts: list[Part]) -> Node:
        """`x^e`; of `x^y^z` the order is never guessed."""
        return self._power("power", parts)

    def elpower(self, parts: list[Part]) -> Node:
        """`x.^e`."""
        return self._power("elpower", parts)

    def _power(self, head: str, parts: list[Part]) -> Node:
        base, exponent = nodes_of(parts)
        if base.head in ("power", "elpower"):
            raise SyntaxMistake(
                "a power of a power needs brackets",
                span=span_of(parts),
                hint="write (x^y)^z or x^(y^z)",
            )
        return Node(head, (base, exponent), span_of(parts))

    def double_star(self, parts: list[Part]) -> Node:
        """`X**2`, which in NumPy is elementwise and elsewhere is not."""
        raise SyntaxMistake(
            "** may mean two things",
            span=Span(_start(parts[1]), _end(parts[1])),
            hint="write X^2 for the matrix power, X.^2 for the elementwise one",
        )

    def superscript(self, parts: list[Part]) -> Node:
        """`X²`, `X⁻¹`, `Xᵏ`."""
        base, token = parts
        span = Span(_start(token), _end(token))
        text = str(token).translate(SUPERSCRIPTS)
        sign = text[0] if text[0] in "+-" else ""
        digits = text.removeprefix(sign)
        if digits.isdecimal():
            _limit_digits(digits, span)
            exponent = number(int(digits), span)
        else:
            exponent = Node("name", (), span, canonical_name(digits))
        if sign == "-":
            exponent = Node("neg", (exponent,), span)
        return self._power("power", [base, exponent])

    def primes(self, parts: list[Part]) -> Node:
        """One transpose per prime."""
        (base,), token = nodes_of(parts[:1]), parts[1]
        for i in range(_count_primes(str(token))):
            end = min(_start(token) + i + 1, _end(token))
            base = Node("transpose", (base,), Span(base.span.start, end))
        return base

    def transpose(self, parts: list[Part]) -> Node:
        """`Xᵀ`, `X^T`, `X^{T}`, `X.T`."""
        return Node("transpose", nodes_of(parts), span_of(parts))

    def invtranspose(self, parts: list[Part]) -> Node:
        """`X^-T`, `X^{-T}`, `X⁻ᵀ`."""
        return Node("invtranspose", nodes_of(parts), span_of(parts))

    def subscript(self, parts: list[Part]) -> Node:
        """The subscript of a norm, before or behind its power: `||G||_F^2`, `||G||^2_F`."""
        (base,), token = nodes_of(parts[:1]), parts[1]
        span = Span(_start(token), _end(token))
        which = str(token).translate(SUBSCRIPTS).strip("_{} \t\n")
        inner = base.args[0] if base.head == "power" else base
        if inner.head != "norm" or inner.value is not None:
            raise SyntaxMistake(
                f"the subscript {token} belongs to no norm",
                span=span,
                hint="entries are X[i,j] and x[i]; a norm is ||x||_1, _2, _F, _*, _inf or _p",
            )
        norm = Node("norm", (*inner.args, *_exponent(which, span)), inner.span.to(span), which)
        return norm if base.head == "norm" else Node("power", (norm, base.args[1]), span_of(parts))

    def braces(self, parts: list[Part]) -> Node:
        """The exponent of `x^{n+1}`, bare, since the braces are no brackets of the formula."""
        return nodes_of(parts)[0]

    def indexed(self, parts: list[Part]) -> Node:
        """`X[i,j]`, `x[i]`, `X[i,:]`."""
        return Node("index", nodes_of(parts), span_of(parts))

    def slice(self, parts: list[Part]) -> Node:
        """`:` in an index."""
        return Node("slice", (), span_of(parts))

    def range(self, parts: list[Part]) -> Node:
        """`i:j` in an index."""
        return Node("range", nodes_of(parts), span_of(parts))

    # ---- atoms

    def name(self, parts: list[Part]) -> Node:
        """A name, in its one spelling."""
        span = span_of(parts)
        return Node("name", (), span, _read_name(str(parts[0]), span), str(parts[0]))

    def number(self, parts: list[Part]) -> Node:
        """A number, exact, with its digits as typed."""
        text, span = str(parts[0]), span_of(parts)
        if text in FRACTIONS:
            return Node("number", (), span, FRACTIONS[text], text)
        _limit_digits(text, span)
        return Node("number", (), span, Fraction(text.replace("−", "-").rstrip(".")), text)

    def ones(self, parts: list[Part]) -> Node:
        """`𝟏`, the same as `vector(1)`: ones, of whatever length fits."""
        span = span_of(parts)
        return Node("call", (number(1, span),), span, ("vector", 0))

    def call(self, parts: list[Any]) -> Node:
        """`g(X)`, `g'(X)`; whether it applies or multiplies is decided when names are known."""
        name = parts[0]
        primes = _count_primes(str(parts[1])) if parts[1].type == "PRIMES_BEFORE_BRACKET" else 0
        arguments = next((part for part in parts if isinstance(part, tuple)), ())
        value = (_read_name(str(name), Span(_start(name), _end(name))), primes)
        return Node("call", arguments, span_of(parts), value, str(name))

    def arguments(self, parts: list[Part]) -> tuple[Node, ...]:
        """The arguments of a call."""
        return nodes_of(parts)

    def keyword(self, parts: list[Part]) -> Node:
        """`axis=0`."""
        name, value = nodes_of(parts)
        if name.head != "name":
            raise SyntaxMistake(
                "= cannot stand here",
                span=name.span,
                point=_start(parts[1]),
                hint="before = inside a call stands the name of an option, as in sum(X, axis=0)",
            )
        return Node("keyword", (value,), span_of(parts), name.value)

    def group(self, parts: list[Part]) -> Node:
        """Round brackets."""
        return Node("group", nodes_of(parts), span_of(parts))

    def compare(self, parts: list[Part]) -> Node:
        """`a < x <= b`: sums and the signs between them."""
        signs = tuple(COMPARED[str(part)] for part in parts if not isinstance(part, Node))
        return Node("compare", nodes_of(parts), span_of(parts), signs)

    def inner(self, parts: list[Part]) -> Node:
        """`<A, B>`."""
        return Node("inner", nodes_of(parts), span_of(parts))

    def norm(self, parts: list[Part]) -> Node:
        """`||x||`."""
        return Node("norm", nodes_of(parts), span_of(parts))

    def abs(self, parts: list[Part]) -> Node:
        """`|x|`."""
        return Node("abs", nodes_of(parts), span_of(parts))

    def block(self, parts: list[Part]) -> Node:
        """`[A, B; C, D]`."""
        rows = nodes_of(parts)
        return Node("block", rows, span_of(parts), tuple(len(row.args) for row in rows))

    def row(self, parts: list[Part]) -> Node:
        """The entries of one row of a block; blanks do not separate them, and where they seem to, none is right."""
        entries = nodes_of(parts)
        for entry in entries:
            _refuse_blanks(entry)
        return Node("row", entries, span_of(parts))

    def partial(self, parts: list[Any]) -> Node:
        """`∂f/∂X`, `∂f(X, Y)/∂X`: the partial derivative of an abstract function."""
        function, target = parts[1], parts[-1]
        arguments = next((part for part in parts if isinstance(part, tuple)), ())
        span = Span(_start(function), _end(function))
        name = function.value if isinstance(function, Node) else _read_name(str(function), span)
        return Node("partial", (target, *arguments), span_of(parts), name)

    def expression(self, parts: list[Node]) -> Node:
        """A formula without definitions."""
        return parts[0]


class ProgramBuilder(ExpressionBuilder):
    """The rules of program.lark."""

    def program(self, parts: list[Any]) -> Program:
        """Definitions, then the formula, which may itself be one; the text is filled in by the parser."""
        statements = [part for part in parts if isinstance(part, (Node, Definition))]
        for statement in statements[:-1]:
            if isinstance(statement, Node):
                raise SyntaxMistake(
                    "before a semicolon stands a definition",
                    span=statement.span,
                    hint="write name = formula; only the last part is a formula alone",
                )
        last = statements[-1]
        definitions = tuple(part for part in statements[:-1] if isinstance(part, Definition))
        if isinstance(last, Definition):
            return Program(definitions, last.body, "", (last.name, last.params))
        return Program(definitions, last, "")

    def definition(self, parts: list[Part]) -> Definition:
        """`Z = body` or `f(W) = body`."""
        left, body = nodes_of(parts)
        params = left.args if left.head == "call" else ()
        if left.head == "name":
            return Definition(left.value, (), body, span_of(parts))
        if left.head != "call" or left.value[1] or not params or any(p.head != "name" for p in params):
            raise SyntaxMistake(
                "left of = stands a name, or a function of names",
                span=left.span,
                hint="write Z = … or f(W) = …; an equation a = b is no function: give a - b",
            )
        return Definition(left.value[0], distinct_names(params), body, span_of(parts))


def _exponent(subscript: str, span: Span) -> tuple[Node, ...]:
    """The p of a p-norm, a number or a name; nothing where the subscript says it all."""
    if subscript in NORMS:
        return ()
    if subscript.isalnum() and subscript[0].isalpha():
        return (Node("name", (), span, canonical_name(subscript), subscript),)
    return (
        (Node("number", (), span, Fraction(subscript), subscript),)
        if re.fullmatch(r"[0-9]+(\.[0-9]+)?", subscript)
        else ()
    )


def _refuse_number(factor: Node) -> None:
    """Refuse `x 2` and `x 2^n`: a juxtaposed factor may not begin with a number."""
    first = factor
    while first.head in ("power", "elpower", "transpose", "invtranspose", "index"):
        first = first.args[0]
    if first.head == "number":
        raise SyntaxMistake(
            "a number cannot follow directly",
            span=first.span,
            hint="write * for the product, ^ for the power, or [i] for an entry",
        )


def _refuse_blanks(entry: Node) -> None:
    """Refuse `[A B]`, where MATLAB sees two entries; `[A -B]` is refused before parsing."""
    if entry.head != "chain":
        return
    for left, right, operator in zip(entry.args, entry.args[1:], entry.value, strict=False):
        if operator == "" and left.span.end < right.span.start and left.head != "number":
            raise one_entry_or_two(left.span.to(right.span))


def _read_name(text: str, span: Span) -> str:
    odd = odd_character(text)
    if odd is not None:
        raise SyntaxMistake(
            f"the character {text[odd]} cannot stand in a name",
            span=Span(span.start + odd, span.start + odd + 1),
            hint="names have letters, digits, Greek letters and _",
        )
    return canonical_name(text)


def distinct_names(names: Iterable[Node]) -> tuple[str, ...]:
    """The names, each once."""
    seen: dict[str, Node] = {}
    for node in names:
        if node.value in seen:
            raise DeclarationError(
                f"the name {node.value} stands twice",
                span=node.span,
                hint="give each its own name",
            )
        seen[node.value] = node
    return tuple(seen)


def _count_primes(text: str) -> int:
    return len(text) + text.count("″")


def _limit_digits(text: str, span: Span) -> None:
    """Keep `1e999999999` from filling the memory."""
    mantissa, _, exponent = text.lower().partition("e")
    if len(exponent) < 9:
        size = len(mantissa) + abs(int(exponent.replace("−", "-") or 0))
    else:
        size = len(mantissa) + 10**8
    if size > MAX_DIGITS:
        raise LimitError(
            f"the number has more than {MAX_DIGITS:,} digits",
            limit=MAX_DIGITS,
            found=size,
            span=span,
            hint="use a name for it",
        )
