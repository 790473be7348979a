"""Searches: points that may show something. What they find is judged by the rules and the checker."""
