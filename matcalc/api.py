"""The public functions: derive, parse, read, verify, audit."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from matcalc import algebra
from matcalc import construct as _construct  # noqa: F401 - gives expressions their operators
from matcalc.atoms import TANGENT
from matcalc.claims import Verdict, is_right, judge, respelled
from matcalc.derivation import LAYOUTS, Derivation
from matcalc.differentiate import HIGHEST, Differentiation
from matcalc.elaborate import Elaborated, elaborate
from matcalc.errors import MatcalcError, ShapeError, Span, SyntaxMistake, UnknownName, UnsupportedError
from matcalc.expr import Expr, free_symbols
from matcalc.limits import SECONDS, limited
from matcalc.linear import fresh
from matcalc.reading import (
    Where,
    checked,
    declared_as,
    declared_names,
    dimensions_in,
    functions_in,
    generic_functions,
    joined,
    program_of,
    read_formula,
    refuse_unknown_functions,
    variable_name,
    with_functions,
)
from matcalc.structure import CONVENTIONS
from matcalc.syntax import Entry, Node, Program, is_latex, parse_where, rebuilt
from matcalc.syntax import postorder as syntax_nodes
from matcalc.user_rules import Rules, rulebook_with

if TYPE_CHECKING:
    from matcalc.auditing import Audit

__all__ = ["audit", "derive", "parse", "read", "verify"]


def read(f: str | Expr, where: Where = None, wrt: Sequence[str] = (), language: str = "auto") -> Elaborated:
    """A formula with its names, and what was assumed of them.

    Raises: as `parse`.

    >>> read("x'*A*x", where="A: n×n").symbols["x"].shape
    (Dim('n'), 1)
    """
    if isinstance(f, str):
        return read_formula(f, where, wrt, language)
    _refuse_other_types(f)
    return Elaborated(expr=f, symbols=free_symbols(f))


def parse(text: str, where: Where = None, language: str = "auto") -> Expr:
    """Read a formula.

    Args:
        text: the formula, such as ``tr(A*X)``.
        where: declarations, such as ``A: n×m, X: m×n``, as text or as a mapping from names.
        language: "text", "latex", or "auto" to find out.

    Raises: MatcalcError with the place of the mistake.

    >>> parse("tr(A*X)", where="A: n×m, X: m×n").shape
    (1, 1)
    """
    return read(text, where, language=language).expr


def derive(
    f: str | Expr,
    wrt: str | Expr | Sequence[str | Expr] | None = None,
    *,
    where: Where = None,
    order: int = 1,
    then: str | Expr | None = None,
    hvp: str | Expr | None = None,
    along: str | Expr | None = None,
    rules: Rules = None,
    functions: Mapping[str, str] | None = None,
    convention: str = "within",
    layout: str = "mixed",
    seed: int | None = None,
    language: str = "auto",
    timeout: float | None = SECONDS,
) -> Any:
    """Differentiate a formula by a name that occurs in it.

    Args:
        f: the formula as text or LaTeX, or an expression.
        wrt: the variable; a list of variables gives a mapping from name to Derivation, all from one sweep, for order 2
            from pairs of names. Without it the variable of a definition ``f(W) = …``.
        where: declarations, as text or as a mapping from names.
        order: 1; 2 for the Hessian of a scalar function; 3 by a scalar or `along` a direction.
        then: a second variable, for the mixed derivative ∂²f/∂wrt∂then.
        hvp: a direction V in the shape of the variable, for the product H·V of the Hessian with it.
        along: a direction V, for the directional derivative dᵏf(X + tV)/dtᵏ at t = 0 of the order k.
        rules: a file, or several, or a text with rules that are added to those of matcalc.
        functions: formulas by head, such as {"swish(t)": "t*sigmoid(t)"}; they may stand in `where` as well.
        convention: for a variable declared symmetric, antisymmetric or diagonal: "within" (the gradient inside that
            space) or "free" (the derivative by the free entries).
        layout: "mixed" (a gradient has the shape of the variable; all else is entries of f by entries of x),
            "numerator" (gradients are transposed) or "denominator" (all else is transposed).
        seed: for the random points of the check.
        language: "text", "latex", or "auto" to find out which of them f is.
        timeout: seconds after which it is given up; None for no limit.

    Raises: MatcalcError: the formula cannot be read, is not supported, or the answer did not pass its check; LimitError
        if the time is up.

    >>> derive("||X*w - y||^2", "w").text(ascii=True)
    "2*X'*(X*w - y)"
    >>> derive("logdet(X)", "X", hvp="V")
    −X⁻ᵀ·Vᵀ·X⁻ᵀ
    >>> derive("sum(decay(x))", "x", functions={"decay(t)": "exp(-3*t)"})
    −3·exp(−3x)
    """
    where = with_functions(where, functions)
    _known("order", order, range(1, HIGHEST + 1))
    _known("convention", convention, CONVENTIONS)
    _known("layout", layout, tuple(LAYOUTS))
    started = time.perf_counter()
    several = wrt is not None and not isinstance(wrt, str | Expr)
    names = [_name(n) for n in ([wrt] if isinstance(wrt, str | Expr) else wrt or ())]
    try:
        with limited(timeout):
            found = read(f, where, [*names, *([_name(then)] if then is not None else [])], language)
            names = names or list(found.wrt)
            if not names or not all(names):
                hint = (
                    f"the names are {', '.join(found.symbols)}; name one (wrt, --wrt), or begin the formula with f(W) ="
                )
                raise UnknownName("by which variable?", hint=hint)
            work = Differentiation(found, rulebook_with(rules), convention, layout, seed)
            parsed = (time.perf_counter() - started) * 1e3
            results: dict[Any, Derivation] = {}
            for d in work.first([found.symbols[n] for n in names]):
                x = d.variable
                if hvp is not None or along is not None:
                    v = _direction(found, hvp if hvp is not None else along, x)
                    results[x.name] = work.hessian_product(d, v) if hvp is not None else work.along(d, v, order)
                elif then is not None:
                    results[x.name] = work.again(d, found.symbols[_name(then)])
                elif order == 2 and several:
                    results.update({(x.name, n): work.again(d, found.symbols[n]) for n in names})
                else:
                    results[x.name] = work.repeated(d, order)
            for d in results.values():
                d.timings["parse"] = parsed
                work.verify(d)
    except MatcalcError as mistake:
        raise mistake.located(text=f if isinstance(f, str) else None) from None
    return results if several else results[names[0]]


def verify(
    f: str | Expr, wrt: str | Expr | None = None, *, claim: str | Expr, where: Where = None, **options: Any
) -> Verdict:
    """Judge a claimed derivative.

    Args:
        f, wrt, where, options: as for `derive`.
        claim: the formula that is said to be the derivative, in the names of f; with dX in it, the differential dF.

    Returns: a Verdict, true when the claim is right; otherwise it holds the smallest counterexample that was found and,
    where it was found, what would repair the claim.

    Raises: as `derive`, for f and for a claim that cannot be read.

    >>> print(verify("||X - D*R||_F^2", "D", claim="2*(X - D*R)*R'"))
    wrong: the claim differs from the derivative
      at m = 1, n = 1, p = 1; X = 2, D = 2, R = 2
      the claim gives -8 in entry (1, 1), the derivative is 8
    repair: the sign: −2(X − D·R)·Rᵀ
    matcalc: df/dD = −2(X − D·R)·Rᵀ
    """
    with limited(options.get("timeout", SECONDS)):
        return _verdict(f, wrt, claim, where, options)


def _verdict(
    f: str | Expr, wrt: str | Expr | None, claim: str | Expr, where: Where, options: dict[str, Any]
) -> Verdict:
    where = with_functions(where, options.pop("functions", None))
    d = derive(f, wrt, where=where, **options)
    language = options.get("language", "auto")
    if language == "auto" and isinstance(f, str) and is_latex(f):
        language = "latex"  # what is claimed is written as the function is
    if not isinstance(d, Derivation):
        raise UnsupportedError("one claim is about one variable", hint="name the variable")
    if isinstance(claim, Expr):
        return judge(d, claim)
    try:
        moves = all(options.get(other) is None for other in ("along", "hvp", "then"))
        moving = _differential_claim(claim, language, d) if moves else None
        if moving is not None:
            return _judged(moving, derive(f, wrt, where=where, **{**options, "along": "d" + d.variable.name}), where)
        program = program_of(claim, language, d.symbols, d.symbols)
        verdict = _judged(program, d, where)
        return _as_structured(
            verdict, program, lambda w, c: derive(f, wrt, where=w, **{**options, "convention": c}), where
        )
    except MatcalcError as mistake:
        raise mistake.located(text=claim) from None


def _judged(program: Program, d: Derivation, where: Where) -> Verdict:
    """The verdict on a claim, with what would make its shapes fit."""
    try:
        verdict = judge(d, _read_claim(program, d, where))
    except ShapeError as misfit:
        verdict = Verdict(False, f"the claim does not fit: {'; '.join([misfit.headline(), *misfit.details()])}", d)
    if verdict.ok is False and not verdict.repair:
        for words, body in respelled(program.body):
            with suppress(MatcalcError):
                found = _read_claim(replace(program, body=body), d, where)
                if is_right(d, found):
                    return replace(verdict, repair=words, repaired=found)
    return verdict


def _differential_claim(claim: str, language: str, d: Derivation) -> Program | None:
    """A claim about dF, such as −X⁻¹·dX·X⁻¹, with dX as a name; None for any other."""
    from matcalc.auditing.notation import Names, read_side

    name = d.variable.name
    if not re.search(r"d\s*\}?\s*[\\A-Za-z]", claim) or {"d", "d" + name} & d.symbols.keys():
        return None
    typed = re.sub(r"^\s*(?:d|\\mathrm\s*\{\s*d\s*\})\s*[A-Za-z]+\s*=", lambda found: " " * len(found[0]), claim)
    kind = "latex" if language == "latex" or (language == "auto" and is_latex(typed)) else "text"
    try:
        tree = read_side(typed, Span(0, len(typed)), kind, Names(d.symbols, d.symbols, {}, differentials=True))
    except MatcalcError:
        return None
    moved = [n for n in syntax_nodes(tree) if n.head == "differential"]
    if not moved or any(n.args[0].head != "name" or n.args[0].value != name for n in moved):
        return None

    def named(node: Node, args: tuple[Node, ...]) -> Node:
        return Node("name", (), node.span, "d" + name) if node.head == "differential" else replace(node, args=args)

    return Program((), rebuilt(tree, named), typed)


def _as_structured(
    verdict: Verdict, program: Program, again: Callable[[Where, str], Derivation | dict[str, Derivation]], where: Where
) -> Verdict:
    """A verdict that says in which other convention the claim is right, or that it is for a symmetric variable."""
    d, name = verdict.correct, verdict.correct.variable.name
    if verdict.ok is not False or 1 in d.variable.shape:
        return verdict
    tried: list[tuple[Where, str, str]] = []
    if d.variable.data[1] & {"symmetric", "antisymmetric"}:
        other = "free" if d.convention == "within" else "within"
        tried.append((where, other, f"right in the convention {other} (--convention {other})"))
    elif (verdict.claim is None or not verdict.repair) and name not in declared_names(parse_where(where or "")):
        text = "" if isinstance(where, Mapping) or not where else f"{where}, "
        symmetric = {**where, name: "symmetric"} if isinstance(where, Mapping) else f"{text}{name}: symmetric"
        tried.append((symmetric, "within", f"right if {name} is symmetric, which is not declared"))
        tried.append(
            (symmetric, "free", f"right if {name} is declared symmetric, in the convention free (--convention free)")
        )
    for declared, convention, words in tried:
        with suppress(MatcalcError):
            truth = again(declared, convention)
            assert isinstance(truth, Derivation)
            found = _read_claim(program, truth, declared)
            if is_right(truth, found):
                return replace(verdict, repair=words, repaired=found)
    return verdict


def _read_claim(program: Program, d: Derivation, where: Where) -> Expr:
    """A claim in the names of a derivation, with the shapes that they have there, and of the derivative's if that fits.

    Raises: UnknownName for a function that is neither known nor in the function: nothing can be said of it.
    """
    functions = functions_in(parse_where(where or ""))
    found = _fitting(program, [*declared_as(d.symbols), *functions], d)
    refuse_unknown_functions(found, program, generic_functions(d.function) | declared_names(functions))
    return found


def _fitting(program: Program, declared: list[Entry], d: Derivation) -> Expr:
    """A claim that is said to be equal to the derivative; where their shapes differ, as it is."""
    dims = dimensions_in(d.function)
    truth = fresh("T", d.result.shape, d.symbols)
    both = Node("equal", (program.body, Node("name", (), program.body.span, truth.name)), program.body.span)
    with suppress(ShapeError):
        known = [*declared, *declared_as({truth.name: truth})]
        return checked(elaborate(replace(program, body=both), known, dims=dims)).sides[0]
    return checked(elaborate(program, declared, dims=dims)).expr


def audit(
    text: str,
    *,
    where: Where = None,
    rules: Rules = None,
    language: str = "auto",
    name: str = "",
    timeout: float | None = SECONDS,
) -> Audit:
    r"""Judge the derivations in a text: LaTeX, Markdown with mathematics, or plain lines.

    Args:
        text: such as ``f = ‖X·w − y‖²`` and, in lines below, ``df/dw = 2Xᵀ·(X·w − y)`` and ``= …``.
        where, rules: as for `derive`.
        language: "text", "latex", or "auto" to find out.
        name: of the file, for mistakes.
        timeout: seconds after which the lines that are left stay undecided; None for no limit.

    Returns: an Audit with a verdict on each line, true when all are right. A first line is compared with the derivative
    itself, any other with the line before. Derivatives such as df/d(X·W) are those by a part of the function.

    Raises: MatcalcError if there is no derivation in the text, or for `where` and `rules`.

    >>> print(audit("f = ||X*w - y||^2\ndf/dw = 2*X*(X*w - y)").summary)
    1 line judged, the first wrong one is line 2
    """
    from matcalc.auditing import Auditor, read_document

    document = read_document(text, language)
    declared = joined(parse_where(where or ""), [*parse_where(document.where), *document.said])
    book = rulebook_with(rules)
    if not document.blocks:
        raise SyntaxMistake("there is no derivation in the text", hint="write lines such as f = … and df/dX = …")
    with limited(timeout):
        found = Auditor(document, declared, book, name).run()
        if found.exit_code and document.said_of_variables:  # df/dX is meant entry by entry, unless that is wrong
            other = Auditor(document, joined(declared, document.said_of_variables), book, name).run()
            found = found if other.exit_code else other
        return found


def _refuse_other_types(f: object) -> None:
    if not isinstance(f, Expr):
        hint = "from_sympy(e) reads SymPy's matrix expressions" if hasattr(f, "free_symbols") else "such as x'*A*x"
        raise SyntaxMistake(f"a formula is a text or an expression of matcalc, not {type(f).__name__}", hint=hint)


def _known(word: str, value: object, choices: Sequence[object]) -> None:
    if value not in choices:
        raise UnsupportedError(f"there is no {word} {value}", hint=f"known: {', '.join(map(str, choices))}")


def _direction(found: Elaborated, v: str | Expr | None, x: Expr) -> Expr:
    """The direction of a directional derivative: a name that is declared, or a new one in the shape of the variable."""
    if isinstance(v, Expr):
        return v
    name = variable_name(v or "")
    return found.symbols.get(name) or algebra.symbol(name, x.shape, x.data[1] & TANGENT)


def _name(variable: str | Expr) -> str:
    return variable.name if isinstance(variable, Expr) else variable_name(variable)
