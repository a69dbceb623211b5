r"""Derivatives as people write them: \frac{d(\Vert X-DR\Vert^2)}{d(DR)}, df/dG, ∂f/∂W, \frac{d}{dX} tr(AX), ∇_W f, ∇²f.

Each becomes a name of one rare letter in brackets before the formula is parsed, and afterwards a node `derivative` of
the tree, with the function and what it is differentiated by as arguments. Places stay those in the document.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from matcalc.elaborate import is_known_function
from matcalc.errors import MatcalcError, Span, SyntaxMistake, UnsupportedError
from matcalc.reading import program_of
from matcalc.syntax import Node, canonical_name, rebuilt

__all__ = ["Function", "Names", "is_differential", "is_in_entries", "read_head", "read_side"]

FIRST_LETTER = 0x4E00
"""The letters that stand for derivatives while a formula is parsed; nobody's names begin with them."""

_D = r"(?:\\(?:mathrm|operatorname|text|textrm|mathop)\s*\{\s*d\s*\}|\\(?:mathrm|rm)\s+d(?![A-Za-z])|\\partial(?![A-Za-z])|∂|d)"
_ORDER = r"(?:\s*\^\s*(?:\{\s*(?:\d|\w)\s*\}|\w)|[²³])"
_FRACTION = re.compile(r"\\[dtc]?frac\s*(?=\{)")
_ABOVE = re.compile(rf"\s*{_D}(?P<order>{_ORDER})?(?P<rest>.*)", re.DOTALL)
_STYLE = (
    r"\\(?:mathbf|boldsymbol|bm|mathcal|mathrm|mathsf|mathit|mathbb|operatorname|bf|vec|(?:wide)?(?:hat|tilde)|bar|dot)"
)
_MARK = r"(?:_(?:\{[^{}]*\}|[^\W_]))?"
_LATEX_NAME = rf"(?:{_STYLE}\s*(?:\{{[^{{}}]*\}}|\\[A-Za-z]+|[A-Za-z])|\\[A-Za-z]+|[^\W\d_]){_MARK}"
_TOP = r"(?:\\top|\\intercal|\\mathsf\s*\{\s*T\s*\}|T)"
_LATEX_T = rf"(?:\s*\^\s*(?:\{{\s*{_TOP}\s*\}}|{_TOP})|')"
_LATEX_TWICE = re.compile(
    rf"\s*(?P<one>{_LATEX_NAME})(?:\s*\^\s*(?:\{{\s*2\s*\}}|2)|²|{_LATEX_T}?(?:\s|~|\\[,;:!])*{_D}\s*(?P<two>{_LATEX_NAME}){_LATEX_T}?)"
)
_CALLED = r"(?:\([^()/=]*\))?"
_LATEX_SLASH = re.compile(
    rf"(?<![A-Za-z\\]){_D}(?P<order>{_ORDER})?\s*(?P<above>{_LATEX_NAME}{_CALLED}|(?=/))\s*/\s*{_D}\s*"
    rf"(?P<below>{_LATEX_NAME}|(?=[(\[]|\\left))"
)
_LATEX_NABLA = re.compile(
    rf"(?:(?:\\nabla(?![A-Za-z])|∇)(?P<order>{_ORDER})?|(?:\\partial|∂)(?=\s*_))"
    rf"(?:\s*_\s*(?:\{{(?P<set>(?:[^{{}}]|\{{[^{{}}]*\}})*)\}}|(?P<one>{_STYLE}\s*\{{[^{{}}]*\}}|\\[A-Za-z]+|[^\W_])))?(?P<late>{_ORDER})?"
)
_TEXT_NAME = r"[^\W\d_²³][^\W²³]*"
_TEXT_ORDER = r"(?:\^\d|\^\{\d\}|[²³])"
_TEXT_SLASH = re.compile(
    rf"(?<![\w\\.])(?:d(?:[ \t]+(?=[^\W\d_]\w*\())?|∂\s*)(?P<order>{_TEXT_ORDER})?(?P<above>{_TEXT_NAME}|(?=[(‖|/]))"
)
_TEXT_BELOW = re.compile(rf"\s*/\s*(?:d|∂\s*)(?P<below>{_TEXT_NAME}|(?=[(‖|]))")
_TEXT_TWICE = re.compile(
    rf"\s*/\s*(?:d|∂\s*)(?P<one>[^\W\d_]\w*?)(?:(?:\^2|\^\{{2\}}|²)|(?:'|ᵀ|\^T)?\s*[*·]?\s*(?:d|∂)\s*(?P<two>{_TEXT_NAME})(?:'|ᵀ|\^T)?)(?!\w)"
)
_TEXT_NABLA = re.compile(
    rf"(?:∇(?P<order>{_TEXT_ORDER})?|∂(?=_))(?:_(?:\{{(?P<set>{_TEXT_NAME})\}}|(?P<one>{_TEXT_NAME})))?(?P<late>{_TEXT_ORDER})?"
)
_LATEX_D = re.compile(
    rf"(?<![A-Za-z\\_^{{])(?:\\(?:mathrm|operatorname|text)\s*\{{\s*d\s*\}}|\\(?:mathrm|rm)\s+d(?![A-Za-z])|d)(?P<order>{_ORDER})?\s*"
    rf"(?:(?P<name>(?!\\(?:log|det|operatorname|mathrm|text|left|exp|[lr]?Vert|\|)){_LATEX_NAME})|(?=[(\[\\‖]))"
)
_TEXT_D = re.compile(rf"(?<![\w\\.])d(?P<order>{_TEXT_ORDER})?(?:(?P<name>{_TEXT_NAME})(?!\w|\()|(?=[(‖|]))")
THIRD = "derivatives are read up to the second in derivations"
_INDEX = r"(?:[ijkl]|\\ell|\d)"
_ENTRIES = re.compile(rf"_\s*(?:\{{\s*{_INDEX}(?:\s*,?\s*{_INDEX})*\s*\}}|{_INDEX}(?![A-Za-z]))|1_\{{[^{{}}]*=")
_SUM = re.compile(r"\\sum\s*(?:\\limits)?\s*_|[ΣΠ∑∏]")


