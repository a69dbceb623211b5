"""From SymPy: matrix expressions and scalar formulas become ours, node by node."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeAlias

from matcalc import algebra
from matcalc.dims import Dim, DimLike, Shape
from matcalc.elaborate.words import is_known
from matcalc.errors import NameClash, UnsupportedError
from matcalc.expr import Expr
from matcalc.functions import find_function

__all__ = ["Reader", "from_sympy"]

PRIME = "_prime"
"""What stands behind the name of a generic function in SymPy for each derivative."""

NAMES = {"Abs": "abs", "Heaviside": "step", "loggamma": "lgamma"}
POLYGAMMA = ("digamma", "trigamma")
MATRIX_FUNCTIONS = {"exp": "expm", "log": "logm"}
"""What SymPy's functions of a whole matrix are here."""

HINTS = {
    "Sum": "x.T*A*x is read as a scalar; (x.T*A*x)[0, 0] is a sum over indices in SymPy",
    "Adjoint": "matrices are real here: write X.T",
    "conjugate": "matrices are real here",
    "ImmutableDenseMatrix": "write a MatrixSymbol for a constant matrix",
    "MutableDenseMatrix": "write a MatrixSymbol for a constant matrix",
}

Scope: TypeAlias = int


def from_sympy(expression: Any) -> Expr:
    """A SymPy expression as ours: symbolic sizes become names of dimensions, 1×1 matrices scalars; all is real.

    Args:
        expression: of matrix symbols, products, sums, powers, transposes, inverses, traces, determinants, entrywise
            products, powers and functions (applyfunc), Kronecker products, blocks, entries, and scalars made of these.

    Raises: UnsupportedError, naming the class, for what has no counterpart; NameClash for two symbols of one name.

    >>> from sympy import MatrixSymbol, Trace, symbols
    >>> m, n = symbols("m n")
    >>> A, X = MatrixSymbol("A", n, m), MatrixSymbol("X", m, n)
    >>> f = from_sympy(Trace(A * X) ** 2)
    >>> f
    tr(A·X)²
    >>> import matcalc
    >>> matcalc.derive(f, "X")
    2·tr(A·X)·Aᵀ
    """
    return Reader().read(expression)


