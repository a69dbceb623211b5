"""Expressions and derivations in print."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from matcalc.atoms import UNITS
from matcalc.dims import show_dim
from matcalc.expr import Expr, postorder
from matcalc.naming import Named, named, names_in, renamed, shared
from matcalc.printing.index_notation import index_formula, index_lines
from matcalc.printing.layout import ADD
from matcalc.printing.styles import parts_of, with_names, writer_of, written

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
    "parts_of",
    "reason_text",
    "result_text",
    "standalone",
    "text",
    "unit_notes",
]

LONGEST = 20_000
"""Formulas with a longer written form are printed with named intermediates."""

WIDEST = 48
"""An expression longer than this is not spelled out inside a reason."""

LONG_REASON = 160
"""A reason longer than this in LaTeX is set in several lines."""

JSON_VERSION = 1

IN_TEXT = str.maketrans(
    {"⟨": r"$\langle$", "⟩": r"$\rangle$", "ᵀ": r"$^{\top}$", "⊗": r"$\otimes$", "·": r"$\cdot$", "′": "'", "_": " "}
)
"""What a reason in words has to become inside LaTeX's text mode."""

IN_MATHEMATICS = str.maketrans(
    {
        "⟨": r"\langle ",
        "⟩": r"\rangle ",
        "ᵀ": r"^{\top}",
        "⊗": r"\otimes ",
        "⊙": r"\odot ",
        "·": r" \, ",
        "∇": r"\nabla ",
        "φ": r"\phi ",
        "′": "'",
    }
)
"""Formulas in reasons, in LaTeX's mathematics."""

IN_ASCII = str.maketrans(
    {"⟨": "<", "⟩": ">", "ᵀ": "'", "⊗": "(x)", "⊙": ".*", "·": "*", "∇": "grad ", "φ": "phi", "′": "'", "−": "-"}
)
"""Formulas in reasons, in ASCII."""


def text(e: Expr, style: str = "unicode") -> str:
    """An expression as text that reads back; with named intermediates `Z1 = …; …` if it would be very long.

    >>> from matcalc.algebra import mul, symbol, transpose
    >>> text(mul(transpose(symbol("X", ("m", "n"))), symbol("y", ("m", 1))))
    'Xᵀ·y'
    """
    return written(e, style) if e.size <= LONGEST else let_text(e, style)


def let_text(e: Expr, style: str = "unicode") -> str:
    """An expression with named intermediates: `Z1 = …; …`."""
    return _with_definitions(shared(e), style)


def result_text(e: Expr, style: str = "unicode") -> str:
    """A result with the names that a textbook gives, if any: `p = softmax(x); diag(p) − p·pᵀ`; in LaTeX these follow."""
    return _with_definitions(named(e), style) if e.size <= LONGEST else let_text(e, style)


def _with_definitions(found: Named, style: str) -> str:
    return with_names(written(found.body, style), found.definitions, style)


def unit_notes(e: Expr, shown: str, style: str = "unicode") -> list[str]:
    """What the unit vectors in the text of an expression are.

    >>> from matcalc.atoms import unit
    >>> unit_notes(unit(3, 2), "2·unit(3, 2)")
    ['unit(3, 2): column 2 of eye(3)']
    """
    notes: list[str] = []
    for node in postorder(e):
        word = text(node, style) if node.op in UNITS else ""
        if word and word in shown:
            first, last = (show_dim(d, "*") for d in ((node.data, node.data) if node.op == "unit" else node.data))
            columns = f"column {first}" if first == last else f"columns {first} to {last}"
            notes.append(f"{word}: {columns} of eye({show_dim(node.shape[0], '*')})")
    return notes


def latex(e: Expr) -> str:
    r"""An expression in LaTeX.

    >>> from matcalc.algebra import mul, symbol, transpose
    >>> latex(mul(transpose(symbol("X", ("m", "n"))), symbol("y", ("m", 1))))
    'X^{\\top} \\, y'
    """
    return written(e, "latex")


