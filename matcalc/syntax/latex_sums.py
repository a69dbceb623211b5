r"""The indices of sums in LaTeX: \sum_{i,j}, \sum_{i=1}^n, \sum_{i \in [n]}."""

from __future__ import annotations

from matcalc.syntax.latex_tokens import Token, Tokens, words_of

__all__ = ["SUMS", "read_indices", "summed_letters"]

SUMS = {r"\sum": "sum", r"\prod": "prod", "∑": "sum", "∏": "prod"}
PLAIN = r"a plain range is \sum_i, \sum_{i,j}, \sum_{i=1}^n or \sum_{i \in [n]}"


def summed_letters(tokens: list[Token]) -> frozenset[str]:
    """The letters that are indices of a sum somewhere in a formula."""
    found: set[str] = set()
    for at, t in enumerate(tokens[:-2]):
        if t.text in SUMS and tokens[at + 1].text == "_":
            inside = tokens[at + 2 :] if tokens[at + 2].text == "{" else tokens[at + 2 : at + 3]
            for t in inside:
                if t.text not in ("{", ",") and t.kind != "letter":
                    break
                found |= {t.text} - {"{", ","}
    return frozenset(found)


def read_indices(reader: Tokens, token: Token) -> list[tuple[str, str]]:
    r"""Read what stands below and above \sum: each index with its last value, "" where it follows from use.

    Raises: SyntaxMistake for what is no plain range.
    """
    if reader.peek().text != "_":
        raise reader.mistake(f"over what does {token.text} run?", token, PLAIN)
    reader.next()
    below = reader.group()
    reader.skip(below)
    above: list[Token] = []
    if reader.peek().text == "^":
        reader.next()
        above = reader.group()
        reader.skip(above)
    below = [t for t in below if t.text not in ("{", "}")]
    end = next((i for i, t in enumerate(below) if t.kind != "letter" and t.text != ","), len(below))
    names = [t for t in below[:end] if t.text != ","]
    rest = below[end:]
    if not names:
        raise reader.mistake("this is no index", below[0] if below else token, PLAIN)
    last = _size(reader, above)
    if rest and rest[0].text == "=":
        if words_of(rest[1:]) != ["1"]:
            raise reader.mistake("an index runs from 1", rest[0], PLAIN)
    elif rest and rest[0].text == r"\in" and not above:
        last = _size(reader, _interval(reader, rest))
    elif rest:
        raise reader.mistake("this sum runs over no plain range", rest[0], PLAIN)
    return [(t.text, last) for t in names]


def _interval(reader: Tokens, rest: list[Token]) -> list[Token]:
    r"""The end of \in [n] or \in \{1, \dots, n\}."""
    words = [t.text for t in rest]
    if words[1:2] == ["["] and words[-1] == "]":
        return rest[2:-1]
    if words[1:3] == [r"\{", "1"] and words[-1] == r"\}" and words[-3:-2] == [","]:
        return rest[-2:-1]
    raise reader.mistake("this sum runs over no plain range", rest[0], PLAIN)


def _size(reader: Tokens, tokens: list[Token]) -> str:
    """A dimension: n, 2n, n_1, n - 1."""
    shown = ""
    for t in tokens:
        if t.text in ("{", "}"):
            continue
        if t.kind not in ("letter", "number") and t.text not in ("_", "+", "-"):
            raise reader.mistake("this sum has no plain end", t, PLAIN)
        shown += "*" if shown[-1:].isalnum() and t.kind == "letter" else ""
        shown += t.text
    return shown
