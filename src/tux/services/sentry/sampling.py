"""Whether a transaction is kept, decided before anything is built for it.

The SDK builds a transaction with its ids and spans first and asks afterwards: what is thrown away
costs it most of what is kept does. The rules are the SDK's own: https://docs.sentry.io/platforms/python/configuration/sampling/
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import sentry_sdk
from sentry_sdk.tracing import NoOpSpan
from sentry_sdk.tracing_utils import has_tracing_enabled
from sentry_sdk.utils import is_valid_sample_rate

from tux.services.sentry.delivery.transport import SpoolingTransport
from tux.services.sentry.flows import TRANSACTIONS
from tux.services.sentry.health import note_fault

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentry_sdk.client import BaseClient
    from sentry_sdk.scope import Scope
    from sentry_sdk.tracing_utils import Baggage, PropagationContext


# One of our own: a bot may have seeded Python's, and counts on what comes next.
_random: Final = random.Random().random  # noqa: S311  # no secret hangs on it


class Chance(NamedTuple):
    """By what chance a transaction was kept; receivers extrapolate from it."""

    rate: float
    rand: float
    """What was drawn: below the rate."""


class NotSampled(NoOpSpan):
    """What stands for a transaction that is not kept and for each of its spans: one for all.

    Whoever asks it for its trace is told that of the unit of work that runs.
    """

    __slots__ = ()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, value: object, trace: object) -> None:
        """Hold nothing that would have to end."""

    def set_flag(self, flag: str, result: bool) -> None:  # noqa: FBT001  # the SDK's
        """Keep nothing: it stands for many."""

    @property
    def containing_transaction(self) -> Self:  # type: ignore[override]  # no transaction, and as good as one
        """Stand for the transaction: who asks the scope for it may set what it likes."""
        return self

    def start_child(self, *_: Any, **__: Any) -> Self:
        """Stand for the child as well."""
        return self

    @property  # type: ignore[misc]  # nobody may give it one
    def trace_id(self) -> str:
        """The trace of what runs now."""
        return _propagation().trace_id

    @property  # type: ignore[misc]  # as above
    def span_id(self) -> str:
        """The id that stands for all spans of what runs now."""
        return _propagation().span_id

    def to_traceparent(self) -> str:
        """Tell others that this trace is not kept."""
        return f"{_propagation().to_traceparent()}-0"

    def to_baggage(self) -> Baggage:
        """Tell others what they need to decide alike."""
        return _propagation().get_baggage()

    get_baggage = to_baggage

    def iter_headers(self) -> Iterator[tuple[str, str]]:
        """Give the headers by which others continue the trace."""
        yield "sentry-trace", self.to_traceparent()
        baggage = self.to_baggage().serialize()
        if baggage:
            yield "baggage", baggage

    # The names by which the SDK itself calls them.
    _to_traceparent = to_traceparent
    _to_baggage = _get_baggage = to_baggage
    _iter_headers = iter_headers


def _propagation() -> PropagationContext:
    return sentry_sdk.get_current_scope().get_active_propagation_context()


NOT_SAMPLED: Final = NotSampled(sampled=False)


def draw(
    client: BaseClient, op: str, name: str, source: str, *, parent_sampled: bool | None = None
) -> Chance | None:
    """Decide whether a transaction is kept; None where it is not, which client reports will tell."""
    options: dict[str, Any] = client.options
    if not has_tracing_enabled(options):
        return None
    sampler = options.get("traces_sampler")
    if sampler is not None:
        unit = {"op": op, "name": name, "source": source}
        rate = _ask(sampler, {"transaction_context": unit, "parent_sampled": parent_sampled})
    else:
        rate = options["traces_sample_rate"] if parent_sampled is None else parent_sampled
    # The SDK's check costs more than all else here: it is for what needs a closer look.
    if not isinstance(rate, float) or not 0.0 <= rate <= 1.0:
        rate = float(rate) if is_valid_sample_rate(rate, source="Tracing") else 0.0
    reason = "sample_rate"
    monitor = client.monitor
    if monitor is not None and monitor.downsample_factor:
        # The receiver does not keep up.
        rate, reason = rate / 2**monitor.downsample_factor, "backpressure"
    rand = _random()
    if rand < rate and TRANSACTIONS.admit():
        return Chance(rate, rand)
    transport = client.transport
    if type(transport).__base__ is SpoolingTransport and reason == "sample_rate":
        transport.record_unsampled()  # type: ignore[union-attr]  # `isinstance` of an ABC costs as much as all of this
    elif transport is not None:
        transport.record_lost_event(reason, "transaction")
        transport.record_lost_event(reason, "span")
    return None


def _ask(sampler: Callable[[Any], Any], context: dict[str, Any]) -> Any:
    try:
        return sampler(context)
    except Exception as error:  # noqa: BLE001  # a user's function; the SDK keeps nothing then, too
        note_fault(error)
        return 0.0


def start_kept(
    scope: Scope, chance: Chance, **options: Any
) -> sentry_sdk.tracing.Transaction | NoOpSpan:
    """Start a transaction that was decided for, in the SDK."""
    transaction = scope.start_transaction(sampled=True, **options)
    if isinstance(transaction, sentry_sdk.tracing.Transaction):
        # To the SDK a decision that it did not make has a rate of 100 %.
        transaction.sample_rate = chance.rate
        transaction._sample_rand = chance.rand  # noqa: SLF001  # a test pins its name
    return transaction