class Function(NamedTuple):
    """A function that was defined, f(W) = …: its name and variables, and how these were typed."""

    name: str
    variables: tuple[str, ...] = ()
    typed: str = ""
    typed_variables: tuple[str, ...] = ()


class Names(NamedTuple):
    """What names are known to mean: declared ones, those of them that are no functions, and functions.

    variable: by which the lines before differentiate, "" at the beginning.
    """

    known: Collection[str] = ()
    values: Collection[str] = ()
    functions: Mapping[str, Function] = {}
    differentials: bool = False
    variable: str = ""


class Mark(NamedTuple):
    """A derivative in a text: its place, the function, and by what, one after the other; nothing for ∇f, of one variable.

    is_differential: whether it is d(…), by all variables.
    """

    span: Span
    function: Span
    targets: tuple[Span, ...]
    order: int = 1
    is_differential: bool = False


def is_in_entries(text: str) -> bool:
    r"""Whether a line is written with indices: sums over them, or derivatives by X_{i,j}.

    >>> is_in_entries(r"\frac{df}{dX_{i,j}}"), is_in_entries(r"\frac{df}{dX_1}")
    (True, False)
    """
    return bool(_SUM.search(text)) or any(re.search(r"[ijkl]|ell|=", found[0]) for found in _ENTRIES.finditer(text))


def read_head(text: str, span: Span, language: str, variables: Span | None = None) -> Function | None:
    """What is defined: f, f(W) or f(D, R); None if this is more than a name.

    variables: where they stand, if not in brackets behind the name.
    """
    typed = text[span.start : span.end].strip()
    found = re.fullmatch(r"(.+?)\s*(?:\\left)?\(([^()=]*?)(?:\\right)?\)", typed, re.DOTALL)
    name, behind = (typed, "") if found is None else (found[1], found[2])
    if variables is not None:
        behind = text[variables.start : variables.end]
    inside = [v.strip() for v in behind.split(",")] if behind.strip() else []
    words = [_name_of(t, language) for t in (name, *inside)]
    if words[0] is None or None in words:  # G: D·R ↦ X − D·R is no function of a variable
        return None
    return Function(words[0], tuple(w for w in words[1:] if w), name, tuple(inside))


