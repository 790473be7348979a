"""Provers: each module proposes the proof node of one rule, or says why not. Nothing here is trusted."""
