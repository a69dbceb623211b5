"""From a node to the dimension that it says: `2*n`, `(m+1)*n`, `n^2`."""

from __future__ import annotations

from collections.abc import Iterable

from matcalc.dims import DimLike, as_dim, checked_dim
from matcalc.errors import DeclarationError, LimitError
from matcalc.syntax.tree import Node, postorder

__all__ = ["dimension_of"]

MAX_POWER = 16
"""The highest power in a dimension."""


def dimension_of(node: Node) -> DimLike:
    """The dimension that a node says, in a declaration or as an argument, as in `eye(n+1)`.

    Raises: DeclarationError for what is no polynomial with whole coefficients; LimitError for a long one.

    >>> from matcalc.syntax import parse_expression
    >>> dimension_of(parse_expression("2*n*(m + 1)"))
    Dim('2·m·n + 2·n')
    """
    values: list[DimLike] = []
    for part in postorder(node):
        count = len(part.args)
        args = values[len(values) - count :]
        del values[len(values) - count :]
        try:
            values.append(_combine(part, args))
        except LimitError as error:
            raise error.located(span=part.span) from None
    return values[0]


def _combine(node: Node, args: list[DimLike]) -> DimLike:
    match node.head:
        case "number" if node.value.denominator == 1:
            return checked_dim(int(node.value))
        case "name":
            return as_dim(node.value)
        case "group":
            return args[0]
        case "neg":
            return args[0] * -1
        case "add":
            return _total(arg if sign == "+" else arg * -1 for sign, arg in zip(node.value, args, strict=True))
        case "chain" if set(node.value) <= {"*", ""}:
            return _product(args)
        case "power" if isinstance(args[1], int) and 0 <= args[1] <= MAX_POWER:
            return _product([args[0]] * args[1])
    raise DeclarationError(
        "this is no dimension",
        span=node.span,
        hint="a dimension is a whole number, a name, or sums and products of these: n, 2*n, n + 1",
    )


def _total(terms: Iterable[DimLike]) -> DimLike:
    total: DimLike = 0
    for term in terms:
        total = checked_dim(total + term)
    return total


def _product(factors: Iterable[DimLike]) -> DimLike:
    product: DimLike = 1
    for factor in factors:
        product = checked_dim(product * factor)
    return product
