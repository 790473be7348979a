"""What the provers know about one case, kept between its claims: proof nodes, each made when it is first asked for.

Provers that most claims do not need are imported where they are used: a small case starts quickly.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property

from verifier.case.types import Case
from verifier.checker import case as checked
from verifier.checker.case import Theta
from verifier.checker.network import flatten
from verifier.checker.number import DomainProblem, Exact, Undecided
from verifier.model.translate import checker_case, flat_point, point_document
from verifier.rules import bound, descent, dual, flat, higher_order, strict
from verifier.rules.problem import Declined, Json, Problem

Propose = Callable[[Problem], Json]
# The order in which they are tried: what is cheap, and what explains most, first.
MINIMUM: Mapping[str, Propose] = {
    "lower-bound": bound.propose,
    "convex": dual.propose_convex,
    "output-subspace": dual.propose_output_subspace,
    "strict": strict.propose,
    "dual": dual.propose_dual,
    "higher-order": higher_order.propose,
}
STRICT = ("strict", "higher-order")
GLOBAL = ("lower-bound", "output-subspace")


class Evidence:
    """Proof nodes about a case and about points of it. Every method may raise Declined."""

    def __init__(self, case: Case) -> None:
        self.case = case
        self._known: dict[object, Json | Declined] = {}

    @cached_property
    def checked(self) -> checked.Case:
        """The checker's view of the case."""
        return checker_case(self.case)

    @cached_property
    def problem(self) -> Problem:
        """The case at its own point."""
        assert self.case.point is not None
        return Problem(self.case, flat_point(self.case.point))

    def _once(self, key: object, make: Callable[[], Json]) -> Json:
        if key not in self._known:
            try:
                self._known[key] = make()
            except Declined as declined:
                self._known[key] = declined
            except (Undecided, DomainProblem) as problem:
                self._known[key] = Declined("not-settled", f"a step could not be settled: {problem}")
        found = self._known[key]
        if isinstance(found, Declined):
            raise found
        return found

    def minimum(self, rule: str) -> Json:
        """A node of the given rule that shows the point to be a local minimum."""
        return self._once(("minimum", rule), lambda: MINIMUM[rule](self.problem))

    def descent(self, first_order: bool = False) -> Json:
        """A node that shows the loss to fall from the point."""
        return self._once(("descent", first_order), lambda: descent.propose(self.problem, first_order))

    def existence(self, near: Exact, careful: bool = False) -> Json:
        """A node that shows a minimum within `near` of the point; `careful` takes longer and fails less often."""
        from verifier.rules import existence

        return self._once(("existence", near, careful), lambda: existence.propose(self.problem, near, careful))

    def sharp(self, near: Exact) -> Json:
        """A node that shows a minimum on kinks within `near` of the point."""
        from verifier.rules import sharp

        return self._once(("sharp", near), lambda: sharp.propose(self.problem, near))

    def nowhere(self, near: Exact, kind: str) -> Json:
        """A node that shows no minimum, or none as claimed, within `near` of the point; `kind` is a key of the node."""
        from verifier.rules import nowhere

        nodes = nowhere.propose(self.problem, near)
        return self._once(("nowhere", near, kind), lambda: _first(node for node in nodes if kind in node))

    def symmetric(self) -> Json:
        """The same as `flat`, by a move that leaves the loss unchanged: nothing is computed for it."""
        return self._once("symmetric", lambda: flat.symmetric(self.problem))

    def flat(self) -> Json:
        """A node that shows points of equal loss in every neighbourhood."""
        return self._once("flat", lambda: flat.propose(self.problem))

    def better(self) -> Json:
        """A point with a smaller loss, as a document."""
        from verifier.search.better import better_point

        return self._once("better", lambda: self._document(better_point(self.problem, self._descent_if_any)))

    def _descent_if_any(self) -> Json | None:
        try:
            return self.descent()
        except Declined:
            return None

    def theorem(self, name: str) -> Json:
        """The theorem applies."""
        from verifier.theorems.table import PROVERS

        return self._once(("applies", name), lambda: PROVERS[name].propose(self.checked))

    def theorem_fails(self, name: str) -> Json:
        """A hypothesis of the theorem fails."""
        from verifier.theorems.table import PROVERS

        return self._once(("fails", name), lambda: PROVERS[name].refute(self.checked))

    def exclusion(self, name: str) -> Json:
        """No local minimum is bad, by something other than a theorem."""
        from verifier.theorems.exclusions import EXCLUDERS

        return self._once(("excludes", name), lambda: EXCLUDERS[name](self.checked))

    def constructed(self) -> Iterator[tuple[Json, Problem]]:
        """Points that a closed construction gives, as documents and as problems."""
        from verifier.search.dead import dead_points

        for theta in dead_points(self.case):
            yield self._document(theta), Problem(self.case, flatten(theta))

    def pattern_minimum(self) -> Json:
        """The bad local minimum that the search over patterns finds, as evidence."""
        return self._once("pattern minimum", self._pattern_minimum)

    def _pattern_minimum(self) -> Json:
        from verifier.theorems.patterns import bad_minimum

        theta = bad_minimum(self.checked)
        node = dual.propose_dual(Problem(self.case, flatten(theta)))
        return {"point": self._document(theta), "minimum": node}

    def searched(self) -> Json:
        """The first bad local minimum that constructions and training find, as evidence."""
        return self._once("searched", self._searched)

    def _searched(self) -> Json:
        from verifier.search.portfolio import found_or_declined  # it asks for evidence itself

        found = found_or_declined(self.case)
        proof = found.certificate["proof"]
        shown = {key: proof[key] for key in ("minimum", "existence", "better") if key in proof}
        return {"point": found.certificate["case"]["point"], **shown}

    def _document(self, theta: Theta) -> Json:
        return point_document(self.checked, theta)


def _first(nodes: Iterator[Json]) -> Json:
    for node in nodes:
        return node
    raise Declined("not-excluded", "minima within the radius are not excluded")
