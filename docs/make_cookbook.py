"""The Matrix Cookbook by program: reads cookbook.txt, derives and checks every identity, writes cookbook.md and .tex.

    python docs/make_cookbook.py

For each row matcalc differentiates the formula, and the answer passes its check; then the book's answer is judged by
`matcalc.verify`, and once more by comparing both forms at random points.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import matcalc
from matcalc.check import check_equal
from matcalc.check.examples import Example
from matcalc.derivation import Derivation
from matcalc.dims import show_shape
from matcalc.expr import Expr
from matcalc.printing import latex, let_text, result_text, text

HERE = Path(__file__).parent
WIDE = 90
"""Answers with more characters are shown with named intermediates."""


@dataclass
class Row:
    """An identity of the book in matcalc's notation, or what keeps it from being written so."""

    number: str
    formula: str = ""
    variables: tuple[str, ...] = ()
    option: str = ""
    where: str = ""
    book: str = ""
    gap: str = ""
    remarks: list[str] = field(default_factory=list)

    @property
    def label(self) -> str:
        """(49), or § for a line of the book without a number."""
        return self.number if self.number == "§" else f"({self.number})"


@dataclass
class Finding:
    """What matcalc makes of a row: its answer, the steps it took, and how the book's form compares."""

    derivations: list[Derivation]
    answer: Expr
    book: Expr
    right: bool
    repair: str = ""
    difference: Example | None = None

    @property
    def steps(self) -> int:
        """The number of steps of all derivations."""
        return sum(lines[-1].number for d in self.derivations if (lines := d.lines()))

    @property
    def same(self) -> bool:
        """Whether the book's form reads like matcalc's."""
        return self.right and text(self.book) == text(self.answer)


def read(table: str) -> Iterator[tuple[str, list[Row]]]:
    """The sections of the table with their rows."""
    title, rows = "", list[Row]()
    for line in table.splitlines():
        if line.startswith("= "):
            if rows:
                yield title, rows
            title, rows = line[2:], []
        elif line.startswith("   "):
            rows[-1].remarks.append(line.strip())
        elif line and not line.startswith("#"):
            number, formula, *rest = (cell.strip() for cell in line.split(" | "))
            if formula == "-":
                rows.append(Row(number, gap=rest[0]))
            else:
                names, _, option = rest[0].partition(", ")
                rows.append(Row(number, formula, tuple(names.split()), option, *rest[1:]))
    yield title, rows


def find(row: Row) -> Finding:
    """Derive a row, and judge the book's form."""
    if row.option == "differential":
        return _differential(row)
    options = {"order": 2} if row.option == "order 2" else {"convention": "free"} if row.option == "free" else {}
    verdict = matcalc.verify(row.formula, row.variables[0], claim=row.book, where=row.where, **options)
    d, claim = verdict.correct, verdict.claim
    if verdict.ok is None or claim is None or check_equal(claim, d.result).ok is not verdict.ok:
        raise AssertionError(f"{row.label}: {verdict}")
    return Finding([d], d.result, claim, bool(verdict), verdict.repair, verdict.difference)


def _differential(row: Row) -> Finding:
    """The sum of the differentials by some variables."""
    found = list(matcalc.derive(row.formula, row.variables, where=row.where).values())
    forms = [d.form("differential") for d in found]
    answer = forms[0] if len(forms) == 1 else forms[0] + forms[1]
    tangents = [f"{d.tangent.name}: {show_shape(d.tangent.shape)}" for d in found]
    book = matcalc.parse(row.book, where=", ".join([row.where, *tangents]))
    right = check_equal(book, answer).ok
    if right is None:
        raise AssertionError(f"{row.label}: undecided")
    return Finding(found, answer, book, right)


# --- Markdown ---------------------------------------------------------------------------------------------------------

