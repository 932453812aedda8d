"""What is done about an error: the table of ``policy_rules``, asked through wrappers and causes. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Final, NamedTuple

from discord.ext import commands

from tux.services.sentry.policy_rules import RULES, Rule, Verdict

MAX_CHAIN = 20
"""Causes that are looked at: a chain may be a circle."""
MAX_CLASSES = 2048
"""Classes whose rows are remembered."""
WORST: Final = tuple(Verdict)


class Decision(NamedTuple):
    """What is done about one error."""

    verdict: Verdict
    status: str
    root: BaseException
    """The error that decided: what a wrapper holds, or the error itself."""
    fingerprint: tuple[str, ...] = ()
    by_command: bool = False
    """Whether each command is a group of its own."""
    by_guild: bool = False
    """Whether it becomes a warning where one server brings it again and again."""


class _Overrides:
    """What the settings say of classes by name; a process has one policy, as it has one SDK."""

    verdicts: Mapping[str, Verdict] = {}


def set_overrides(verdicts: Mapping[str, str] | Mapping[type, str]) -> None:
    """Let other verdicts than the table's hold for classes and what derives from them.

    Args:
        verdicts: class, or its name, bare or with its module (``shop.errors.SoldOut``) → verdict.

    Raises:
        TypeError: it is no mapping.
        ValueError: it is no verdict.
    """
    if not isinstance(verdicts, Mapping):
        raise TypeError("policy: a mapping is needed, class name → verdict")
    known = {verdict.value: verdict for verdict in Verdict}
    made: dict[str, Verdict] = {}
    for key, word in verdicts.items():
        name = f"{key.__module__}.{key.__qualname__}" if isinstance(key, type) else key
        if str(word).lower() not in known:
            raise ValueError(f"policy of {name}: {word!r} is none of {', '.join(known)}")
        made[name] = known[str(word).lower()]
    _Overrides.verdicts = made
    _rows.cache_clear()


def unwrap(error: BaseException) -> BaseException:
    """Find what the wrappers of discord.py hold."""
    for _ in range(MAX_CHAIN):
        inner = read(error, "original")
        # What a flag's converter raised says no more than BadFlagArgument itself.
        if isinstance(error, commands.UserInputError) or not isinstance(inner, BaseException):
            break
        error = inner
    return error


def read(error: BaseException, name: str) -> Any:
    """Read an attribute that an error may have; judging an error never raises another."""
    try:
        return getattr(error, name, None)
    except Exception:  # noqa: BLE001  # a property of somebody's class
        return None


def causes(error: BaseException) -> list[BaseException]:
    """List an error and everything that it was made of.

    That is ``.original``, ``__cause__`` and the members of a group. Not ``__context__``: a bug in
    the code that handles a member's mistake is a bug.
    """
    found = [error]
    if inner := _inner(error):
        waiting, seen = [*inner], {id(error)}
        while waiting and len(found) < MAX_CHAIN:
            one = waiting.pop(0)
            if id(one) not in seen:
                seen.add(id(one))
                found.append(one)
                waiting += _inner(one)
    return found


def _inner(error: BaseException) -> Sequence[BaseException]:
    original = read(error, "original")
    if original is None and error.__cause__ is None and not isinstance(error, BaseExceptionGroup):
        # As most are.
        return ()
    found: list[BaseException] = []
    if isinstance(original, BaseException):
        found.append(original)
    if error.__cause__ is not None:
        found.append(error.__cause__)
    if isinstance(error, BaseExceptionGroup):
        found += error.exceptions
    return found


def decide(error: BaseException, family: list[BaseException] | None = None) -> Decision:
    """Judge an error by its class, through its wrappers and causes.

    The error that the wrappers hold decides. Where no row but the last knows it, a cause that is
    known to be the member's fault decides: ``raise RuntimeError from BadArgument`` is one, too. A
    group is as bad as its worst member.

    Args:
        error: any.
        family: what ``causes`` lists, where that was asked already.
    """
    if family is not None and len(family) == 1 and not isinstance(error, BaseExceptionGroup):
        # Made of nothing but itself, as most are.
        return _judge(error)
    root = unwrap(error)
    if isinstance(root, BaseExceptionGroup):
        return _of_group(root)
    decision = _judge(root)
    if decision.verdict is Verdict.ERROR and not isinstance(root, commands.BadArgument):
        for cause in causes(root)[1:]:
            # A time-out is made from a cancellation, and is none.
            if isinstance(cause, Exception) and not (of_cause := _judge(cause)).verdict.is_sent:
                return of_cause
    return decision


def _of_group(group: BaseExceptionGroup[BaseException]) -> Decision:
    decisions = [decide(member) for member in group.exceptions[:MAX_CHAIN]]
    worst = max(decisions, key=lambda one: WORST.index(one.verdict))
    return worst._replace(root=group) if worst.verdict.is_sent else worst


def _judge(error: BaseException) -> Decision:
    kind: type = type(error)
    rows, have_codes, override = _rows(kind)
    rule = rows[0] if len(rows) == 1 else _row_of(error, rows, have_codes=have_codes)
    verdict = override or rule.verdict
    return Decision(verdict, rule.status, error, rule.fingerprint, rule.by_command, rule.by_guild)


def _row_of(error: BaseException, rows: tuple[Rule, ...], *, have_codes: bool) -> Rule:
    code: object = read(error, "code") if have_codes else None
    for rule in rows:
        if (not rule.codes or (isinstance(code, int) and code in rule.codes)) and (
            rule.when is None or _holds(rule.when, error)
        ):
            break
    return rule


def _holds(when: Callable[[Any], bool], error: BaseException) -> bool:
    try:
        return when(error)
    except Exception:  # noqa: BLE001  # a class that leaves out what its base promises
        return False


@lru_cache(MAX_CLASSES)
def _rows(kind: type) -> tuple[tuple[Rule, ...], bool, Verdict | None]:
    """List the rows that may hold for a class, down to the one that holds for all of it.

    And tell whether any of them asks for a code, and what the settings say of the class instead.
    """
    found: list[Rule] = []
    for rule in RULES:
        if rule.may_hold_for(kind):
            found.append(rule)
            if rule.is_by_class_alone:
                break
    return tuple(found), any(rule.codes for rule in found), _override(kind)


def _override(kind: type) -> Verdict | None:
    for base in kind.__mro__:
        for name in (f"{base.__module__}.{base.__qualname__}", base.__name__):
            if name in _Overrides.verdicts:
                return _Overrides.verdicts[name]
    return None


def is_expected(error: BaseException) -> bool:
    """Tell whether an error stays at home: the person who ran the command is answered kindly."""
    return not decide(error).verdict.is_sent
