"""Expressions and derivations in print."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from matcalc import algebra
from matcalc.dims import show_dim
from matcalc.expr import Expr, postorder
from matcalc.naming import Named, named, shared
from matcalc.printing.latex import Latex
from matcalc.printing.layout import ADD
from matcalc.printing.text import Ascii, Unicode

if TYPE_CHECKING:
    from matcalc.derivation import Derivation
    from matcalc.linear import LinearMap

__all__ = [
    "derivation_json",
    "derivation_latex",
    "derivation_text",
    "heading",
    "index_text",
    "latex",
    "let_text",
    "operator_text",
    "reason_text",
    "result_text",
    "standalone",
    "text",
]

LONGEST = 20_000
"""Formulas with a longer written form are printed with named intermediates."""

WIDEST = 48
"""An expression longer than this is not spelled out inside a reason."""

JSON_VERSION = 1

IN_TEXT = str.maketrans(
    {"⟨": r"$\langle$", "⟩": r"$\rangle$", "ᵀ": r"$^{\top}$", "⊗": r"$\otimes$", "·": r"$\cdot$", "′": "'", "_": " "}
)
"""What a reason in words has to become inside LaTeX's text mode."""


def text(e: Expr, style: str = "unicode") -> str:
    """An expression as text that reads back; with named intermediates `Z1 = …; …` if it would be very long.

    >>> from matcalc.algebra import mul, symbol, transpose
    >>> text(mul(transpose(symbol("X", ("m", "n"))), symbol("y", ("m", 1))))
    'Xᵀ·y'
    """
    writer = Ascii() if style == "ascii" else Unicode()
    return writer.write(e) if e.size <= LONGEST else let_text(e, style)


def let_text(e: Expr, style: str = "unicode") -> str:
    """An expression with named intermediates: `Z1 = …; …`."""
    return _with_definitions(shared(e), style)


def result_text(e: Expr, style: str = "unicode") -> str:
    """A result with the names that a textbook gives, if any: `p = softmax(x); diag(p) − p·pᵀ`; in LaTeX these follow."""
    return _with_definitions(named(e), style) if e.size <= LONGEST else let_text(e, style)


def _with_definitions(found: Named, style: str) -> str:
    if style == "latex":
        words = [f"{latex(algebra.symbol(n, v.shape))} = {latex(v)}" for n, v in found.definitions]
        return r", \quad ".join([latex(found.body), *words])
    writer = Ascii() if style == "ascii" else Unicode()
    words = [f"{name} = {writer.write(value)}" for name, value in found.definitions]
    return "; ".join([*words, writer.write(found.body)])


def latex(e: Expr) -> str:
    r"""An expression in LaTeX.

    >>> from matcalc.algebra import mul, symbol, transpose
    >>> latex(mul(transpose(symbol("X", ("m", "n"))), symbol("y", ("m", 1))))
    'X^{\\top} \\, y'
    """
    return Latex().write(e)


def reason_text(reason: str, bindings: Mapping[str, Any], style: str = "unicode") -> str:
    """A reason with expressions in place of {names}; in LaTeX as it stands inside align."""
    writer: Unicode | Latex = Latex() if style == "latex" else Ascii() if style == "ascii" else Unicode()
    shown = reason
    for name, value in bindings.items():
        key = "{" + name.removeprefix("dim ").removeprefix("fn ") + "}"
        if key not in shown:
            continue
        if isinstance(value, Expr):
            word = writer.write(value, ADD) if value.size <= WIDEST else "the other terms"
        elif name.startswith("dim "):
            word = show_dim(value)
        else:
            word = writer.name(value[0])
        shown = shown.replace(key, f"${word}$" if style == "latex" and word != "the other terms" else word)
    for key in ("{A}", "{B}", "{C}", "{X}", "{s}"):
        shown = shown.replace(key, "the others")
    return shown


def heading(d: Derivation, style: str = "unicode", form: str | None = None) -> str:
    """The name of a derivative or of a form of it: df/dW, ∂vec F/∂vec X, d²f/dx², dF; in Unicode, ASCII or LaTeX."""
    power = "" if d.order == 1 else f"^{d.order}" if style in ("ascii", "latex") else " ²³"[d.order - 1]
    if form in ("operator", "index"):
        return ""
    if form == "differential":
        return f"d{power}f" if d.rewritten.is_scalar or d.order > 1 else "dF"
    x = _word(d.variable, style)
    if d.direction is not None:
        v = _word(d.direction, style)
        return f"H[{v}]" if d.kind == "hvp" else f"D{power}f[{v}]"
    first = d if d.previous is None else d.previous
    if d.order == 2 and first.variable != d.variable:
        top, bottom = f"∂{power}f", f"∂{_word(first.variable, style)}" + " " * (style == "ascii") + f"∂{x}"
    elif (d.kind == "derivative" and d.order == 1 and not d.variable.is_scalar) or form == "vec":
        top, bottom = "∂vec F" if not d.rewritten.is_scalar else "∂f", f"∂vec {x}"
    else:
        top, bottom = f"d{power}f", f"d{x}{power}"
    if style == "latex":
        top, bottom = (w.replace("∂", r"\partial ").replace("vec ", r"\operatorname{vec} ") for w in (top, bottom))
        return rf"\frac{{{top}}}{{{bottom}}}"
    return f"{top}/{bottom}".replace("∂", "d" if style == "ascii" else "∂")