def _name_of(typed: str, language: str) -> str | None:
    """The name that a text is, or None."""
    try:
        body = program_of(typed, language, [typed.strip()], [typed.strip()]).body
    except MatcalcError:
        return None
    return str(body.value) if body.head == "name" else None


def read_side(text: str, span: Span, language: str, names: Names, inside: bool = False) -> Node:
    """The tree of a part of a document, with its derivatives.

    Args:
        inside: whether it stands within a derivative, so that a derivative in it is a second one.

    Raises: MatcalcError with the place in the document.
    """
    tree, marks = _read(text, span, language, names)
    found: dict[str, Node] = {}
    for letter, mark in marks.items():
        node = _function(text, mark, language, names, inside)
        if mark.is_differential:
            for _ in range(mark.order):
                node = Node("differential", (node,), mark.span)
        else:
            targets = [_plain(text, t, language, names) for t in mark.targets]
            for target in targets or [_only_variable(node, mark, text, names)] * mark.order:
                node = Node("derivative", (node, target), mark.span)
        found[letter] = node
    return _bare(_replaced(tree, found) if found else tree)


def _function(text: str, mark: Mark, language: str, names: Names, inside: bool) -> Node:
    """What is differentiated, which may be a first derivative."""
    if mark.order == 1 and len(mark.targets) < 2 and not inside:
        return read_side(text, mark.function, language, names, inside=True)
    return _plain(text, mark.function, language, names)


def _only_variable(function: Node, mark: Mark, text: str, names: Names) -> Node:
    """The variable of ∇f: that of f, or else that of the lines before."""
    known = names.functions.get(function.value) if function.head == "name" else None
    variables = known.variables if known is not None and known.variables else (names.variable,)
    if len(variables) != 1 or not variables[0]:
        raise SyntaxMistake("by which variable?", span=mark.span, text=text, hint=r"write it below: ∇_w f, \nabla_w f")
    return Node("name", (), mark.span, variables[0])


def _plain(text: str, span: Span, language: str, names: Names) -> Node:
    """A part without derivatives in it."""
    tree, marks = _read(text, span, language, names)
    if marks:
        place = next(iter(marks.values())).span
        raise UnsupportedError(THIRD, span=place, text=text)
    return _bare(tree)


def is_differential(text: str, span: Span, language: str, names: Names) -> bool:
    """Whether a part is a differential, such as df or d(X·W), and nothing more."""
    pattern = _TEXT_D if language == "text" else _LATEX_D
    found = pattern.match(text, span.start, span.end)
    if found is None or (
        found["name"] is not None and not any(f.typed == found["name"] for f in names.functions.values())
    ):
        return False
    mark = _differential(text, found, span, names._replace(differentials=True))
    return mark is not None and mark.span.end == span.end


def _bare(tree: Node) -> Node:
    """A tree without brackets around it."""
    while tree.head == "group":
        tree = tree.args[0]
    return tree


def _read(text: str, span: Span, language: str, names: Names) -> tuple[Node, dict[str, Mark]]:
    """The tree of a part of the document, with rare letters for its derivatives."""
    piece = list(text[span.start : span.end])
    marks: dict[str, Mark] = {}
    for mark in _marks(text, span, language, names):
        letter = chr(FIRST_LETTER + len(marks))
        marks[letter] = mark
        start, end = mark.span.start - span.start, mark.span.end - span.start
        shown = f"({letter})" if end - start >= 3 else letter
        piece[start:end] = shown.ljust(end - start)
    typed = _without_variables("".join(piece), names)
    try:
        program = program_of(typed, language, {*names.known, *marks}, {*names.values, *marks})
    except MatcalcError as mistake:
        raise _moved(mistake, span.start, text) from None
    if program.definitions or program.header:
        raise SyntaxMistake("this cannot be read as a formula", span=span, text=text)
    return _shifted(program.body, span.start), marks


