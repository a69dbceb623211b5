"""Names: which are variables, definitions, dimensions, constants, functions and operators; what is a call, what a product."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from fractions import Fraction
from functools import lru_cache
from itertools import pairwise

from matcalc.dims import Dim
from matcalc.elaborate import mistakes
from matcalc.elaborate.declared import Names
from matcalc.elaborate.define import Template
from matcalc.elaborate.indices import Indices, line_or_entry, refuse_entry, refuse_numbers
from matcalc.elaborate.items import Item, shorten
from matcalc.elaborate.library import Defined, find_defined
from matcalc.elaborate.norms import norm
from matcalc.elaborate.occurrences import bare_names, names_of, sizes
from matcalc.elaborate.spelling import spelled_out
from matcalc.elaborate.words import (
    FIRST_ONLY,
    SIZED,
    axis_of,
    formulas_of,
    is_known,
    known_words,
    operator_of,
    special,
    usual_spelling,
)
from matcalc.errors import MatcalcError, NameClash, Span, SyntaxMistake, UnsupportedError
from matcalc.functions import Function, find_function
from matcalc.sums import Sum
from matcalc.syntax import Definition, Node, Program, dimension_of, parse_expression, postorder, rebuilt, show_tree

__all__ = ["Scope", "resolve"]

MARKS = frozenset({"transpose", "invtranspose", "power", "elpower", "index"})
"""What stands behind an operand."""

MAX_ITEMS = 200_000
"""How many occurrences a formula may have when functions that the user defines are written out."""


class Scope:
    """What the names of a program mean, and what was assumed about them.

    wrt: names that are variables because the user differentiates by them.
    """

    def __init__(self, program: Program, names: Names, wrt: Collection[str] = ()) -> None:
        self.program, self.names, self.wrt = program, names, wrt
        self.text: str | None = program.text
        self.notes: list[str] = [*program.notes]
        self.defined: dict[str, Item] = {}
        self.templates: dict[str, Template] = {}
        self.assumed_functions: list[str] = []
        self.used: set[str] = set()
        self.indices = Indices()
        self.sums: list[Sum] = []
        self.occurring: set[str] = set()
        self.params: Collection[str] = ()
        self.budget = MAX_ITEMS
        definitions = [*names.definitions, *program.definitions]
        bodies = [(d.body, d.params) for d in definitions] + [(program.body, ())]
        self.bare = {name for body, params in bodies for name in bare_names(body) if name not in params}
        names.dims |= {name for body, _ in bodies for name in sizes(body)} - set(names.kinds)
        for definition in names.definitions:
            self._define(definition, elsewhere=True)
        for definition in program.definitions:
            self._define(definition, elsewhere=False)

    def note(self, text: str) -> None:
        """Say once what was assumed."""
        if text not in self.notes:
            self.notes.append(text)

    # --- definitions ------------------------------------------------------------------------------------------------------

    def _define(self, definition: Definition, elsewhere: bool) -> None:
        """Learn `Z = X*W` or `h(t) = t*sigmoid(t)`; elsewhere: the body stands among the declarations, not in the text."""
        name, params, body, span = definition
        place = None if elsewhere else Span(span.start, span.start + len(name))
        if name in self.defined or name in self.templates:
            raise NameClash(f"{name} is defined twice", span=place, hint="give each its own name")
        if name in self.names.kinds or self.names.is_function(name):
            raise NameClash(f"{name} is declared and defined", span=place, hint="leave out one of the two")
        if name in self.occurring:
            raise NameClash(f"{name} is used before it is defined", span=place, hint="put its definition first")
        if name in names_of(body) and name not in params:
            raise NameClash(f"{name} is defined by itself", span=place, hint="use another name for the new value")
        self.params = params
        self.text = None if elsewhere else self.program.text
        try:
            root = self.items(body)
        except MatcalcError as mistake:
            if elsewhere:  # the place is one in the declarations
                mistake.span = None
                mistake.facts += (f"in the definition of {name}",)
            raise
        self.params, self.text = (), self.program.text
        if params or elsewhere:
            self.templates[name] = Template(name, params, root, self.names)
        else:
            self.defined[name] = root

    def expand(self, template: Template, args: tuple[Item, ...], span: Span) -> Item:
        """A function that the user defines, applied; its size counts against the limit."""
        self.used.add(template.name)
        self.budget -= template.size
        if self.budget < 0:
            raise mistakes.too_large(template.name, MAX_ITEMS, span)
        return Item("use", (template.applied(args, span),), span, template.name)

    # --- occurrences ------------------------------------------------------------------------------------------------------

    def items(self, root: Node) -> Item:
        """The items of a tree."""
        values: list[Item] = []
        plain = spelled_out(root, self._is_bare_function, self.note, self.text or "")
        stack: list[tuple[Node, bool]] = [(self._with_marks_inside(plain), False)]
        while stack:
            node, ready = stack.pop()
            operands = self._operands(node)
            if node.head == "sigma" and not ready:
                self.indices.bind(node, self.names)
            if not ready and operands:
                stack.append((node, True))
                stack.extend((a, False) for a in reversed(operands))
                continue
            count = len(operands)
            args = tuple(values[len(values) - count :])
            del values[len(values) - count :]
            if node.head != "index":
                refuse_numbers(operands, args)
            values.append(_HEADS[node.head](self, node, args))
        return values[0]

    def _with_marks_inside(self, root: Node) -> Node:
        """X(A + B)' as X·((A + B)'), where X is a variable: what follows the bracket belongs to the bracket alone."""
        if not any(n.head in MARKS and n.args[0].head == "call" for n in postorder(root)):
            return root

        def with_mark_inside(node: Node, args: tuple[Node, ...]) -> Node:
            first = args[0] if node.head in MARKS else None
            if first is not None and first.head == "call" and len(first.args) == 1 and self.is_variable(first.value[0]):
                inner = replace(node, args=(*first.args, *args[1:]), span=first.args[0].span)
                return replace(first, args=(inner,), span=node.span)
            return replace(node, args=args)

        return rebuilt(root, with_mark_inside)

    def _operands(self, node: Node) -> tuple[Node, ...]:
        """The arguments that are formulas themselves, not sizes, axes or kinds of norms."""
        if node.head == "sigma":
            return node.args[:1]
        if node.head == "range":
            return ()
        if node.head == "index" and self._family(node) is not None:
            return node.args[1:]
        if node.head == "call" and not self.is_variable(node.value[0]):
            found = self._from_library(node)
            if found is not None:
                return node.args[: len(found.params)]
            return formulas_of(node)
        return node.args

    def is_variable(self, name: str) -> bool:
        """Whether a name before a bracket is a factor rather than a function."""
        if self.names.is_function(name) or name in self.templates:
            return name in self.templates and not self.templates[name].params
        if name in self.names.kinds or name in self.defined or name in self.params:
            return True
        if is_known(name):
            return False
        return name in self.bare or name in self.wrt or name in self.names.dims or name in ("pi", "I")

    def _is_bare_function(self, name: str) -> bool:
        """Whether a name that stands alone is a function that is known, and no variable."""
        return (
            is_known(name) and name not in self.wrt and not self.names.is_function(name) and not self.is_variable(name)
        )

    def name(self, name: str, span: Span) -> Item:
        """What a name that stands alone means.

        Raises: NameClash if it is a function.
        """
        if name in self.indices.bound:
            return self.indices.bound[name]
        if name in self.params:
            return Item("param", (), span, name)
        if name in self.defined:
            self.used.add(name)
            return Item("use", (self.defined[name],), span, name)
        if name in self.templates and not self.templates[name].params:
            return self.expand(self.templates[name], (), span)
        if self.names.is_function(name) or name in self.templates:
            kind = "declared" if self.names.is_function(name) else "defined as"
            hint = f"write {name}(…), or rename one of them"
            raise NameClash(f"{name} is {kind} a function and stands here as a variable", span=span, hint=hint)
        if name in self.names.kinds:
            self.occurring.add(name)
            return Item("symbol", (), span, name)
        if name in self.names.dims:
            self.note(f"{name} is the dimension {name}, used as a number")
            return Item("dimension", (), span, Dim(name))
        if name in ("pi", "I") and name not in self.wrt:
            return Item("pi", (), span) if name == "pi" else Item("eye", (), span)
        if is_known(name) and name not in self.wrt:
            raise mistakes.function_alone(name, span)
        stem, _, index = name.rpartition("_")
        if stem in self.names.families:
            hint = f"write {stem}[{index}] under a sum over {index}"
            raise NameClash(f"{name} stands outside of a sum over {index}", span=span, hint=hint)
        if stem in mistakes.OBJECTIVES and name not in self.wrt:
            raise mistakes.objective(name, span)
        self.occurring.add(name)
        return Item("symbol", (), span, name)

    # --- one node ---------------------------------------------------------------------------------------------------------

    def _name(self, node: Node, args: tuple[Item, ...]) -> Item:
        return self.name(node.value, node.span)

    def _plain(self, node: Node, args: tuple[Item, ...]) -> Item:
        return Item(node.head, args, node.span, node.value)

    def _inside(self, node: Node, args: tuple[Item, ...]) -> Item:
        return args[0]

    def _chain(self, node: Node, args: tuple[Item, ...]) -> Item:
        for i, (x, y) in enumerate(pairwise(args), 1):
            if x.op == "transpose":
                refuse_entry(node.args[i], y, self.names.kinds)
        for i in range(1, len(node.value)):
            between = node.args[i].span.end == node.args[i + 1].span.start
            if node.value[i - 1 : i + 1] == ("/", "") and between and self.text is not None:
                start = node.args[i - 1].span.start
                a, b, c = (self._cut(node.args[j].span) for j in (i - 1, i, i + 1))
                self.note(f"{self._cut(Span(start, node.args[i + 1].span.end))} read as ({a}/{b})*{c}")
        return Item("chain", args, node.span, node.value)

    def _cut(self, span: Span) -> str:
        return shorten(self.program.text[span.start : span.end])

    def _transpose(self, node: Node, args: tuple[Item, ...]) -> Item:
        refuse_entry(node, args[0])
        if args[0].op == "number":
            self.note(f"{node.args[0].text}' is a number; a vector of ones is ones(n), of other numbers vector(2)")
        return self._plain(node, args)

    def _norm(self, node: Node, args: tuple[Item, ...]) -> Item:
        refuse_entry(node, args[0])
        return norm(args[0], node.value, args[1] if len(args) > 1 else None, node.span, self.note)

    def _invtranspose(self, node: Node, args: tuple[Item, ...]) -> Item:
        return Item("transpose", (Item("inv", args, node.span),), node.span)

    def _power(self, node: Node, args: tuple[Item, ...]) -> Item:
        exponent = args[1]
        if exponent.op == "neg" and exponent.args[0].op == "number" and exponent.args[0].data == 1:
            return Item("inv", args[:1], node.span)
        name = exponent.data if exponent.op == "symbol" and exponent.data not in self.names.kinds else ""
        if name.startswith("T") and len(name) > 1 and self.text is not None:
            shown, rest = self._cut(node.span), name[1:]
            self.note(f"{shown} is a power with exponent {name}; the transpose is {shown[: -len(name)]}T {rest}")
        return Item("power", args, node.span)

    def _abs(self, node: Node, args: tuple[Item, ...]) -> Item:
        return Item("elementwise", args, node.span, ("abs", 0))

    def _partial(self, node: Node, args: tuple[Item, ...]) -> Item:
        """`∂f/∂X`, or `∂f(X, Y)/∂X`: the argument that is written as the target is."""
        name = node.value
        function = self.names.abstract.get(name)
        if function is None:
            hint = f"declare {name}: m×n -> scalar"
            raise UnsupportedError(f"∂{name}/∂… needs a declared function {name}", span=node.span, hint=hint)
        arguments = args[1:] or args[:1]
        written = [show_tree(_bare(a)) for a in node.args]
        matching = [i for i, tree in enumerate(written[1:] or written) if tree == written[0]]
        if not matching:
            target = self._cut(node.args[0].span)
            hint = "the derivative by an argument is written ∂f(X, Y)/∂Y"
            raise SyntaxMistake(f"{target} is no argument of {name} here", span=node.args[0].span, hint=hint)
        return Item("abstract", arguments, node.span, (name, matching[0]))

    def _misplaced(self, node: Node, args: tuple[Item, ...]) -> Item:
        hint = "options such as axis=0 belong to sum, mean, softmax and logsumexp"
        raise SyntaxMistake(f"{self._cut(node.span)} cannot stand here", span=node.span, hint=hint)

    def _index(self, node: Node, args: tuple[Item, ...]) -> Item:
        """X[i,j] is e_i'·X·e_j, X[i,:] is e_i'·X; of x[i] the kind of x decides, e_i'·x or x·e_i.

        A range takes several unit vectors: X[1:3,:] is [e_1, e_2, e_3]'·X.
        """
        family = self._family(node)
        if family is not None:
            which, matrix = family
            return line_or_entry(node, which, self.name(matrix, node.args[0].span), args)
        x, *indices = args
        if len(indices) > 2:
            raise SyntaxMistake("an entry has one or two indices", span=node.span, hint="write x[i] or X[i,j]")
        if all(i.op == "basis" for i in indices):
            return Item("entry", args, node.span)
        factors = [x]
        for side, (index, at) in enumerate(zip(node.args[1:], indices, strict=True)):
            if index.head == "slice":
                continue
            unit = at if at.op == "basis" else self._unit_vectors(index, at)
            if len(indices) == 1:
                return Item("pick", (x, unit), node.span)
            factors = [Item("transpose", (unit,), at.span), *factors] if side == 0 else [*factors, unit]
        return Item("chain", tuple(factors), node.span, ("*",) * (len(factors) - 1)) if len(factors) > 1 else x

    def _family(self, node: Node) -> tuple[str, str] | None:
        """Of x[i]: ("rows", "X"), if x_i is declared so."""
        return self.names.families.get(node.args[0].value) if node.args[0].head == "name" else None

    def _beside(self, node: Node, args: tuple[Item, ...]) -> Item:
        """[A, B; C, D]: rows of blocks, one below the other."""
        op = "hcat" if node.head == "row" else "vcat"
        return args[0] if len(args) == 1 else Item(op, args, node.span)

    def _unit_vectors(self, index: Node, at: Item) -> Item:
        ends = index.args if index.head == "range" else (index,)
        if not all(self._is_position(e) for e in ends):
            raise UnsupportedError(
                "an index is a whole number from 1, a range of such numbers, or : for all",
                span=index.span,
                hint="sum[i] x[i] is a sum over all; for other entries write e'*x with a declared vector e: n",
            )
        numbers = tuple(map(dimension_of, ends))
        if len(numbers) == 1 and isinstance(numbers[0], int):
            return Item("unit", (), at.span, numbers)
        return Item("units", (), at.span, (numbers[0], numbers[-1]))

    def _is_position(self, end: Node) -> bool:
        """Whether this is a whole number from 1, or a sum of such numbers and dimensions."""
        if end.head == "number":
            return bool(end.value.denominator == 1 and end.value >= 1)
        names = {n.value for n in postorder(end) if n.head == "name"}
        return bool(names) and names <= self.names.dims

    def _slice(self, node: Node, args: tuple[Item, ...]) -> Item:
        return Item("number", (), node.span, Fraction(1))

    # --- calls ------------------------------------------------------------------------------------------------------------

    def _call(self, node: Node, args: tuple[Item, ...]) -> Item:
        name, primes = node.value
        if self.is_variable(name):
            return self._product(node, args)
        if name in self.templates:
            return self._apply(node, args)
        if name in self.names.abstract:
            return self._abstract(node, args)
        if name in self.names.generic:
            return self._elementwise(name, primes, args, node)
        usual = usual_spelling(name)
        if usual is not None and (len(node.args) == 1 or usual not in FIRST_ONLY):
            self.note(f"{name}(…) read as {usual}(…)")
            name, node = usual, replace(node, value=(usual, primes))
        if name in SIZED:
            self._refuse_variables(node)
        made = special(node, args)
        if made is not None:
            return made
        operator = operator_of(name)
        if operator is not None:
            return Item("operator", args, node.span, operator)
        found = self._from_library(node)
        if found is not None:
            axis = axis_of(node) if len(node.args) > len(found.params) else None
            return self.expand(_library_template(found, axis), args, node.span)
        known = find_function(name)
        if known is not None and primes == 0:
            return self._elementwise(known.name, 0, args, node)
        if known is not None:
            return self._derivative(node, args)
        return self._assumed(node, args)

    def _from_library(self, node: Node) -> Defined | None:
        """The definition of rules/ that a call means, if the name is not the user's own."""
        name, primes = node.value
        if primes or self.names.is_function(name) or name in self.templates:
            return None
        return find_defined(name, len(node.args))

    def _refuse_variables(self, node: Node) -> None:
        """Refuse eye(X), where X is declared."""
        for part in (part for a in node.args for part in postorder(a)):
            if part.head != "name" or (part.value in self.names.dims and part.value != "pi"):
                continue
            if part.value in self.names.kinds or part.value == "pi":
                raise mistakes.not_a_dimension(part.value, part.span)

    def _product(self, node: Node, args: tuple[Item, ...]) -> Item:
        """X(A + B), which is a product because X is a variable."""
        name, primes = node.value
        factor = self.name(name, Span(node.span.start, node.span.start + len(name)))
        for _ in range(primes):
            factor = Item("transpose", (factor,), Span(node.span.start, node.span.start + len(name) + primes))
        if len(args) != 1:
            raise SyntaxMistake(
                f"{name} is a variable, and {len(args)} factors stand in the brackets behind it", span=node.span,
                hint=f"for a function declare {name}: elementwise, or {name}: (n, n) -> scalar; for an entry write {name}[i,j]",
            )  # fmt: skip
        declared = name in self.names.kinds or name in self.defined or name in self.params
        if not declared:
            self.note(
                f"{name}(…) read as a product, since {name} is a variable; for a function declare {name}: elementwise"
            )
        return Item("chain", (factor, args[0]), node.span, ("*",))

    def _apply(self, node: Node, args: tuple[Item, ...]) -> Item:
        name, primes = node.value
        template = self.templates[name]
        if primes:
            hint = f"declare {name}: elementwise to keep it generic"
            raise UnsupportedError(f"{name} is defined, so write its derivative out", span=node.span, hint=hint)
        if len(args) != len(template.params):
            raise mistakes.wrong_arity(name, (len(template.params),), len(args), node.span)
        return self.expand(template, args, node.span)

    def _abstract(self, node: Node, args: tuple[Item, ...]) -> Item:
        name, primes = node.value
        if primes > 1 or (primes and len(args) > 1):
            hint = f"the derivative by an argument is ∂{name}(X, Y)/∂Y"
            raise UnsupportedError(f"{name}{chr(39) * primes} is not supported", span=node.span, hint=hint)
        return Item("abstract", args, node.span, (name, 0 if primes else None))

    def _elementwise(self, name: str, order: int, args: tuple[Item, ...], node: Node) -> Item:
        if len(args) != 1:
            hint = f"a function of several arguments is declared {node.value[0]}: (n, n) -> scalar"
            if find_function(name) is not None:
                hint = f"{name} is elementwise, as in {name}(X)"
            raise mistakes.wrong_arity(node.value[0], (1,), len(args), node.span, hint)
        return Item("elementwise", args, node.span, (name, order))

    def _derivative(self, node: Node, args: tuple[Item, ...]) -> Item:
        """sigmoid'(X), from the table of functions."""
        name, primes = node.value
        known = find_function(name)
        assert known is not None
        value = self._elementwise(known.name, 0, args, node)
        if primes > 1 or not known.derivative:
            hint = f"declare {name}: elementwise to keep it generic"
            raise UnsupportedError(
                f"the derivative {name}{chr(39) * primes} has to be written out", span=node.span, hint=hint
            )
        template = _derivative_template(known)
        return self.expand(template, (args[0], value), node.span)

    def _assumed(self, node: Node, args: tuple[Item, ...]) -> Item:
        """A name that nothing is known of: a generic elementwise function."""
        name, primes = node.value
        if name not in self.assumed_functions:
            self.assumed_functions.append(name)
            near = mistakes.nearest(name, known_words())
            if near is not None:
                self.note(f"{name} taken as a generic elementwise function; did you mean {near}?")
            elif name[0].isupper():
                self.note(f"{name}(…) taken as an elementwise function; for a product write {name}*(…)")
        return self._elementwise(name, primes, args, node)


