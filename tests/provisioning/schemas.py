"""What Sentry takes in the bodies that we send, in our own words; strict where Sentry is lax."""

from __future__ import annotations

from typing import Any

TEXT = {"type": "string"}
NUMBER = {"type": "number"}
WHOLE = {"type": "integer"}
FLAG = {"type": "boolean"}
OWNER = {"type": "string", "pattern": r"^(team|user):\d+$"}


def closed(needed: dict[str, Any], other: dict[str, Any] | None = None) -> dict[str, Any]:
    """Describe an object that has these names and no others."""
    return {
        "type": "object",
        "properties": {**needed, **(other or {})},
        "required": list(needed),
        "additionalProperties": False,
    }


def listed(item: dict[str, Any], least: int = 0, most: int = 1000) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": least, "maxItems": most}


def maybe(kind: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [kind, {"type": "null"}]}


def one_of(*values: Any) -> dict[str, Any]:
    return {"enum": list(values)}


ERROR_SOURCE = closed(
    {
        "aggregate": one_of("count()", "count_unique(user)"),
        "dataset": one_of("events"),
        "query": TEXT,
        "queryType": one_of(0),
        "eventTypes": listed(one_of("error", "default"), 1),
        "timeWindow": {"type": "integer", "minimum": 60, "maximum": 86400, "multipleOf": 60},
        "environment": maybe(TEXT),
    }
)
SPAN_SOURCE = closed(
    {
        "aggregate": {
            "type": "string",
            "pattern": r"^((count|avg|p50|p75|p95|p99|max)\(span\.duration\)|failure_rate\(\)"
            r"|count_unique\(user\))$",
        },
        "dataset": one_of("events_analytics_platform"),
        "query": TEXT,
        "queryType": one_of(1),
        "eventTypes": {"const": ["trace_item_span"]},
        "timeWindow": {"type": "integer", "minimum": 300, "maximum": 86400, "multipleOf": 60},
        "environment": maybe(TEXT),
        "extrapolationMode": one_of("none", "client_and_server_weighted"),
    }
)
CONDITION = closed(
    {
        "type": one_of("gt", "gte", "lt", "lte"),
        "comparison": NUMBER,
        "conditionResult": one_of(75, 50, 0),
    }
)
MONITOR = closed(
    {
        "name": {"type": "string", "maxLength": 200},
        "type": one_of("metric_issue"),
        "dataSources": listed({"anyOf": [ERROR_SOURCE, SPAN_SOURCE]}, 1, 1),
        "conditionGroup": closed(
            {
                "logicType": one_of("any"),
                "conditions": {
                    **listed(CONDITION, 1, 3),
                    # One that resolves is mandatory.
                    "contains": {"properties": {"conditionResult": {"const": 0}}},
                },
            }
        ),
        "config": closed({"detectionType": one_of("static")}),
    },
    {
        "enabled": FLAG,
        "owner": OWNER,
        "description": TEXT,
        "workflowIds": listed(WHOLE),
    },
)
EMAIL = closed(
    {
        "type": one_of("email"),
        "integrationId": {"type": "null"},
        "data": closed({}),
        "status": one_of("active"),
        "config": closed(
            {
                "targetType": one_of("team", "user", "issue_owners"),
                "targetIdentifier": {"type": "string", "pattern": r"^\d+$"},
                "targetDisplay": {"type": "null"},
            }
        ),
    }
)
DISCORD = closed(
    {
        "type": one_of("discord"),
        "integrationId": {"type": "string", "pattern": r"^\d+$"},
        "data": closed({"tags": TEXT}),
        "status": one_of("active"),
        "config": closed(
            {
                "targetType": one_of("specific"),
                "targetIdentifier": {"type": "string", "pattern": r"^\d{17,20}$"},
                "targetDisplay": TEXT,
            }
        ),
    }
)
ALERT = closed(
    {
        "name": {"type": "string", "maxLength": 256},
        "enabled": FLAG,
        "config": closed({"frequency": one_of(0, 5, 10, 30, 60, 180, 720, 1440)}),
        "triggers": closed(
            {
                "logicType": one_of("any-short"),
                "conditions": listed(
                    closed(
                        {
                            "type": one_of(
                                "first_seen_event",
                                "reappeared_event",
                                "regression_event",
                                "issue_resolved_trigger",
                            ),
                            "comparison": {"const": True},
                            "conditionResult": {"const": True},
                        }
                    ),
                    1,
                ),
            }
        ),
        "actionFilters": listed(
            closed(
                {
                    "logicType": one_of("all", "any-short", "none"),
                    "conditions": listed({}, 0, 0),
                    "actions": listed({"anyOf": [EMAIL, DISCORD]}, 1),
                }
            ),
            1,
        ),
        "detectorIds": listed(WHOLE),
    },
    {"id": TEXT, "owner": OWNER, "environment": maybe(TEXT)},
)
QUERY = closed(
    {"fields": listed(TEXT, 1), "conditions": TEXT},
    {
        "id": TEXT,
        "name": TEXT,
        "aggregates": listed(TEXT, 1),
        "columns": listed(TEXT),
        "fieldAliases": listed(TEXT),
        "orderby": TEXT,
    },
)
LAYOUT = closed(
    {
        "x": {"type": "integer", "minimum": 0, "maximum": 5},
        "y": {"type": "integer", "minimum": 0},
        "w": {"type": "integer", "minimum": 1, "maximum": 6},
        "h": {"type": "integer", "minimum": 1},
        "minH": {"type": "integer", "minimum": 1},
    }
)
WIDGET = closed(
    {
        "title": {"type": "string", "maxLength": 255, "minLength": 1},
        "displayType": one_of("line", "area", "bar", "table", "big_number"),
        "queries": listed(QUERY, 1, 10),
    },
    {
        "id": TEXT,
        "widgetType": one_of("error-events", "spans", "logs", "tracemetrics", "issue"),
        "interval": one_of("1m", "5m", "15m", "30m", "1h", "4h", "12h", "1d"),
        "limit": maybe({"type": "integer", "minimum": 1, "maximum": 10}),
        "description": maybe({"type": "string", "maxLength": 255}),
        "thresholds": {"type": "null"},
        "datasetSource": one_of("user"),
        "layout": LAYOUT,
    },
)
DASHBOARD = closed(
    {
        "title": {"type": "string", "maxLength": 255, "minLength": 1},
        "widgets": listed(WIDGET, 0, 30),
    },
    {
        "projects": listed(WHOLE),
        "environment": listed(TEXT),
        "period": one_of("1h", "24h", "7d", "14d", "30d", "90d"),
        "utc": FLAG,
        "filters": {"type": "object"},
        "permissions": closed(
            {"isEditableByEveryone": FLAG}, {"teamsWithEditAccess": listed(WHOLE)}
        ),
    },
)
CRON = closed(
    {
        "project": TEXT,
        "name": {"type": "string", "maxLength": 128},
        "slug": {"type": "string", "pattern": r"^(?!\d+$)[a-z0-9_-]{1,50}$"},
        # The one place that stays in snake_case.
        "config": closed(
            {
                "schedule_type": one_of("interval"),
                "schedule": {
                    "type": "array",
                    "prefixItems": [WHOLE, one_of("minute", "hour", "day")],
                    "minItems": 2,
                    "maxItems": 2,
                },
            },
            {
                "checkin_margin": WHOLE,
                "max_runtime": WHOLE,
                "timezone": TEXT,
                "failure_issue_threshold": {"type": "integer", "minimum": 1, "maximum": 720},
                "recovery_threshold": {"type": "integer", "minimum": 1, "maximum": 720},
            },
        ),
    },
    {"status": one_of("active", "disabled"), "owner": OWNER},
)
PROJECT = closed(
    {
        "dataScrubber": FLAG,
        "dataScrubberDefaults": FLAG,
        "scrubIPAddresses": FLAG,
        "sensitiveFields": listed(TEXT),
        "safeFields": listed(TEXT),
        "relayPiiConfig": TEXT,
    }
)
FILTER = closed({"active": FLAG})
KEY = closed(
    {
        "rateLimit": closed(
            {"window": {"type": "integer", "minimum": 1, "maximum": 86400}, "count": WHOLE}
        )
    }
)
RELEASE = closed(
    {"version": {"type": "string", "maxLength": 250}, "projects": listed(TEXT, 1)},
    {"ref": TEXT, "dateReleased": TEXT},
)
DEPLOY = closed(
    {"environment": {"type": "string", "maxLength": 64}},
    {
        "name": {"type": "string", "maxLength": 64},
        "dateStarted": TEXT,
        "dateFinished": TEXT,
        "projects": listed(TEXT),
    },
)
