"""The shape of the code: what the checker may import, and what a start loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import verifier

PACKAGE = Path(verifier.__file__).parent
CHECKER = sorted((PACKAGE / "checker").rglob("*.py"))
FORBIDDEN = {"eval", "exec", "sympify", "parse_expr", "literal_eval"}
HEAVY = {"numpy", "scipy", "sympy", "z3", "mpmath", "rich", "flint", "msgspec"}


def in_package(path: Path) -> str:
    """The file's name in the title of a test."""
    return str(path.relative_to(PACKAGE))


def imported(path: Path) -> set[str]:
    """The full names of everything that a file of the package imports, wherever in the file."""
    names: set[str] = set()
    package = ("verifier", *path.relative_to(PACKAGE).parent.parts)
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            origin = package[: len(package) - node.level + 1] if node.level else ()
            module = ".".join([*origin, *([node.module] if node.module else [])])
            names |= {f"{module}.{alias.name}" for alias in node.names}
    return names


@pytest.mark.parametrize("path", CHECKER, ids=in_package)
def test_checker_imports_standard_library_flint_and_itself_only(path: Path) -> None:
    """An allow-list, which is stricter than the import contract's list of what is forbidden."""
    names = {name for name in imported(path) if not name.startswith("verifier.checker.")}
    allowed = sys.stdlib_module_names | {"flint"}
    assert {name for name in names if name.split(".")[0] not in allowed} == set()
    dynamic = {"importlib", "runpy", "pickle", "marshal", "subprocess", "ctypes"}
    assert not {name.split(".")[0] for name in names} & dynamic


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=in_package)
def test_nothing_in_a_file_is_ever_code(path: Path) -> None:
    """Neither eval, exec and compile nor SymPy's parser, which calls eval."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            assert name not in FORBIDDEN, f"line {node.lineno}"


def loaded(statement: str) -> set[str]:
    """The modules in memory after a statement, in a new interpreter."""
    code = f"import sys; {statement}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    ("statement", "allowed"),
    [
        ("import verifier", set()),
        ("import verifier.cli, verifier.commands.cases", set()),
        ("import verifier.checker", {"flint"}),
        ("import verifier.cli, verifier.commands.check, verifier.checker", {"flint"}),
    ],
)
def test_start_is_light(statement: str, allowed: set[str]) -> None:
    assert loaded(statement) & HEAVY <= allowed


def test_public_names_are_found_and_unknown_ones_are_not() -> None:
    for name in verifier.__all__:
        assert getattr(verifier, name) is not None
    assert set(verifier.__all__) <= set(dir(verifier))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        verifier.nothing  # noqa: B018
