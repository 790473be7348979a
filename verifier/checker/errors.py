"""Why the checker does not accept a certificate."""

from __future__ import annotations


class Rejected(Exception):
    """A step of a certificate fails: `where` names the rule or field, the message says expected and got."""

    def __init__(self, where: str, message: str) -> None:
        super().__init__(f"{where}: {message}")
        self.where = where


class Unreadable(Exception):
    """The document is not a certificate of a known version."""


def require(condition: bool, where: str, message: str) -> None:
    """Raise Rejected unless `condition` holds."""
    if not condition:
        raise Rejected(where, message)