def reason_text(reason: str, bindings: Mapping[str, Any], style: str = "unicode") -> str:
    """A reason with expressions in place of {names}; in LaTeX as it stands inside align."""
    writer = writer_of(style)
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
        return f"d{power}f" if d.rewritten.is_scalar or d.order > 1 else f"d{d.name}"
    x = written(d.variable, style)
    if d.direction is not None and d.direction == d.tangent:
        return _in_style(f"d{d.name}", style)
    if d.direction is not None:
        v = written(d.direction, style)
        return f"H[{v}]" if d.kind == "hvp" else f"D{power}{d.name.rstrip('′')}[{v}]"
    first = d if d.previous is None else d.previous
    if d.order == 2 and first.variable != d.variable:
        top, bottom = f"∂{power}f", f"∂{written(first.variable, style)}" + " " * (style == "ascii") + f"∂{x}"
    elif (d.kind == "derivative" and d.order == 1 and not d.variable.is_scalar) or (form == "vec" and d.order == 1):
        top = "∂" + "vec " * (1 not in d.rewritten.shape) + d.name
        bottom = "∂" + "vec " * (1 not in d.variable.shape) + x
    else:
        top, bottom = f"d{power}{'f' if d.order > 1 else d.name}", f"d{x}{power}"
    if style == "latex":
        top, bottom = (w.replace("∂", r"\partial ").replace("vec ", r"\operatorname{vec} ") for w in (top, bottom))
        return rf"\frac{{{top}}}{{{bottom}}}"
    return f"{top}/{bottom}".replace("∂", "d" if style == "ascii" else "∂")


class _Row(NamedTuple):
    """A line of a derivation in print: left and right side, the number of the step and its reason, "" for a premise."""

    left: str
    right: str
    number: int
    reason: str


def _rows(d: Derivation, style: str) -> list[list[_Row]]:
    """The lines of a derivation, those of the gradient before those of the Hessian, with names as in the result."""
    writer = writer_of(style)
    found = named(d.result)
    names = names_in(d.result, *(line.right for part in _parts(d) for line in part.lines(style)))
    blocks: list[list[_Row]] = []
    for part in _parts(d):
        f = part.function if part.previous is None else part.rewritten
        rows = [_Row(_in_style(part.name, style), writer.write(renamed(f, names) if part.previous else f), 0, "")]
        rows += [_Row(writer.name(word), writer.write(value), 0, "") for word, value in names if part.previous is None]
        if part.sweep.seed.op == "symbol":
            pairing = _in_style(f"⟨{part.sweep.seed.name}, {part.name}⟩", style)
            rows.append(_Row(writer.name(part.sweep.label), pairing, 0, ""))
        for line in part.lines(style):
            shown = line.left
            left = writer.write(renamed(shown, names)) if isinstance(shown, Expr) else _in_style(shown or "", style)
            right = writer.write(renamed(line.right, names))
            rows.append(_Row(left, right, line.number, _in_style(line.reason, style, is_reason=True)))
        blocks.append(rows)
    hidden = [pair for pair in found.definitions if pair not in names]
    if hidden and blocks[-1][-1].number:
        words = "; ".join(f"{writer.name(word)} = {writer.write(value)}" for word, value in hidden)
        reason = f"${words}$" if style == "latex" else words
        blocks[-1].append(_Row("", writer.write(found.body), blocks[-1][-1].number + 1, reason))
    return blocks


def _parts(d: Derivation) -> list[Derivation]:
    """A derivation and those that it goes on from, the first one first."""
    parts = [d]
    while parts[0].previous is not None:
        parts.insert(0, parts[0].previous)
    return parts


def _in_style(words: str, style: str, is_reason: bool = False) -> str:
    """Words with formulas in Unicode, for a style; in LaTeX equations inside a reason are set as mathematics."""
    if style == "unicode" or (style == "latex" and "$" in words):
        return words
    if style == "ascii":
        return words.replace("d∇f", "d(grad f)").translate(IN_ASCII)
    if not is_reason:
        return words if "\\" in words else _in_mathematics(words)
    shown = []
    for part in parts_of(words):
        equation, every, symbol = part.partition(" for every ")
        if " = " in equation:
            shown.append(f"${_in_mathematics(equation)}$" + (f" for every ${symbol}$" if every else ""))
        else:
            shown.append(part.translate(IN_TEXT))
    return "; ".join(shown)