_HEADS: dict[str, Callable[[Scope, Node, tuple[Item, ...]], Item]] = {
    "name": Scope._name,
    "number": Scope._plain,
    "call": Scope._call,
    "add": Scope._plain,
    "neg": Scope._plain,
    "chain": Scope._chain,
    "kron": Scope._plain,
    "power": Scope._power,
    "elpower": Scope._plain,
    "transpose": Scope._transpose,
    "invtranspose": Scope._invtranspose,
    "norm": Scope._norm,
    "abs": Scope._abs,
    "compare": Scope._plain,
    "inner": Scope._plain,
    "group": Scope._inside,
    "partial": Scope._partial,
    "sigma": lambda scope, node, args: scope.indices.sum(node, args[0]),
    "keyword": Scope._misplaced,
    "index": Scope._index,
    "slice": Scope._slice,
    "range": Scope._slice,
    "row": Scope._beside,
    "block": Scope._beside,
    "derivative": Scope._plain,
    "differential": Scope._plain,
    "equal": Scope._plain,
}


def resolve(program: Program, names: Names, wrt: Collection[str] = ()) -> tuple[Item, Scope]:
    """The formula of a program as items, and what its names mean.

    Raises: NameClash, SyntaxMistake, ArityError, UnsupportedError with the place; LimitError for definitions that
    grow too large.
    """
    scope = Scope(program, names, {*wrt, *(program.header[1] if program.header else ())})
    if program.header is not None and program.header[0] in names_of(program.body) - set(program.header[1]):
        raise NameClash(
            f"{program.header[0]} is defined by itself", span=program.body.span, hint="rename one of the two"
        )
    root = scope.items(program.body)
    for definition in program.definitions:
        if definition.name not in scope.used:
            scope.note(f"{definition.name} is defined but not used")
    return root, scope


@lru_cache(maxsize=256)
def _library_template(found: Defined, axis: int | None) -> Template:
    """A function of rules/definitions.rules."""
    text = found.body(axis)
    tree = parse_expression(text)
    scope = Scope(Program((), tree, text), Names())
    scope.params, scope.text = found.params, None
    return Template(found.name, found.params, scope.items(tree), Names())


@lru_cache(maxsize=256)
def _derivative_template(function: Function) -> Template:
    """The derivative of an elementwise function of the table, in its argument and its value y."""
    tree = parse_expression(function.derivative)
    scope = Scope(Program((), tree, function.derivative), Names())
    scope.params = params = (function.parameter, "y")
    return Template(f"{function.name}'", params, scope.items(tree), Names())


def _bare(node: Node) -> Node:
    while node.head == "group":
        node = node.args[0]
    return node