INTRODUCTION = """\
Section 2 of *The Matrix Cookbook* (K. B. Petersen and M. S. Pedersen, version of November 15, 2012) by equation number.
Of {rows} identities {same} come out in the book's words and {equal} in others; {wrong} do not hold as they are printed,
because of a misprint or of an assumption that is not stated, and stand beside a row that does; {gaps} equations are left
out, and it is said why.

`python docs/make_cookbook.py` makes this page from `docs/cookbook.txt`. Every answer has passed the check against the
function itself. Whether the book's form is equal was found by `matcalc.verify`, and again by comparing both forms at
random points; it is shown where it reads differently. All entries of a variable are independent, as in the book, unless
it is declared with a structure. A gradient has the shape of its variable; derivatives of matrices by matrices are
∂vec F/∂vec X, with their entries T[i,j,k,l] = ∂F_ij/∂X_kl.
"""


def summary(found: list[Finding | None]) -> str:
    """The introduction with its counts."""
    done = [f for f in found if f is not None]
    right = [f for f in done if f.right]
    same = sum(f.same for f in right)
    counts = {"rows": len(done), "same": same, "equal": len(right) - same, "wrong": len(done) - len(right)}
    return INTRODUCTION.format(**counts, gaps=len(found) - len(done))


def code(words: str) -> str:
    """Code in a cell of a table."""
    return "`" + words.replace("|", "\\|") + "`"


def shown(e: Expr) -> str:
    """An expression as text, with named intermediates if it is long."""
    words = result_text(e)
    return let_text(e) if len(words) > WIDE else words


def markdown_row(row: Row, found: Finding) -> str:
    """A line of a table."""
    answer = code(shown(found.answer))
    if row.option == "index":
        answer += "<br>" + code(found.derivations[0].text(form="index"))
    book = "the same" if found.same else code(shown(found.book))
    if not found.right:
        book = "**not equal** " + book
    by = " ".join(row.variables) + (f" ({row.option})" if row.option in ("free", "order 2") else "")
    if row.option == "differential":
        by = "d" + ", d".join(row.variables)
    return f"| {row.label} | {code(row.formula)} | {by} | {code(row.where)} | {answer} | {found.steps} | {book} |"


def remarks(row: Row, found: Finding) -> list[str]:
    """What is to be said of a row: the table's remarks, and where a wrong form fails."""
    said = list(row.remarks)
    if found.repair:
        said.append(found.repair)
    if found.difference is not None:
        claimed, true = found.difference.shown
        entry = "" if found.answer.is_scalar else " in entry ({}, {})".format(*found.difference.entry)
        said.append(f"{found.difference}: the book's form gives {claimed}{entry}, the derivative is {true}")
    return said


def markdown(sections: list[tuple[str, list[tuple[Row, Finding | None]]]], introduction: str) -> str:
    """The page."""
    parts = ["# The Matrix Cookbook, derived and checked\n", introduction]
    for title, rows in sections:
        table = [markdown_row(row, f) for row, f in rows if f is not None]
        notes = [f"- {row.label}: {'; '.join(said)}." for row, f in rows if f is not None and (said := remarks(row, f))]
        notes += [f"- {row.label} is left out: {row.gap}." for row, f in rows if f is None]
        parts.append(f"## {title}\n")
        if table:
            parts.append("| eq. | function | by | where | matcalc | steps | book |\n|---|---|---|---|---|---|---|")
            parts += [*table, ""]
        parts += [*notes, ""] if notes else []
    return "\n".join(parts).rstrip("\n") + "\n"


# --- LaTeX ------------------------------------------------------------------------------------------------------------

PREAMBLE = r"""\documentclass[9pt]{extarticle}
\usepackage[T1]{fontenc}
\usepackage{amsmath,amssymb}
\usepackage[margin=1.6cm,landscape]{geometry}
\setlength{\parindent}{0pt}
\allowdisplaybreaks
\newcommand{\identity}[3]{\pagebreak[2]\par\medskip\makebox[3em][l]{#1}$\displaystyle #2$\hfill{\small #3}\par\nopagebreak}
\newcommand{\said}[1]{\smallskip\hspace*{3em}{\small #1}\par\nopagebreak}
\newcommand{\remark}[1]{\vspace{1pt}\hspace*{3em}{\small\itshape #1.}\par\nopagebreak}
\begin{document}
\begin{center}\Large The Matrix Cookbook, derived and checked\end{center}
"""

