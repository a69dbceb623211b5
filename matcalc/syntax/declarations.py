"""From the rules of where.lark to declarations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from matcalc.errors import DeclarationError, Span
from matcalc.syntax.builder import ProgramBuilder, distinct_names, nodes_of, span_of
from matcalc.syntax.mistakes import nearest_word
from matcalc.syntax.tree import (
    Declaration,
    Definition,
    FunctionShape,
    Kind,
    Node,
    number,
)

__all__ = ["SQUARE", "Builder"]

SYNONYMS = {
    "spd": "posdef",
    "positive definite": "posdef",
    "positive semidefinite": "psd",
    "skewsymmetric": "antisymmetric",
    "skew symmetric": "antisymmetric",
    "anti symmetric": "antisymmetric",
    "lower triangular": "lower",
    "upper triangular": "upper",
}
KINDS: dict[str, Kind] = {
    "scalar": "scalar",
    "ℝ": "scalar",
    "integer": "integer",
    "vector": "vector",
    "column": "vector",
    "row": "row",
    "matrix": "matrix",
    "elementwise": "elementwise",
}
SQUARE = frozenset(
    {"symmetric", "antisymmetric", "posdef", "psd", "orthogonal", "idempotent", "stochastic"}
    | {"diagonal", "triangular", "lower", "upper", "invertible", "square"}
)
"""Properties that only a square matrix has; they alone declare one."""


@dataclass(frozen=True, slots=True)
class _Typed:
    """A shape with the properties named beside it."""

    shape: FunctionShape
    properties: tuple[str, ...] = ()


class Builder(ProgramBuilder):
    """The rules of all grammars, those of where.lark here."""

    def where(self, parts: list[Any]) -> tuple[Declaration | Definition, ...]:
        """All declarations; no name twice."""
        entries = tuple(part for part in parts if isinstance(part, (Declaration, Definition)))
        seen: set[str] = set()
        for entry in entries:
            spans = entry.name_spans if isinstance(entry, Declaration) else (entry.span,)
            names = entry.names if isinstance(entry, Declaration) else (entry.name,)
            for name, span in zip(names, spans, strict=True):
                if name in seen:
                    raise DeclarationError(
                        f"{name} is declared twice",
                        span=span,
                        hint="keep one of the two",
                    )
                seen.add(name)
        return entries

    def names(self, parts: list[Any]) -> tuple[Node, ...]:
        """`A, B` before a colon, or the parameters of a function."""
        return nodes_of(parts)

    def function_definition(self, parts: list[Any]) -> Definition:
        """`swish(t) = t*sigmoid(t)`."""
        name, body = nodes_of(parts)
        params = next((part for part in parts if isinstance(part, tuple)), ())
        return Definition(name.value, distinct_names(params), body, span_of((name, body)))

    def declaration(self, parts: list[Any]) -> Declaration:
        """`A, B: n×n symmetric`, `f: m×p -> scalar`."""
        names: tuple[Node, ...] = parts[0]
        domain, codomain = parts[-1]
        first: _Typed = domain[0]
        end = (codomain or domain[-1]).shape.span.end
        return Declaration(
            names=distinct_names(names),
            dims=None if codomain else first.shape.dims,
            kind="function" if codomain else first.shape.kind,
            properties=() if codomain else first.properties,
            span=Span(names[0].span.start, end),
            name_spans=tuple(node.span for node in names),
            domain=tuple(typed.shape for typed in domain) if codomain else (),
            codomain=codomain.shape if codomain else None,
        )

    def family(self, parts: list[Any]) -> Declaration:
        """`x_i: rows of X`."""
        (name, *others), matrix = parts[0], parts[-1]
        if others:
            hint = f"write {name.value}: rows of X, {others[0].value}: rows of Y"
            raise DeclarationError("one name has the rows of one matrix", span=others[0].span, hint=hint)
        kind: Kind = "rows" if any(str(part) == "rows" for part in parts) else "columns"
        stem, _, index = name.value.rpartition("_")
        if not stem or not index.isalpha():
            raise DeclarationError(
                f"{name.value} has no index", span=name.span, hint=f"write {name.value}_i: {kind} of {matrix.value}"
            )
        span = name.span.to(matrix.span)
        return Declaration((name.value,), None, kind, (matrix.value,), span, (name.span,))

    # ---- types

    def value_type(self, parts: list[Any]) -> tuple[list[_Typed], None]:
        """The type of a value: one shape, or rows and columns in brackets as in NumPy, `(m, n)`."""
        types = _types(parts)
        if len(types) == 1:
            return types, None
        span = types[0].shape.span.to(types[-1].shape.span)
        sizes = [typed.shape.dims for typed in types if typed.shape.kind in ("vector", "scalar")]
        if len(types) > 2 or len(sizes) < 2 or sizes[0] is None or sizes[1] is None:
            raise DeclarationError(
                "a shape has rows and columns, no more",
                span=span,
                hint="write X: m×n, x: n or r: 1×n",
            )
        dims = (sizes[0][0], sizes[1][0])
        return [_Typed(FunctionShape(_kind(dims), dims, span))], None

    def function_type(self, parts: list[Any]) -> tuple[list[_Typed], _Typed]:
        """`m×p -> scalar`, `(m×n, n) -> n`."""
        *domain, codomain = _types(parts)
        for typed in (*domain, codomain):
            if typed.properties or typed.shape.kind == "elementwise":
                raise DeclarationError(
                    "a function goes from shapes to a shape",
                    span=typed.shape.span,
                    hint="write f: m×p -> scalar; properties are declared of matrices",
                )
        return domain, codomain

    def qualified(self, parts: list[Any]) -> _Typed:
        """A shape, a word such as `scalar`, or both, with properties."""
        span = Span(_place(parts[0]).start, _place(parts[-1]).end)
        shapes = [part for part in parts if isinstance(part, FunctionShape)]
        words = [part for part in parts if not isinstance(part, FunctionShape) and part.type in ("KIND", "PROPERTY")]
        kinds = [KINDS[word.value] for word in words if word.type == "KIND"]
        names = [" ".join(word.value.replace("-", " ").split()) for word in words if word.type == "PROPERTY"]
        properties = tuple(dict.fromkeys(SYNONYMS.get(name, name) for name in names))
        if len(set(kinds)) > 1:
            raise DeclarationError(
                f"{kinds[0]} and {kinds[1]} exclude each other",
                span=span,
                hint="keep one of the two words",
            )
        shape = _combine(shapes[0] if shapes else None, kinds[0] if kinds else None, properties, span)
        unfit = [name for name in properties if name in SQUARE]
        if unfit and shape.kind != "matrix":
            raise DeclarationError(
                f"{unfit[0]} is said of a {shape.kind}",
                span=span,
                hint=f"only square matrices can be {unfit[0]}: declare n×n {unfit[0]}",
            )
        return _Typed(shape, properties)

    def whole(self, parts: list[Any]) -> Node:
        """A number in a shape, which counts rows or columns."""
        node = self.number(parts)
        if node.value.denominator != 1 or not node.value:
            raise DeclarationError(
                "a dimension is a whole number, 1 or more",
                span=node.span,
                hint="write 3 or n; a constant is declared t: scalar",
            )
        return node

    def vector_shape(self, parts: list[Any]) -> FunctionShape:
        """`n`: a column vector."""
        span = span_of(parts)
        size = nodes_of(parts)[-1]
        if size.head == "name" and len(parts) == 1:
            _refuse_near_word(size)
        dims = (size, number(1, span))
        return FunctionShape(_kind(dims), dims, span)

    def matrix_shape(self, parts: list[Any]) -> FunctionShape:
        """`m×n`."""
        rows, columns = nodes_of(parts)
        return FunctionShape(_kind((rows, columns)), (rows, columns), span_of(parts))


def _types(parts: list[Any]) -> list[_Typed]:
    """The types among the children; a shape in brackets is one without properties."""
    return [
        part if isinstance(part, _Typed) else _Typed(part)
        for part in parts
        if isinstance(part, (_Typed, FunctionShape))
    ]


def _place(part: Any) -> Span:
    return part.span if isinstance(part, FunctionShape) else Span(part.start_pos, part.end_pos)


def _refuse_near_word(size: Node) -> None:
    """Refuse `t: scaler` and `X: float`, which would declare vectors of length scaler and float."""
    word = nearest_word(size.text)
    if word is not None:
        raise DeclarationError(
            f"{size.text} is read as the length of a vector",
            span=size.span,
            hint=f"did you mean {word}? for a vector of that length write {size.text}×1",
        )


def _is_one(node: Node) -> bool:
    return node.head == "number" and node.value == 1


def _kind(dims: tuple[Node, Node]) -> Kind:
    rows, columns = _is_one(dims[0]), _is_one(dims[1])
    if rows and columns:
        return "scalar"
    return "vector" if columns else "row" if rows else "matrix"


def _combine(
    shape: FunctionShape | None,
    kind: Kind | None,
    properties: tuple[str, ...],
    span: Span,
) -> FunctionShape:
    """The kind and dims that shape, word and properties say together."""
    if shape is None:
        if kind is None and not SQUARE.isdisjoint(properties):
            kind = "matrix"
        if kind is None:
            raise DeclarationError(
                f"{properties[0]} alone is no shape",
                span=span,
                hint=f"write scalar {properties[0]}, or a shape",
            )
        return FunctionShape(kind, None, span)
    assert shape.dims is not None
    if kind == "row" and shape.kind == "vector":
        dims = (shape.dims[1], shape.dims[0])
        return FunctionShape("row", dims, span)
    if kind not in (None, "matrix", shape.kind):
        raise DeclarationError(
            f"a {kind} has no such shape",
            span=span,
            hint="write the shape alone: x: n is a vector, r: 1×n a row, X: m×n a matrix, t: scalar a number",
        )
    if kind == "matrix" and shape.kind == "vector" and _is_one(shape.dims[1]) and shape.dims[1].span == shape.span:
        raise DeclarationError(
            "a matrix has rows and columns",
            span=span,
            hint="write m×n, m x n or m by n",
        )
    return FunctionShape(shape.kind, shape.dims, span)
