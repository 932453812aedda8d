"""Bodies as we send them and as Sentry answers them → one form that can be compared. Pure.

Sentry answers otherwise than it is asked: ids are texts, conditions come in any order, a query is
wrapped twice, an owner is an object, nulls become defaults. Only what we set is compared.
"""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

from tux.provisioning.marks import unmarked
from tux.provisioning.objects import MONITORS, Body, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


_MINUTES: Final = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}


def comparable(kind: Kind, body: Body) -> Body:
    """Bring a body into the form that is compared, hashed and shown."""
    return _FORMS[kind](body)


def _number(value: Any) -> Any:
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _text(value: Any) -> str:
    return str(value or "").strip()


def _owner(value: Any) -> str:
    """``{"type": "team", "id": "6"}`` is answered for ``team:6``."""
    if isinstance(value, dict):
        return f"{value.get('type')}:{value.get('id')}"
    return _text(value)


def _named(items: Iterable[tuple[str, Any]]) -> Body:
    """Make a table of what comes in any order; of two with one name, the second is told apart."""
    seen: Counter[str] = Counter()
    table: Body = {}
    for name, value in sorted(items, key=lambda item: (item[0], json.dumps(item[1]))):
        seen[name] += 1
        table[name if seen[name] == 1 else f"{name} #{seen[name]}"] = value
    return table


def _monitor(body: Body) -> Body:
    source = (body.get("dataSources") or [{}])[0]
    if "queryObj" in source:
        source = source["queryObj"]["snubaQuery"]
    group = body.get("conditionGroup") or {}
    mode = _text(source.get("extrapolationMode"))
    return {
        "name": _text(body.get("name")),
        "description": unmarked(body.get("description")),
        "enabled": bool(body.get("enabled", True)),
        "owner": _owner(body.get("owner")),
        "aggregate": _text(source.get("aggregate")),
        "dataset": _text(source.get("dataset")),
        "query": _text(source.get("query")),
        "eventTypes": sorted(source.get("eventTypes") or []),
        "timeWindow": _number(source.get("timeWindow")),
        "environment": source.get("environment"),
        "extrapolationMode": "" if mode == "unknown" else mode,
        "logicType": _text(group.get("logicType")),
        "conditions": _named(
            (
                _text(one.get("type")),
                {
                    "comparison": _number(one.get("comparison")),
                    "result": _number(one.get("conditionResult")),
                },
            )
            for one in group.get("conditions") or []
        ),
        "detection": _text((body.get("config") or {}).get("detectionType")),
    }


def _action(action: Body) -> tuple[str, Body]:
    config = action.get("config") or {}
    name = f"{action.get('type')} {config.get('targetType')} {config.get('targetIdentifier')}"
    return name, {
        "integration": _text(action.get("integrationId")),
        "status": _text(action.get("status")) or "active",
        "tags": _text((action.get("data") or {}).get("tags")),
    }


def _alert(body: Body) -> Body:
    triggers = body.get("triggers") or {}
    filters = body.get("actionFilters") or []
    return {
        "name": _text(body.get("name")),
        "enabled": bool(body.get("enabled", True)),
        "owner": _owner(body.get("owner")),
        "environment": body.get("environment"),
        "monitors": sorted(map(str, body.get(MONITORS) or [])),
        "frequency": _number((body.get("config") or {}).get("frequency")),
        "logicType": _text(triggers.get("logicType")),
        "triggers": _named(
            (_text(one.get("type")), one.get("comparison"))
            for one in triggers.get("conditions") or []
        ),
        "filters": _named(
            (
                _text(one.get("logicType")),
                {
                    "conditions": _named(
                        (_text(part.get("type")), part.get("comparison"))
                        for part in one.get("conditions") or []
                    ),
                    "actions": _named(map(_action, one.get("actions") or [])),
                },
            )
            for one in filters
        ),
    }


def _widget(widget: Body) -> Body:
    layout = widget.get("layout") or {}
    return {
        "displayType": _text(widget.get("displayType")),
        "widgetType": _text(widget.get("widgetType")),
        "interval": _text(widget.get("interval")) or "5m",
        "limit": _number(widget.get("limit")),
        "description": unmarked(widget.get("description")),
        "thresholds": widget.get("thresholds"),
        "layout": {side: _number(layout.get(side)) for side in ("x", "y", "w", "h", "minH")},
        "queries": {
            str(place): {
                "name": _text(query.get("name")),
                "fields": query.get("fields") or [],
                "aggregates": query.get("aggregates") or [],
                "columns": query.get("columns") or [],
                "fieldAliases": [
                    alias for alias in query.get("fieldAliases") or [] if _text(alias)
                ],
                "conditions": _text(query.get("conditions")),
                "orderby": _text(query.get("orderby")),
            }
            for place, query in enumerate(widget.get("queries") or [])
        },
    }


def _dashboard(body: Body) -> Body:
    return {
        "title": _text(body.get("title")),
        "projects": sorted(map(int, body.get("projects") or [])),
        "environment": sorted(body.get("environment") or []),
        "period": _text(body.get("period")),
        "widgets": _named(
            (_text(widget.get("title")), _widget(widget)) for widget in body.get("widgets") or []
        ),
    }


def _schedule(value: Any) -> Any:
    """Bring intervals to minutes: check-ins may say an hour. A crontab's line is left as it is."""
    if not isinstance(value, list):
        return _text(value)
    count, unit = value if len(value) == 2 else (0, "")  # noqa: PLR2004  # a number and its unit
    if unit in _MINUTES:
        return [float(count) * _MINUTES[unit], "minute"]
    return [_number(part) for part in value]


def _cron(body: Body) -> Body:
    config = body.get("config") or {}
    return {
        "name": _text(body.get("name")),
        "status": _text(body.get("status")) or "active",
        "owner": _owner(body.get("owner")),
        "schedule_type": _text(config.get("schedule_type")),
        "schedule": _schedule(config.get("schedule")),
        "checkin_margin": _number(config.get("checkin_margin")),
        "max_runtime": _number(config.get("max_runtime")),
        "timezone": _text(config.get("timezone")) or "UTC",
        "failure_issue_threshold": _number(config.get("failure_issue_threshold") or 1),
        "recovery_threshold": _number(config.get("recovery_threshold") or 1),
    }


def _project(body: Body) -> Body:
    return {
        "dataScrubber": bool(body.get("dataScrubber")),
        "dataScrubberDefaults": bool(body.get("dataScrubberDefaults")),
        "scrubIPAddresses": bool(body.get("scrubIPAddresses")),
        "sensitiveFields": sorted(body.get("sensitiveFields") or []),
        "safeFields": sorted(body.get("safeFields") or []),
        "relayPiiConfig": json.loads(body.get("relayPiiConfig") or "{}"),
    }


def _key(body: Body) -> Body:
    limit = body.get("rateLimit") or {}
    return {"window": _number(limit.get("window")), "count": _number(limit.get("count"))}


_FORMS: Final[dict[Kind, Callable[[Body], Body]]] = {
    Kind.MONITOR: _monitor,
    Kind.ALERT: _alert,
    Kind.DASHBOARD: _dashboard,
    Kind.CRON: _cron,
    Kind.PROJECT: _project,
    # Some filters have a list of what they filter instead of a yes.
    Kind.FILTER: lambda body: {"active": bool(body.get("active"))},
    Kind.KEY: _key,
    Kind.RELEASE: lambda body: {"version": body.get("version")},
    Kind.DEPLOY: lambda body: {"environment": body.get("environment"), "name": body.get("name")},
}
