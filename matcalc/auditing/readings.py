"""Lines with the shapes that fit them all: the most general dimensions, and every reading of · and ⊙ without brackets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, product

from matcalc.dims import dim_names
from matcalc.elaborate import Elaborated, elaborate
from matcalc.elaborate.chains import ENTRYWISE, READINGS, fold
from matcalc.errors import MatcalcError
from matcalc.expr import Expr
from matcalc.reading import checked, declared_as, dimensions_in, functions_in
from matcalc.syntax import Declaration, Definition, Node, Program, postorder, rebuilt
from matcalc.syntax.parser import Entry

__all__ = ["Reader", "readings_of"]

TOGETHER = 12
"""Sides that decide the shapes; the others have to fit them."""

TRIED = 12
"""Readings of a line that are tried."""


@dataclass(slots=True)
class Reader:
    """Reads the sides of a chain as expressions, with what is declared and defined."""

    text: str
    declared: Sequence[Entry]
    definitions: Sequence[Definition]
    shapes: Mapping[str, Expr] | None = None

    def read(self, *trees: Node) -> Elaborated:
        """Trees that are said to be equal.

        Raises: MatcalcError with the place where they do not fit.
        """
        defined = {d.name for d in self.definitions}
        declared = [d for d in self.declared if not isinstance(d, Declaration) or not defined.issuperset(d.names)]
        dims: set[str] = set()
        if self.shapes is not None:
            declared = [*declared_as(self.shapes), *functions_in(declared)]
            dims = dimensions_in(*self.shapes.values())
        body = Node("equal", trees, trees[0].span)
        return checked(elaborate(Program(tuple(self.definitions), body, self.text), declared, dims=dims))

    def together(self, left: Node, sides: Sequence[Node | None]) -> tuple[Elaborated, dict[int, Expr]]:
        """The left side with as many of the others as fit without making its shapes more special; these by number.

        Raises: MatcalcError if the left side does not fit.
        """
        best, fitting = self.read(left), list[int]()
        for i, side in enumerate(sides):
            if side is None or len(fitting) == TOGETHER:
                continue
            try:
                found = self.read(left, *(tree for j in fitting if (tree := sides[j]) is not None), side)
            except MatcalcError:
                continue
            if _as_general(found.symbols, best.symbols):
                best = found
                fitting.append(i)
        return best, {i: best.sides[k] for k, i in enumerate(fitting, 1)}


def _as_general(new: Mapping[str, Expr], old: Mapping[str, Expr]) -> bool:
    """Whether the old names have kinds no more special than before, and as many different dimensions.

    A name that is read as a dimension, as in ones(A), is one no more.
    """
    if not new.keys() >= old.keys() or any(
        s == 1 != t for n, e in old.items() for s, t in zip(new[n].shape, e.shape, strict=True)
    ):
        return False
    count = [len({d for n in old for s in e[n].shape for d in dim_names(s)}) for e in (new, old)]
    return count[0] >= count[1]


def readings_of(root: Node) -> Iterator[Node]:
    """The other ways to put brackets into products of · and ⊙ without brackets."""
    mixed = [
        n
        for n in postorder(root)
        if n.head == "chain" and 0 < sum(sign in ENTRYWISE for sign in n.value) < len(n.value)
    ]
    for choice in islice(product(READINGS, repeat=len(mixed)), TRIED):
        chosen = {id(node): reading for node, reading in zip(mixed, choice, strict=True)}
        if chosen:
            yield _with_readings(root, chosen)


def _with_readings(root: Node, chosen: Mapping[int, str]) -> Node:
    def read(node: Node, args: tuple[Node, ...]) -> Node:
        reading = chosen.get(id(node))
        return replace(node, args=args) if reading is None else fold(node.value, args, reading, _joined)

    return rebuilt(root, read)


def _joined(a: Node, b: Node, sign: str) -> Node:
    """Two factors in brackets; a product without ⊙ stays flat."""
    span = a.span.to(b.span)
    if (
        a.head == "chain"
        and a.value
        and all((s in ENTRYWISE) == (sign in ENTRYWISE) for s in a.value)
        and a.text == "folded"
    ):
        return Node("chain", (*a.args, b), span, (*a.value, sign), "folded")
    return Node("chain", (a, b), span, (sign,), "folded")
