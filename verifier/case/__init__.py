"""Case files: `load` one, or `loads` its text, and get a `Case` that is exact in every number, or an `InputError`.

The format is described in the manual and by the JSON Schema that `verify schema` prints. Files are a stranger's:
sizes are bounded, nothing is executed, and data files are read from the case file's own folder only.
"""

from verifier.case.errors import InputError
from verifier.case.loading import load, loads
from verifier.case.types import Case, Claim

__all__ = ["Case", "Claim", "InputError", "load", "loads"]
