"""The table of addresses → a document that says what each takes and gives (OpenAPI 3.1). Pure."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final

from pydantic import TypeAdapter

from tux.station.api.endpoints import BASE, CHANGES, Endpoint

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_REFERENCE: Final = "#/components/schemas/{model}"
_REFUSAL: Final = {
    "type": "object",
    "required": ["detail", "causes"],
    "properties": {
        "detail": {"type": "string"},
        "causes": {"type": "array", "items": {"type": "string"}},
    },
}


@cache
def adapter_of(model: type[Any]) -> TypeAdapter[Any]:
    """Make what writes answers of a class; one takes a millisecond to make."""
    return TypeAdapter(model)


def document(endpoints: Iterable[Endpoint], version: str) -> dict[str, Any]:
    """Describe the API."""
    reads = tuple(endpoints)
    inputs: list[Any] = [
        (one.path, "serialization", adapter_of(one.model)) for one in (*reads, *CHANGES)
    ]
    schemas, definitions = TypeAdapter.json_schemas(inputs, ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for one in reads:
        paths[BASE + one.path] = {"get": _operation(one, schemas[one.path, "serialization"])}
    for change in CHANGES:
        given = schemas[change.path, "serialization"]
        paths.setdefault(BASE + change.path, {})["put"] = {
            **_operation(change, given),
            "requestBody": {"required": True, "content": _json(change.body)},
        }
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tux station",
            "version": version,
            "description": "What the station's pages show, as JSON. Times are Unix seconds, "
            "durations milliseconds. A station with a password asks for a token, see "
            "`tux station tokens`.",
        },
        "paths": paths,
        "security": [{"token": []}, {}],
        "components": {
            "schemas": {"Refusal": _REFUSAL, **definitions.get("$defs", {})},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Endpoint, schema: Mapping[str, Any]) -> dict[str, Any]:
    places = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "description": place.meaning,
            "schema": {"type": "string", "pattern": f"^{place.pattern}$"},
        }
        for name, place in one.places.items()
    ]
    words = [
        {
            "name": word.name,
            "in": "query",
            "description": word.meaning,
            "schema": word.schema(),
        }
        for word in one.parameters
    ]
    refusals = {"400": "a word is unknown or wrong", "401": "no token, or a wrong one"}
    if places:
        refusals["404"] = "there is no such thing, or no longer"
    refused = _json({"$ref": _REFERENCE.format(model="Refusal")})
    return {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": [*places, *words],
        "responses": {
            "200": {"description": "what is there", "content": _json(schema)},
            **{code: {"description": why, "content": refused} for code, why in refusals.items()},
        },
    }


def _json(schema: Mapping[str, Any]) -> dict[str, Any]:
    return {"application/json": {"schema": schema}}
