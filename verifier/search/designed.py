"""Bad local minima for data that are free: inverse design proposes the data with the point, rules certify."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from verifier.case.types import Case
from verifier.search.certify import Found, certify
from verifier.search.inverse_design import DataKind, available, designs
from verifier.search.inverse_design.design import bare_case, case_of
from verifier.search.inverse_design.pools import pool
from verifier.search.portfolio import Nothing, only_ties, theorem

LONGEST = 1e6  # seconds
MISSING = "inverse design (skipped: it needs the optional extra `design`)"


@dataclass
class DesignedSearch:
    """A search over data of a kind in the dimension of a case, for its net and loss; `run` as in `Search`."""

    case: Case
    kind: DataKind
    seed: int = 0
    deadline: float = math.inf
    nothing: Nothing | None = None
    tried: list[str] = field(default_factory=list)

    def run(self) -> Iterator[Found]:
        """Certified bad local minima of designed data, as they are found; raises ValueError for a case that inverse
        design is not for.
        """
        if self._covered():
            return
        if not available():
            self.tried.append(MISSING)
            return
        certified = 0
        self.tried.append("inverse design")
        left = max(min(self.deadline - time.monotonic(), LONGEST), 0.0)
        network, loss, dimension = self.case.network, self.case.loss, self.case.data.dimension
        proposed = designs(network, loss, dimension, self.kind, seed=self.seed, seconds=left)
        for made, design in enumerate(proposed, start=1):
            case = replace(case_of(design), title=self.case.title, path=self.case.path)
            found = certify(case, design.point, f"inverse design, data of the kind {self.kind} (seed {self.seed})")
            if found is not None and only_ties(found):
                found = None
            certified += found is not None
            self.tried[-1] = f"inverse design ({made} designs, {certified} certified)"
            if found is not None:
                yield found

    def _covered(self) -> bool:
        """Whether theorem A speaks of all separable data: its condition on them passes to every choice of samples."""
        if self.kind != "separable":
            return False
        samples = pool(self.kind, self.case.data.dimension, self.seed)
        ones = (1,) * len(samples.labels)
        case = bare_case(self.case.network, self.case.loss, samples.inputs, samples.labels, ones)
        self.tried.append("theorem A")
        self.nothing = theorem(replace(case, title=f"{self.case.title}, any separable data"), ("A",))
        return self.nothing is not None
