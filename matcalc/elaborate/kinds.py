"""Kinds: whether there is one row, and whether there is one column."""

from __future__ import annotations

from matcalc.elaborate.declared import Names

__all__ = [
    "MATRIX",
    "ROW",
    "SCALAR",
    "TRANSPOSED",
    "VECTOR",
    "WORDS",
    "along",
    "declared_kind",
    "default_kind",
    "kind_word",
]

MATRIX, ROW, VECTOR, SCALAR = 0, 1, 2, 3
"""Bit 1: one row; bit 2: one column. So `a & b` is the kind to which a and b broadcast."""

WORDS = {"scalar": SCALAR, "integer": SCALAR, "vector": VECTOR, "row": ROW, "matrix": MATRIX}
TRANSPOSED = (MATRIX, VECTOR, ROW, SCALAR)


def kind_word(kind: int) -> str:
    """The kind in words, with its article."""
    return ("a matrix", "a row", "a vector", "a scalar")[kind]


def default_kind(name: str) -> int:
    """The kind of an undeclared name: capital: matrix; a to g, and words: scalar; h to z: vector.

    >>> [kind_word(default_kind(name)) for name in ("X", "W1", "x", "y2", "b", "mu")]
    ['a matrix', 'a matrix', 'a vector', 'a vector', 'a scalar', 'a scalar']
    """
    if name[0].isupper():
        return MATRIX
    return VECTOR if len(name.rstrip("0123456789_")) == 1 and "h" <= name[0] <= "z" else SCALAR


def declared_kind(name: str, names: Names) -> int:
    """The kind of a declared name."""
    shape = names.shapes.get(name)
    return WORDS[names.kinds[name]] if shape is None else (shape[0] == 1) | (shape[1] == 1) << 1


def along(axis: int | str | None, kind: int) -> int | str | None:
    """The axis of an array of a kind: the last of a vector is its only one, over which all is added up.

    >>> along("last", MATRIX), along("last", VECTOR), along(0, MATRIX)
    (1, None, 0)
    """
    return axis if axis != "last" else None if kind & VECTOR else 1