def _word(e: Expr, style: str) -> str:
    return latex(e) if style == "latex" else text(e, style)


def derivation_text(d: Derivation, style: str = "unicode") -> str:
    """A derivation as aligned lines, each with the number of the step and its reason; a gradient's before its own."""
    if d.previous is not None:
        return "\n\n".join([derivation_text(d.previous, style), _derivation_lines(d, style)])
    return _derivation_lines(d, style)


def _derivation_lines(d: Derivation, style: str) -> str:
    writer = Ascii() if style == "ascii" else Unicode()
    rows: list[tuple[str, str, str]] = []
    for line in d.lines(style):
        left = line.left or "" if not isinstance(line.left, Expr) else writer.write(line.left)
        rows.append((left, writer.write(line.right), f"({line.number}) {line.reason}"))
    margin = max(len(left) for left, _, _ in rows)
    width = min(76, max(len(right) for _, right, _ in rows))
    head = f"{d.sweep.label} = {writer.write(d.function if d.previous is None else d.rewritten)}"
    body = [f"{left:{margin}} = {right:{width}}   {reason}" for left, right, reason in rows]
    return "\n".join([head, *body])


def index_text(d: Derivation, style: str = "unicode", steps: bool = False) -> str:
    """A derivative in index notation, with `steps` the derivation with Kronecker deltas."""
    from matcalc.printing.index_notation import index_formula, index_lines

    if not steps:
        return index_formula(d, style)
    lines = index_lines(d, style)
    if style != "latex":
        return "\n".join(lines)
    rows = " \\\\\n".join(line.replace(" = ", " &= ", 1) for line in lines)
    return f"\\begin{{align*}}\n{rows}\n\\end{{align*}}"


def operator_text(maps: Sequence[LinearMap], style: str = "unicode") -> str:
    """A linear map and its adjoint: dX ↦ A·dX·B and S ↦ Aᵀ·S·Bᵀ."""
    arrow = {"latex": r" \mapsto ", "ascii": " -> "}.get(style, " ↦ ")
    there, back = (_word(m.argument, style) + arrow + _word(m.value, style) for m in maps)
    if style == "latex":
        return rf"{there}, \quad \text{{adjoint: }} {back}"
    return f"{there}\nadjoint: {back}"


def derivation_latex(d: Derivation) -> str:
    """A derivation as align*, with a tag for every step and its reason beside the formula."""
    writer = Latex()
    rows = []
    for line in [*(d.previous.lines("latex") if d.previous is not None else ()), *d.lines("latex")]:
        left = writer.write(line.left) if isinstance(line.left, Expr) else (line.left or "").replace("∇", r"\nabla ")
        reason = line.reason if "$" in line.reason else line.reason.translate(IN_TEXT)
        rows.append(f"{left} &= {writer.write(line.right)} && \\text{{{reason}}} \\tag{{{line.number}}}")
    return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"


def standalone(body: str, steps: bool) -> str:
    """A file that LaTeX compiles, with the formula or derivation on a page."""
    shown = body if steps else f"\\[\n{body}\n\\]"
    return (
        "\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{amsmath,amssymb}\n"
        "\\usepackage[margin=2cm,landscape]{geometry}\n\\pagestyle{empty}\n\\begin{document}\n"
        f"{shown}\n\\end{{document}}\n"
    )


def _nodes_json(e: Expr) -> dict[str, Any]:
    """The DAG of an expression: nodes in order, arguments by number."""
    numbers: dict[Expr, int] = {}
    nodes: list[dict[str, Any]] = []
    for node in postorder(e):
        numbers[node] = len(nodes)
        entry: dict[str, Any] = {"op": node.op, "shape": [show_dim(d) for d in node.shape]}
        if node.args:
            entry["args"] = [numbers[a] for a in node.args]
        if node.op == "symbol":
            entry["name"], entry["properties"] = node.name, sorted(node.data[1])
        elif node.data is not None:
            entry["data"] = [str(x) for x in node.data] if isinstance(node.data, tuple) else str(node.data)
        nodes.append(entry)
    return {"nodes": nodes, "root": numbers[e]}


def derivation_json(d: Derivation) -> str:
    """A derivation as JSON."""
    report = d.check
    document = {
        "version": JSON_VERSION,
        "kind": d.kind,
        "function": text(d.function),
        "variable": d.variable.name,
        "result": text(d.result),
        "ascii": text(d.result, "ascii"),
        "latex": latex(d.result),
        "named": result_text(d.result),
        "layout": d.layout,
        "shape": [show_dim(s) for s in d.shape],
        "expression": _nodes_json(d.result),
        "steps": [
            {
                "number": i,
                "kind": s.kind,
                "rules": list(s.rules),
                "reason": s.reason,
                "before": text(s.before),
                "after": text(s.after),
            }
            for i, s in enumerate(d.steps, 1)
        ],
        "notes": list(d.notes),
        "check": None
        if report is None
        else {"ok": report.ok, "method": report.method, "detail": report.detail, "bound": report.bound},
        "timings_ms": d.timings,
    }
    return json.dumps(document, ensure_ascii=False, indent=1)
