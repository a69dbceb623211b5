"""What a reader may want to know of a rule: formula, shapes, proof, example and source, as text, LaTeX or Markdown."""

from __future__ import annotations

from matcalc import algebra, printing
from matcalc.errors import UnknownName
from matcalc.expr import Expr, postorder
from matcalc.operators import OPERATORS
from matcalc.proof import LEMMAS, Proof, prove_equal
from matcalc.rule_entries import Entry
from matcalc.rulebook import COTANGENT, Rulebook

ESCAPES = str.maketrans({"_": r"\_", "^": r"\^{}", "#": r"\#", "&": r"\&", "%": r"\%", "⊙": r"$\odot$", "…": r"\dots"})
"""Words in LaTeX."""

__all__ = ["entries", "find_entry", "page", "proof_latex", "proof_text"]


def entries(book: Rulebook) -> dict[str, Entry]:
    """All entries by name: rules, then rewrites."""
    return {**{n: r.entry for n, r in book.rules.items()}, **{n: r.entry for n, r in book.rewrites.items()}}


def find_entry(book: Rulebook, name: str) -> Entry:
    """The entry of a name.

    Raises: UnknownName, with the nearest name.
    """
    found = entries(book)
    if name not in found:
        import difflib

        near = difflib.get_close_matches(name, found, 1)
        raise UnknownName(f"no rule is called {name}", nearest=near[0] if near else None)
    return found[name]


def _claims(book: Rulebook, name: str) -> list[tuple[str, Expr, Expr, Proof | None]]:
    """What an entry says: df/dX or "", both sides, and the proof."""
    if name in book.rules:
        rule = book.rules[name]
        return [(f"df/d{x}", rule.pattern, p.template, rule.proof(x)) for x, p in rule.pullbacks.items()]
    rewrite = book.rewrites[name]
    return [("", rewrite.left, rewrite.right, prove_equal(rewrite.left, rewrite.right))]


def proof_text(book: Rulebook, name: str, style: str = "unicode") -> str:
    """The proofs of an entry as text."""
    entry = find_entry(book, name)
    shown: list[str] = []
    for goal, left, right, proof in _claims(book, name):
        sides = [printing.text(side, style) for side in (left, right)]
        shown.append(
            f"{goal} = {sides[1]} for F = {sides[0]}, where {COTANGENT} = df/dF" if goal else " = ".join(sides)
        )
        if proof is None:
            shown += [f"not proved: {entry.get('unproved')}", ""]
            continue
        shown += [f"lemma: {lemma}" for lemma in _lemmas(book, name, proof, style)]
        lines = proof.lines(style)
        width = max((len(head) for head, _ in lines), default=0)
        shown += ["", *(f"  {head:{width}} = {body}" for head, body in lines)]
        shown += [*_ending(proof), ""]
    return "\n".join(shown).rstrip()


def _lemmas(book: Rulebook, name: str, proof: Proof, style: str) -> list[str]:
    """What a proof rests on: the differential that the entry states, and the lemmas of the prover."""
    found = [LEMMAS[lemma].text(style) for lemma in proof.lemmas if lemma in LEMMAS]
    rule = book.rules.get(name)
    if rule is None or rule.differential is None:
        return found
    source = rule.entry.get("source")
    if style == "latex":
        return [f"$dF = {printing.latex(rule.differential)}$ ({source.translate(ESCAPES)})", *found]
    return [f"dF = {printing.text(rule.differential, style)} ({source})", *found]


def _ending(proof: Proof) -> list[str]:
    definitions = [lemma for lemma in proof.lemmas if lemma not in LEMMAS]
    if proof.kind == "equal" and not proof.steps:
        return [f"  This is one of the equations that define {definitions[0]}."]
    rest = f" By definition of {'; '.join(definitions)}." if definitions else ""
    same = "Both sides are the same" if proof.kind == "equal" else "This holds"
    return ["", f"  {same} for all sizes.{rest}"]


def proof_latex(book: Rulebook, name: str) -> str:
    """The proofs of an entry as LaTeX, an align* each."""
    entry = find_entry(book, name)
    shown: list[str] = []
    for goal, left, right, proof in _claims(book, name):
        sides = [printing.latex(side) for side in (left, right)]
        partial = rf"\partial f/\partial {printing.latex(algebra.symbol(goal[4:]))}" if goal else ""
        claim = f"{partial} = {sides[1]}" if goal else " = ".join(sides)
        whose = rf" for $F = {sides[0]}$, where $S = \partial f/\partial F$" if goal else ""
        shown.append(f"\n\\noindent ${claim}${whose}:")
        if proof is None:
            shown.append(f"not proved: {entry.get('unproved')}.")
            continue
        shown += [f"\n\\noindent Lemma: {lemma}." for lemma in _lemmas(book, name, proof, "latex")]
        lines = proof.lines("latex")
        if lines:
            body = " \\\\\n".join(f"  {head} &= {line}" for head, line in lines)
            shown.append(f"\\begin{{align*}}\n{body}\n\\end{{align*}}")
        shown += [rf"\noindent {line.strip().translate(ESCAPES)}" for line in _ending(proof) if line]
    return "\n".join(shown).strip()


def page(book: Rulebook, name: str) -> str:
    """The page of an entry in Markdown."""
    entry = find_entry(book, name)
    title = entry.title or name.replace("_", " ").capitalize()
    lines = [f"# {title}", "", f"`{name}`, in `rules/{entry.file}`", "", "```", *entry.text.splitlines()[1:], "```", ""]
    if not entry.text.splitlines()[1:]:
        lines[4:7] = ["```", entry.text, "```"]
    names = dict.fromkeys(e.op for _, left, right, _ in _claims(book, name) for e in postorder(left, right))
    definitions = [f"- `{op}`: {OPERATORS[op].definition}" for op in names if op in OPERATORS]
    if definitions:
        lines += ["## Definitions", "", *definitions, ""]
    lines += ["## Proof", "", "```", proof_text(book, name), "```"]
    return "\n".join(lines) + "\n"
