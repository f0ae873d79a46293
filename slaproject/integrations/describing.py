"""The description of the API laid out for people: each operation with what it takes and what it answers."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from slaproject.integrations.api import whole_schema

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Named:
    """A parameter or a field: what it is called, of what kind it is, and what it says."""

    name: str
    kind: str
    says: str
    is_required: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """What one address does by one method; `key` names its place on the page."""

    key: str
    method: str
    path: str
    says: str
    parameters: tuple[Named, ...]
    body: tuple[Named, ...]
    example: str
    fields: tuple[Named, ...]


def operations() -> list[Operation]:
    """Return every operation, in the order of their addresses."""
    schema = whole_schema()
    known = schema["components"]["schemas"]
    return [
        Operation(
            key=operation["operationId"].replace("_", "-"),
            method=method.upper(),
            path=path,
            says=_plain(operation["description"]),
            parameters=tuple(_parameters(operation.get("parameters", ()), known)),
            body=tuple(_body(operation, known)),
            example=_example(operation),
            fields=tuple(_fields(_success(operation), known)),
        )
        for path, by_method in schema["paths"].items()
        for method, operation in by_method.items()
    ]


def _parameters(given: Any, known: Schema) -> Iterator[Named]:
    for one in given:
        yield Named(one["name"], _kind(one["schema"], known), _says(one), one.get("required", False))


def _success(operation: Schema) -> Schema:
    answers: Mapping[str, Schema] = operation["responses"]
    return next(answer for status, answer in answers.items() if status.startswith("2"))


def _body(operation: Schema, known: Schema) -> Iterator[Named]:
    content = operation.get("requestBody", {}).get("content", {})
    if not content:
        return
    schema = _resolved(content["application/json"]["schema"], known)
    if schema.get("type") == "array":
        schema = _resolved(schema["items"], known)
    needed = schema.get("required", ())
    for name, of in schema.get("properties", {}).items():
        yield Named(name, _kind(of, known), _says(of), name in needed)


def _example(operation: Schema) -> str:
    """Return the example of what is sent, laid out."""
    content = operation.get("requestBody", {}).get("content", {})
    examples = content.get("application/json", {}).get("examples", {})
    return "".join(json.dumps(one["value"], indent=2) for one in examples.values())


def _fields(answer: Schema, known: Schema) -> Iterator[Named]:
    (content,) = answer["content"].values()
    schema = _resolved(content["schema"], known)
    if "results" in schema.get("properties", {}):
        schema = _resolved(schema["properties"]["results"]["items"], known)
    for name, of in schema.get("properties", {}).items():
        yield Named(name, _kind(of, known), _says(of))


def _says(described: Schema) -> str:
    # The values of a choice stand there as a list; the kind says them already.
    return _plain(str(described.get("description", "")).split("* `")[0].strip())


def _plain(text: str) -> str:
    """Return a text of the schema, where marks of Markdown are read, without them."""
    return text.replace("`", "")


def _resolved(schema: Schema, known: Schema) -> Schema:
    while "$ref" in schema:
        schema = known[schema["$ref"].rsplit("/", 1)[1]]
    return schema


def _kind(schema: Schema, known: Schema) -> str:
    """Say in words of what kind a value is."""
    schema = _resolved(schema, known)
    if choices := list(_choices(schema, known)):
        return _("one of: %s") % ", ".join(_word(choice) for choice in choices)
    types = schema.get("type", "object")
    named = [types] if isinstance(types, str) else types
    kinds = [_type(kind, schema, known) for kind in named]
    return _(" or ").join(kinds)


def _type(kind: str, schema: Schema, known: Schema) -> str:
    match kind, schema.get("format"):
        case "array", _any:
            items = _resolved(schema.get("items", {}), known)
            inner = list(_choices(items, known))
            return _("several of: %s") % ", ".join(map(_word, inner)) if inner else _("list")
        case "string", "date-time":
            return _("instant")
        case "string", "date":
            return _("day")
        case "string", "decimal":
            return _("exact number, in text")
        case "boolean", _any:
            return _("true or false")
        case "integer", _any:
            return _("whole number")
        case "string", _any:
            return _("text")
        case "null", _any:
            return "null"
    return _("object")


def _choices(schema: Schema, known: Schema) -> Iterator[Any]:
    yield from schema.get("enum", ())
    for below in (*schema.get("oneOf", ()), *schema.get("allOf", ())):
        yield from _choices(_resolved(below, known), known)


def _word(choice: Any) -> str:
    return "null" if choice is None else str(choice) or '""'