def _without_variables(typed: str, names: Names) -> str:
    """f(W) is f where W is its variable, and (f) before a bracket, which is a factor; blanks keep the places."""
    for f in names.functions.values():
        if f.variables:
            inside = r"\s*,\s*".join(map(re.escape, f.typed_variables))
            pattern = rf"(?<![A-Za-z\\])({re.escape(f.typed)})(\s*(?:\\left)?\(\s*{inside}\s*(?:\\right)?\))"
            typed = re.sub(pattern, _alone, typed)
    return typed


def _alone(found: re.Match[str]) -> str:
    """The name of a function without its variables."""
    factor = re.compile(r"\s*(?:\\left)?[(\[]").match(found.string, found.end()) is not None
    return (f"({found[1]})" if factor else found[1]).ljust(len(found[0]))


def _moved(mistake: MatcalcError, shift: int, text: str) -> MatcalcError:
    """A mistake in a part, with the place in the document."""
    if mistake.span is not None:
        mistake.span = Span(mistake.span.start + shift, mistake.span.end + shift)
        mistake.point = None if mistake.point is None else mistake.point + shift
    mistake.text = text
    return mistake


def _shifted(root: Node, shift: int) -> Node:
    return rebuilt(root, lambda n, args: replace(n, args=args, span=Span(n.span.start + shift, n.span.end + shift)))


def _replaced(root: Node, found: Mapping[str, Node]) -> Node:
    """The tree with derivatives for rare letters."""
    return rebuilt(
        root, lambda n, args: found[n.value] if n.head == "name" and n.value in found else replace(n, args=args)
    )


# --- where derivatives stand ------------------------------------------------------------------------------------------


def _marks(text: str, span: Span, language: str, names: Names) -> Iterator[Mark]:
    """The derivatives in a part of the text, from left to right; each pattern looks ahead once."""
    readers = _TEXT_READERS if language == "text" else _LATEX_READERS
    if not names.differentials:
        readers = {p: reader for p, reader in readers.items() if reader is not _differential}
    ahead: dict[re.Pattern[str], re.Match[str] | None] = {}
    place = span.start
    while place < span.end:
        for pattern in readers:
            known = ahead.get(pattern)
            if pattern not in ahead or (known is not None and known.start() < place):
                ahead[pattern] = pattern.search(text, place, span.end)
        found = [match for match in ahead.values() if match is not None]
        if not found:
            return
        first = min(found, key=lambda match: match.start())
        mark = readers[first.re](text, first, span, names)
        if mark is None:
            ahead[first.re] = first.re.search(text, first.end(), span.end)
        else:
            yield mark
            place = mark.span.end


def _order(*words: str | None) -> int:
    """The number in ^2, ^{2}, ²; 1 without one, 0 for another exponent."""
    found = next((w for w in words if w), None)
    if found is None:
        return 1
    digits = found.strip(" \n^{}").translate(str.maketrans("²³", "23"))
    return int(digits) if digits.isdecimal() else 0


def _nabla(text: str, found: re.Match[str], span: Span, names: Names) -> Mark:
    """∇f, ∇_W f, ∇²f, ∂_x f."""
    order = _order(found["order"], found["late"])
    which = next((w for w in ("set", "one") if found[w] is not None), None)
    targets = () if which is None else (Span(*found.span(which)),) * order
    if order not in (1, 2):
        raise UnsupportedError(THIRD, span=Span(*found.span()), text=text)
    return _applied(text, found.start(), found.end(), targets, span, names)._replace(order=order)


def _differential(text: str, found: re.Match[str], span: Span, names: Names) -> Mark | None:
    """dX, d(X·W), d log det X, d²f."""
    name, order = found["name"], _order(found["order"])
    if order not in (1, 2):
        return None
    if name is None:
        mark = _applied(text, found.start(), found.end(), (), span, names)
        inside = _group(text, found.end(), span.end)
        end = mark.span.end if inside is None else inside.end + 1
        return Mark(Span(found.start(), end), Span(found.end(), end), (), order, is_differential=True)
    if found.re is _TEXT_D and len(name.rstrip("0123456789_")) != 1 and name not in names.functions:
        return None
    end = found.end()
    inverse = re.compile(r"\s*\^\s*\{\s*-\s*1\s*\}|⁻¹|\^-1").match(text, end, span.end)
    end = end if inverse is None else inverse.end()
    return Mark(Span(found.start(), end), Span(found.start("name"), end), (), order, is_differential=True)


