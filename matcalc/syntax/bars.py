"""Which way each bar of `||a - ||b|| c||` faces, and whether a run such as `|||` begins with `|` or with `||`.

A bar after an operand closes the innermost bar that is open, if it can; any other bar opens. That reads nearly all
formulas at once. Where it ends in a contradiction, as in `||x|-|y||`, the decisions are revised, latest first.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Bar", "Piece", "direct_bars", "follow_first_choices"]


BARS = frozenset(("bars", "single", "double"))


class Piece(NamedTuple):
    """A part of the text, as coarse as bars need it.

    kind: "operand", "number", "postfix", "open", "close", "sign", "operator", "separator", "colon", or for bars
          "bars" (a run of `|`), "single" (∣), "double" (‖).
    """

    kind: str
    start: int
    end: int


class Bar(NamedTuple):
    """A bar with its direction; size 2 is a norm's, 1 an absolute value's."""

    start: int
    end: int
    size: int
    opens: bool


class _Stack(NamedTuple):
    """What is open: a bar (size 1 or 2) or a bracket (0). Linked, so that going back costs nothing."""

    size: int
    below: _Stack | None


class _Choice(NamedTuple):
    """A point to come back to: the state before a bar, and the options not yet tried."""

    place: int
    offset: int
    stack: _Stack | None
    kept: int
    options: tuple[tuple[bool, int], ...]


def direct_bars(pieces: list[Piece]) -> list[Bar] | None:
    """The first reading of all bars in which every bar is closed and has an operand in front where it needs one.

    Returns None if there is no such reading, or none is found within a number of steps linear in the text.

    >>> [bar.size for bar in direct_bars([Piece("bars", 0, 3), Piece("operand", 3, 4), Piece("bars", 4, 7)])]
    [2, 1, 1, 2]
    """
    strokes = sum(piece.end - piece.start for piece in pieces if piece.kind in ("bars", "single"))
    if strokes % 2:
        return None
    plausible = _search(pieces, plausible=True)
    return _search(pieces, plausible=False) if plausible is None else plausible


def _search(pieces: list[Piece], *, plausible: bool) -> list[Bar] | None:
    """Depth first through all readings, or only through those where no `x|-y|` is a product of x and |-y|."""
    bars: list[Bar] = []
    choices: list[_Choice] = []
    place, offset, after, stack = 0, 0, False, None
    for _ in range(20_000 + 4 * len(pieces)):
        step = None
        if place == len(pieces):
            if stack is None and (after or pieces[-1].kind == "separator"):
                return bars
        elif pieces[place].kind in BARS:
            options = _options(pieces[place], offset, after, stack)
            if plausible and after and place + 1 < len(pieces) and pieces[place + 1].kind == "sign":
                options = tuple(option for option in options if not option[0])
            choices.append(_Choice(place, offset, stack, len(bars), options))
        else:
            step = _advance(pieces, place, after, stack)
        if step is not None:
            (after, stack), place, offset = step, place + 1, 0
            continue
        while choices and not choices[-1].options:
            choices.pop()
        if not choices:
            return None
        place, offset, stack, kept, options = choices[-1]
        choices[-1] = choices[-1]._replace(options=options[1:])
        opens, size = options[0]
        bar = _cut(pieces[place], offset, size, opens)
        bars[kept:] = [bar]
        stack = _Stack(size, stack) if opens else stack and stack.below
        after = not opens
        place, offset = (place + 1, 0) if bar.end == pieces[place].end else (place, offset + size)
    return None


def follow_first_choices(pieces: list[Piece]) -> tuple[list[Bar], Bar | None]:
    """All bars by first choice, however it ends, and the innermost bar that then stays open.

    It gives a formula that is wrong for another reason to the parser, which finds that reason.
    """
    bars: list[Bar] = []
    stack: list[Bar | None] = []
    after, unclosed = False, None
    for piece in pieces:
        if piece.kind in BARS:
            end = piece.start
            while end < piece.end:
                top = stack[-1] if stack else None
                linked = _Stack(top.size, None) if top else None
                opens, size = _options(piece, end - piece.start, after, linked)[0]
                bars.append(_cut(piece, end - piece.start, size, opens))
                end = bars[-1].end
                if opens:
                    stack.append(bars[-1])
                else:
                    stack.pop()
                after = not opens
            continue
        after = piece.kind in ("operand", "number", "postfix", "close")
        if piece.kind == "open":
            stack.append(None)
        elif piece.kind == "close":
            while stack and (top := stack.pop()) is not None:
                unclosed = unclosed or top
    still_open = [bar for bar in stack if bar is not None]
    return bars, unclosed or (still_open[-1] if still_open else None)


def _options(piece: Piece, offset: int, after: bool, stack: _Stack | None) -> tuple[tuple[bool, int], ...]:
    """What the next bar of a run may be, best first: (opens, size)."""
    if piece.kind == "bars":
        sizes = (2, 1) if piece.end - piece.start - offset >= 2 else (1,)
    else:
        sizes = (2,) if piece.kind == "double" else (1,)
    opening = tuple((True, size) for size in sizes)
    if after and stack is not None and stack.size in sizes:
        return ((False, stack.size), *opening)
    return opening


def _cut(piece: Piece, offset: int, size: int, opens: bool) -> Bar:
    """The bar of that size at an offset in a run."""
    start = piece.start + offset
    return Bar(start, start + size if piece.kind == "bars" else piece.end, size, opens)


def _advance(pieces: list[Piece], place: int, after: bool, stack: _Stack | None) -> tuple[bool, _Stack | None] | None:
    """Whether an operand is complete, and what is open, behind a piece that is no bar; None if it does not fit."""
    kind = pieces[place].kind
    before = pieces[place - 1].kind if place else ""
    ended = after or before in ("open", "colon")
    if kind == "operand":
        return True, stack
    if kind == "number":
        return None if after else (True, stack)
    if kind == "postfix":
        return (True, stack) if after else None
    if kind == "open":
        return False, _Stack(0, stack)
    if kind == "close":
        return (True, stack.below) if ended and stack is not None and stack.size == 0 else None
    if kind in ("sign", "colon"):
        return False, stack
    if kind == "separator" and (not ended or (stack is not None and stack.size)):
        return None
    return (False, stack) if ended else None
