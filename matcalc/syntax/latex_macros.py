r"""Commands that a text defines itself, \newcommand{\tr}{\operatorname{tr}}, written out where they are used."""

from __future__ import annotations

import re
from typing import NamedTuple

from matcalc.errors import LimitError

__all__ = ["written_out"]

DEEPEST = 20
"""Commands that are defined by others, which are defined by others …"""
LONGEST = 200_000
"""Characters that are put for commands at a time."""

_DEFINES = re.compile(r"\\(?P<how>(?:re|provide)?newcommand|DeclareMathOperator|def)\*?(?![A-Za-z])\s*")
_NAME = re.compile(r"\{\s*(\\[A-Za-z]+)\s*\}|(\\[A-Za-z]+)")
_COUNT = re.compile(r"\s*\[\s*(\d)\s*\]|\s*((?:#\d)+)")
_DEFAULT = re.compile(r"\s*\[([^\[\]]*)\]")
_COMMENT = re.compile(r"(?<!\\)%[^\n]*")


class _Macro(NamedTuple):
    """What a command stands for, with #1, #2 for its arguments; the first may have a value if it is left out."""

    arguments: int
    body: str
    default: str | None = None


def written_out(text: str) -> str:
    r"""A text without its definitions of commands, each use of which is replaced; lines keep their numbers.

    Raises: LimitError for definitions that never end or grow too large.

    >>> written_out(r"\newcommand{\E}[2]{\frac{#1}{#2}}\E{a}{b}\E ab")
    '\\frac{a}{b}\\frac{a}{b}'
    """
    if _DEFINES.search(text) is None:
        return text
    macros, text = _definitions(text)
    if not macros:
        return text
    used = re.compile(r"\\(?:" + "|".join(n[1:] for n in sorted(macros, reverse=True)) + r")(?![A-Za-z])")
    for _ in range(DEEPEST):
        if used.search(text) is None:
            return text
        text = _replaced(text, used, macros)
    raise LimitError(f"commands are defined by each other more than {DEEPEST} times", limit=DEEPEST)


def _definitions(text: str) -> tuple[dict[str, _Macro], str]:
    """What is defined, and the text with blank lines for it."""
    macros: dict[str, _Macro] = {}
    kept: list[str] = []
    place = 0
    comments = [found.span() for found in _COMMENT.finditer(text)]
    for found in _DEFINES.finditer(text):
        if found.start() < place or any(a < found.start() < b for a, b in comments):
            continue
        name = _NAME.match(text, found.end())
        if name is None:
            continue
        at, count, default = name.end(), 0, None
        counted = _COUNT.match(text, at)
        if counted is not None:
            at, count = counted.end(), int(counted[1] or len(counted[2]) // 2)
            given = _DEFAULT.match(text, at) if counted[1] else None
            at, default = (at, None) if given is None else (given.end(), given[1])
        body, end = _argument(text, at)
        if end == at:
            continue
        operator = found["how"] == "DeclareMathOperator"
        body = rf"\operatorname{{{body}}}" if operator else body
        macros[name[1] or name[2]] = _Macro(count, body.replace("\n", " "), default)
        kept += [text[place : found.start()], "\n" * text.count("\n", found.start(), end)]
        place = end
    return macros, "".join([*kept, text[place:]])


def _argument(text: str, at: int) -> tuple[str, int]:
    """The group in braces or the single token that comes next, and its end."""
    while at < len(text) and text[at].isspace():
        at += 1
    if text[at : at + 1] != "{":
        found = re.compile(r"\\[A-Za-z]+|\\.|.").match(text, at)
        return (found[0], found.end()) if found else ("", at)
    depth = 0
    for brace in re.compile(r"(?<!\\)[{}]").finditer(text, at):
        depth += 1 if brace[0] == "{" else -1
        if depth == 0:
            return text[at + 1 : brace.start()], brace.end()
    return "", at


def _replaced(text: str, used: re.Pattern[str], macros: dict[str, _Macro]) -> str:
    """The text with each outermost use replaced; lines that are lost with arguments follow as blank ones."""
    pieces: list[str] = []
    place = size = 0
    for found in used.finditer(text):
        if found.start() < place:
            continue
        if size > LONGEST:
            raise LimitError("the commands that are defined grow too large", limit=LONGEST, found=size)
        macro, at = macros[found[0]], found.end()
        values: list[str] = []
        for i in range(macro.arguments):
            given = _DEFAULT.match(text, at) if i == 0 and macro.default is not None else None
            if i == 0 and macro.default is not None:
                value, at = (macro.default, at) if given is None else (given[1], given.end())
            else:
                value, at = _argument(text, at)
            values.append(value.replace("\n", " "))
        body = re.split(r"#(\d)", macro.body)  # every second one is the number of an argument
        body[1::2] = [values[int(n) - 1] if 0 < int(n) <= len(values) else "" for n in body[1::2]]
        pieces += [text[place : found.start()], *body, "\n" * text.count("\n", found.start(), at)]
        place = at
        size += sum(map(len, body))
    return "".join([*pieces, text[place:]])