def _group(text: str, place: int, end: int) -> Span | None:
    """The inside of the group in braces or brackets that begins here."""
    while place < end and text[place].isspace():
        place += 1
    if text.startswith(r"\left", place):
        place += 5
    if place >= end or text[place] not in "{([":
        return None
    closed = _partners(text).get(place, end)
    return Span(place + 1, closed) if closed < end else None


@lru_cache(maxsize=4)
def _partners(text: str) -> dict[int, int]:
    """Where each bracket of a text is closed, by where it opens; each sort of bracket counts for itself."""
    found: dict[int, int] = {}
    stacks: dict[str, list[int]] = {"{": [], "(": [], "[": []}
    opening = {"}": "{", ")": "(", "]": "["}
    for i, char in enumerate(text):
        if char in stacks:
            stacks[char].append(i)
        elif char in opening and stacks[opening[char]]:
            found[stacks[opening[char]].pop()] = i
    return found


def _fraction(text: str, found: re.Match[str], span: Span, names: Names) -> Mark | None:
    r"""\frac{d f}{d X}, \frac{d}{dX} f, or another fraction."""
    above = _group(text, found.end(), span.end)
    below = _group(text, above.end + 1, span.end) if above else None
    if above is None or below is None:
        return None
    top, bottom = _ABOVE.fullmatch(text, above.start, above.end), _ABOVE.fullmatch(text, below.start, below.end)
    if (
        top is None
        or bottom is None
        or top["rest"].lstrip().startswith(("_", "^"))
        or not bottom["rest"].strip()
        or bottom["rest"].lstrip().startswith(("_", "^"))
    ):
        return None
    whole = Span(found.start(), below.end + 1)
    order = _order(top["order"])
    targets = _targets(text, _LATEX_TWICE.fullmatch(text, *bottom.span("rest")), order, whole)
    targets = targets or (Span(*bottom.span("rest")),)
    if top["rest"].strip():
        return Mark(whole, Span(*top.span("rest")), targets)
    return _applied(text, whole.start, whole.end, targets, span, names)


def _targets(text: str, twice: re.Match[str] | None, order: int, whole: Span) -> tuple[Span, ...]:
    r"""By what a second derivative is taken: dx^2, \partial x \partial y^\top; nothing for a first one.

    Raises: UnsupportedError for another order.
    """
    if order == 1:
        return ()
    if order != 2 or twice is None:
        raise UnsupportedError(THIRD, span=whole, text=text, hint=r"write d²f/dx², ∂²f/∂x∂y, \frac{d^2 f}{dx^2}")
    return Span(*twice.span("one")), Span(*twice.span("one" if twice["two"] is None else "two"))


def _slash(text: str, found: re.Match[str], span: Span, names: Names) -> Mark | None:
    r"""\partial f/\partial X, d/dX f, d^2 f/dx^2."""
    end = found.end()
    target = Span(*found.span("below"))
    order = _order(found["order"])
    twice = _LATEX_TWICE.match(text, target.start, span.end) if order != 1 else None
    if order == 1 and target.start == target.end:
        inside = _group(text, end, span.end)
        if inside is None:
            return None
        target, end = inside, inside.end + 1
    targets = _targets(text, twice, order, Span(found.start(), end)) or (target,)
    end = end if twice is None else twice.end()
    if not found["above"]:
        return _applied(text, found.start(), end, targets, span, names)
    return Mark(Span(found.start(), end), Span(*found.span("above")), targets)


def _applied(text: str, start: int, place: int, targets: tuple[Span, ...], span: Span, names: Names) -> Mark:
    r"""An operator \frac{d}{dX} or ∇ before what it is applied to: a function, a bracket, or all up to the next sign."""
    while place < span.end and (text[place].isspace() or text.startswith((r"\,", r"\;", r"\!"), place)):
        place += 1 if text[place].isspace() else 2
    name = re.compile(_LATEX_NAME).match(text, place, span.end)
    if name is not None and any(f.typed == name[0] for f in names.functions.values()):
        inside = _group(text, name.end(), span.end) if text[name.end() : name.end() + 1] in ("(", "[") else None
        end = name.end() if inside is None else inside.end + 1
        return Mark(Span(start, end), Span(place, end), targets)
    end = _end_of_term(text, place, span.end)
    if not text[place:end].strip():
        raise SyntaxMistake("nothing is differentiated here", span=Span(start, place), text=text)
    return Mark(Span(start, end), Span(place, end), targets)