class Reader:
    """Reads one expression. `given` holds symbols whose meaning is known.

    An applyfunc's formula is read in a scope of its own, in which its parameter is the array that it is applied to.
    """

    def __init__(self, given: Mapping[Any, Expr] | None = None) -> None:
        import sympy
        from sympy.matrices.expressions import applyfunc, matexpr
        from sympy.matrices.expressions import slice as slices

        self.sympy = s = sympy
        self.applied, self.element, self.slice = (
            applyfunc.ElementwiseApplyFunction,
            matexpr.MatrixElement,
            slices.MatrixSlice,
        )
        self.scopes: list[dict[Any, Expr]] = [dict(given or {})]
        self.names: dict[str, Any] = {}
        self.dims: set[Any] = set()
        self.done: dict[tuple[Any, Scope], Expr] = {}
        self.inner: dict[tuple[Any, Scope], Scope] = {}
        self.makers: dict[Any, Callable[[Any, list[Expr]], Expr]] = {
            s.Symbol: self._symbol,
            s.Rational: lambda e, args: algebra.number(Fraction(int(e.p), int(e.q))),
            s.Float: lambda e, args: algebra.number(Fraction(str(e))),
            type(s.pi): lambda e, args: algebra.pi(),
            type(s.E): lambda e, args: algebra.elementwise("exp", algebra.ONE),
            s.Add: lambda e, args: _sum(args),
            s.Mul: lambda e, args: _product(args),
            s.Pow: lambda e, args: _power(*args),
            s.Max: lambda e, args: _extremum("max", args),
            s.Min: lambda e, args: _extremum("min", args),
            s.Derivative: self._derivative,
            s.Subs: self._derivative,
            s.Function: self._function,
            s.MatrixExpr: self._unsupported,
            s.MatrixSymbol: lambda e, args: algebra.symbol(self._named(e), self._shape(e)),
            s.Identity: lambda e, args: algebra.eye(self._size(e.shape[0])),
            s.ZeroMatrix: lambda e, args: algebra.zeros(self._shape(e)),
            s.OneMatrix: lambda e, args: algebra.ones_like(self._shape(e)),
            s.MatAdd: lambda e, args: algebra.add(*args),
            s.MatMul: lambda e, args: algebra.mul(*args),
            s.MatPow: self._matpow,
            s.Inverse: lambda e, args: algebra.inverse(args[0]),
            s.Transpose: lambda e, args: algebra.transpose(args[0]),
            s.Trace: lambda e, args: _of_square("tr", args[0]),
            s.Determinant: lambda e, args: _of_square("det", args[0]),
            s.HadamardProduct: lambda e, args: algebra.hadamard(*args),
            s.HadamardPower: lambda e, args: _power(*args),
            s.KroneckerProduct: lambda e, args: _folded(algebra.kron, args),
            s.DiagMatrix: lambda e, args: _diag(args[0]),
            s.DiagonalMatrix: lambda e, args: _diag(_diagonal(e, args[0])),
            s.DiagonalOf: lambda e, args: _diagonal(e, args[0]),
            self.element: self._entry,
            self.slice: self._range,
            s.BlockMatrix: self._blocks,
            self.applied: lambda e, args: algebra.broadcast(args[1], args[0].shape),
        }

    def read(self, expression: Any) -> Expr:
        """The expression, its parts before it, each once in its scope."""
        if not isinstance(expression, self.sympy.Basic):
            return self._unsupported(expression, [])
        self._collect_dims(expression)
        stack: list[tuple[Any, Scope]] = [(expression, 0)]
        while stack:
            node, scope = stack[-1]
            if (node, scope) in self.done:
                stack.pop()
                continue
            waiting = [part for part in self._parts(node, scope) if part not in self.done]
            if waiting:
                stack.extend(reversed(waiting))
                continue
            known = self.scopes[scope].get(node)
            args = [self.done[p] for p in self._parts(node, scope)]
            self.done[node, scope] = self._maker(node)(node, args) if known is None else known
            stack.pop()
        return self.done[expression, 0]

    def _maker(self, node: Any) -> Callable[[Any, list[Expr]], Expr]:
        return next((self.makers[c] for c in type(node).__mro__ if c in self.makers), self._unsupported)

    def _unsupported(self, node: Any, args: list[Expr]) -> Expr:
        name = type(node).__name__
        raise UnsupportedError(f"{name} has no counterpart here", hint=HINTS.get(name))

    def _parts(self, node: Any, scope: Scope) -> list[tuple[Any, Scope]]:
        """The arguments that are expressions. An applyfunc's formula has its scope once its array is known."""
        s = self.sympy
        if node in self.scopes[scope] or not isinstance(node, s.Basic) or self._maker(node) == self._unsupported:
            return []
        if isinstance(node, s.Symbol | s.MatrixSymbol | s.Identity | s.ZeroMatrix | s.OneMatrix | s.Derivative):
            return [(node.variables[0], scope)] if isinstance(node, s.Derivative) else []
        if isinstance(node, s.Subs):
            return [(p, scope) for p in node.point]
        if isinstance(node, s.Inverse | self.element | self.slice):
            return [(node.args[0], scope)]
        if isinstance(node, s.BlockMatrix):
            rows, columns = node.blocks.shape
            return [(node.blocks[i, j], scope) for i in range(rows) for j in range(columns)]
        if isinstance(node, self.applied):
            array = self.done.get((node.expr, scope))
            if array is None:
                return [(node.expr, scope)]
            if (node, scope) not in self.inner:
                self.inner[node, scope] = len(self.scopes)
                self.scopes.append({**self.scopes[scope], node.function.variables[0]: array})
            return [(node.expr, scope), (node.function.expr, self.inner[node, scope])]
        return [(a, scope) for a in node.args]

    # --- names and sizes ----------------------------------------------------------------------------------------------

    def _collect_dims(self, expression: Any) -> None:
        """Find the symbols that are sizes: as scalars they are dimensions, too."""
        stack, seen = [expression], set()
        while stack:
            node = stack.pop()
            if node in seen:
                continue
            seen.add(node)
            if isinstance(node, self.sympy.MatrixSymbol | self.sympy.Identity | self.sympy.OneMatrix):
                self.dims |= {a for d in node.shape for a in d.free_symbols}
            stack.extend(node.args)

    def _named(self, symbol: Any) -> str:
        name = str(symbol.name)
        if self.names.setdefault(name, symbol) != symbol:
            raise NameClash(
                f"two symbols are called {name}", hint="SymPy tells them apart by sizes or assumptions; rename one"
            )
        return name

    def _symbol(self, e: Any, args: list[Expr]) -> Expr:
        if e in self.dims:
            return algebra.dimension(Dim(self._named(e)))
        properties = [p for p, holds in (("integer", e.is_integer), ("positive", e.is_positive)) if holds]
        return algebra.symbol(self._named(e), (1, 1), properties)

    def _shape(self, e: Any) -> Shape:
        return self._size(e.shape[0]), self._size(e.shape[1])

    def _size(self, d: Any) -> DimLike:
        """A whole polynomial in symbols."""
        total: DimLike = 0
        for monomial, coefficient in self.sympy.expand(d).as_coefficients_dict().items():
            term: DimLike = 1
            for base, exponent in monomial.as_powers_dict().items():
                if not (exponent.is_Integer and exponent > 0 and (base.is_Symbol or base == 1)):
                    raise UnsupportedError(f"the dimension {d} is no polynomial", hint="use symbols and whole numbers")
                for _ in range(int(exponent) if base.is_Symbol else 0):
                    term = term * Dim(self._named(base))
            if not coefficient.is_Integer:
                raise UnsupportedError(f"the dimension {d} is not whole", hint="use symbols and whole numbers")
            total = term * int(coefficient) + total
        return total

    # --- scalars and functions ----------------------------------------------------------------------------------------

    def _function(self, e: Any, args: list[Expr]) -> Expr:
        name = type(e).__name__
        whole = getattr(e.args[0], "is_Matrix", False) and not args[0].is_scalar
        if whole and name in MATRIX_FUNCTIONS:
            return algebra.apply(MATRIX_FUNCTIONS[name], args[0])
        if whole:
            raise UnsupportedError(
                f"{name} of a whole matrix has no counterpart", hint=f"X.applyfunc({name}) is entrywise"
            )
        if name == "polygamma" and args[0].value in (0, 1):
            return algebra.elementwise(POLYGAMMA[int(args[0].value)], args[1])
        if name == "polygamma":
            return algebra.apply("polygamma", *args)
        if name == "Heaviside":
            args = args[:1]
        generic = isinstance(e, self.sympy.core.function.AppliedUndef)
        stem, order = name.replace(PRIME, ""), name.count(PRIME)
        name = NAMES.get(name, stem if generic else name)
        if len(args) != 1 or (find_function(name) is None and (not generic or is_known(name))):
            raise UnsupportedError(f"the function {type(e).__name__} has no counterpart here")
        return algebra.elementwise(name, args[0], order if generic else 0)

    def _derivative(self, e: Any, args: list[Expr]) -> Expr:
        """f′(x), which SymPy writes as Derivative(f(x), x), or with Subs at another point."""
        d = e.expr if isinstance(e, self.sympy.Subs) else e
        f = d.expr if isinstance(d, self.sympy.Derivative) else None
        if (
            not isinstance(f, self.sympy.core.function.AppliedUndef)
            or set(d.variables) != set(f.args)
            or len(args) != 1
        ):
            return self._unsupported(e, args)
        return algebra.elementwise(type(f).__name__, args[0], len(d.variables))

    # --- matrices -----------------------------------------------------------------------------------------------------

    def _matpow(self, e: Any, args: list[Expr]) -> Expr:
        base, exponent = args
        if base.is_scalar:
            return algebra.power(base, exponent)
        if exponent.value == Fraction(1, 2):
            return algebra.apply("sqrtm", base)
        if not algebra.is_integer(exponent):
            raise UnsupportedError(
                f"MatPow with the exponent {e.exp} has no counterpart", hint="declare Symbol('k', integer=True)"
            )
        return algebra.matpower(base, exponent)

    def _unit(self, n: DimLike, index: Any) -> Expr:
        """The unit vector of an index counted from 0."""
        if not index.free_symbols <= self.dims:
            raise UnsupportedError(f"the index {index} is no number", hint="X[0, 1] and X[n - 1, 0] are entries")
        i = self._size(index) + 1
        return algebra.unit(n, i) if isinstance(i, int) else algebra.units(n, i, i)

    def _entry(self, e: Any, args: list[Expr]) -> Expr:
        left, right = (self._unit(n, i) for n, i in zip(args[0].shape, e.args[1:], strict=True))
        return algebra.mul(algebra.transpose(left), args[0], right)

    def _range(self, e: Any, args: list[Expr]) -> Expr:
        factors = []
        for n, (start, stop, step) in zip(args[0].shape, (e.rowslice, e.colslice), strict=True):
            if step != 1:
                raise UnsupportedError("MatrixSlice with steps has no counterpart here")
            first, last = (self._size(self.sympy.S(d)) for d in (start, stop))
            factors.append(algebra.units(n, first + 1, last))
        return algebra.mul(algebra.transpose(factors[0]), args[0], factors[1])

    def _blocks(self, e: Any, args: list[Expr]) -> Expr:
        """The sum of E_i·B_ij·E_jᵀ over the blocks, with ranges E of unit vectors."""
        width = e.blocks.shape[1]
        rows, columns = self._shape(e)
        terms: list[Expr] = []
        above: DimLike = 0
        for i in range(0, len(args), width):
            before: DimLike = 0
            for b in args[i : i + width]:
                left = algebra.units(rows, above + 1, above + b.shape[0])
                right = algebra.units(columns, before + 1, before + b.shape[1])
                terms.append(algebra.mul(left, b, algebra.transpose(right)))
                before = before + b.shape[1]
            above = above + args[i].shape[0]
        return algebra.add(*terms)


