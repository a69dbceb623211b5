"""Dimensions that are products of others: the length of vec(X), the rows of A ⊗ B."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from matcalc.dims import DimLike, checked_dim, divide_dim, show_dim
from matcalc.elaborate.items import Item
from matcalc.elaborate.unify import Axis, Unifier, trace
from matcalc.errors import ShapeError

__all__ = ["Product", "solve_products"]


class Product(NamedTuple):
    """An axis whose length is a product, the factor that changes slowest first; or a sum, in the order of its parts."""

    result: Axis
    factors: tuple[Axis, ...]
    item: Item
    is_sum: bool = False


def solve_products(
    products: Sequence[Product], unifier: Unifier, name_one: Callable[[Sequence[Axis]], None], text: str
) -> None:
    """Give every product its length.

    Two products that must be equal are made so factor by factor where a factor is open: (A ⊗ B)·vec(X) makes X as high
    as B is wide. A single open factor is found by division. Of what stays open, `name_one` names one at a time.

    Raises: ShapeError if lengths differ.
    """
    pending = list(products)
    while pending:
        left = [p for p in pending if not _settle(p, unifier, text)]
        if len(left) == len(pending):
            _match_factors(left, unifier)
            left = [p for p in left if not _settle(p, unifier, text)]
        if len(left) == len(pending):
            name_one([f for p in left for f in p.factors if f.known is None])
        pending = left


def _settle(product: Product, unifier: Unifier, text: str) -> bool:
    """Whether nothing stays open: all factors are known, or all but one and the result."""
    sizes = [f.known for f in product.factors]
    known = [size for size in sizes if size is not None]
    length: DimLike = 0 if product.is_sum else 1
    for size in known:
        length = checked_dim(length + size if product.is_sum else length * size)
    if len(known) == len(sizes):
        if not unifier.unite(product.result, Axis(length, _origin(product, text)), product.item):
            raise _clash(product, length, text)
        return True
    total = product.result.known
    if len(known) + 1 == len(sizes) and total is not None:
        quotient = total - length if product.is_sum else divide_dim(total, length)
        open_factor = product.factors[sizes.index(None)]
        if quotient is not None and unifier.unite(open_factor, Axis(quotient, _origin(product, text)), product.item):
            return True
    return False


def _match_factors(products: Sequence[Product], unifier: Unifier) -> None:
    """Unite the factors of products with the same result, where they have equally many."""
    first: dict[tuple[int, int], Product] = {}
    for product in products:
        other = first.setdefault((id(product.result.root()), len(product.factors)), product)
        for a, b in zip(product.factors, other.factors, strict=True):
            unifier.unite(a, b, product.item)


def _origin(product: Product, text: str) -> str:
    return "the size of " + text[product.item.span.start : product.item.span.end]


def _clash(product: Product, length: DimLike, text: str) -> ShapeError:
    name = text[product.item.span.start : product.item.span.end]
    return ShapeError(
        f"the size of {name} does not fit",
        span=product.item.span,
        differ=(show_dim(length), str(product.result)),
        facts=(f"a side of {name} is {show_dim(length)}, and {product.result} is needed", *trace(product.result, text)),
        hint="declare the shapes so that both are equal",
    )