def _end_of_term(text: str, place: int, end: int) -> int:
    """Where a term ends: at the next sign outside of brackets, but not at the first."""
    depth, bars = 0, 0
    for found in re.compile(r"\\[A-Za-z]+|\\.|[‖∥|]+|[-+−]|[{(\[]|[})\]]").finditer(text, place, end):
        word = found[0]
        if word in (r"\Vert", r"\|", "‖", "∥", "|", "||", r"\vert"):
            bars ^= 1
        depth += (word in "{([" or word in (r"\{", r"\lVert")) - (word in "})]" or word in (r"\}", r"\rVert"))
        if depth < 0:
            return found.start()
        if word in "+-−" and depth == 0 and not bars and found.start() > place and text[found.start() - 1] not in "^_":
            return found.start()
    return end


def _text_slash(text: str, found: re.Match[str], span: Span, names: Names) -> Mark | None:
    """df/dX, d(F)/d(N), dF(…)/dN, d/dX F."""
    place = found.end()
    above = Span(*found.span("above"))
    if above.start == above.end and text[place] != "/":
        inside = _operand(text, place, span.end)
        if inside is None:
            return None
        above, place = inside, inside.end
    elif above.start < above.end:
        name = canonical_name(text[above.start : above.end])
        if text[place : place + 1] == "(":
            inside = _operand(text, place, span.end)
            if inside is None:
                return None
            above, place = Span(above.start, inside.end), inside.end
        elif name not in names.functions and len(name.rstrip("0123456789_")) != 1:
            return None
    order = _order(found["order"])
    if order != 1:
        twice = _TEXT_TWICE.match(text, place, span.end)
        if twice is None and _TEXT_BELOW.match(text, place, span.end) is None:  # d is a number
            return None
        targets = _targets(text, twice, order, Span(found.start(), place))
        end = twice.end() if twice else place
        if above.start == above.end:
            return _applied(text, found.start(), end, targets, span, names)
        return Mark(Span(found.start(), end), above, targets)
    below = _TEXT_BELOW.match(text, place, span.end)
    if below is None or (below["below"] and "d" + below["below"] in names.known):
        return None
    target, end = Span(*below.span("below")), below.end()
    if target.start == target.end:
        inside = _operand(text, end, span.end)
        if inside is None:
            return None
        target, end = inside, inside.end
    elif text[end : end + 1] == "(" and _is_called(canonical_name(below["below"]), names):
        inside = _operand(text, end, span.end)
        if inside is not None:
            target, end = Span(target.start, inside.end), inside.end
    if above.start == above.end:
        return _applied(text, found.start(), end, (target,), span, names)
    return Mark(Span(found.start(), end), above, (target,))


def _is_called(name: str, names: Names) -> bool:
    """Whether a bracket behind a name holds its argument: g(X·W), but not W(A + B)."""
    return name not in names.values and (is_known_function(name) or not name[0].isupper())


def _operand(text: str, place: int, end: int) -> Span | None:
    """A bracket, or a norm with its marks, that begins here."""
    inside = _group(text, place, end)
    if inside is not None:
        return Span(place, inside.end + 1)
    bars = re.compile(r"\|\|?|‖").match(text, place, end)
    if bars is None:
        return None
    closing = text.find(bars[0], bars.end(), end)
    if closing < 0:
        return None
    marks = re.compile(r"(?:_[12F*]|\^\d|[²³]|[₁₂])*").match(text, closing + len(bars[0]), end)
    return Span(place, marks.end() if marks else closing + len(bars[0]))


_LATEX_READERS = {_FRACTION: _fraction, _LATEX_SLASH: _slash, _LATEX_NABLA: _nabla, _LATEX_D: _differential}
_TEXT_READERS = {_TEXT_SLASH: _text_slash, _TEXT_NABLA: _nabla, _TEXT_D: _differential}
