"""Nets of piecewise linear units: bad local minima excluded pattern by pattern, each by Farkas multipliers."""
