"""Entries of rule files as text: what stands in which line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from matcalc.errors import RuleError

__all__ = ["Entry", "read_entries"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a rule file as text: its kind, name, title, fields with their lines, and where it stands."""

    kind: str
    name: str
    title: str
    fields: tuple[tuple[str, str, int], ...]
    file: str
    line: int
    text: str

    def get(self, key: str) -> str:
        """The first value of a field, or an empty text."""
        return next((value for k, value, _ in self.fields if k == key), "")

    def line_of(self, key: str) -> int:
        """The line of a field."""
        return next((line for k, _, line in self.fields if k == key), self.line)


_HEADER = re.compile(r"(?P<kind>rule|rewrite)\s+(?P<name>\w+)\s*(?P<rest>.*)$")
_FIELD = re.compile(
    r"\s+(?P<key>pattern|shapes|pullback \w+|priority|definition|example|source|note|lemma|unproved)\s+(?P<value>.*)$"
)


def read_entries(text: str, file: str) -> Iterator[Entry]:
    """The entries of a rule file; the elementwise functions of a file are left to functions.py.

    Raises: RuleError with file and line.
    """
    lines = text.splitlines()
    starts = [i for i, line in enumerate(lines) if line and not line[0].isspace() and not line.startswith("#")]
    lost = next((i for i, line in enumerate(lines) if line.strip() and not line.lstrip().startswith("#")), len(lines))
    if lost < min(starts, default=len(lines)):
        raise RuleError("an entry begins with rule or rewrite, without a blank before it", file=file, line=lost + 1)
    for at, end in zip(starts, [*starts, len(lines)][1:], strict=True):
        header = _HEADER.match(lines[at])
        if header is None:
            hint = "a function of your own stands in the formula: h(x) = log(1 + x^2); sum(h(A*x))"
            is_function = re.match(r"\w+\(\w+\)", lines[at])
            raise RuleError(
                "an entry begins with rule or rewrite", file=file, line=at + 1, hint=hint if is_function else None
            )
        body = [
            (i, line)
            for i, line in enumerate(lines[at + 1 : end], at + 2)
            if line.strip() and not line.lstrip().startswith("#")
        ]
        fields: list[tuple[str, str, int]] = []
        rest = header["rest"]
        if header["kind"] == "rewrite":
            left, arrow, right = rest.partition("=>")
            right, _, shapes = right.partition(" where ")
            if not arrow:
                raise RuleError("a rewrite reads left => right", file=file, line=at + 1)
            fields = [
                ("left", left.strip(), at + 1),
                ("right", right.strip(), at + 1),
                ("shapes", shapes.strip(), at + 1),
            ]
            rest = ""
        for i, line in body:
            found = _FIELD.match(line)
            if found is None:
                raise RuleError(f"not a field of an entry: {line.strip()}", file=file, line=i)
            fields.append((found["key"], found["value"].strip(), i))
        whole = "\n".join([lines[at], *(line for _, line in body)])
        yield Entry(header["kind"], header["name"], rest.strip().strip('"'), tuple(fields), file, at + 1, whole)
