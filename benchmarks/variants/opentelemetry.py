"""OpenTelemetry's community instrumentation of discord.py; spans are thrown away like envelopes.

Its venv has neither the SDK nor Tux.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from discord.ext import commands
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBasedTraceIdRatio
from opentelemetry_instrumentation_discordpy import DiscordPyInstrumentor

from benchmarks.failures import raised

if TYPE_CHECKING:
    from benchmarks.rounds import Plan

_tracer = trace.get_tracer(__name__)


class Work(commands.Cog):
    """Two commands."""

    @commands.command()
    async def work(self, _ctx: commands.Context[Any]) -> None:
        """Work in three parts."""
        with _tracer.start_as_current_span("SELECT rank"):
            pass
        with _tracer.start_as_current_span("GET /comics"):
            pass
        with _tracer.start_as_current_span("draw"):
            pass

    @commands.command()
    async def fail(self, ctx: commands.Context[Any]) -> None:
        """Fail."""
        raise raised(ctx.author.id)


class _Discarding(SpanExporter):  # type: ignore[misc]  # not installed where mypy runs
    def export(self, spans: Any) -> Any:  # noqa: ARG002  # the base class's name
        return SpanExportResult.SUCCESS


def start(plan: Plan) -> None:
    """Start as its manual has it, with a batch processor."""
    provider = TracerProvider(sampler=ParentBasedTraceIdRatio(plan.rate))
    provider.add_span_processor(BatchSpanProcessor(_Discarding()))
    trace.set_tracer_provider(provider)
    DiscordPyInstrumentor().instrument()


def capture(error: Exception) -> None:
    """Note it in the span that runs; there are no events here."""
    trace.get_current_span().record_exception(error)