PLAIN = str.maketrans({"“": "``", "”": "''", "_": r"\_", "−": "$-$", "ᵀ": r"$^{\top}$", "⁺": "$^{+}$", "⁻": "$^{-}$",
                       "¹": "$^{1}$",
                       "²": "$^{2}$", "ᵏ": "$^{k}$", "ʳ": "$^{r}$", "·": r"$\cdot$", "∂": r"$\partial$", "§": r"\S{}",
                       "′": "$'$", "×": r"$\times$", ">": "$>$"})  # fmt: skip
"""What characters of remarks are in LaTeX."""


def plain(words: str) -> str:
    """Words in Markdown for LaTeX."""
    words = words.replace("T[i,j,k,l] = ∂F_ij/∂X_kl", r"$T_{ijkl} = \partial F_{ij}/\partial X_{kl}$")
    words = re.sub(r"`(.*?)`", lambda found: r"\texttt{" + found[1] + "}", words.replace("*", ""))
    return "$".join(w.translate(PLAIN) if i % 2 == 0 else w for i, w in enumerate(words.split("$")))


def formula(e: Expr) -> list[str]:
    """An expression, and the names in it if it is long."""
    return (let_text(e, "latex") if len(result_text(e)) > WIDE else result_text(e, "latex")).split(r", \quad ", 1)


def left_side(row: Row, found: Finding) -> str:
    """What is differentiated, by what."""
    by = [latex(d.variable) for d in found.derivations]
    f = r"\left[ " + latex(found.derivations[0].function) + r" \right]"
    if row.option == "differential":
        return r"\mathrm{d} " + f
    if row.option == "index":
        return rf"\frac{{\partial \operatorname{{vec}}}}{{\partial \operatorname{{vec}} {by[0]}}} {f}"
    power = "^{2}" if row.option == "order 2" else ""
    return rf"\frac{{\partial{power}}}{{\partial {by[0]}{power}}} {f}"


def latex_row(row: Row, found: Finding) -> str:
    """An identity with what is said of it."""
    answer, *names = formula(found.answer)
    steps = f"{row.where.translate(PLAIN)}; {found.steps} step" + "s" * (found.steps != 1)
    rows = [rf"\identity{{{row.label.translate(PLAIN)}}}{{{left_side(row, found)} = {answer}}}{{{steps}}}"]
    rows += [rf"\said{{with ${words}$}}" for words in names]
    if row.option == "index":
        rows.append(rf"\said{{entries: ${found.derivations[0].latex(form='index')}$}}")
    if not found.same:
        words = "the book:" if found.right else r"\textbf{not equal}, the book:"
        rows.append(rf"\said{{{words} ${', '.join(formula(found.book))}$}}")
    rows += [rf"\remark{{{r.translate(PLAIN)}}}" for r in remarks(row, found)]
    return "\n".join(rows)


def latex_page(sections: list[tuple[str, list[tuple[Row, Finding | None]]]], introduction: str) -> str:
    """The file for LaTeX."""
    parts = [PREAMBLE + introduction]
    for title, rows in sections:
        parts.append(rf"\section*{{{title}}}")
        parts += [latex_row(row, f) for row, f in rows if f is not None]
        left_out = [
            f"{row.label.translate(PLAIN)} is left out: {row.gap.translate(PLAIN)}." for row, f in rows if f is None
        ]
        if left_out:
            parts.append(r"\par\medskip{\small " + " ".join(left_out) + "}")
    return "\n".join([*parts, r"\end{document}", ""])


# --- both -------------------------------------------------------------------------------------------------------------


def pages() -> dict[str, str]:
    """Both pages, by the names of their files."""
    table = (HERE / "cookbook.txt").read_text(encoding="utf-8")
    sections = [(title, [(row, None if row.gap else find(row)) for row in rows]) for title, rows in read(table)]
    introduction = summary([f for _, rows in sections for _, f in rows])
    return {"cookbook.md": markdown(sections, introduction), "cookbook.tex": latex_page(sections, plain(introduction))}


def main() -> None:
    """Write the pages."""
    for name, page in pages().items():
        (HERE / name).write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
