"""The syntax tree: one node per occurrence in the text, with its span.

Heads, their arguments and their value:

    number        -            Fraction; the digits as typed in `text`
    name          -            str, Greek letters spelled out: `λ`, `lambda` and `\\lambda` are "lambda"
    call          arguments    (name, number of primes); application or product is decided by elaboration
    keyword       (value,)     the name before `=`, as in `axis=0`; only as an argument of a call
    add           terms        ("+" | "-", ...), a sign per term; flat
    neg           (x,)         a sign inside a product or an exponent
    chain         operands     ("*" | ".*" | "/" | "./" | "\\" | "", ...) between them; "" is juxtaposition; flat
    kron          operands     flat
    power         (x, exponent)              an exponent typed in round brackets is a group, in braces it is bare
    elpower       (x, exponent)
    transpose     (x,)
    invtranspose  (x,)
    norm          (x,) or (x, p)             the subscript as typed, or None; p is that of a p-norm
    abs           (x,)
    inner         (a, b)       from `<a, b>`
    index         (x, i, ...)  an index is an expression, a slice or a range
    slice         -            `:`
    range         (i, j)       `i:j`
    block         rows         how many entries each row has
    row           entries
    compare       operands     ("<" | ">" | "<=" | ">=", ...) between them
    group         (x,)         round brackets, kept so that mixed chains know what was bracketed
    sigma         (body, bound, ...)         ("sum" | "prod", the names of the indices); a bound is a slice or the last value
    partial       (w, x, ...)  the function's name; `∂f/∂w` has only w, `∂f(x, y)/∂w` the arguments after it
    derivative    (f, n)       df/dn by any part n of f; "numerator" if that is a row; only in derivations, as `equal`
    differential  (x,)         dx; there, too
    equal         sides        what is said to be equal
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, NamedTuple, TypeAlias

from matcalc.errors import Span

__all__ = [
    "Declaration",
    "Definition",
    "FunctionShape",
    "Kind",
    "Node",
    "Program",
    "Span",
    "postorder",
    "rebuilt",
    "show_tree",
]

Kind: TypeAlias = Literal["scalar", "integer", "vector", "row", "matrix", "elementwise", "function", "rows", "columns"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Node:
    """One occurrence in the text; the heads are listed at the top of this module.

    Nodes are equal only if they are the same occurrence: comparing trees would recurse.

    >>> Node("neg", (Node("name", (), Span(1, 2), "x"),), Span(0, 2))
    (neg x)
    """

    head: str
    args: tuple[Node, ...]
    span: Span
    value: Any = None
    text: str = ""

    def __repr__(self) -> str:
        return show_tree(self)


class Definition(NamedTuple):
    """`name = body` or `name(params) = body`, in a program or among declarations."""

    name: str
    params: tuple[str, ...]
    body: Node
    span: Span


@dataclass(frozen=True, slots=True)
class Program:
    """A formula behind its definitions: `Z = X*W; f(W) = tr(Z)`.

    header: name and parameters if the formula itself is a definition, here ("f", ("W",)).
    notes: what was assumed in reading it.
    """

    definitions: tuple[Definition, ...]
    body: Node
    text: str
    header: tuple[str, tuple[str, ...]] | None = None
    notes: tuple[str, ...] = ()


class FunctionShape(NamedTuple):
    """A domain or codomain of a function: its kind, and rows and columns unless only the kind was given."""

    kind: Kind
    dims: tuple[Node, Node] | None
    span: Span


@dataclass(frozen=True, slots=True)
class Declaration:
    """`A, B: n×n symmetric`; one for several names.

    names:      as declared, with the span of each in `name_spans`.
    dims:       rows and columns as nodes (number, name, add, neg, chain of products), or None if not given;
                a vector of length n has (n, 1).
    kind:       what the words and dims say; "scalar", "integer" and "elementwise" have no dims; "rows" and "columns" are
                those of the matrix that is named as the only property: x_i: rows of X.
    properties: such as "symmetric", each once, in order.
    domain, codomain: of a "function" only, `f: m×p -> scalar` and `h: (m×n, n) -> n`.
    """

    names: tuple[str, ...]
    dims: tuple[Node, Node] | None
    kind: Kind
    properties: tuple[str, ...]
    span: Span
    name_spans: tuple[Span, ...]
    domain: tuple[FunctionShape, ...] = ()
    codomain: FunctionShape | None = None


def postorder(node: Node) -> Iterator[Node]:
    """Every node after its arguments, left to right, without recursion.

    >>> one, x = Node("number", (), Span(0, 1), Fraction(1), "1"), Node("name", (), Span(2, 3), "x")
    >>> list(postorder(Node("add", (one, x), Span(0, 3), ("+", "+"))))
    [1, x, (add + 1 + x)]
    """
    stack: list[tuple[Node, int]] = [(node, 0)]
    while stack:
        top, done = stack.pop()
        if done < len(top.args):
            stack.append((top, done + 1))
            stack.append((top.args[done], 0))
        else:
            yield top


def rebuilt(root: Node, construct: Callable[[Node, tuple[Node, ...]], Node]) -> Node:
    """The tree with every node made anew, from the old node and its new arguments.

    >>> root = Node("neg", (Node("name", (), Span(1, 2), "x"),), Span(0, 2))
    >>> rebuilt(root, lambda node, args: Node(node.head, args, node.span, "y" if node.head == "name" else None))
    (neg y)
    """
    made: list[Node] = []
    for node in postorder(root):
        count = len(node.args)
        args = tuple(made[len(made) - count :])
        del made[len(made) - count :]
        made.append(construct(node, args))
    return made[0]


def show_tree(node: Node) -> str:
    """The tree as an s-expression, for tests and for debugging.

    Signs and operators stand before and between the operands; juxtaposition is `_`.
    """
    shown: list[str] = []
    for part in postorder(node):
        count = len(part.args)
        args = shown[len(shown) - count :]
        del shown[len(shown) - count :]
        shown.append(_show(part, args))
    return shown[0]


def _show(node: Node, args: list[str]) -> str:
    value = node.value
    match node.head:
        case "number":
            return str(value)
        case "name":
            return str(value)
        case "slice":
            return ":"
        case "call":
            words = [value[0] + "'" * value[1], *args]
        case "add":
            words = [
                "add",
                *(word for pair in zip(value, args, strict=True) for word in pair),
            ]
        case "chain" | "compare":
            words = [node.head, args[0]]
            words += [word for op, arg in zip(value, args[1:], strict=True) for word in (op or "_", arg)]
        case "norm":
            words = ["norm" + (value or ""), args[0]]
        case "sigma":
            words = [value[0] + "[" + ",".join(value[1]) + "]", *args]
        case "keyword" | "partial":
            words = [node.head, value, *args]
        case _:
            words = [node.head, *args]
    return "(" + " ".join(words) + ")"


def number(value: int, span: Span) -> Node:
    """A number that stands for something typed otherwise, such as the 1 of `X⁻¹`."""
    return Node("number", (), span, Fraction(value), str(value))
