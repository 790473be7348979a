"""The sub-commands: one module each, imported when it is called. A new one is one line here and one module.

A module defines `command`, a click command whose function returns the exit code.
"""

from __future__ import annotations

# Name -> (module, one line for the help text).
COMMANDS = {
    "import": ("verifier.commands.import_net", "make a case file from the weights of a trained net"),
    "search": ("verifier.commands.search", "find bad local minima, or why there are none"),
    "confirm": ("verifier.commands.confirm", "from which width on the data exclude bad local minima"),
    "check": ("verifier.commands.check", "check certificates, independently of what made them"),
    "report": ("verifier.commands.report", "write what certificates prove as pages for people"),
    "explain": ("verifier.commands.explain", "show which theorem applies to a case, hypothesis by hypothesis"),
    "completion": ("verifier.commands.completion", "print the script for completion in a shell"),
    "schema": ("verifier.commands.schema", "print the JSON Schema of case files or of certificates"),
}
SETTINGS = {"help_option_names": ["-h", "--help"], "max_content_width": 80}  # of every click command
COMPLETION = "_VERIFY_COMPLETE"  # the variable by which a shell asks for completion
DEFAULT = "verifier.commands.cases"  # what a first argument that is no sub-command goes to
