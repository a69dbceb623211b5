"""Functions that a user defines, `h(t) = t*sigmoid(t)`: they are written out where they are used."""

from __future__ import annotations

from fractions import Fraction

from matcalc.elaborate.declared import Names
from matcalc.elaborate.items import Item, in_order
from matcalc.errors import Span
from matcalc.operators import OPERATORS

__all__ = ["Template"]

ENTRYWISE_OPS = frozenset(
    {"number", "dimension", "pi", "param", "add", "neg", "power", "elpower", "elementwise", "use", "compare"}
)
"""What goes entry by entry, with chains of the usual products and names of scalars."""

AS_ENTRYWISE = {"*": ".*", "": ".*", "/": "./"}


class Template:
    """A function as its parameters and its body.

    A body that is made of numbers, scalars and elementwise functions is applied entry by entry, so that
    `h(t) = t*sigmoid(t)` takes matrices; any other body is taken as it stands, `q(x) = x'*A*x`.
    """

    def __init__(self, name: str, params: tuple[str, ...], body: Item, names: Names) -> None:
        self.name, self.params = name, params
        self.order = in_order(body)
        self.size = len(self.order)
        small = all(not p[0].isupper() for p in params)
        self.is_entrywise = bool(params) and small and all(_goes_entrywise(i, names) for i in self.order)

    def applied(self, args: tuple[Item, ...], span: Span) -> Item:
        """The body with arguments for the parameters; every new item stands where the call does."""
        given = dict(zip(self.params, args, strict=True))
        made: dict[int, Item] = {}  # by identity: the places of shared items are those of another order
        for item in self.order:
            if item.op == "param":
                made[id(item)] = given[item.data]
                continue
            inner = tuple(made[id(a)] for a in item.args)
            op, data = item.op, item.data
            if self.is_entrywise and op == "chain":
                data = tuple(AS_ENTRYWISE.get(sign, sign) for sign in data)
            elif self.is_entrywise and op == "power":
                op = "elpower"
            made[id(item)] = Item(op, inner, span, data)
        return self._widened(made[id(self.order[-1])], given, span)

    def _widened(self, value: Item, given: dict[str, Item], span: Span) -> Item:
        """The value in the shape of all arguments, also where the body leaves a parameter out: x^0 is 1 in that shape."""
        if not self.is_entrywise:
            return value
        occurring = {item.data for item in self.order if item.op == "param"}
        for name in self.params:
            if name not in occurring:
                one = Item("elpower", (given[name], Item("number", (), span, Fraction(0))), span)
                value = Item("chain", (value, one), span, (".*",))
        return value


def _goes_entrywise(item: Item, names: Names) -> bool:
    if item.op == "symbol":
        if item.data in names.kinds:
            return names.kinds[item.data] in ("scalar", "integer")
        return not item.data[0].isupper()
    if item.op == "chain":
        return "\\" not in item.data
    if item.op == "operator":
        return OPERATORS[item.data].is_entrywise
    return item.op in ENTRYWISE_OPS
