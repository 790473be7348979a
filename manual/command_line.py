"""The page on the command line, made from the commands themselves."""

from __future__ import annotations

import importlib
import inspect

import click

from manual.markdown import block, literal
from verifier.commands import COMMANDS, DEFAULT

HEAD = """# Command line

The options of every command, as `--help` shows them. Verdicts, tables and JSON are described in
[case files, verdicts, command line](case-files.md).
"""


def page() -> str:
    """Markdown: a section for `verify` and each sub-command."""
    modules = {"verify": DEFAULT, **{f"verify {name}": module for name, (module, _) in COMMANDS.items()}}
    return "\n".join([HEAD, *(_section(name, module) for name, module in modules.items())])


def _section(name: str, module: str) -> str:
    command: click.Command = importlib.import_module(module).command
    context = click.Context(command, info_name=name, **command.context_settings)
    usage = command.get_usage(context).removeprefix("Usage: ")
    paragraphs = [literal(part) for part in inspect.cleandoc(command.help or "").split("\n\n")]
    options = [p for p in command.get_params(context) if isinstance(p, click.Option)]
    records = [record for option in options if (record := option.get_help_record(context)) is not None]
    rows = "".join(f"| `{names}` | {literal(words)} |\n" for names, words in records)
    return "\n".join(
        [
            f"## {name}\n",
            block(usage, "text"),
            *(f"{paragraph}\n" for paragraph in paragraphs),
            f"| option | meaning |\n| --- | --- |\n{rows}",
            block(inspect.cleandoc((command.epilog or "").replace("\b\n", "")), "text"),
        ]
    )
