"""Which `<` and `>` compare, and which are the brackets of an inner product `<A, B>`."""

from __future__ import annotations

from collections.abc import Sequence

from matcalc.syntax.bars import Piece

__all__ = ["COMPARISONS", "with_comparisons"]

COMPARISONS = {"<": "\ue005", ">": "\ue006", "<=": "\ue007", ">=": "\ue008"}
"""The private characters of expression.lark."""

COMPLETE = frozenset(("operand", "number", "postfix", "close", "bars", "double", "single"))
BEGINNING = frozenset(("operand", "number", "open", "command"))


def with_comparisons(text: str, pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces, with `compare` for the kind of each `<` and `>` that is no bracket.

    A `<` where an operand begins is a bracket. Behind an operand it is one if a `>` closes it after a single comma, with
    no operand behind: `2<A, B>`, but not `where(x < a, b, c)`.

    >>> piece = lambda kind, at: Piece(kind, at, at + 1)
    >>> [p.kind for p in with_comparisons("x>a", [piece("operand", 0), piece("close", 1), piece("operand", 2)])]
    ['operand', 'compare', 'operand']
    """
    found = list(pieces)
    opened: list[tuple[int, bool, int]] = []  # the place of a bracket, whether it may be a comparison, commas in it
    for i, piece in enumerate(pieces):
        word = text[piece.start : piece.end]
        if piece.kind == "open":
            doubtful = word == "<" and i > 0 and pieces[i - 1].kind in COMPLETE
            opened.append((i, doubtful, 0))
        elif word == "," and opened:
            opened[-1] = (*opened[-1][:2], opened[-1][2] + 1)
        elif piece.kind == "close":
            if word == ">" and not _closes(text, pieces, i, opened):
                found[i] = piece._replace(kind="compare")
                continue
            while word != ">" and opened and opened[-1][1]:
                _compared(found, opened)
            if opened:
                opened.pop()
    while opened:
        if opened[-1][1]:
            _compared(found, opened)
        else:
            opened.pop()
    return found


def _closes(text: str, pieces: Sequence[Piece], i: int, opened: list[tuple[int, bool, int]]) -> bool:
    """Whether a `>` closes the innermost bracket."""
    if not opened or text[pieces[opened[-1][0]].start] != "<":
        return False
    _, doubtful, commas = opened[-1]
    behind = pieces[i + 1].kind if i + 1 < len(pieces) else ""
    return not doubtful or (commas == 1 and behind not in BEGINNING)


def _compared(found: list[Piece], opened: list[tuple[int, bool, int]]) -> None:
    """The innermost `<` is a comparison; its commas are those of the bracket around it."""
    at, _, commas = opened.pop()
    found[at] = found[at]._replace(kind="compare")
    if opened:
        opened[-1] = (*opened[-1][:2], opened[-1][2] + commas)
