"""The promises that the project makes about its own code."""

from __future__ import annotations

import ast
import doctest
import importlib
import inspect
from pathlib import Path

import pytest

import matcalc
from matcalc.rulebook import default_rulebook

ROOT = Path(matcalc.__file__).parent

LAYERS = [
    "errors",
    "limits",
    "dims",
    "operators",
    "expr",
    "atoms",
    "algebra",
    "sums",
    "resources",
    "syntax",
    "functions",
    "elaborate",
    "entrywise",
    "pattern",
    "proof",
    "rule_entries",
    "rulebook",
    "sweep",
    "linear",
    "indices",
    "simplify",
    "structure",
    "naming",
    "check",
    "reading",
    "states",
    "printing",
    "codegen",
    "sympy_reader",
    "sympy_bridge",
    "newton",
    "derivation",
    "rule_pages",
    "differentiate",
    "claims",
    "user_rules",
    "auditing",
    "construct",
    "api",
    "cli",
    "__main__",
]
"""Imports go from later names to earlier ones only. Syntax reads errors' spans; printing of a node is imported late."""

LATE = {"sympy_bridge", "printing", "codegen"}
"""Modules that lower ones import inside a function: heavy, or needed only to show or compile a node."""

MODULES = sorted(p for p in ROOT.rglob("*.py") if p.name != "__init__.py" or p.parent != ROOT)


def layer(path: Path) -> str:
    """The first part of a module's name below the package."""
    part = path.relative_to(ROOT).parts[0]
    return part.removesuffix(".py")


def imports(tree: ast.AST, top: bool) -> list[str]:
    """The layers that a module imports, at the top or anywhere."""
    nodes = ast.iter_child_nodes(tree) if top else ast.walk(tree)
    found = []
    for node in nodes:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("matcalc"):
            parts = (node.module or "").split(".")
            found += (
                [parts[1]]
                if len(parts) > 1
                else [a.name for a in node.names if (ROOT / a.name).exists() or (ROOT / f"{a.name}.py").exists()]
            )
    return found


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_one_way(path: Path) -> None:
    """A module imports only layers below its own."""
    own = LAYERS.index(layer(path))
    tree = ast.parse(path.read_text(encoding="utf-8"))
    tree.body = [n for n in tree.body if not (isinstance(n, ast.If) and getattr(n.test, "id", "") == "TYPE_CHECKING")]
    for other in imports(tree, top=True):
        assert other == layer(path) or LAYERS.index(other) < own, f"{path.name} imports {other}"
    for other in imports(tree, top=False):
        assert other == layer(path) or LAYERS.index(other) < own or other in LATE, f"{path.name} imports {other} late"


@pytest.mark.parametrize("path", MODULES, ids=lambda p: str(p.relative_to(ROOT)))
def test_lengths(path: Path) -> None:
    """Modules stay under 550 lines, functions under 60; heavy libraries are imported inside functions."""
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) < 550
    tree = ast.parse(text)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            first = node.body[1] if isinstance(node.body[0], ast.Expr) and len(node.body) > 1 else node.body[0]
            assert (node.end_lineno or 0) - first.lineno < 60, node.name
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module or ""]
            assert not {n.split(".")[0] for n in names} & {"numpy", "sympy"}, (
                f"{path.name} imports a heavy library at the top"
            )


def test_no_evaluation_of_text() -> None:
    """exec stands in one place, over generated code; eval and sympify nowhere."""
    calls = []
    for path in MODULES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in (
                "eval",
                "exec",
                "sympify",
                "parse_expr",
            ):
                calls.append(path.relative_to(ROOT).as_posix())
    assert calls == ["codegen/__init__.py"]


def test_every_rule_has_example_and_source() -> None:
    """A rule shows how it is used and where it is found."""
    for rule in default_rulebook().rules.values():
        assert (
            rule.entry.get("example") and rule.entry.get("source") and rule.entry.get("definition") and rule.entry.title
        )


@pytest.mark.parametrize("name", [n for n in matcalc.__all__ if n != "MatcalcError"])
def test_public_names_have_an_example_that_runs(name: str) -> None:
    """Every public name is documented with an example."""
    thing = getattr(matcalc, name)
    text = inspect.getdoc(thing) or ""
    assert ">>>" in text, name


def test_all_public_names_exist() -> None:
    """The lazy table names what is there."""
    for name, home in matcalc._HOMES.items():
        assert hasattr(importlib.import_module(home), name)
    assert doctest is not None
