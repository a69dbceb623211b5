"""The value of an operator by its definition in entries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from matcalc.expr import Expr
from matcalc.proof.canonical import Unprovable
from matcalc.proof.definitions import NAMED, Definition, Indices
from matcalc.proof.space import DELTA, Poly
from matcalc.proof.tensors import Tensor

if TYPE_CHECKING:
    from matcalc.proof.entries import Entries

__all__ = ["Reading"]


class Reading:
    """One use of a definition: which index stands for which name."""

    def __init__(self, space: Entries, d: Definition, node: Expr, args: Mapping[str, Tensor]) -> None:
        self.space, self.d, self.node, self.args = space, d, node, dict(args)
        self.names: dict[str, tuple[int, ...]] = {}

    def value(self) -> Tensor:
        """The tensor that is defined."""
        entries = [s for s in self.d.steps if s[0] == "entry" and s[1] not in NAMED]
        for step in self.d.steps:
            if step[:2] == ("entry", "series"):
                self.divide_alike(*step[2])  # type: ignore[misc]
        for _, name, indices in entries:
            self.bind(str(name), indices)  # type: ignore[arg-type]
        for step in self.d.steps:
            if step[:2] == ("entry", "delta"):
                (i,), (j,) = step[2]  # type: ignore[misc]
                for known, new in ((i, j), (j, i)):  # type: ignore[has-type]
                    if known in self.names and new not in self.names:
                        dims = [self.space.dims[k] for k in self.names[known]]
                        self.names[new] = self.space.named(("d", new), dims)
        for side, pair in enumerate(self.d.head):
            if len(pair) == 1 and pair[0] not in self.names:
                d = self.node.shape[side]
                self.names[pair[0]] = self.space.named(("d", pair[0]), [d] if d != 1 else [])
        entry = self.run()
        head = [tuple(i for name in pair for i in self.names.get(name, ())) for pair in self.d.head]
        head += [()] * (2 - len(head))
        return Tensor(head[0], head[1], entry)

    def bind(self, name: str, indices: Indices) -> None:
        """Let simple index names stand for the indices of an argument."""
        space = self.space
        for side, pair in enumerate(indices):
            if len(pair) != 1 or pair[0] == "1":
                continue
            t = self.args[name]
            known = self.names.get(pair[0])
            if known is not None:
                t = self.args[name] = space.divided(t, side, [space.dims[i] for i in known])
            if known is None or len(t.side(side)) != len(known):
                if known is not None:
                    raise Unprovable("two ways to divide an index")
                self.names[pair[0]] = space.named(("d", pair[0]), [space.dims[i] for i in t.side(side)])

    def divide_alike(self, of: tuple[str, ...], *places: tuple[str, ...]) -> None:
        """Let index names stand for the indices of square matrices, whose sides are all divided in the same way."""
        space = self.space
        square = [of[0], *(str(s[1]) for s in self.d.steps if s[0] == "entry" and s[1] not in NAMED)]
        sides = [(name, side) for name in square for side in (0, 1)]
        for name, side in (*sides, *sides):
            for other, k in sides:
                dims = [space.dims[i] for i in self.args[name].side(side)]
                self.args[other] = space.divided(self.args[other], k, dims)
        dims = [space.dims[i] for i in self.args[of[0]].rows]
        if any([space.dims[i] for i in self.args[name].side(side)] != dims for name, side in sides):
            raise Unprovable("two ways to divide an index")
        self.names |= {p[0]: space.named(("d", p[0]), dims) for p in places}

    def entry(self, name: str, indices: Indices) -> Poly:
        """An entry of an argument."""
        space = self.space
        t = self.args[name]
        sides: list[tuple[int, ...]] = []
        for side in (0, 1):
            pair = indices[side] if side < len(indices) else ()
            wanted = tuple(i for n in pair for i in self.names.get(n, ()))
            t = space.divided(t, side, [space.dims[i] for i in wanted])
            sides.append(wanted)
        if [len(s) for s in sides] != [len(t.rows), len(t.columns)]:
            raise Unprovable("an index is missing")
        return space.at(t, sides[0], sides[1])

    def single(self, pair: tuple[str, ...]) -> int:
        """The one index that a name stands for."""
        found = self.names[pair[0]]
        if len(pair) > 1 or len(found) != 1:
            raise Unprovable("an index that is no simple one")
        return found[0]

    def series(self, of: tuple[str, ...], *places: tuple[str, ...]) -> Poly:
        """Σ c[r,s]·X^r[i,k]·X^s[l,j] with c[r,s] = c[s,r]: the same for X′ with i, k and l, j exchanged."""
        space = self.space
        i, k, l, j = (self.names[p[0]] for p in places)
        x = self.args[of[0]]
        both = space.add(space.at(x, i, k), space.at(x, l, j))
        others = tuple(tuple(sorted(self.args[n].entry.items())) for n in of[1:])
        orders = [(*i, *k, *l, *j), (*l, *j, *i, *k), (*k, *i, *j, *l), (*j, *l, *k, *i)]
        atom, order = space.define("opaque", (self.node.op, others), (both,), orders)
        return {((atom, order, 1),): 1}

    def run(self) -> Poly:
        """Carry out the steps of the formula."""
        space, stack = self.space, []
        for step in self.d.steps:
            kind = step[0]
            if kind == "number":
                stack.append(space.constant(step[1]))  # type: ignore[arg-type]
            elif kind == "entry" and step[1] == "delta":
                (i,), (j,) = step[2]  # type: ignore[misc]
                pairs = zip(self.names[i], self.names[j], strict=True)  # type: ignore[has-type]
                stack.append(space.term(1, (), [(DELTA, pair, 1) for pair in pairs]))
            elif kind == "entry" and step[1] == "lower":
                stack.append(space.lower(*(self.single(n) for n in step[2])))  # type: ignore[attr-defined]
            elif kind == "entry" and step[1] == "series":
                stack.append(self.series(*step[2]))  # type: ignore[misc]
            elif kind == "entry":
                bare = not step[2] and (self.args[str(step[1])].rows or self.args[str(step[1])].columns)
                stack.append(self.args[str(step[1])] if bare else self.entry(str(step[1]), step[2]))  # type: ignore[arg-type]
            elif kind == "sum":
                over = [i for n in step[1] for i in self.names[n]]  # type: ignore[attr-defined]
                stack.append(space.mul(stack.pop(), over=over))
            elif kind == "call":
                x = stack.pop()
                if isinstance(x, Tensor) or step[1] == "det":
                    stack.append(space.determinant_of(self.node.args[0]))
                else:
                    stack.append(space.apply(str(step[1]), x))
            elif kind == "neg":
                stack.append(space.scale(-1, stack.pop()))
            else:
                y, x = stack.pop(), stack.pop()
                stack.append(_binary(space, str(kind), x, y))
        return stack[-1]


def _binary(space: Entries, op: str, x: Poly, y: Poly) -> Poly:
    if op in "+-":
        return space.add(x, y if op == "+" else space.scale(-1, y))
    if op == "^" and (not y or set(y) == {()}):
        return space.power(x, y.get((), 0))
    if op == "^":
        return space.symbolic(x, y)
    return space.mul(x, y if op == "*" else space.power(y, -1))
