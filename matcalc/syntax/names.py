"""Names as typed and names as meant: `λ`, `\\lambda` and `lambda` are one, and so are `W₁` and `W1`."""

from __future__ import annotations

import unicodedata

__all__ = ["GREEK", "canonical_name", "is_greek_command", "odd_character"]

_LOWER = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi omicron pi rho sigma tau upsilon"
_LETTERS = [*_LOWER.split(), "phi", "chi", "psi", "omega"]
# Unicode has two small sigmas between rho and tau, but leaves a gap among the capitals.
GREEK = {
    chr(first + i + (i > 16)): spelled
    for first, names in (
        (0x3B1, _LETTERS),
        (0x391, [name.capitalize() for name in _LETTERS]),
    )
    for i, spelled in enumerate(names)
}
"""The spelled name of each Greek letter, small and capital."""
GREEK["ς"] = "sigma"

_COMMANDS = {"\\" + name for name in GREEK.values()} | {
    "\\var" + n for n in ("epsilon", "theta", "rho", "phi", "pi", "sigma")
}


NORMS = {
    "1": "1", "2": "2", "F": "F", "*": "*", "fro": "F", "nuc": "*", "inf": "max", "infty": "max", "∞": "max", "max": "max",
    "1,1": "1", "2,2": "F",
}  # fmt: skip
"""The words that say which norm is meant, and the norms; a number or name beside them is the p of a p-norm."""


def is_greek_command(text: str) -> bool:
    """Whether a text is a Greek letter as LaTeX writes it.

    >>> is_greek_command("\\\\lambda"), is_greek_command("\\\\b")
    (True, False)
    """
    return text in _COMMANDS


def canonical_name(text: str) -> str:
    """The one spelling of a name: Greek letters spelled out, subscript digits and fancy letters plain.

    >>> canonical_name("λ"), canonical_name("W₁"), canonical_name("Δx")
    ('lambda', 'W1', 'Deltax')
    """
    if text.isascii() and not text.startswith("\\"):
        return text
    text = text.removeprefix("\\var").removeprefix("\\")
    return "".join(GREEK.get(char, char) for char in unicodedata.normalize("NFKC", text))


def odd_character(text: str) -> int | None:
    """Where a name has a character that is neither letter nor digit nor mark, such as ½; None if nowhere.

    >>> odd_character("x½"), odd_character("x̂₁")
    (1, None)
    """
    if text.isascii():
        return None
    for i, char in enumerate(text):
        if not (char.isascii() or char.isalpha() or char.isdecimal() or "₀" <= char <= "₉" or "̀" <= char <= "ͯ"):
            return i
    return None