# --- entry by entry: scalars beside arrays of one shape ---------------------------------------------------------------


def _common(args: list[Expr]) -> Shape:
    return next((a.shape for a in args if not a.is_scalar), (1, 1))


def _sum(args: list[Expr]) -> Expr:
    return algebra.add(*(algebra.broadcast(a, _common(args)) for a in args))


def _product(args: list[Expr]) -> Expr:
    arrays = [a for a in args if not a.is_scalar]
    scalars = [a for a in args if a.is_scalar]
    return algebra.mul(*scalars, algebra.hadamard(*arrays)) if arrays else algebra.mul(*scalars)


def _power(base: Expr, exponent: Expr) -> Expr:
    return algebra.power(algebra.broadcast(base, exponent.shape) if base.is_scalar else base, exponent)


def _extremum(word: str, args: list[Expr]) -> Expr:
    """max and min of several; the maximum of 0 and x is relu(x)."""
    rest = [a for a in args if not algebra.is_zero(a)]
    if word == "max" and len(rest) == 1 < len(args):
        return algebra.elementwise("relu", rest[0])
    same = [algebra.broadcast(a, _common(args)) for a in args]
    return _folded(lambda a, b: algebra.apply(word, a, b), same)


def _folded(join: Callable[[Expr, Expr], Expr], args: list[Expr]) -> Expr:
    found = args[0]
    for a in args[1:]:
        found = join(found, a)
    return found


def _of_square(word: str, x: Expr) -> Expr:
    return x if x.is_scalar else algebra.apply(word, x)


def _diag(x: Expr) -> Expr:
    return x if x.is_scalar else algebra.apply("diag", algebra.transpose(x) if x.shape[0] == 1 else x)


def _diagonal(e: Any, x: Expr) -> Expr:
    if x.shape[0] != x.shape[1]:
        raise UnsupportedError(f"{type(e).__name__} of a matrix that is not square has no counterpart here")
    return _of_square("diagonal", x)
