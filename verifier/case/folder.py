"""Files that a case file names: only such as lie inside its own folder."""

from __future__ import annotations

import os
from pathlib import Path, PurePosixPath, PureWindowsPath

from verifier.case.errors import Refused, describe, refuse
from verifier.case.reading import read_bytes


def read_inside(folder: Path, name: str, key: str, endings: tuple[str, ...]) -> tuple[str, bytes]:
    """The ending (in lower case) and the content of file `name` in `folder`.

    Refused: absolute names, names that leave the folder (also through a symbolic link), other endings, anything
    but a regular file of at most 64 MiB.
    """
    ending = PurePosixPath(name).suffix.lower()
    if ending not in endings:
        raise refuse(key, f"a file name ending in {' or '.join(endings)}", describe(name))
    outside = refuse(key, "a file inside the folder of the case file", describe(name))
    if PurePosixPath(name).is_absolute() or PureWindowsPath(name).drive or PureWindowsPath(name).is_absolute():
        raise outside
    if PurePosixPath(os.path.normpath(name)).parts[:1] == ("..",):
        raise outside  # also where the way leads back into the folder
    try:
        base = folder.resolve()
        target = (base / name).resolve()
    except (OSError, ValueError, RuntimeError):  # a NUL byte in the name, a loop of links
        raise refuse(key, "a readable file", describe(name)) from None
    if not target.is_relative_to(base):
        raise outside
    try:
        return ending, read_bytes(target, "a readable file")
    except Refused as problem:
        raise refuse(key, f"{problem.expected} as {describe(name)}", problem.got) from None
