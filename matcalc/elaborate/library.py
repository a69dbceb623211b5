"""The functions of ``rules/definitions.rules``, which are written out where they are used."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from matcalc.errors import RuleError
from matcalc.resources import resource, table_lines

__all__ = ["Defined", "find_defined", "library_names", "read_defined"]

FILE = "definitions.rules"
AXIS = "axis"

_LINE = re.compile(r"(?P<name>\w+)\((?P<params>\w+(?:,\s*\w+)*)\)\s*=\s*(?P<body>\S.*?)\s*$")


@dataclass(frozen=True, slots=True)
class Defined:
    """A line of the table: its parameters but for the axis, whether it takes one, and its body as text."""

    name: str
    params: tuple[str, ...]
    has_axis: bool
    text: str

    def body(self, axis: int | None) -> str:
        """The body for an axis: sum(x, axis) becomes sum(x) or sum(x, 0).

        >>> find_defined("rms", 1).body(0)
        'sqrt(mean(x.^2, 0))'
        """
        return re.sub(rf",\s*{AXIS}\b", "" if axis is None else f", {axis}", self.text)


def read_defined(text: str, file: str = FILE) -> Iterator[Defined]:
    """The functions of a file, one a line.

    Raises: RuleError with file and line.
    """
    for number, line in table_lines(text):
        found = _LINE.match(line)
        if found is None:
            raise RuleError("a definition reads name(arguments) = formula", file=file, line=number)
        names = tuple(re.split(r",\s*", found["params"]))
        yield Defined(found["name"], tuple(n for n in names if n != AXIS), AXIS in names, found["body"])


@lru_cache(maxsize=1)
def _table() -> dict[tuple[str, int], Defined]:
    text = resource("rules").joinpath(FILE).read_text(encoding="utf-8")
    table: dict[tuple[str, int], Defined] = {}
    for d in read_defined(text):
        for count in (len(d.params), len(d.params) + 1) if d.has_axis else (len(d.params),):
            if (d.name, count) in table:
                raise RuleError(f"{d.name} of {count} is given twice", file=FILE, line=0)
            table[d.name, count] = d
    return table


def find_defined(name: str, count: int) -> Defined | None:
    """The definition of a function for a number of arguments, or None."""
    return _table().get((name, count))


@lru_cache(maxsize=1)
def library_names() -> frozenset[str]:
    """The names of all functions here."""
    return frozenset(name for name, _ in _table())
