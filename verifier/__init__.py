"""Proves or refutes exact statements about the loss surface of small neural nets.

Importing this package loads nothing heavy: every name below is fetched when it is first used, so that
``import verifier.checker`` alone needs the standard library and python-flint only.

    >>> import verifier
    >>> case = verifier.load("cases/my-case.toml")                      # doctest: +SKIP
    >>> verifier.verify(case).verdict is verifier.Verdict.PROVED        # doctest: +SKIP
    True
"""

from __future__ import annotations

import importlib

__version__ = "0.1.0"

# Name of the public interface -> module that defines it.
_HOME = {
    "Case": "verifier.case",
    "Claim": "verifier.case",
    "InputError": "verifier.case",
    "dump": "verifier.case",
    "dumps": "verifier.case",
    "load": "verifier.case",
    "loads": "verifier.case",
    "Result": "verifier.api",
    "verify": "verifier.api",
    "Decision": "verifier.verdict",
    "Verdict": "verifier.verdict",
    "check": "verifier.checker",
    "Accepted": "verifier.checker",
    "Rejected": "verifier.checker",
    "Unreadable": "verifier.checker",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> object:
    """Load a public name on first use (PEP 562)."""
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module 'verifier' has no attribute {name!r}")
    value: object = getattr(importlib.import_module(home), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
