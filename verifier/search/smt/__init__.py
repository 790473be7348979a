"""Points, and data if they are free, by an SMT solver: exact encodings of the conditions of a local minimum.

    for proposal in proposals(question, seconds=20):
        ...     # a case and an exact point, for the rules and the checker to judge

The solver works in a process of its own, so that limits of time and memory hold whatever it does.
"""

from verifier.search.smt.question import FreeData, Question, Shape, question_of
from verifier.search.smt.solving import Proposal, proposals

__all__ = ["FreeData", "Proposal", "Question", "Shape", "proposals", "question_of"]
