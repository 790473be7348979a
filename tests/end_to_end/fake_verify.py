"""`verify` with a prover that does what the case file tells it: the process around it is the real one.

Keys of a [[claim]] beyond `kind` and `expect`: `answer` (the verdict), `fields` (of the Decision), and `act`:
what happens before the answer ("hang": a loop in C code that Python cannot interrupt; "sleep"; a crash).
A top-level `act` happens while the case is loaded.
"""

from __future__ import annotations

import functools
import os
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import verifier.commands.cases
from verifier.cli import main
from verifier.runner import Run
from verifier.sources import Source
from verifier.verdict import Decision, Verdict


def act(what: str) -> None:
    match what:
        case "":
            return
        case "hang":
            pow(3, 10**10)
        case "sleep":
            time.sleep(600)
        case "segfault":
            os.kill(os.getpid(), signal.SIGSEGV)
        case "exception":
            raise ZeroDivisionError("in\nthe prover")
        case "memory":
            bytearray(64 * 2**30)
        case "child":  # a process of the prover's own, which must not outlive it
            child = subprocess.Popen(["sleep", "600"])
            Path("child.pid").write_text(str(child.pid))
            time.sleep(600)
        case "worker-pid":
            Path("child.pid").write_text(str(os.getpid()))
            pow(3, 10**10)
        case "noise":  # as C libraries do
            os.write(1, b"noise on standard output\n")
            os.write(2, b"noise on standard error\n")
        case _:
            raise ValueError(what)


def load(source: Source) -> Any:
    text = Path(source.path).read_text() if source.text is None else source.text
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        from verifier.case.errors import InputError  # only here: it takes longer than some limits of the tests

        raise InputError(source.path, "", f"expected TOML: {error}") from None
    act(document.get("act", ""))
    claims = [SimpleNamespace(**{"expect": "proved"} | claim) for claim in document.get("claim", [])]
    return SimpleNamespace(title=document.get("title", ""), claims=claims)


def decide(case: Any, claim: Any) -> Decision:
    fields = dict(vars(claim))
    act(fields.get("act", ""))
    verdict = Verdict(fields.get("answer", "proved"))
    certificate = None if verdict is Verdict.UNDECIDED else {"certificate": case.title}
    return Decision(verdict, **{"rule": "fake", "certificate": certificate} | fields.get("fields", {}))


if __name__ == "__main__":
    setattr(verifier.commands.cases, "Run", functools.partial(Run, load=load, decide=decide))  # noqa: B010
    sys.exit(main())
