"""What is done before the first error, so that it need not be done then."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sentry_sdk

from tux.services.sentry import warm_up
from tux.services.sentry.delivery.transport import SpoolingTransport
from tux.services.sentry.health import internal_errors

if TYPE_CHECKING:
    import pytest
    from tests.fakes.sent import Sent

    from tux.services.sentry.scrubbing.scrubber import Scrubber


def test_a_rehearsal(sent: Sent, monkeypatch: pytest.MonkeyPatch) -> None:
    """It goes through without a fault, in the way that an event goes, and nothing of it arrives."""
    transport = sentry_sdk.get_client().transport
    assert isinstance(transport, SpoolingTransport)
    scrubbed: list[object] = []
    serialised = transport.scrubber.serialised

    def noted(_: Scrubber, data: dict[str, object]) -> bytes:
        scrubbed.append(data)
        return serialised(data)

    monkeypatch.setattr(type(transport.scrubber), "serialised", noted)
    before = internal_errors()
    warm_up.warm_up()
    assert internal_errors() == before
    assert len(scrubbed) == warm_up.REHEARSALS
    for event in scrubbed:
        assert isinstance(event, dict)
        assert "context_line" in event["exception"]["values"][0]["stacktrace"]["frames"][-1]
    assert sent.events == []
