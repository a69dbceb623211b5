r"""The commands of LaTeX that mean something in formulas, and what tells LaTeX from the notation of the grammar."""

from __future__ import annotations

import re

from matcalc.operators import OPERATORS
from matcalc.syntax.comparisons import COMPARISONS
from matcalc.syntax.names import NORMS, is_greek_command

__all__ = [
    "is_latex",
    "nearest_command",
    "norm_of",
    "ACCENTS",
    "BARS",
    "BLANKS",
    "BRACKETS",
    "CLOSERS",
    "CLOSING",
    "CONSTANTS",
    "DROPPED",
    "EQUALS",
    "FACTORS",
    "FRACTIONS",
    "FUNCTIONS",
    "HEADS",
    "LOGARITHMS",
    "MATRICES",
    "MINIMA",
    "NORM_HINT",
    "ONES",
    "PRIVATE",
    "REDUCTIONS",
    "SIGNS",
    "SIZE",
    "STARS",
    "STYLES",
    "SWITCHES",
    "TOKEN",
    "TRANSPOSES",
    "UNWRAPPED",
    "WORDS",
]

_LATEX = re.compile(r"\\[A-Za-z]+|\\[|,;!:{}()\[\]]|[\^_]\s*\{|\\\\|\$")
_TYPED = re.compile(r"[*@'’]|\.[\^/]|[A-Za-z]{3}|[A-Za-z]{2}\(|[A-Za-z]\d")
"""What only the notation of the grammar has: product signs, words, numbered names."""
TOKEN = re.compile(
    r"(?P<blank>(?:\s|~|%[^\n]*)+)|(?P<command>\\(?:operatorname\*|[A-Za-z]+|.))|(?P<number>\d+(?:\.\d+)?|\.\d+)"
    r"|(?P<letter>[^\W\d_])|(?P<primes>['’′]+)|(?P<other>\|\||.)",
    re.DOTALL,
)
SIZE = re.compile(r"\\(?:[bB]igg?[lrm]?|left|right|middle)$")


def _commands(words: str) -> frozenset[str]:
    return frozenset("\\" + word for word in words.split())


BLANKS = _commands(
    ", ; : ! > / ( ) [ ] \\ quad qquad displaystyle textstyle scriptstyle limits nolimits nonumber notag allowbreak"
    " thinspace hfill centering"
) | {"\\ ", "&", "$"}
DROPPED = _commands("label tag hspace vspace phantom hphantom vphantom mspace color")
"""What sets no type, with the group behind it."""
MINIMA = frozenset(["min", "max", "inf", "sup", "argmin", "argmax", "minimize", "maximize", "minimise", "maximise"])
"""What an objective may begin with."""
UNWRAPPED = _commands("underbrace overbrace boxed")
SWITCHES = {
    "\\" + switch: "\\" + style
    for switch, style in {
        "rm": "mathrm",
        "bf": "mathbf",
        "cal": "mathcal",
        "it": "mathit",
        "sf": "mathsf",
        "tt": "mathtt",
    }.items()
}
"""{\\rm tr} is \\mathrm{tr}."""
EQUALS = _commands("coloneqq coloneq triangleq equiv doteq eqqcolon") | {"=", "≔", "≡"}
MATRICES = frozenset({"matrix", "bmatrix", "pmatrix", "smallmatrix", "vmatrix", "array"})
STYLES = _commands(
    "mathbf boldsymbol bm mathcal mathbb mathsf mathit vec mathfrak mathscr pmb symbf mathnormal underline"
)
WORDS = _commands("mathrm operatorname operatorname* text textrm mathop textnormal textit textbf textsf mathtt")
ACCENTS = {
    "\\" + command: word
    for word, commands in {
        "hat": "hat widehat",
        "bar": "bar overline",
        "tilde": "tilde widetilde",
        "dot": "dot",
        "ddot": "ddot",
        "check": "check widecheck",
        "breve": "breve",
    }.items()
    for command in commands.split()
}
LESS, MORE, AT_MOST, AT_LEAST = COMPARISONS.values()
SIGNS = {
    r"\cdot": "·", r"\times": "·", r"\ast": "·", "*": "*", "·": "·", "⋅": "·", r"\odot": "⊙", r"\circ": "⊙", "⊙": "⊙", "∘": "⊙",
    r"\otimes": "⊗", "⊗": "⊗", r"\oslash": "⊘", "⊘": "⊘", r"\div": "/", "/": "/", "+": "+", "-": "-", "−": "-", "=": "=",
    ",": ",", ";": ";", ":": ":", "<": LESS, ">": MORE, r"\lt": LESS, r"\gt": MORE, r"\le": AT_MOST, r"\leq": AT_MOST,
    r"\leqslant": AT_MOST, r"\ge": AT_LEAST, r"\geq": AT_LEAST, r"\geqslant": AT_LEAST, "≤": AT_MOST, "≥": AT_LEAST,
}  # fmt: skip
BRACKETS = {
    "(": ")",
    "[": "]",
    r"\{": r"\}",
    r"\lbrace": r"\rbrace",
    r"\lbrack": r"\rbrack",
    r"\langle": r"\rangle",
    "⟨": "⟩",
}
CLOSERS = frozenset(BRACKETS.values()) | {"}"}
CLOSING = CLOSERS | {"&", r"\\"}
"""Where what stands in a bracket or in a cell of a matrix ends."""
# which bar, and whether it can only open or close
BARS = {
    r"\|": "‖", r"\Vert": "‖", "||": "‖", "‖": "‖", "∥": "‖", r"\parallel": "‖", r"\lVert": "‖(", r"\rVert": "‖)",
    "|": "|", r"\vert": "|", r"\lvert": "|(", r"\rvert": "|)",
}  # fmt: skip
PRIVATE = {("‖", 0): "\ue000", ("‖", 1): "\ue001", ("|", 0): "\ue002", ("|", 1): "\ue003"}
FUNCTIONS = _commands("log ln exp sin cos tan cot sec csc sinh cosh tanh coth arcsin arccos arctan det max min prod")
CONSTANTS = {"𝟏": "ones", "𝟎": "zeros", "I": "eye", "K": "commutation", "e": "unit", "E": "units"}
REDUCTIONS = frozenset({"sum", "mean", "softmax", "hardmax", "logsumexp"})
LOGARITHMS = {"log_2": "log2", "log_10": "log10"}
FACTORS = _commands("alpha beta gamma delta epsilon zeta eta theta kappa lambda mu nu xi tau")
"""Greek letters that are factors before a bracket."""
ONES = {"1": "𝟏", "0": "𝟎"}
FRACTIONS = _commands("frac dfrac tfrac cfrac nicefrac sfrac")
TRANSPOSES = {"T", "⊤", "ᵀ", "'", "′", "’", r"\top", r"\intercal", r"\prime", r"\transpose", r"\trans", r"\T"}
STARS = {"*", r"\ast", r"\star"}


