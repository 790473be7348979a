"""Pages of the documentation site that are made when it is built: the gallery of cases, the command line.

`python -m mkdocs build --strict` calls `manual.hooks`; what is written by hand stands in docs/.
"""
