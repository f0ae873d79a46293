"""What the description of the API says of every operation alike: its problems, and how one is let in."""

from __future__ import annotations

from typing import Any

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "examples": ["Bad Request"]},
        "status": {"type": "integer", "examples": [400]},
        "detail": {
            "type": "string",
            "description": "What to do about it, in the language that was asked for.",
        },
        "instance": {"type": "string", "description": "The address that was asked."},
        "errors": {
            "type": "array",
            "description": "For 400: each fault of what was sent.",
            "items": {
                "type": "object",
                "required": ["at", "detail"],
                "properties": {
                    "at": {"type": "string", "description": "The parameter or member that it is about."},
                    "detail": {"type": "string"},
                },
            },
        },
    },
}
PROBLEMS = {
    "400": "What was sent cannot be understood.",
    "401": "Nobody is let in without a token.",
    "403": "The token was not made for that.",
    "404": "There is no such thing, or it is not to be seen by this caller.",
    "406": "Only JSON is given out.",
    "429": "Too many requests: `Retry-After` says when to come again.",
}
PROBLEMS_OF_CHANGES = {
    "409": "As things stand, this does not go; or the request of this key is being worked on.",
    "412": "It has changed since: `If-Match` names an older state.",
    "413": "This is more than is taken in one request.",
    "415": "Only JSON is read.",
    "422": "What was sent cannot be taken; or its key came with another request before.",
}


IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "schema": {"type": "string"},
    "description": "The `ETag` of an answer that is there: if it would be the same, it is not sent again (304).",
}


def _header(description: str, kind: str = "string", **more: Any) -> dict[str, Any]:
    return {"schema": {"type": kind}, "description": description, **more}


ETAG = {"ETag": _header("What this answer is known by.", required=True)}
LINK = {"Link": _header('The next page, as `rel="next"`, where there is one.')}
LOCATION = {"Location": _header("Where it can be read, if it has an address of its own.")}
REPLAYED = {"Idempotency-Replayed": _header("`true` if this was answered before, and nothing was done now.")}
CHALLENGE = {"WWW-Authenticate": _header("How one is let in.", required=True)}
RETRY = {"Retry-After": _header("In how many seconds to come again.", "integer", required=True)}
PACE = {
    "RateLimit-Policy": _header(
        "What may be asked at once (`q`), and in how many seconds all of it is back (`w`)."
    ),
    "RateLimit": _header("What is left of it (`r`), and in how many seconds all of it is back (`t`)."),
}


def leave_fields_open(result: dict[str, Any], **_given: Any) -> dict[str, Any]:
    """Require no field of what is read by an operation with `fields=`: the caller may have left it out."""
    schemas = result["components"].get("schemas", {})
    for operations in result["paths"].values():
        for operation in operations.values():
            if any(one["name"] == "fields" for one in operation.get("parameters", ())):
                schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
                read = schemas[_name(schema)]
                if "results" in read["properties"]:
                    read = schemas[_name(read["properties"]["results"]["items"])]
                read.pop("required", None)
    return result


def _name(schema: dict[str, Any]) -> str:
    return str(schema["$ref"]).rsplit("/", 1)[1]


def add_problems(result: dict[str, Any], **_given: Any) -> dict[str, Any]:
    """Add to every operation of the description how it refuses."""
    result["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    for operations in result["paths"].values():
        for method, operation in operations.items():
            problems = PROBLEMS if method == "get" else PROBLEMS | PROBLEMS_OF_CHANGES
            if method != "get" and not _takes(operation, "If-Match"):
                problems = {status: said for status, said in problems.items() if status != "412"}
            for status, description in problems.items():
                operation["responses"].setdefault(status, {"description": description, "content": content})
    return result


def add_headers(result: dict[str, Any], **_given: Any) -> dict[str, Any]:
    """Add to every operation of the description the headers of its answers, and how to ask whether one is still so."""
    for operations in result["paths"].values():
        for method, operation in operations.items():
            answers = operation["responses"]
            if method == "get" and operation["operationId"] != "root":
                operation.setdefault("parameters", []).append(IF_NONE_MATCH)
                answers["304"] = {"description": "It is still as it was.", "headers": ETAG}
            for status, answer in answers.items():
                headers = _headers(method, operation, status)
                if headers:
                    answer.setdefault("headers", {}).update(headers)
    return result


def _headers(method: str, operation: dict[str, Any], status: str) -> dict[str, Any]:
    if status == "401":
        return CHALLENGE
    if status == "429":
        return {**RETRY, **PACE}
    if not status.startswith("2"):
        return {}
    headers = dict(PACE)
    if _takes(operation, "If-None-Match") or (_takes(operation, "If-Match") and status == "200"):
        headers |= ETAG
    if _takes(operation, "cursor"):
        headers |= LINK
    if _takes(operation, "Idempotency-Key"):
        headers |= REPLAYED | (LOCATION if status == "201" else {})
    return headers


def _takes(operation: dict[str, Any], name: str) -> bool:
    return any(one["name"] == name for one in operation.get("parameters", ()))
