"""What a document defines: f(W) = …, Z = X·W, G: X ↦ X·W; which of it a line needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from matcalc.auditing.notation import Function
from matcalc.syntax import Definition, Node, postorder

__all__ = ["Known", "Definitions", "names_in"]


class Known(NamedTuple):
    """A definition in the document, and in which block it stands; only there does it count if it is implied.

    implied: whether it was taken from a first line, df/dX = d(…)/dX.
    ahead: whether it stands behind what is judged now: … = 2·K·S, where S = ….
    solves: whether it is the solution of an equation, so that its name is still a variable elsewhere.
    """

    function: Function
    body: Node
    block: int
    implied: bool = False
    ahead: bool = False
    solves: bool = False

    @property
    def name(self) -> str:
        """What is defined."""
        return self.function.name


@dataclass(slots=True)
class Definitions:
    """The definitions so far; of those of one name a later one counts before an earlier one."""

    found: list[Known] = field(default_factory=list)

    def add(self, known: Known) -> Known:
        """Remember a definition; of two variables solved for in turn the other one is free again."""
        if known.solves:
            free = self.solutions_in([known.name])
            self.found = [k for k in self.found if k.name not in free]
        self.found.append(known)
        return known

    def solutions_in(self, names: Iterable[str]) -> set[str]:
        """The solutions for some of the names or in terms of them; all are free variables where these vary."""
        return {k.name for k in self.found if k.solves and not {k.name, *self.below([k.body])}.isdisjoint(names)}

    def reach(self, name: str, block: int) -> None:
        """Forget the definition of a name that stood ahead in a block, since its place is reached."""
        self.found = [k for k in self.found if not (k.ahead and (k.name, k.block) == (name, block))]

    def ahead(self, name: str, block: int) -> bool:
        """Whether a name is defined further on in a block."""
        known = self.latest(name, block)
        return known is not None and known.ahead

    def latest(self, name: str, block: int | None = None) -> Known | None:
        """The last definition of a name, or the last one in a block."""
        return next(
            (
                k
                for k in reversed(self.found)
                if k.name == name and (k.block == block or (block is None and not k.implied))
            ),
            None,
        )

    def functions(self) -> dict[str, Function]:
        """What is defined, by name."""
        return {k.name: k.function for k in self.found}

    def of_variable(self, name: str, variable: str, block: int) -> Known | None:
        """The last definition of f that is about a variable: in brackets, or else in the formula."""
        same = [k for k in reversed(self.found) if k.name == name and (not k.implied or k.block == block)]
        for known in same:
            if variable in known.function.variables:
                return known
        return next((k for k in same if not k.function.variables and variable in self.below([k.body])), None)

    def below(self, trees: Iterable[Node]) -> set[str]:
        """All names in trees, and in what these are defined by."""
        seen: set[str] = set()
        todo = {n for tree in trees for n in names_in(tree)}
        while todo:
            name = todo.pop()
            seen.add(name)
            known = self.latest(name)
            if known is not None:
                todo |= names_in(known.body) - seen
        return seen

    def needed(self, trees: Sequence[Node], chosen: Sequence[Known], hidden: Collection[str]) -> list[Definition]:
        """The definitions that trees need, each after those that it needs itself.

        Args:
            chosen: those that count before later ones of their names.
            hidden: names that are variables here, whatever they were defined as.
        """
        first = {k.name: k for k in chosen}
        order: dict[str, Known] = {}
        stack = [(name, False) for tree in trees for name in sorted(names_in(tree), reverse=True)]
        open_: set[str] = set()
        while stack:
            name, ready = stack.pop()
            known = first.get(name) or self.latest(name)
            if known is None or name in order or name in hidden:
                continue
            if ready:
                order[name] = known
            elif name not in open_:
                open_.add(name)
                stack.append((name, True))
                stack += [(n, False) for n in sorted(names_in(known.body), reverse=True) if n not in open_]
        called = {n.value[0] for tree in trees for n in postorder(tree) if n.head == "call"}
        return [
            Definition(name, known.function.variables if name in called else (), known.body, known.body.span)
            for name, known in order.items()
        ]


def names_in(tree: Node) -> set[str]:
    """The names of a tree, those before brackets included."""
    nodes = list(postorder(tree))
    return {n.value for n in nodes if n.head == "name"} | {n.value[0] for n in nodes if n.head == "call"}
