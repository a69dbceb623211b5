"""What the lines of a chain are about: the function, found among the definitions or in the lines, and its shapes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from matcalc.auditing.definitions import Definitions, Known, names_in
from matcalc.auditing.notation import Function
from matcalc.auditing.readings import Reader
from matcalc.dims import show_shape
from matcalc.syntax import Node, parse_where, postorder, rebuilt, show_tree
from matcalc.syntax.parser import Entry

__all__ = ["Context"]


@dataclass(slots=True)
class Context:
    """The lines of a chain with the definitions that they need.

    Attributes:
        left: what stands first; for a derivative, what the chain is about.
        trees: the other sides; None for those that cannot be read.
        label: the name of the function in unknowns df/dN.
        missing: functions that are named, and defined nowhere.
    """

    definitions: Definitions
    left: Node
    trees: list[Node | None]
    block: int
    declared: Sequence[Entry]
    text: str
    label: str = "f"
    missing: tuple[str, ...] = ()
    reader: Reader = field(init=False)
    hidden: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        if self.left.head == "derivative":
            self.hidden |= self.definitions.solutions_in(names_in(self.left.args[1]))
        self._find_functions()

    @property
    def _all(self) -> list[Node]:
        return [self.left, *(tree for tree in self.trees if tree is not None)]

    @property
    def moving(self) -> set[str]:
        """The names X for which there is a dX."""
        defined = {d.name for d in self.reader.definitions}
        nodes = [n.args[0] for tree in self._all for n in postorder(tree) if n.head == "differential"]
        return {n.value for n in nodes if n.head == "name"} - defined

    def hide(self) -> bool:
        """Take names that were defined as names again, but for functions; False if there are none.

        A model such as y = X·w + e is no part of the loss ‖X·w − y‖².
        """
        names = {d.name for d in self.reader.definitions} - set(_functions(self._all))
        if self.left.head == "name":
            names.discard(self.left.value)
        if not names:
            return False
        self.hidden |= names
        self._find_functions()
        return True

    def turn(self) -> bool:
        """Take gradients as rows, as in numerator layout, and ∂²f/∂x∂y as y by x; False if there are none."""

        def turned(node: Node) -> Node:
            if node.head != "derivative":
                return node
            first, y = node.args
            if first.head == "derivative":
                f, x = first.args
                return replace(node, args=(replace(first, args=(f, y), value=None), x))
            return replace(node, value="numerator")

        if not any(n.head == "derivative" for tree in self._all for n in postorder(tree)):
            return False
        self._change(turned)
        self._find_functions()
        return True

    def _find_functions(self) -> None:
        chosen: list[Known] = []
        hidden = set(self.hidden)
        missing: list[str] = []
        defined = self.definitions.latest(self.left.value, self.block) if self.left.head == "name" else None
        if defined is not None:
            hidden |= set(defined.function.variables)
        functions = _functions(self._all)
        self.label = next(iter(functions), self.label)
        for name, targets in functions.items():
            known = self._known(name, targets)
            if known is not None:
                chosen.append(known)
                hidden |= set(known.function.variables)
            elif self._is_abstract(name, targets):
                hidden.add(name)
            else:
                missing.append(name)
        if self.left.head == "differential" and self.left.args[0].head == "name":
            name = self.left.args[0].value
            missing += [name] if self.definitions.latest(name) is None else []
        self.missing = tuple(missing)
        for name in missing:  # the shape of df/dX is known even so
            self._replace_function(name, lambda n: Node("number", (), n.span, 1, "1"))
        about = self.definitions.below([self.left, *(k.body for k in chosen)])
        hidden |= {n for n in about if self.definitions.ahead(n, self.block)}
        needed = self.definitions.needed(self._all, chosen, hidden)
        self.reader = Reader(self.text, self.declared, needed)

    def _known(self, name: str, targets: Sequence[Node]) -> Known | None:
        """The definition of a function: one that is about the variable, or the formula in the first line."""
        variables = [t.value for t in targets if t.head == "name"]
        for variable in variables[:1]:
            known = self.definitions.of_variable(name, variable, self.block)
            if known is not None:
                return known
        first = next(iter(self.trees), None)
        if self.left.head == "derivative" and first is not None and first.head == "derivative":
            if show_tree(first.args[1]) == show_tree(self.left.args[1]) and first.args[0].head != "name":
                return self.definitions.add(Known(Function(name, (), name), first.args[0], self.block, implied=True))
        if any(self._between(t, variables) for t in targets):
            return None
        known = self.definitions.latest(name)
        if known is None or not variables or not known.function.variables:
            return known  # by what does not stand in it, the derivative is zero
        return known if variables[0] in self.definitions.below([known.body]) else None

    def _between(self, target: Node, variables: Sequence[str]) -> bool:
        """Whether a name stands for a map of the variable: G in df/dX = df/dG·Wᵀ."""
        known = self.definitions.latest(target.value) if target.head == "name" else None
        return known is not None and bool(variables) and variables[0] in self.definitions.below([known.body])

    def _is_abstract(self, name: str, targets: Sequence[Node]) -> bool:
        """Take any function f(G) for f, where G is what the lines differentiate by beside the variable."""
        variables = [t.value for t in targets if t.head == "name"]
        between = next((t for t in targets if self._between(t, variables)), None)
        if between is None:
            return False
        inner = Node("name", (), between.span, between.value)
        shape = (
            Reader(self.text, self.declared, self.definitions.needed([inner], [], self.hidden))
            .read(inner)
            .sides[0]
            .shape
        )
        domain = show_shape((shape[0], 1)).removesuffix("×1") if shape[1] == 1 else show_shape(shape)
        self.declared = [*self.declared, *parse_where(f"{name}: {domain} -> scalar")]
        self._replace_function(name, lambda n: Node("call", (inner,), n.span, (name, 0)))
        return True

    def _replace_function(self, name: str, construct: Callable[[Node], Node]) -> None:
        """Put something else for the name of a function that is differentiated."""

        def changed(node: Node) -> Node:
            if node.head == "derivative" and node.args[0].head == "name" and node.args[0].value == name:
                return replace(node, args=(construct(node.args[0]), node.args[1]))
            return node

        self._change(changed)

    def _change(self, construct: Callable[[Node], Node]) -> None:
        """Make every node of the trees anew."""

        def changed(root: Node) -> Node:
            return rebuilt(root, lambda node, args: construct(replace(node, args=args)))

        self.left = changed(self.left)
        self.trees = [None if tree is None else changed(tree) for tree in self.trees]


def _functions(trees: Sequence[Node]) -> dict[str, list[Node]]:
    """The functions that are differentiated by name, and by what, in order."""
    found: dict[str, list[Node]] = {}
    for tree in trees:
        for node in postorder(tree):
            if node.head == "derivative" and node.args[0].head == "name":
                found.setdefault(node.args[0].value, []).append(node.args[1])
    return found
