"""`verify` for Python programs: what `verify CASE` does, with a `Result` in place of a table and an exit code."""

from __future__ import annotations

import importlib
import multiprocessing
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from verifier.case import Case, InputError, dumps
from verifier.case.errors import describe
from verifier.case.plain import describe_type
from verifier.results import CaseResult, ClaimResult
from verifier.runner import NO_CLAIMS, Run
from verifier.sources import STDIN, Source
from verifier.verdict import Verdict
from verifier.worker import GIB, LONGEST, MOST, Limits

if TYPE_CHECKING:
    from verifier.report import Form

_one_at_a_time = threading.Lock()  # a process forked while another thread starts one would hold its channel, too


@dataclass(frozen=True)
class Result:
    """What was found out about the claims of a case, in their order."""

    case: Case
    claims: tuple[ClaimResult, ...]

    @property
    def verdict(self) -> Verdict:
        """On all claims together: proved if each one is, refuted if one is, else undecided."""
        verdicts = {claim.verdict for claim in self.claims}
        if Verdict.REFUTED in verdicts:
            return Verdict.REFUTED
        return Verdict.PROVED if verdicts == {Verdict.PROVED} else Verdict.UNDECIDED

    @property
    def as_expected(self) -> bool:
        """Whether every claim has the verdict that it expects (`expect`, by default proved)."""
        return all(claim.as_expected for claim in self.claims)

    @property
    def certificates(self) -> tuple[Mapping[str, Any], ...]:
        """The certificates that the checker has accepted, of all claims that are decided."""
        return tuple(c.decision.certificate for c in self.claims if c.decision.certificate is not None)

    @property
    def certificate(self) -> Mapping[str, Any] | None:
        """The certificate of the only claim; None if it is undecided.  Raises ValueError where there are several."""
        if len(self.claims) != 1:
            raise ValueError(f"there are {len(self.claims)} claims: look at .certificates, or at .claims[k].decision")
        return self.claims[0].decision.certificate

    def report(self, form: Form = "html") -> str:
        """The report on what is decided, as an HTML page, Markdown, LaTeX or JSON.

        Raises ValueError for another form, and where no claim is decided.
        """
        from verifier.report import render

        if not self.certificates:
            raise ValueError("expected at least one claim that is proved or refuted, got none")
        return render(self.certificates, form)

    def __repr__(self) -> str:
        return f"<Result {', '.join(f'{claim.kind}: {claim.verdict.value}' for claim in self.claims)}>"

    def _repr_html_(self) -> str:
        """The table of a notebook."""
        from verifier.output.notebook import table

        return table(self.case.title, self.claims)


def verify(case: Case, timeout: float = 60.0, memory: float = 8.0) -> Result:
    """Prove or refute the claims of a case; each may take `timeout` seconds, and `memory` GiB (0: no limit).

    The work is done in a process of its own, which is ended when the limits are reached, also in the middle of C code;
    such a claim is undecided ("timeout", "crash"). On systems with fork that process starts in milliseconds. Elsewhere
    it is spawned, and a script needs the usual `if __name__ == "__main__":`. May be called from any thread; calls of
    several threads take turns (use processes to work in parallel).

    Raises InputError for what is no case, has no claims, or is no limit; RuntimeError in a process that may not start
    another one (a worker of multiprocessing.Pool).
    """
    _require_claims(case)
    limits = Limits(_limit(timeout, "timeout", LONGEST, "seconds"), int(_limit(memory, "memory", MOST, "GiB") * GIB))
    if multiprocessing.current_process().daemon:
        raise RuntimeError("verify starts a process, which a worker of multiprocessing.Pool may not do")
    # What every claim needs is loaded here, once: a forked process has it at once.
    importlib.import_module("verifier.decision.decide")
    source = Source(case.path or STDIN, dumps(case))
    with _one_at_a_time, Run([source], limits, jobs=1) as run:
        (found,) = run.results()
    return _result(case, found)


def _result(case: Case, found: CaseResult) -> Result:
    for problem in found.problems:
        raise InputError(problem.path, problem.key, problem.message)
    if found.crash is not None:
        raise RuntimeError(f"internal error: {found.crash.summary}")
    _require_same(case, found)
    return Result(case, found.claims)


def _require_same(case: Case, found: CaseResult) -> None:
    """What was proved is about this case and these claims, whatever became of them on the way to the other process."""
    document = case.document()
    for claim, result in zip(case.claims, found.claims, strict=True):
        certificate = result.decision.certificate
        if certificate is not None and (certificate["case"], certificate["claim"]) != (document, claim.document()):
            raise RuntimeError("internal error: a certificate about another case or claim")


def _require_claims(case: object) -> None:
    if not isinstance(case, Case):
        expected = "expected a Case (verifier.load reads one from a file)"
        raise InputError("", "case", f"{expected}, got {describe_type(case)}")
    if not case.claims:
        raise InputError(case.path, "claim", NO_CLAIMS)


def _limit(value: object, key: str, most: float, unit: str) -> float:
    least = "more than 0" if key == "timeout" else "at least 0"
    number = float(value) if isinstance(value, int | float) and not isinstance(value, bool) else -1.0
    if not 0 <= number <= most or (key == "timeout" and number == 0):  # false for nan, too
        got = describe(value) if isinstance(value, int | float | str) else describe_type(value)
        raise InputError("", key, f"expected {least} and at most {most:,.0f} {unit}, got {got}")
    return number
