"""`verify schema`: the JSON Schemas, for editors and for other programs."""

from __future__ import annotations

import json

import click

from verifier.commands import SETTINGS
from verifier.results import ExitCode

EPILOG = """
Examples:

\b
  verify schema > case.schema.json
  verify schema --certificate > certificate.schema.json

An editor with a TOML language server (Even Better TOML, taplo) completes,
explains and checks a case file that begins with the line

\b
  #:schema ./case.schema.json
"""


@click.command(epilog=EPILOG, context_settings=SETTINGS)
@click.option("--certificate", is_flag=True, help="The schema of certificates instead of case files.")
def command(certificate: bool) -> int:
    """Print the JSON Schema of case files on standard output."""
    if certificate:
        from verifier.certificate.schema import certificate_schema as schema
    else:
        from verifier.case.schema import case_schema as schema
    click.echo(json.dumps(schema(), indent=2, ensure_ascii=False))
    return ExitCode.AS_EXPECTED
