"""One text → the same without secrets: the rules, in their order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from tux.services.sentry.scrubbing.assignments import scrub_assignments
from tux.services.sentry.scrubbing.cuts import cut_of, without_cut_tail, without_mistakable_tail
from tux.services.sentry.scrubbing.decoded import out_of_base64, unspelled
from tux.services.sentry.scrubbing.keys import SHORTEST, keys
from tux.services.sentry.scrubbing.markers import without_told
from tux.services.sentry.scrubbing.pairs import scrub_pairs
from tux.services.sentry.scrubbing.personal import emails, numbers
from tux.services.sentry.scrubbing.rules import (
    discord_tokens,
    private_keys,
    schemes,
    tokens_in_paths,
    url_credentials,
    url_queries,
)
from tux.services.sentry.scrubbing.statements import scrub_statements, statements
from tux.services.sentry.scrubbing.written import spelled

if TYPE_CHECKING:
    from tux.services.sentry.scrubbing.known import KnownValues
    from tux.services.sentry.scrubbing.own_rules import OwnRules
    from tux.services.sentry.scrubbing.suspicion import Suspicion

_SHORTEST: Final = 6
"""Characters of an e-mail address and of a known value, the shortest there are."""
_ROUNDS: Final = 4
_REPEATED: Final = 4_096
"""Characters of a text that is looked at again after something was removed."""
_DEEPEST: Final = 3
_CACHED_RUNS: Final = 16_384
_LONGEST_CACHED: Final = 256

# A text without any of these is clean: keys and tokens hold digits or are long, all else a sign.
_SIGNS = re.compile(r"[0-9@=:%<]")
_HINTS = (
    "--",
    "login",
    "bearer",
    "basic",
    "ssws",
    "', ",
    '", ',
    "[raw sql]",
    "password ",
    "identified",
    "insert",
    "setattr(",
)
_RUN = re.compile(rf"(?<!\S)\S{{{SHORTEST},}}+")
_SCHEMES = re.compile(r"(?:bearer|basic|bot|token|digest|negotiate|ssws)(?:\s|%20)")


class TextRules:
    """Remove secrets from texts."""

    def __init__(self, known: KnownValues, own: OwnRules, suspicion: Suspicion) -> None:
        self._known = known
        self._own = own
        self._suspicion = suspicion
        # It takes milliseconds to compile, which no event shall wait for.
        self._own.telling  # noqa: B018  # made at its first use
        self._clean_runs: set[str] = set()

    def scrubbed(self, text: str, depth: int = 0) -> str:
        """Apply all rules, and again while one finds something."""
        own = self._own
        kept: dict[str, str] = {}
        if own.kept_values:
            # First of all what is known: no list lets it pass.
            text, kept = own.set_aside(self._known.removed(text))
        if own.patterns:
            text = own.without_patterns(text)
        text = self._by_rules(text, depth)
        for held, value in kept.items():
            text = text.replace(held, value)
        return text

    def _by_rules(self, text: str, depth: int) -> str:
        if len(text) < _SHORTEST:
            return text
        for _ in range(_ROUNDS if len(text) <= _REPEATED else 1):
            scrubbed = self._once(text, depth)
            if scrubbed == text:
                break
            text = scrubbed
            # What stood beside a secret may only now be told from it.
            if self._suspicion.is_clean(spelled(without_told(text))):
                break
        return text

    def _once(self, text: str, depth: int) -> str:
        text = self._known.removed(text)
        if "PRIVATE KEY" in text or "Private-Lines" in text:
            text = private_keys(text)
        is_cut = cut_of(text) is not None
        if is_cut:
            text = without_mistakable_tail(text)
        lowered = text.lower()
        if _SIGNS.search(text) or any(hint in lowered for hint in _HINTS):
            text = _signed(text, lowered, self._own)
        if len(text) >= SHORTEST:
            text = _RUN.sub(lambda run: self._run(run[0], depth), text)
        return without_cut_tail(text) if is_cut else text

    def _run(self, run: str, depth: int) -> str:
        """Look at a run without spaces, which texts have in common."""
        if run in self._clean_runs:
            return run
        # What stands behind a percent sign would be cut off a key.
        scrubbed = run if "%" in run else keys(run)
        if depth < _DEEPEST:
            scrubbed = unspelled(scrubbed, lambda text: self.scrubbed(text, depth + 1))
            scrubbed = out_of_base64(keys(scrubbed), lambda text: self.scrubbed(text, depth + 1))
        else:
            scrubbed = keys(run)
        if scrubbed == run and depth == 0 and len(run) <= _LONGEST_CACHED:
            if len(self._clean_runs) >= _CACHED_RUNS:
                self._clean_runs.clear()
            self._clean_runs.add(run)
        return scrubbed


def _signed(text: str, lowered: str, own: OwnRules) -> str:
    """Apply the rules that begin with a sign, each where its sign stands."""
    if "webhooks" in text or "interactions" in text:
        text = tokens_in_paths(text)
    if "." in text:
        text = discord_tokens(text)
    if "://" in text:
        text = url_credentials(text)
    if "?" in text or "&" in text:
        text = url_queries(text)
    if "@" in text or "%40" in text:
        text = emails(text)
    text = numbers(text)
    if _SCHEMES.search(lowered):
        text = schemes(text)
    if "(" in text or "[" in text or "input" in text or ": " in text:
        text = statements(text)
    if own.telling.search(lowered):
        text = scrub_statements(scrub_pairs(text, own), own)
        if "=" in text or ":" in text or "%3" in text:
            text = scrub_assignments(text, own.kind_of)
    return text
