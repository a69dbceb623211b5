"""Unknown dimensions: a union-find for what is equal, and beside it a forest that remembers why.

The union-find answers quickly; it is united by size and never compressed, so that a trial can be undone. The forest has
one edge per union, between the two axes that were united, labelled with the occurrence that asked for it: on a clash
the path from either side to what is known of it tells where its dimension came from.
"""

from __future__ import annotations

from collections.abc import Iterator

from matcalc.dims import DimLike, show_dim
from matcalc.elaborate.items import Item, shorten

__all__ = ["Axis", "Pair", "Unifier", "trace"]


class Axis:
    """A dimension of an occurrence, known or not.

    value:  what the whole class is known to be; valid at the root.
    origin: for an axis that was born known, what says so, such as "the rows of X (declared)".
    label:  what a message calls a class that is not known; valid at the root.
    """

    __slots__ = ("edges", "label", "origin", "parent", "size", "value")

    def __init__(self, value: DimLike | None = None, origin: str = "") -> None:
        self.parent: Axis | None = None
        self.size = 1
        self.value = value
        self.origin = origin
        self.label = "?"
        self.edges: list[tuple[Axis, Item]] = []

    def root(self) -> Axis:
        """The representative of all axes that are equal to this one."""
        axis = self
        while axis.parent is not None:
            axis = axis.parent
        return axis

    @property
    def known(self) -> DimLike | None:
        """The dimension, if it is known."""
        return self.root().value

    def __str__(self) -> str:
        root = self.root()
        return root.label if root.value is None else show_dim(root.value)


Pair = tuple[Axis, Axis]
"""Rows and columns."""


class Unifier:
    """Makes axes equal, and can take it back.

    >>> from matcalc.errors import Span
    >>> unifier, two, why = Unifier(), Axis(2, "the length of x"), Item("add", (), Span(0, 5))
    >>> unifier.unite(Axis(), two, why), unifier.unite(two, Axis(3), why)
    (True, False)
    """

    def __init__(self) -> None:
        self._trail: list[tuple[Axis, Axis, DimLike | None, Axis, Axis]] = []

    def unite(self, a: Axis, b: Axis, why: Item) -> bool:
        """Make two axes equal because of an occurrence; False, and nothing done, if they are known to differ."""
        x, y = a.root(), b.root()
        if x is y:
            return True
        if x.value is not None and y.value is not None and x.value != y.value:
            return False
        if x.size > y.size:
            x, y = y, x
        self._trail.append((x, y, y.value, a, b))
        x.parent = y
        y.size += x.size
        if y.value is None:
            y.value = x.value
        a.edges.append((b, why))
        b.edges.append((a, why))
        return True

    def mark(self) -> int:
        """How many unions there were so far, to come back to."""
        return len(self._trail)

    def undo(self, mark: int) -> None:
        """Take back every union since a mark."""
        while len(self._trail) > mark:
            x, y, value, a, b = self._trail.pop()
            x.parent = None
            y.size -= x.size
            y.value = value
            a.edges.pop()
            b.edges.pop()


def trace(axis: Axis, text: str) -> tuple[str, ...]:
    """Where a known dimension comes from, in a line of words: what was born with it, and what passed it on."""
    found = path_to_origin(axis)
    if found is None:
        return ()
    known, items = found
    through = list(dict.fromkeys(shorten(text[item.span.start : item.span.end]) for item in items))
    if through == [known.origin.removeprefix("the size of ")]:
        through = []
    return (f"{known}: {known.origin}" + (f", by {' and '.join(through[:3])}" if through else ""),)


def path_to_origin(axis: Axis) -> tuple[Axis, list[Item]] | None:
    """The nearest axis of a class that was born known, and the occurrences that lead there; None if none was."""
    steps: dict[int, tuple[Axis, Item] | None] = {id(axis): None}
    for reached in _breadth_first(axis, steps):
        if reached.value is None or not reached.origin:
            continue
        why: list[Item] = []
        at, step = reached, steps[id(reached)]
        while step is not None:
            at, item = step
            why.append(item)
            step = steps[id(at)]
        return reached, why[::-1]
    return None


def _breadth_first(axis: Axis, steps: dict[int, tuple[Axis, Item] | None]) -> Iterator[Axis]:
    queue = [axis]
    for at in queue:
        yield at
        for neighbour, why in at.edges:
            if id(neighbour) not in steps:
                steps[id(neighbour)] = (at, why)
                queue.append(neighbour)
