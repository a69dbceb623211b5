"""Code from expressions, and functions from code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from matcalc.codegen.array_code import operator_source, tensor_source
from matcalc.codegen.numpy_code import Argument, identifier, numpy_source
from matcalc.dims import Shape
from matcalc.errors import UnsupportedError
from matcalc.expr import Expr, free_symbols
from matcalc.indices import IndexTerm

__all__ = ["Argument", "Tensor", "compile_function", "source_code"]

TARGETS = {"numpy": numpy_source}


class Tensor(NamedTuple):
    """A derivative ∂F_ij/∂X_kl: the terms of its index form, if it has one, dF, dX, and whether X's indices come first."""

    terms: Sequence[IndexTerm] | None
    change: Expr
    tangent: Expr
    turned: bool = False


def source_code(
    e: Expr,
    arguments: Sequence[Argument],
    target: str = "numpy",
    name: str = "gradient",
    blocks: tuple[Shape, Shape] | None = None,
    tensor: Tensor | None = None,
) -> str:
    """The source of a function in a target; raises UnsupportedError for an unknown target.

    With a `tensor`, a derivative of more than two indices, it is computed from that.
    """
    if target not in TARGETS:
        raise UnsupportedError(f"no code for {target}", hint=f"targets: {', '.join(TARGETS)}")
    if tensor is not None and tensor.terms is None:
        return operator_source(tensor.change, tensor.tangent, arguments, name, tensor.turned)
    if tensor is not None and tensor.terms is not None:
        shapes = tensor.change.shape, tensor.tangent.shape
        return tensor_source(tensor.terms, shapes, arguments, name, tensor.turned)
    return TARGETS[target](e, arguments, name, blocks)


def compile_function(
    e: Expr,
    arguments: Sequence[Argument] | None = None,
    target: str = "numpy",
    blocks: tuple[Shape, Shape] | None = None,
    tensor: Tensor | None = None,
) -> Callable[..., Any]:
    """A function of keyword arguments, one for every name, used or not.

    The source is the generator's own: names are identifiers, nothing of a user's text is in it.
    """
    if arguments is None:
        arguments = [Argument(n, s.shape) for n, s in free_symbols(e).items()]
    source = source_code(e, arguments, target, "compiled", blocks, tensor)
    namespace: dict[str, Any] = {}
    exec(compile(source, "<matcalc>", "exec"), namespace)
    inner = namespace["compiled"]
    wanted = inner.__code__.co_varnames[: inner.__code__.co_argcount]
    names = {identifier(a.name) for a in arguments}

    def function(**arrays: Any) -> Any:
        given = {identifier(n): value for n, value in arrays.items()}
        missing = [n for n in wanted if n not in given]
        if missing:
            raise TypeError(f"missing: {', '.join(missing)}")
        import numpy as np

        return inner(
            **{
                n: np.asarray(given[n], dtype=float) if n in names and not callable(given[n]) else given[n]
                for n in wanted
            }
        )

    function.__doc__ = source
    return function
