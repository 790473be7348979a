"""The trusted core: reads a certificate and re-derives everything it says. Standard library and python-flint only.

    >>> from verifier.checker import check, Rejected
    >>> try:
    ...     check({"format": "loss-surface-certificate", "version": 1})
    ... except Rejected as why:
    ...     print(why)
    certificate: expected the keys case, claim, digest, format, proof, statement, verdict, version
"""

from verifier.checker.check import Accepted, check
from verifier.checker.errors import Rejected, Unreadable

__all__ = ["Accepted", "Rejected", "Unreadable", "check"]
