"""Facts of any expression of the grammar: derived and proved, or unknown. See docs/functions.md."""
