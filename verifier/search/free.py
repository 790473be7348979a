"""Bad local minima for data that are free: an SMT solver or inverse design proposes the data with the point, rules
certify.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from flint import fmpq

from verifier.case.types import Case, Data
from verifier.checker.errors import Rejected
from verifier.search import smt
from verifier.search.certify import Found, certify, certify_exact, certify_near
from verifier.search.curved import applies, curved
from verifier.search.inverse_design import available, designs
from verifier.search.inverse_design.design import bare_case, case_of
from verifier.search.inverse_design.pools import pool
from verifier.search.kinds import DataKind
from verifier.search.live import is_live
from verifier.search.portfolio import Nothing, only_ties, theorem

LONGEST = 1e6  # seconds
MISSING = "inverse design (skipped: it needs the optional extra `design`)"
LOOSE, DECIMALS = fmpq(1, 1000), 14  # near and exactness of designs whose Hessians are nearly singular
MOST_SAMPLES = 6  # of the solver, where the number is open
MOST_CURVED = 8  # of the solver, at given points
MULTIPLICITY = 3
REACH = 4
MODELS = 3  # of the solver for each size, until one is certified
SHORT = ((1, 1), (1, 3), (2, 3), (3, 3), (4, 4), (6, 4))  # denominators and bounds of short parameters


@dataclass(frozen=True)
class Wanted:
    """The data that are asked for; `samples`: exactly so many from the solver, at most so many by inverse design.

    smallest: fewest samples, then lowest dimension, then fewest units, then short numbers, all up to what is given.
    """

    kind: DataKind
    dimension: int
    samples: int | None = None
    live: bool = False
    smallest: bool = False


@dataclass
class FreeSearch:
    """A search over data of a kind, for the net and loss of a case; `run` as in `Search`."""

    case: Case
    wanted: Wanted
    seed: int = 0
    deadline: float = math.inf
    report: Callable[[str], None] = lambda stage: None
    nothing: Nothing | None = None
    tried: list[str] = field(default_factory=list)

    def run(self) -> Iterator[Found]:
        """Certified bad local minima of such data, as they are found; raises ValueError for a case that neither stage
        is for.
        """
        if self._covered():
            return
        for found in self._solved():
            yield found
            if self.wanted.smallest:
                return  # whatever comes later is larger
        yield from self._curved()
        yield from self._designed()

    def shorter(self, found: Found) -> Iterator[Found] | None:
        """Shorter and shorter numbers for what `run` has found; None where the solver is not for such nets, or it did
        not find this one.
        """
        size = Size(len(found.case.data.inputs), found.case.data.dimension, found.case.network.main.hidden[0])
        return self._shorter(found, size) if found.how == self._solver and self._piecewise_linear else None

    def _covered(self) -> bool:
        """Whether theorem A speaks of all separable data: its condition on them passes to every choice of samples."""
        if self.wanted.kind != "separable":
            return False
        samples = pool(self.wanted.kind, self.wanted.dimension, self.seed)
        ones = (1,) * len(samples.labels)
        case = bare_case(self.case.network, self.case.loss, samples.inputs, samples.labels, ones)
        self._begin("theorem A")
        self.nothing = theorem(replace(case, title=f"{self.case.title}, any separable data"), ("A",))
        return self.nothing is not None

    def _begin(self, stage: str) -> None:
        self.tried.append(stage)
        self.report(stage)

    # -- the solver ----------------------------------------------------------------------------------------------------

    def _solved(self) -> Iterator[Found]:
        """One minimum for each size, the smallest first."""
        for size in self._sizes():
            try:
                question = self._question(
                    size, smt.FreeData(self.wanted.kind, size.samples, size.dimension, REACH, MULTIPLICITY)
                )
            except Rejected:
                return
            if time.monotonic() > self.deadline:
                return
            self._begin(f"SMT, {size.words()}")
            found = self._asked(question, size)
            if found is None:
                continue
            yield found

    @property
    def _solver(self) -> str:
        return f"an SMT solver, data of the kind {self.wanted.kind}"

    def _sizes(self) -> Iterator[Size]:
        wanted, width = self.wanted, self.case.network.main.hidden[0]
        least = 2 if wanted.kind == "subspaces" else 1
        dimensions = range(least, wanted.dimension + 1) if wanted.smallest else (wanted.dimension,)
        widths = range(1, width + 1) if wanted.smallest else (width,)
        most = wanted.samples or MOST_SAMPLES
        counts = (most,) if wanted.samples and not wanted.smallest else range(2, most + 1)
        for samples in counts:
            for dimension in dimensions:
                for units in widths:
                    yield Size(samples, dimension, units)

    def _question(self, size: Size, data: smt.FreeData) -> smt.Question:
        return smt.question_of(self._narrowed(size.width), data, self.wanted.live)

    def _narrowed(self, width: int) -> Case:
        network = self.case.network
        hidden = (width, *network.main.hidden[1:])
        changed = replace(network, main=replace(network.main, hidden=hidden))
        return replace(self.case, network=changed, point=None, better=None, claims=())

    def _asked(self, question: smt.Question, size: Size) -> Found | None:
        """The first certified of a few models."""
        left = min(self.deadline - time.monotonic(), LONGEST)
        for number, it in enumerate(smt.proposals(question, left)):
            case = replace(self._narrowed(size.width), data=Data(it.inputs, it.labels, None, it.multiplicity))
            found = certify_exact(case, it.theta, self._solver)
            if found is not None and self._is_wanted(found):
                return found
            if number + 1 == MODELS:
                break
        return None

    def _shorter(self, found: Found, size: Size) -> Iterator[Found]:
        """Lower multiplicities, then smaller inputs, then parameters of small denominators, as long as one is found."""
        data = smt.FreeData(self.wanted.kind, size.samples, size.dimension, REACH, MULTIPLICITY)
        self._begin("SMT, shorter numbers")
        for total in range(size.samples, sum(found.case.data.multiplicity)):
            less = self._asked(self._question(size, replace(data, total=total)), size)
            if less is not None:
                found = less
                yield found
                break
        data = replace(data, total=sum(found.case.data.multiplicity))
        for reach in range(1, REACH):
            less = self._asked(self._question(size, replace(data, reach=reach)), size)
            if less is not None:
                data = replace(data, reach=reach)
                yield less
                break
        for denominator, bound in SHORT:
            question = replace(self._question(size, data), denominator=denominator, bound=bound)
            less = self._asked(question, size)
            if less is not None:
                yield less
                break

    def _curved(self) -> Iterator[Found]:
        """At the nets that are not for `_solved`; within half of the time that is left."""
        if self._piecewise_linear or not applies(self.case):
            return
        self._begin("SMT, samples for short points")
        now, wanted = time.monotonic(), self.wanted
        most = wanted.samples or MOST_CURVED
        deadline = now + min(self.deadline - now, LONGEST) / 2
        for found in curved(self.case, wanted.kind, wanted.dimension, most, self.seed, deadline):
            if self._is_wanted(found):
                yield found

    @property
    def _piecewise_linear(self) -> bool:
        try:
            self._question(Size(2, 1, 1), smt.FreeData(self.wanted.kind, 2, 1))
        except Rejected:
            return False
        return True

    # -- inverse design ------------------------------------------------------------------------------------------------

    def _designed(self) -> Iterator[Found]:
        if not available():
            self.tried.append(MISSING)
            return
        certified = 0
        self._begin("inverse design")
        left = max(min(self.deadline - time.monotonic(), LONGEST), 0.0)
        wanted, network, loss = self.wanted, self.case.network, self.case.loss
        proposed = designs(network, loss, wanted.dimension, wanted.kind, seed=self.seed, seconds=left)
        for made, design in enumerate(proposed, start=1):
            case = replace(case_of(design), title=self.case.title, path=self.case.path)
            fits = wanted.samples is None or len(design.labels) <= wanted.samples
            how = f"inverse design, data of the kind {wanted.kind} (seed {self.seed})"
            found = None
            if fits:
                found = certify(case, design.point, how) or certify_near(case, design.point, how, LOOSE, DECIMALS)
            if found is not None and not self._is_wanted(found):
                found = None
            certified += found is not None
            self.tried[-1] = f"inverse design ({made} designs, {certified} certified)"
            self.report(self.tried[-1])
            if found is not None:
                yield found

    def _is_wanted(self, found: Found) -> bool:
        return not only_ties(found) and (is_live(found) or not self.wanted.live)


@dataclass(frozen=True)
class Size:
    """What the solver is asked for at once."""

    samples: int
    dimension: int
    width: int

    def words(self) -> str:
        """For the report of a search."""
        units = f"{self.width} unit{'s' * (self.width > 1)}"
        return f"{self.samples} samples in dimension {self.dimension}, {units}"
