"""From a document to verdicts: each line against the one before, the first against the function itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from matcalc.algebra import is_zero
from matcalc.atoms import symbol, zeros
from matcalc.auditing.conditions import Condition, judge
from matcalc.auditing.context import Context
from matcalc.auditing.cuts import Cuts
from matcalc.auditing.definitions import Definitions, Known, names_in
from matcalc.auditing.document import Block, Chain, Document, Side, line_of
from matcalc.auditing.marks import NO_EQUALITY
from matcalc.auditing.notation import Function, Names, is_differential, is_in_entries, read_head, read_side
from matcalc.auditing.readings import Reader
from matcalc.auditing.report import Audit, AuditedChain, AuditedLine, Finding
from matcalc.auditing.sheet import Sheet
from matcalc.elaborate import is_known_function
from matcalc.errors import MatcalcError, ShapeError
from matcalc.expr import Expr
from matcalc.printing import text
from matcalc.reading import declared_names
from matcalc.rulebook import Rulebook
from matcalc.syntax import Node, postorder, rebuilt
from matcalc.syntax.parser import Entry

__all__ = ["Auditor"]

CLAIMED = re.compile(
    r"(?i:\b(?:we (?:have|get|see|find|obtain)|so|thus|hence|then|therefore|that is|i\.e\.|equivalently|and|or|"
    r"expand\w*|rewrit\w+))[\s:,]*(?:\$+|\\\()\s*$"
)
"""What stands before mathematics in a sentence that says something of what is known."""


@dataclass(slots=True)
class Auditor:
    """An audit under way.

    Args:
        document: where the derivations stand.
        declared: what the names are.
        book: the rules.
        name: of the file, for mistakes.
    """

    document: Document
    declared: Sequence[Entry]
    book: Rulebook
    name: str = ""
    definitions: Definitions = field(default_factory=Definitions)
    cuts: Cuts = field(init=False)
    variable: str = ""
    conditions: list[Condition] = field(default_factory=list)
    is_condition_unread: bool = False

    def __post_init__(self) -> None:
        self.cuts = Cuts(self.book)

    def run(self) -> Audit:
        """The verdicts on all lines."""
        chains = []
        for number, block in enumerate(self.document.blocks):
            self._look_ahead(block, number)
            for chain in block.chains:
                found = self._chain(block, chain, number)
                if found is not None and not (block.aside and self._is_idle(found)):
                    chains.append(found)
        return Audit(self.name, tuple(chains))

    def _look_ahead(self, block: Block, number: int) -> None:
        """Read the definitions of a block, for lines before them."""
        for chain in block.chains[1:]:
            head = self._head(block, chain)
            if head is None or not chain.sides or self.definitions.latest(head.name) is not None:
                continue
            with suppress(MatcalcError):
                self.definitions.add(Known(head, self._side(block, chain.sides[0]), number, ahead=True))

    def _head(self, block: Block, chain: Chain) -> Function | None:
        """The name that a chain begins with, if it may define it."""
        if chain.left.start == chain.left.end or is_in_entries(self._text(Side(chain.left))):
            return None
        if self._is_differential(block, chain):
            return None
        head = read_head(self.document.clean, chain.left, block.language, chain.variables)
        known = head is not None and head.variables and chain.variables is None and is_known_function(head.name)
        return None if known else head

    @staticmethod
    def _is_idle(chain: AuditedChain) -> bool:
        """Whether a formula in a sentence has nothing to judge."""
        return all(line.status in ("given", "unread", "unreadable") for line in chain.lines)

    # --- reading --------------------------------------------------------------------------------------------------------

    def _text(self, side: Side) -> str:
        return self.document.clean[side.span.start : side.span.end]

    def _names(self, differentials: bool = False) -> Names:
        functions = self.definitions.functions()
        known = declared_names(self.declared) | set(functions)
        values = declared_names(self.declared, functions=False) | {
            f.name for f in functions.values() if not f.variables
        }
        return Names(known, values, functions, differentials, self.variable)

    def _line(self, side: Side, found: Finding) -> AuditedLine:
        """A side with its verdict; a mistake says in which line of the file it is."""
        typed = self.document.text[side.span.start : side.span.end]
        number = line_of(self.document.text, side.span.start)
        if found.error is not None:
            found.error.located(side.span, self.document.text)
            found.error.message = f"{self.name or 'line'}:{number}: {found.error.message}"
        return AuditedLine(
            found.status,
            found.formula,
            found.reason,
            found.difference,
            found.repair,
            found.error,
            number,
            side.tag,
            typed,
        )

    def _chain(self, block: Block, chain: Chain, number: int) -> AuditedChain | None:
        left = Side(chain.left)
        place = line_of(self.document.text, chain.left.start)
        shown = " ".join(self._text(left).split())
        if is_in_entries(self._text(left)):
            return AuditedChain(place, shown, tuple(self._line(side, Finding("unread")) for side in chain.sides))
        head = self._head(block, chain)
        if not chain.sides or (head is None and chain.variables is not None):
            return None
        if head is not None:
            self.definitions.reach(head.name, number)
        if head is not None and (
            chain.variables is not None
            or self._solved_by(head) is not None
            or self.definitions.latest(head.name, None if self._is_claim(block, chain) else number) is None
        ):
            return self._definition(block, chain, number, head, AuditedChain(place, shown, ()))
        try:
            tree = self._side(block, left, self._is_differential(block, chain))
        except MatcalcError as mistake:
            self.is_condition_unread = True
            found = [self._unread(left, mistake)]
            found += [Finding("undecided") for _ in chain.sides]
            return AuditedChain(place, shown, tuple(map(self._line, [left, *chain.sides], found)))
        if tree.head == "derivative" and tree.args[1].head == "name":
            self.variable = tree.args[1].value
        lines, sheet = self._judged(block, _turned(tree), chain.sides, number)
        return AuditedChain(place, shown, lines, None if tree.head == "differential" else sheet.left)

    def _is_claim(self, block: Block, chain: Chain) -> bool:
        """Whether a sentence says that f = … again: we have $f(x) = …$, hence $f(x) = …$."""
        before = self.document.text[max(0, chain.left.start - 60) : chain.left.start]
        return block.aside and CLAIMED.search(before) is not None

    def _definition(self, block: Block, chain: Chain, number: int, head: Function, found: AuditedChain) -> AuditedChain:
        """A name with what it is defined as; what follows is said to be equal to that."""
        first, *others = chain.sides
        try:
            body = self._side(block, first)
        except MatcalcError as mistake:
            return replace(found, lines=(self._line(first, self._unread(first, mistake)),))
        variable = self._solved_by(head)
        self.definitions.add(Known(head, body, number, solves=variable is not None))
        name = Node("name", (), body.span, head.name)
        lines, sheet = self._judged(block, name, [first, *others], number, given=body)
        if variable is not None and lines and lines[0].status == "given":
            solved = self._solution(variable, body, sheet.context.reader)
            lines = lines if solved is None else (self._line(first, solved), *lines[1:])
        words = [text(symbol(n)) for n in (head.name, *head.variables)]
        shown = words[0] + f"({', '.join(words[1:])})" * bool(head.variables)
        return replace(found, lines=lines, left=shown)

    # --- a chain --------------------------------------------------------------------------------------------------------

    def _judged(
        self, block: Block, left: Node, sides: Sequence[Side], number: int, given: Node | None = None
    ) -> tuple[tuple[AuditedLine, ...], Sheet]:
        """The verdicts on the sides of a chain, and how they were found; `given` is what the first defines, if it does."""
        trees: list[Node | None] = []
        unread: dict[int, Finding] = {}
        for i, side in enumerate(sides):
            try:
                first = given is not None and i == 0
                trees.append(given if first else self._side(block, side, left.head == "differential"))
            except MatcalcError as mistake:
                trees.append(None)
                unread[i] = self._unread(side, mistake)
        context = Context(self.definitions, left, trees, number, self.declared, self.document.text)
        sheet = Sheet(self.cuts, context, given is not None)
        best = self._lines(sheet, sides, unread)
        for change in () if context.missing else (context.hide, context.turn):
            if any(line.status in ("wrong", "undecided") for line in best) and change():
                other = Sheet(self.cuts, context, given is not None)
                lines = self._lines(other, sides, unread)
                if _sound(lines) > _sound(best):
                    best, sheet = lines, other
        if given is None and best and best[0].status in ("wrong", "condition"):
            best = self._as_equation(block, sheet, best, sides, number)
        self._remember(sheet, best)
        return tuple(best), sheet

    # --- equations that are no identities ---------------------------------------------------------------------------------

    def _as_equation(
        self, block: Block, sheet: Sheet, lines: list[AuditedLine], sides: Sequence[Side], number: int
    ) -> list[AuditedLine]:
        """The verdicts on a chain whose sides are no identity, but may be an equation for a variable."""
        left, first = sheet.context.left, sheet.context.trees[0]
        if first is None or not (_is_plain(left) and _is_plain(first)) or left.head == "name":
            return lines
        found = self._equation(left, first, sheet.context.reader)
        apart = names_in(left).isdisjoint(names_in(first)) and lines[0].error is None
        if found is None and (apart or self.is_condition_unread):
            found = Finding("condition", lines[0].formula)
        if found is None:
            return lines
        first_line = self._line(sides[0], replace(found, formula=found.formula or lines[0].formula))
        if len(sides) == 1 or found.status == "wrong":
            return [first_line, *lines[1:]]
        trees = sheet.context.trees[1:]
        rest = Context(self.definitions, first, trees, number, self.declared, self.document.text)
        unread = {i: Finding("undecided") for i, tree in enumerate(trees) if tree is None}
        return [first_line, *self._lines(Sheet(self.cuts, rest, False), sides[1:], unread)]

    def _equation(self, left: Node, right: Node, reader: Reader) -> Finding | None:
        """Whether an equation follows from what is zero.

        Raises: ShapeError for a solution that has not the shape of its variable.
        """
        sides = [_sides_under(condition, left, right, reader) for condition in self.conditions]
        with suppress(MatcalcError):
            return judge(self.conditions, sides)
        return None

    def _solved_by(self, head: Function) -> str | None:
        """The variable of a condition for which w = … or ŵ = … is a solution."""
        names = {c.variable.name for c in self.conditions if c.variable is not None}
        base = _base(head.name)
        return base if base in names and not head.variables else None

    def _solution(self, variable: str, body: Node, reader: Reader) -> Finding | None:
        """Whether a formula solves a condition for its variable."""
        try:
            return self._equation(Node("name", (), body.span, variable), body, reader)
        except ShapeError as misfit:
            return Finding("wrong", reason=misfit.message, error=misfit)

    def _remember(self, sheet: Sheet, lines: Sequence[AuditedLine]) -> None:
        """Keep what is zero at a minimum: a derivative, or what a line says to be zero."""
        left, truth, symbols = sheet.context.left, sheet.truth, sheet.context.reader.shapes
        if truth is None or symbols is None or not lines or is_zero(truth.value):
            return
        variable = symbols.get(self.variable)
        if left.head == "derivative":
            name = left.args[1].value if left.args[1].head == "name" else ""
            if name in symbols and left.args[0].head != "derivative":
                words = text(truth.formula) if truth.formula.op != "transpose" else text(truth.formula.args[0])
                known = [c for c in self.conditions if c.words != words]
                self.conditions = [*known, Condition(words, truth.value, symbols[name], symbols)]
        elif lines[0].status == "condition" and lines[0].typed.strip() == "0":
            words = " ".join(self.document.clean[left.span.start : left.span.end].split())
            self.conditions.append(Condition(words, truth.value, variable, symbols))

    def _side(self, block: Block, side: Side, differentials: bool = False) -> Node:
        return read_side(self.document.clean, side.span, block.language, self._names(differentials))

    def _is_differential(self, block: Block, chain: Chain) -> bool:
        return is_differential(self.document.clean, chain.left, block.language, self._names())

    def _unread(self, side: Side, mistake: MatcalcError) -> Finding:
        """What is written with indices is passed over; anything else that cannot be read is a mistake."""
        if is_in_entries(self._text(side)):
            return Finding("unread", reason="written with indices")
        if NO_EQUALITY.match(self._text(side)):
            return Finding("unread", reason="it is not said to be equal")
        return Finding.of(mistake)

    def _lines(self, sheet: Sheet, sides: Sequence[Side], unread: dict[int, Finding]) -> list[AuditedLine]:
        try:
            found = {**sheet.verdicts(), **unread}
        except MatcalcError as mistake:
            found = {i: Finding("undecided") for i in range(len(sides))}
            found |= {**unread, 0: Finding.of(mistake)}
        return [self._line(side, found[i]) for i, side in enumerate(sides)]


def _sound(lines: Sequence[AuditedLine]) -> int:
    """How many lines are right before the first that is not."""
    return next((i for i, line in enumerate(lines) if not line.ok), len(lines))


def _is_plain(tree: Node) -> bool:
    """Whether a side has no derivatives in it."""
    return all(n.head not in ("derivative", "differential") for n in postorder(tree))


def _sides_under(condition: Condition, left: Node, right: Node, reader: Reader) -> tuple[Expr, Expr] | None:
    """The sides of an equation in the shapes that names have in a condition; None where they do not fit.

    Raises: ShapeError for a solution that has not the shape of its variable.
    """
    variable = None if condition.variable is None else condition.variable.name
    definitions = [d for d in reader.definitions if d.name != variable]
    fitting = Reader(reader.text, reader.declared, definitions, condition.symbols)
    sides = [_unmarked(side, variable) for side in (left, right)]
    is_zero_said = right.head == "number" and not right.value
    try:
        first, *others = fitting.read(*sides[: 1 if is_zero_said else 2]).sides
    except MatcalcError as mistake:
        if isinstance(mistake, ShapeError) and left.head == "name" and left.value == variable:
            raise
        return None
    return first, others[0] if others else zeros(first.shape)


def _unmarked(tree: Node, variable: str | None) -> Node:
    """A side with the variable of a condition for ŵ and w*."""

    def plain(node: Node, args: tuple[Node, ...]) -> Node:
        marked = node.head == "name" and _base(node.value) == variable
        return replace(node, args=args, value=variable if marked else node.value)

    return rebuilt(tree, plain)


def _base(name: str) -> str:
    """The name without a mark of what is best: w for w_hat, w_star, w_opt."""
    base, _, mark = name.rpartition("_")
    return base if mark.lower() in ("hat", "star", "opt", "ml", "mle", "map", "ols", "ls", "min", "max") else name


def _turned(tree: Node) -> Node:
    """df/dxᵀ as (df/dx)ᵀ."""
    if tree.head == "derivative" and tree.args[1].head == "transpose":
        inner = replace(tree, args=(tree.args[0], tree.args[1].args[0]))
        return Node("transpose", (inner,), tree.span)
    return tree
