"""NumPy code for derivatives of three or four indices, ∂F_ij/∂X_kl; no Kronecker matrix is made."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence

from matcalc import algebra
from matcalc.codegen.numpy_code import ATOM, POWER, Argument, Code, Generator, identifier
from matcalc.dims import DimLike, Shape
from matcalc.expr import Expr
from matcalc.indices import Factor, IndexTerm, indices_of

__all__ = ["operator_source", "tensor_source"]


def tensor_source(
    terms: Sequence[IndexTerm], shapes: tuple[Shape, Shape], arguments: Sequence[Argument], name: str, turned: bool
) -> str:
    """The source of a function that computes ∂F_ij/∂X_kl from its index form.

    Args:
        terms: sums of products of entries.
        shapes: of F and X.
        arguments, name: as for `numpy_source`.
        turned: whether the indices of X come first.
    """
    roots = [e for t in terms for e in (*t.scalars, *(f.of for f in t.factors))]
    generator = Generator(roots, arguments)
    generator.emit_shared([])
    for e, count in Counter(roots).items():
        code = generator.expression(e)
        if count > 1 and not code.text.isidentifier():
            generator.code[e] = generator.named(code)
    return generator.function(name, _einsums(generator, terms, shapes, turned))


def operator_source(value: Expr, tangent: Expr, arguments: Sequence[Argument], name: str, turned: bool) -> str:
    """The source of a function that computes ∂F_ij/∂X_kl from the differential dF, for one entry of dX after the other.

    Args:
        value, tangent: dF and dX.
        arguments, name, turned: as for `tensor_source`.
    """
    generator = Generator([value], arguments)
    dx = identifier(tangent.name)
    generator.taken.add(dx)
    generator.emit_shared([value])
    change = generator.expression(value).text
    array, letters = generator.free_name("array"), [generator.free_name(c) for c in "kl"[: _rank(tangent.shape)]]
    moving, inside, outside = {dx}, [], []
    for line in generator.lines:
        word, _, code = line.partition(" = ")
        if moving & set(re.findall(r"\w+", code)):
            moving.add(word)
            inside.append(line)
        else:
            outside.append(line)
    one = [generator.size(d) for d in tangent.shape if d != 1]
    other = [generator.size(d) for d in value.shape if d != 1]
    sizes, at = _size(one), ", ".join(letters)
    generator.lines = [
        *outside,
        f"{array} = np.zeros({_size([*one, *other] if turned else [*other, *one])})",
        f"for {at} in range({sizes}):" if len(letters) == 1 else f"for {at} in np.ndindex{sizes}:",
        f"    {dx} = np.zeros({sizes})",
        f"    {dx}[{at}] = 1",
        *(f"    {line}" for line in inside),
        f"    {array}[{f'{at}, ...' if turned else f'..., {at}'}] = {change}",
    ]
    return generator.function(name, array + _row_axes((value.shape, tangent.shape), turned))


def _size(words: Sequence[str]) -> str:
    """The size of an array as NumPy takes it."""
    return words[0] if len(words) == 1 else f"({', '.join(words)})"


def _rank(shape: Shape) -> int:
    """How many indices an array of a shape has."""
    return sum(d != 1 for d in shape)


def _row_axes(shapes: tuple[Shape, Shape], turned: bool) -> str:
    """What gives rows, which are 1-D in the code, their two axes in an array F.shape + X.shape."""
    rows = [s[0] == 1 and s[1] != 1 for s in shapes]
    if not any(rows):
        return ""
    axes = [", ".join(["None"] * row + [":"] * _rank(s)) for row, s in zip(rows, shapes, strict=True)]
    return f"[{', '.join(a for a in (axes[::-1] if turned else axes) if a)}]"


def _einsums(generator: Generator, terms: Sequence[IndexTerm], shapes: tuple[Shape, Shape], turned: bool) -> str:
    """The sum of the terms, each an einsum."""
    (i, j), (k, l) = indices_of(shapes[0], ("i", "j")), indices_of(shapes[1], ("k", "l"))
    named = zip((i, j, k, l), (*shapes[0], *shapes[1]), strict=True)
    free: dict[str, DimLike] = {n: size for n, size in named if n is not None}
    out = [n for n in ((k, l, i, j) if turned else (i, j, k, l)) if n is not None]
    words = [_einsum(generator, t, free, out) for t in terms]
    zeros = f"np.zeros({_size([generator.size(free[n]) for n in out])})"
    total = " + ".join(words).replace("+ -", "- ") or zeros
    row_axes = _row_axes(shapes, turned)
    return f"({total}){row_axes}" if row_axes else total


def _einsum(generator: Generator, term: IndexTerm, free: dict[str, DimLike], out: Sequence[str]) -> str:
    """One term: entries and deltas by their indices."""
    sizes = {**free, **term.bound}
    letters = {n: chr(ord("a") + at) for at, n in enumerate(sizes)}
    operands = [_operand(generator, f, letters) for f in term.factors]
    for a, b in term.deltas:
        eye = f"np.eye({generator.size(sizes[a])})"
        operands.append((letters[a], f"{eye}[{int(b) - 1}]") if b not in letters else (letters[a] + letters[b], eye))
    seen = "".join(n for n, _ in operands)
    operands += [(letters[n], f"np.ones({generator.size(sizes[n])})") for n in out if letters[n] not in seen]
    pattern = ",".join(n for n, _ in operands) + "->" + "".join(letters[n] for n in out)
    optimize = ", optimize=True" if len(operands) > 2 and term.bound else ""
    call = f"np.einsum('{pattern}', {', '.join(code for _, code in operands)}{optimize})"
    scalar = generator.expression(algebra.mul(*term.scalars)) if term.scalars else Code("1")
    return call if scalar.text == "1" else f"-{call}" if scalar.text == "-1" else f"{scalar.at(POWER)} * {call}"


def _operand(generator: Generator, factor: Factor, letters: Mapping[str, str]) -> tuple[str, str]:
    """The letters and the code of a factor; an index that is a number is taken out."""
    code = generator.expression(factor.of)
    if all(n in letters for n in factor.indices):
        return "".join(letters[n] for n in factor.indices), code.text
    at = ", ".join(":" if n in letters else str(int(n) - 1) for n in factor.indices)
    return "".join(letters[n] for n in factor.indices if n in letters), f"{code.at(ATOM)}[{at}]"
