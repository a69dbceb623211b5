"""What the declarations say: shapes, kinds, properties, functions and the names of dimensions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from matcalc.dims import Shape, dim_names, show_shape
from matcalc.errors import DeclarationError, NameClash
from matcalc.syntax import Declaration, Definition, FunctionShape, dimension_of
from matcalc.syntax.declarations import SQUARE

__all__ = ["AbstractFunction", "Names", "read_declarations"]


@dataclass(frozen=True, slots=True)
class AbstractFunction:
    """A declared function such as f: m×p -> scalar; where only a kind was given, the shape is None.

    kinds: "scalar", "vector", "row" or "matrix" of each argument, then of the value.
    """

    domain: tuple[Shape | None, ...]
    codomain: Shape | None
    kinds: tuple[str, ...]


@dataclass(slots=True)
class Names:
    """What is known of names before the formula is read; `dims` grows with eye(n) and the like.

    families: of x_i, declared as rows of X, what they are and of what: {"x": ("rows", "X")}.
    """

    shapes: dict[str, Shape] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    properties: dict[str, tuple[str, ...]] = field(default_factory=dict)
    generic: set[str] = field(default_factory=set)
    abstract: dict[str, AbstractFunction] = field(default_factory=dict)
    definitions: list[Definition] = field(default_factory=list)
    dims: set[str] = field(default_factory=set)
    families: dict[str, tuple[str, str]] = field(default_factory=dict)

    def is_function(self, name: str) -> bool:
        """Whether the name is declared a function, elementwise or abstract."""
        return name in self.generic or name in self.abstract

    def is_square(self, name: str) -> bool:
        """Whether a declared property says that a matrix is square."""
        return not SQUARE.isdisjoint(self.properties.get(name, ()))


def read_declarations(declarations: Sequence[Declaration | Definition], dims: Iterable[str] = ()) -> Names:
    """The names that are declared.

    Raises: DeclarationError for a name declared twice, or a square property of a matrix that is not.
    """
    names = Names()
    seen: set[str] = set()
    for entry in declarations:
        for name in entry.names if isinstance(entry, Declaration) else (entry.name,):
            if name in seen:
                raise DeclarationError(f"{name} is declared twice", span=entry.span, hint="keep one of the two")
            seen.add(name)
            if isinstance(entry, Declaration):
                _read(name, entry, names)
        if isinstance(entry, Definition):
            names.definitions.append(entry)
    names.dims = {n for shape in _shapes(names) for d in shape for n in dim_names(d)} | set(dims)
    for name in names.generic | set(names.abstract):
        if name in names.dims:
            raise NameClash(f"{name} is declared a function and is a dimension too", hint="rename one of them")
    return names


def _read(name: str, entry: Declaration, names: Names) -> None:
    if entry.kind in ("rows", "columns"):
        names.families[name.rpartition("_")[0]] = (entry.kind, entry.properties[0])
    elif entry.kind == "elementwise":
        names.generic.add(name)
    elif entry.kind == "function":
        assert entry.codomain is not None
        sides = (*entry.domain, entry.codomain)
        shapes = [_shape(side) for side in sides]
        kinds = tuple("scalar" if side.kind == "integer" else side.kind for side in sides)
        names.abstract[name] = AbstractFunction(tuple(shapes[:-1]), shapes[-1], kinds)
    else:
        whole = ("integer",) if entry.kind == "integer" and "integer" not in entry.properties else ()
        names.properties[name] = (*entry.properties, *whole)
        names.kinds[name] = entry.kind
        shape = _shape(FunctionShape(entry.kind, entry.dims, entry.span))
        if shape is None:
            return
        names.shapes[name] = shape
        if names.is_square(name) and shape[0] != shape[1]:
            property_ = next(p for p in entry.properties if p in SQUARE)
            raise DeclarationError(
                f"{name} is declared {show_shape(shape)}, and {property_} says that it is square",
                span=entry.span,
                hint=f"declare {name}: n×n {property_}",
            )


def _shape(side: FunctionShape) -> Shape | None:
    if side.dims is not None:
        return (dimension_of(side.dims[0]), dimension_of(side.dims[1]))
    return (1, 1) if side.kind in ("scalar", "integer") else None


def _shapes(names: Names) -> Iterable[Shape]:
    yield from names.shapes.values()
    for f in names.abstract.values():
        yield from (shape for shape in (*f.domain, f.codomain) if shape is not None)
