"""Certificate files: DIR/<path of the case>/<claim number>-<kind>.cert.json, and never outside DIR."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from verifier.files import write_atomically
from verifier.results import ClaimResult

SUFFIX = ".cert.json"


class CannotWrite(Exception):
    """A certificate cannot be written; `path` is where it should have gone."""

    def __init__(self, path: Path, message: str) -> None:
        super().__init__(message)
        self.path = path


class CertificateFolder:
    """The folder given by --out, and which case has which folder in it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._taken: dict[Path, str] = {}

    def write(self, path: str, claim: ClaimResult) -> str | None:
        """Write the certificate of a claim of the case `path`, atomically, and return where; None if it has none.

        Raises CannotWrite.
        """
        if claim.decision.certificate is None:
            return None
        target = self.root / self.folder(path) / f"{claim.number}-{claim.kind}{SUFFIX}"
        self._write(target, claim.decision.certificate)
        return str(target)

    def folder(self, path: str) -> Path:
        """The folder of a case, below `root`; two different cases never share one."""
        inside = Path(relative(path))
        candidate, number = inside, 1
        while self._taken.setdefault(candidate, path) != path:
            number += 1
            candidate = inside.with_name(f"{inside.name}~{number}")
        return candidate

    def _write(self, target: Path, certificate: Mapping[str, Any]) -> None:
        try:
            # A link inside DIR could lead elsewhere.
            if not target.parent.resolve().is_relative_to(self.root.resolve()):
                raise CannotWrite(target, f"cannot be written: it leads outside {self.root}")
            target.parent.mkdir(parents=True, exist_ok=True)
            write_atomically(target, json.dumps(certificate, indent=1, ensure_ascii=False) + "\n")
        except OSError as error:
            raise CannotWrite(target, f"cannot be written: {error.strerror}") from error


def relative(path: str) -> str:
    """A path below the working directory as it is, every other by its absolute form without the root.

    >>> relative("cases/./a.toml"), relative("/data/a.toml"), relative("-")
    ('cases/a.toml', 'data/a.toml', '-')
    """
    normal = os.path.normpath(path)
    if os.path.isabs(normal) or normal.split(os.sep)[0] in (os.pardir, os.curdir):
        drive, rest = os.path.splitdrive(os.path.abspath(path))
        return os.path.join(drive.replace(":", ""), rest.lstrip("/\\")).lstrip("/\\")
    return normal
