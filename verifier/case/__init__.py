"""Cases: `load` a file, `loads` its text, or build a `Case`; exact in every number, or an `InputError`.

`dump` and `dumps` write a case as a file that says the same.

The format is described in the manual and by the JSON Schema that `verify schema` prints. Files are a stranger's:
sizes are bounded, nothing is executed, and data files are read from the case file's own folder only.
"""

from verifier.case.errors import InputError
from verifier.case.loading import load, loads
from verifier.case.types import Case, Claim
from verifier.case.writing import dump, dumps

__all__ = ["Case", "Claim", "InputError", "dump", "dumps", "load", "loads"]
