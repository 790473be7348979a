"""Provers of the theorems that exclude bad local minima: one file each."""
