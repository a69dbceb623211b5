"""The indices of sums: which unit vectors their names stand for, and what an index cannot be."""

from __future__ import annotations

from collections.abc import Container, Sequence

from matcalc.elaborate.declared import Names
from matcalc.elaborate.items import Item, in_order
from matcalc.elaborate.mistakes import not_a_dimension
from matcalc.errors import SyntaxMistake, UnsupportedError
from matcalc.syntax import Node, dimension_of, postorder

__all__ = ["Indices", "line_or_entry", "refuse_entry", "refuse_numbers"]


class Indices:
    """The indices of the sums that are under way."""

    def __init__(self) -> None:
        self.bound: dict[str, Item] = {}

    def bind(self, node: Node, names: Names) -> None:
        """Inside of a sum its indices are unit vectors."""
        for name, bound in zip(node.value[1], node.args[1:], strict=True):
            for part in postorder(bound):
                if part.head == "name" and part.value in names.kinds:
                    raise not_a_dimension(part.value, part.span)
            if name in self.bound:
                hint = "give each sum an index of its own"
                raise SyntaxMistake(f"the index {name} is summed already", span=node.span, hint=hint)
            size = None if bound.head == "slice" else dimension_of(bound)
            self.bound[name] = Item("basis", (), node.span, (name, size))

    def sum(self, node: Node, body: Item) -> Item:
        """A sum whose body is read; its indices are free again."""
        word, names = node.value
        occurring = {item.data[0] for item in in_order(body) if item.op == "basis"}
        for name, bound in zip(names, node.args[1:], strict=True):
            if bound.head == "slice" and name not in occurring:
                hint = f"the range follows from x[{name}] or X[{name},j]; or write {name}=1:n"
                raise SyntaxMistake(f"the range of the index {name} is not known", span=node.span, hint=hint)
        return Item("sigma", (body, *(self.bound.pop(name) for name in names)), node.span, word)


def refuse_numbers(nodes: Sequence[Node], args: Sequence[Item]) -> None:
    """Refuse i*x[i]: an index is no number."""
    for node, a in zip(nodes, args, strict=True):
        if a.op == "basis":
            hint = "indices stand in x[i] and X[i,j]; for their values declare a vector t: n and write t[i]"
            raise UnsupportedError(f"the index {a.data[0]} stands here as a number", span=node.span, hint=hint)


def refuse_entry(node: Node | Item, x: Item, declared: Container[str] = ()) -> None:
    """Refuse an entry of what is not declared where x_i is a vector: transposed, in wᵀ·x_i, and in x_i − μ."""
    if x.op == "entry" and len(x.args) == 2 and x.args[0].op == "symbol" and x.args[0].data not in declared:
        name, index = x.args[0].data, x.args[1].data[0]
        hint = f"if it is a vector, declare {name}_{index}: rows of {name.upper()}, or columns of {name.upper()}"
        raise UnsupportedError(f"{name}_{index} is an entry here, which is a number", span=node.span, hint=hint)


def line_or_entry(node: Node, which: str, matrix: Item, indices: tuple[Item, ...]) -> Item:
    """Where x_i are the rows of X: x[i] is a row of X as a vector, x[i,j] an entry of X."""
    if not all(i.op == "basis" for i in indices) or len(indices) > 2:
        name = node.args[0].value
        hint = f"write {matrix.data}[1,:] for a row that is not summed"
        raise UnsupportedError(f"{name} has the indices of sums", span=node.span, hint=hint)
    if len(indices) == 1:
        return Item("line", (matrix, *indices), node.span, which)
    return Item("entry", (matrix, *(indices if which == "rows" else indices[::-1])), node.span)
