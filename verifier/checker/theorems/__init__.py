"""The theorems that exclude bad local minima: one file each, with its hypotheses as named checks."""
