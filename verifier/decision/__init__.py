"""The decision on a claim: provers propose evidence in turn, the checker decides, the first that it accepts counts."""

from verifier.decision.decide import decide

__all__ = ["decide"]
