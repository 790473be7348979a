"""`verify completion SHELL`: the script that lets a shell complete what is typed, and the answers it asks for."""

from __future__ import annotations

import importlib
import os

import click
from click.shell_completion import CompletionItem, ShellComplete, get_completion_class

from verifier.commands import COMMANDS, COMPLETION, DEFAULT, SETTINGS
from verifier.results import ExitCode

PROGRAM = "verify"
SHELLS = ("bash", "zsh", "fish")
_CASES = f"{__name__}.cases"

EPILOG = """
Examples:

\b
  eval "$(verify completion bash)"                                in ~/.bashrc
  eval "$(verify completion zsh)"                                 in ~/.zshrc
  verify completion fish > ~/.config/fish/completions/verify.fish
"""


@click.command(epilog=EPILOG, context_settings=SETTINGS)
@click.argument("shell", type=click.Choice(SHELLS))
def command(shell: str) -> int:
    """Print the script that makes SHELL complete sub-commands, options, their values and file names."""
    click.echo(_completion(shell).source())
    return ExitCode.AS_EXPECTED


def answer() -> int:
    """Print what may stand at the cursor, as a script asks for it in the environment; the exit code."""
    shell = os.environ[COMPLETION].removesuffix("_complete")
    if shell not in SHELLS:
        return ExitCode.BAD_INPUT
    click.echo(_completion(shell).complete())
    return ExitCode.AS_EXPECTED


def _completion(shell: str) -> ShellComplete:
    kind = get_completion_class(shell)
    assert kind is not None
    return kind(_Verify(), {}, PROGRAM, COMPLETION)


class _Verify(click.Group):
    """All commands as click's completion knows them: a group, whose own options are those of `verify CASE...`."""

    def __init__(self) -> None:
        default: click.Command = importlib.import_module(DEFAULT).command
        options = [parameter for parameter in default.params if isinstance(parameter, click.Option)]
        super().__init__(PROGRAM, params=list(options), context_settings=SETTINGS)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(COMMANDS[cmd_name][0]).command
        return found

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Called when there is a first word; what is no sub-command is a case, and the others are cases, too."""
        ctx.meta[_CASES] = True
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Options, or files and (as the first word only) sub-commands."""
        if incomplete.startswith("-"):
            return click.Command.shell_complete(self, ctx, incomplete)
        names = [name for name in COMMANDS if _CASES not in ctx.meta and name.startswith(incomplete)]
        # Files first: bash forgets what came before them.
        return [CompletionItem(incomplete, type="file"), *(CompletionItem(n, help=COMMANDS[n][1]) for n in names)]