def _heads() -> dict[str, str]:
    """What the LaTeX of operators begins with, such as "unkron_1", and the operators' names."""
    found: dict[str, str] = {}
    for name, row in OPERATORS.items():
        head = re.fullmatch(r"\\operatorname\{\{([\w\\]+)\}\}(_\d)?\(\{0\}.*", row.latex)
        if head is not None:
            found.setdefault(head[1].replace("\\", "") + (head[2] or ""), name)
    return {**found, "Tr": "tr", "trace": "tr", "Diag": "diag"}


HEADS = _heads()


def nearest_command(word: str) -> str | None:
    """A command that may have been meant."""
    import difflib

    known = {
        *SIGNS,
        *BARS,
        *BRACKETS,
        *FUNCTIONS,
        *FRACTIONS,
        *STYLES,
        *WORDS,
        *ACCENTS,
        r"\sqrt",
        r"\top",
        r"\lambda",
        r"\sigma",
    }
    near = difflib.get_close_matches(word, known, 1)
    return f"did you mean {near[0]}?" if near else None


NORM_HINT = r"known: 1, 2, F, *, \infty, a number or letter p, and a pair such as 2,1"


def norm_of(subscript: list[str]) -> str | None:
    r"""The norm that a subscript names, as the grammar writes it, or None.

    >>> norm_of([r"\infty"]), norm_of(["2", ",", "1"]), norm_of(["p"]), norm_of(["A", "B"])
    ('infty', '2,1', 'p', None)
    """
    word = "".join(subscript).removeprefix("\\")
    word = {"ast": "*", "star": "*", "Fro": "F"}.get(word, word)
    known = word in NORMS or re.fullmatch(r"\d+,\d+", word) or (len(subscript) == 1 and word.isalnum())
    return word if known else None


def is_latex(text: str) -> bool:
    r"""Whether a formula is written in LaTeX.

    >>> is_latex(r"\Vert x \Vert^2"), is_latex("a^TGa"), is_latex("A\\b"), is_latex(r"\lambda*x"), is_latex(r"\sigma(Xw)")
    (True, True, False, False, True)
    """
    commands = list(_LATEX.finditer(text))
    if any(not _in_grammar(text, found) for found in commands):
        return True
    rest = re.sub(r"\\[A-Za-z]+", " ", text)
    if any(is_greek_command(found[0]) for found in commands) and not _TYPED.search(rest):
        return True
    return bool(re.search(r"\^[T⊤][A-Za-z]", text)) and not re.search(r"(?<![A-Za-z^])[A-Za-z]{2}", text)


def _in_grammar(text: str, found: re.Match[str]) -> bool:
    r"""Whether this is `A\b`, a Greek letter or `X^{T}`, which the grammar knows itself."""
    word, behind = found[0], text[: found.start()].rstrip()[-1:]
    if word[0] != "\\":
        inside = r"[\w\s.,*∞]*" if behind in tuple("|‖∥") else r"\s*[12F*]\s*"
        return bool(
            re.match(r"\^\s*\{\s*[-−]?\s*[T⊤12\d]+\s*\}(?!\s*\w)|_\s*\{" + inside + r"\}", text[found.start() :])
        )
    return is_greek_command(word) or (
        len(word) == 2 and word[1].isalpha() and (behind.isalnum() or behind in tuple(")]'"))
    )