def _in_mathematics(words: str) -> str:
    """A formula in Unicode as LaTeX."""
    named_operators = re.sub(r"\b(vec|diag|tr)\b", r"\\operatorname{\1}", words)
    return re.sub(r"\bd(?=[A-Z∇φ]|[a-z]\d*\b)", r"\\mathrm{d} ", named_operators).translate(IN_MATHEMATICS)


def derivation_text(d: Derivation, style: str = "unicode") -> str:
    """A derivation as aligned lines, each with the number of the step and its reason; a gradient's before its own."""
    return "\n\n".join(_block_text(rows) for rows in _rows(d, style))


def _block_text(rows: Sequence[_Row]) -> str:
    steps = [row for row in rows if row.number]
    margin = max((len(row.left) for row in steps), default=0)
    width = min(76, max((len(row.right) for row in steps), default=0))
    return "\n".join(
        f"{row.left:{margin}} = {row.right:{width}}   ({row.number}) {row.reason}"
        if row.number
        else f"{row.left} = {row.right}"
        for row in rows
    )


def index_text(d: Derivation, style: str = "unicode", steps: bool = False) -> str:
    """A derivative in index notation, with `steps` the derivation with Kronecker deltas."""
    if not steps:
        return index_formula(d, style)
    lines = index_lines(d, style)
    if style != "latex":
        return "\n".join(lines)
    rows = " \\\\\n".join(line.replace(" = ", " &= ", 1) for line in lines)
    return f"\\begin{{align*}}\n{rows}\n\\end{{align*}}"


def operator_text(maps: Sequence[LinearMap], style: str = "unicode") -> str:
    """A linear map and its adjoint: dX ↦ A·dX·B and S ↦ Aᵀ·S·Bᵀ, with the names that a textbook gives."""
    arrow = {"latex": r" \mapsto ", "ascii": " -> "}.get(style, " ↦ ")
    names = names_in(maps[0].value)
    there, back = (written(m.argument, style) + arrow + written(renamed(m.value, names), style) for m in maps)
    body = rf"{there}, \quad \text{{adjoint: }} {back}" if style == "latex" else f"{there}\nadjoint: {back}"
    return with_names(body, names, style)


def derivation_latex(d: Derivation) -> str:
    """A derivation as align*, with a tag for every step and its reason beside the formula."""
    blocks = [
        " \\\\\n".join(
            f"{row.left} &= {row.right}" + (f" && {_boxed(row.reason)} \\tag{{{row.number}}}" if row.number else "")
            for row in rows
        )
        for rows in _rows(d, "latex")
    ]
    return "\\begin{align*}\n" + " \\\\[2ex]\n".join(blocks) + "\n\\end{align*}"


def _boxed(reason: str) -> str:
    """A reason as text, a long one in several lines."""
    return f"\\parbox{{7cm}}{{\\raggedright {reason}}}" if len(reason) > LONG_REASON else f"\\text{{{reason}}}"


def remarks_latex(d: Derivation, visible: bool) -> str:
    """How a result is known to be right, and which unproved rules it used: as text on the page, or in comments."""
    remarks = [d.assurance, *d.unproved]
    if not visible:
        return "".join(f"% {remark}\n" for remark in remarks if remark)
    sentences = [f"{remark[:1].upper()}{remark[1:]}." for remark in remarks if remark]
    return "\n\n\\noindent " + " ".join(sentences).translate(IN_TEXT)


def standalone(body: str, steps: bool, below: str = "") -> str:
    """A file that LaTeX compiles, with the formula or derivation on a page, and text below it."""
    shown = body if steps else f"\\[\n{body}\n\\]"
    return (
        "\\documentclass{article}\n\\usepackage[T1]{fontenc}\n\\usepackage{amsmath,amssymb}\n"
        "\\usepackage[margin=2cm,landscape]{geometry}\n\\pagestyle{empty}\n\\begin{document}\n"
        f"{shown}{below}\n\\end{{document}}\n"
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
        "proved": d.proof is not None,
        "unproved": list(d.unproved),
        "check": None
        if report is None
        else {"ok": report.ok, "method": report.method, "detail": report.detail, "bound": report.bound},
        "timings_ms": d.timings,
    }
    return json.dumps(document, ensure_ascii=False, indent=1)
