"""A command line in a folder of its own: files are written, `verify` runs as a process."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FAKE = [sys.executable, str(Path(__file__).with_name("fake_verify.py"))]
REAL = [sys.executable, "-m", "verifier"]


def claim(kind: str = "local-minimum", **keys: str) -> str:
    """One [[claim]] for the fake prover."""
    lines = [f'{key} = "{value}"' for key, value in {"kind": kind, **keys}.items() if key != "fields"]
    if "fields" in keys:
        lines.append(f"fields = {keys['fields']}")
    return "\n".join(["[[claim]]", *lines, ""])


@dataclass(frozen=True)
class Shell:
    """Runs commands in `folder`, without the colours and the width of whoever runs the tests."""

    folder: Path

    def write(self, path: str, *parts: str, title: str = "A case") -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("\n".join([f'title = "{title}"', *parts]), encoding="utf-8")

    def environment(self, **extra: str) -> dict[str, str]:
        drop = {"NO_COLOR", "FORCE_COLOR", "COLUMNS", "VERIFY_DEBUG"}
        kept = {name: value for name, value in os.environ.items() if name not in drop}
        return kept | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"} | extra

    def verify(
        self, *arguments: str, stdin: str = "", real: bool = False, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*(REAL if real else FAKE), *arguments],
            cwd=self.folder,
            env=self.environment(**environment),
            input=stdin,
            capture_output=True,
            encoding="utf-8",
            timeout=60,
            check=False,
        )

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*FAKE, *arguments],
            cwd=self.folder,
            env=self.environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )


@pytest.fixture
def shell(tmp_path: Path) -> Shell:
    return Shell(tmp_path)
