"""Errors as a bot's code raises them: four frames deep, each with variables of its own."""

from __future__ import annotations


def raised(number: int) -> LookupError:
    """Raise a fresh error and catch it."""
    try:
        _handle(number)
    except LookupError as error:
        return error
    raise AssertionError


def _handle(number: int) -> None:
    arguments = {"member": number, "words": ["one", "two", "three"]}
    _look_up(arguments)


def _look_up(arguments: dict[str, object]) -> None:
    query = "SELECT id, rank FROM member WHERE id = ?"
    _run(query, arguments)


def _run(query: str, arguments: dict[str, object]) -> None:
    raise LookupError(f"no row for {len(query)} characters and {len(arguments)} arguments")
