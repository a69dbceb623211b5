"""The judgement on one chain: every side against the one before, the first against the function itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from matcalc import algebra
from matcalc.auditing.context import Context
from matcalc.auditing.cuts import Cuts, Scope, tangent
from matcalc.auditing.readings import readings_of
from matcalc.auditing.reasons import reason
from matcalc.auditing.report import Finding
from matcalc.check import check_equal
from matcalc.check.examples import smallest_example
from matcalc.check.questions import EqualityQuestion
from matcalc.claims import Repair, find_repair, respelled
from matcalc.dims import Shape
from matcalc.errors import MatcalcError, ShapeError, UndecidedError
from matcalc.expr import Expr, free_symbols, postorder
from matcalc.pattern import substitute
from matcalc.printing import text
from matcalc.simplify import simplest
from matcalc.sweep import replace
from matcalc.syntax import Node

__all__ = ["Sheet"]

TRIED = 60
"""Changes of a line whose shapes do not fit that are tried."""


def _of_one_kind(a: Expr, b: Expr) -> bool:
    """Whether names are the same in two lines: one that stands only in wrong lines may have two shapes."""
    shapes = {e.name: e.shape for e in postorder(a) if e.op == "symbol"}
    return all(shapes.get(e.name, e.shape) == e.shape for e in postorder(b) if e.op == "symbol")


def _bracketed(e: Expr) -> str:
    """An expression behind d."""
    return f"({text(e)})" if e.op in ("add", "mul", "dot", "hadamard") else text(e)


def _twice(first: Expr, part: Expr) -> str:
    """The name of a derivative of a derivative."""
    if first.op != "unknown":
        return f"d({text(first)})/d{_bracketed(part)}"
    x, y = _bracketed(first.args[0]), _bracketed(part)
    return f"d²{first.data}/d{x}" + ("²" if x == y else f"d{y}")


class NoPart(MatcalcError):
    """A derivative by what does not stand in the function."""

    exit_code = 1


@dataclass(slots=True)
class _Value:
    """A side as it was read, with unknowns; what these are; and what it comes to."""

    formula: Expr
    unknowns: dict[Expr, Expr]
    value: Expr


@dataclass(slots=True)
class Sheet:
    """A chain under judgement.

    defines:  whether its first side defines what stands on the left.
    """

    cuts: Cuts
    context: Context
    defines: bool
    functions: dict[str, Expr] = field(default_factory=dict)
    moving: list[Expr] = field(default_factory=list)
    left: Expr | None = None
    truth: _Value | None = None
    before: _Value | None = None
    tree_before: Node | None = None
    lost: bool = False

    def verdicts(self) -> dict[int, Finding]:
        """The verdict on each side that can be read, by number.

        Raises: MatcalcError if nothing can be said of any.
        """
        context = self.context
        best, sides = context.reader.together(context.left, context.trees)
        context.reader.shapes = best.symbols
        self.moving = [best.symbols[n] for n in context.moving if n in best.symbols]
        if not context.missing or context.left.head not in ("derivative", "differential"):
            self.truth = self.before = self._value(best.sides[0])
            self.left = self.truth.formula
        self.tree_before = context.left
        found: dict[int, Finding] = {}
        for i, tree in enumerate(context.trees):
            if tree is not None:
                found[i] = self._finding(i, tree, sides.get(i))
        return found

    # --- values -----------------------------------------------------------------------------------------------------------

    def _value(self, e: Expr, scope: Scope = Scope.EVERYWHERE) -> _Value:
        """The side with its derivatives found by matcalc.

        Raises: UndecidedError for a derivative by what does not stand in the function.
        """
        done: dict[Expr, Expr] = {}
        unknowns: dict[Expr, Expr] = {}
        for node in postorder(e):
            if node.op == "derivative":
                f, part = (done[a] for a in node.args)
                unknown, value = algebra.unknown(self._label(f), part), self._put(f, unknowns)
                if f != value:
                    unknown = algebra.symbol(_twice(f, part), node.shape)
                elif not f.is_scalar and unknown.shape != node.shape:  # no unknown of the sweep
                    unknown = algebra.symbol(f"d{_bracketed(f)}/d{_bracketed(part)}", node.shape)
                unknowns[unknown] = self._derivative(value, part, scope, unknown.shape)
                done[node] = unknown if unknown.shape == node.shape else algebra.transpose(unknown)
            elif node.op == "differential":
                (inner,) = (done[a] for a in node.args)
                if inner in self.moving:
                    done[node] = tangent(inner)
                else:
                    done[node] = algebra.symbol(f"d{_bracketed(inner)}", node.shape)
                    unknowns[done[node]] = self.cuts.differential(self._put(inner, unknowns), self.moving)
            else:
                done[node] = algebra.reconstruct(node, tuple(done[a] for a in node.args))
        return _Value(done[e], unknowns, self._put(done[e], unknowns))

    def _derivative(self, f: Expr, part: Expr, scope: Scope, shape: Shape) -> Expr:
        if f.op == "number" and self.context.missing:
            name = self.context.missing[0]
            raise UndecidedError(
                f"{name} is not given, so df/dX cannot be judged".replace("df", f"d{name}"),
                hint=f"write {name} = … in a line before",
            )
        found = self.cuts.derivative(f, part, scope)
        if found is None and part.op == "symbol" and (self.left is None or shape != part.shape):
            return algebra.zeros(shape)  # what the chain is about, or a second derivative
        if found is None:
            raise NoPart(f"{text(part)} is no part of {text(f)}, so there is no derivative by it")
        return found

    def _label(self, f: Expr) -> str:
        for label, function in self.functions.items():
            if function == f:
                return label
        label = f"({text(f)})" if self.functions else self.context.label
        self.functions[label] = f
        return label

    @staticmethod
    def _put(e: Expr, unknowns: dict[Expr, Expr]) -> Expr:
        plain = {u: v for u, v in unknowns.items() if u.op == "symbol"}
        return substitute(replace(e, {u: v for u, v in unknowns.items() if u.op != "symbol"}), plain)

    def _equal(self, a: Expr, b: Expr) -> bool | None:
        if a.shape != b.shape or not _of_one_kind(a, b):
            return False
        with self.cuts.book.in_force():
            if a == b or simplest(a) == simplest(b):
                return True
        return check_equal(a, b).ok

    # --- one side ---------------------------------------------------------------------------------------------------------

    def _finding(self, i: int, tree: Node, e: Expr | None) -> Finding:
        """The verdict on a side, which may have been read together with the others."""
        misfit: ShapeError | None = None
        if self.truth is not None and tree.head == "number" and not tree.value:
            e = algebra.zeros(self.truth.value.shape)  # 0 has any shape
        try:
            if e is None:
                e = self.context.reader.read(self.context.left, tree).sides[1]
        except ShapeError as mistake:
            misfit = mistake
        except MatcalcError as mistake:
            return Finding.of(mistake)
        try:
            if i == 0 and self.defines and e is not None:
                self.tree_before = tree
                return Finding("given", self._value(e).formula)
            return self._judged(tree, e, misfit)
        except NoPart as mistake:
            self.lost = True
            return Finding("wrong", reason=mistake.message)
        except MatcalcError as mistake:
            return Finding("undecided", error=mistake, reason=mistake.message)

    def _judged(self, tree: Node, e: Expr | None, misfit: ShapeError | None) -> Finding:
        if self.truth is None:
            return self._without_truth(tree, e, misfit)
        first: _Value | None = None
        undecided = False
        for value in self._readings(tree, e):
            first = first or value
            same = self._equal(value.value, self.truth.value)
            if same:
                return self._right(tree, value)
            undecided |= same is None
        if e is not None and algebra.is_zero(e) and tree.head == "number":
            return Finding("condition", e)
        if undecided and first is not None:
            return Finding("undecided", first.formula, "the check comes to no verdict")
        return self._wrong(tree, first, misfit)

    def _readings(self, tree: Node, e: Expr | None) -> Iterator[_Value]:
        """What a line may mean, the likeliest first."""
        if e is not None:
            yield self._value(e)
        for other in readings_of(tree):
            try:
                yield self._value(self.context.reader.read(self.context.left, other).sides[1])
            except ShapeError:
                continue
        if e is not None and any(n.op == "derivative" for n in postorder(e)):
            yield self._value(e, Scope.NODES)

    def _right(self, tree: Node, value: _Value) -> Finding:
        words = ""
        if self.before is not None and self.tree_before is not None and not self.lost:
            trees = (self.tree_before, tree)
            if self.before.formula != value.formula or self.tree_before is not self.context.left:
                words = reason(self.before.formula, value.formula, trees, self.functions, self.cuts)
        self.before, self.tree_before, self.lost = value, tree, False
        return Finding("right", value.formula, words)

    def _wrong(self, tree: Node, value: _Value | None, misfit: ShapeError | None) -> Finding:
        assert self.truth is not None
        if value is None:
            assert misfit is not None
            self.lost = True
            return Finding("wrong", None, misfit.message, repair=self._respelled(tree), error=misfit)
        if self.lost and self.before is not None and self._equal(value.value, self.before.value):
            return Finding("follows", value.formula)
        reference = self.before if self.before is not None else self.truth
        words = "not equal to the line before" if self.tree_before is not self.context.left else "not the derivative"
        if self.context.left.head != "derivative" and self.tree_before is self.context.left:
            words = "not equal to what stands on the left"
        strange = [
            n for n in free_symbols(value.value) if n not in free_symbols(self.truth.value, *self.functions.values())
        ]
        if strange:
            words += f"; {', '.join(strange)} is not in the function"
        truth, difference, repair = self.truth.value, None, None
        if not _of_one_kind(value.value, reference.value):
            reference = self.truth
        if _of_one_kind(value.value, reference.value):
            difference = smallest_example(EqualityQuestion(value.value, reference.value))
        if _of_one_kind(value.value, truth):
            with self.cuts.book.in_force():
                repair = find_repair(value.formula, truth, lambda e: self._put(e, value.unknowns))
        self.before, self.tree_before, self.lost = value, tree, True
        return Finding("wrong", value.formula, words, difference, repair)

    def _respelled(self, tree: Node) -> Repair | None:
        """What would make the shapes of a line fit, and the line right."""
        assert self.truth is not None
        for words, other in islice(respelled(tree), TRIED):
            try:
                value = self._value(self.context.reader.read(self.context.left, other).sides[1])
            except MatcalcError:
                continue
            if self._equal(value.value, self.truth.value):
                return Repair(words, value.formula)
        return None

    def _without_truth(self, tree: Node, e: Expr | None, misfit: ShapeError | None) -> Finding:
        """A line of a derivation whose function is not given, against the line before."""
        if tree.head == "number" and not tree.value:
            return Finding("condition")
        if e is None:
            assert misfit is not None
            return Finding("wrong", None, misfit.message, error=misfit)
        value = self._value(e)
        if self.before is None:
            self.before, self.tree_before = value, tree
            name = ", ".join(self.context.missing)
            return Finding("undecided", value.formula, f"{name} is not given, so this cannot be judged")
        self.truth = self.before
        found = self._judged(tree, e, None)
        self.truth = None
        if found.status == "right":
            return Finding("undecided", found.formula, f"equal to the line before: {found.reason}".removesuffix(": "))
        return found
