"""docs/api.md, made from the application itself: every path, parameter and field."""

from collections.abc import Iterable, Mapping
from typing import Any

from portal.api.application import ADDRESS, make_api
from portal.api.paging import LONGEST
from portal.api.reader import REQUESTS

_START = f"""\
# The programming interface

Programs read here, as JSON, what their person sees on the portal's pages: the same things, under
the same permissions ([permissions.md](permissions.md)). It only reads; nothing can be written yet.
This page is made from the code by `core-portal api`; a test fails when it is out of date. The same
description for programs is at `{ADDRESS}/openapi.json`, which needs no token.

## Signing in

Somebody makes a token under "Your details", "API tokens". It stands for that person, acting for the
institution acted for when it was made, and is sent with every request:

```
curl -H "Authorization: Bearer core_..." https://the-portal{ADDRESS}/me
```

- A token works for 30 days, 90 days or a year. It is shown once; only a hash of it is kept.
- Making one asks for the password and is confirmed by e-mail. Each is listed with its last use and
  can be taken away at any time; both are in the audit trail.
- It stops at once when the account is deactivated or deleted, its password is reset, or the person
  no longer works for the institution. While a new password is demanded, or a second factor has
  still to be set up, it is refused with 403.
- Cookies open nothing here.

## Lists

A list holds what may be seen, by `id` from the smallest, a page at a time. `next` is the address of
the next page, with the same filters, or null on the last one. `limit` is 50, and {LONGEST} at most.
Every list takes `limit` and `after`. A parameter that a list does not have is refused, so that a
filter misspelt does not read everything.

## What is answered when something is wrong

Problem documents (`application/problem+json`, RFC 9457) with `title`, `status` and `detail`.

| status | when |
| --- | --- |
| 401 | no token, or one that is not in force |
| 403 | the person must first choose a password or set up a second factor, on the portal's pages |
| 404 | there is no such thing, or it is out of reach: the two are answered alike |
| 405 | anything but GET |
| 422 | something in the address could not be read; `errors` names each parameter |
| 429 | more than {REQUESTS.rate.amount} requests a minute with one token; `Retry-After` says how \
long to wait, in seconds |

Instants are in UTC (`2026-11-24T09:30:00Z`), days are `2026-11-24`. Nothing that opens an account
is ever answered, and no answer is kept by a cache (`no-store`).
"""
_IN_EVERY_LIST = ("limit", "after")
_TYPES = {"integer": "number", "string": "text", "boolean": "true or false", "object": "object"}


def document() -> str:
    """The text of docs/api.md."""
    described = make_api().openapi()
    schemas: Mapping[str, Any] = described["components"]["schemas"]
    paths: Mapping[str, Any] = described["paths"]
    problems = [_described(name, schemas[name]) for name in ("Problem", "Wrong")]
    parts = [_START, *problems, "\n## Paths\n\n", _row("path", "answers"), _row("---", "---")]
    for path, methods in paths.items():
        parts.append(_row(f"`{ADDRESS}{path}`", methods["get"]["description"]))
    shown: set[str] = set()
    for path, methods in paths.items():
        parts.append(f"\n## GET {path}\n")
        filters = [
            parameter
            for parameter in methods["get"].get("parameters", [])
            if parameter["in"] == "query" and parameter["name"] not in _IN_EVERY_LIST
        ]
        if filters:
            parts.append(_table("filter", ((p["name"], _given(p["schema"]), p) for p in filters)))
        answer = methods["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        found = _schemas_in(answer, schemas)
        is_list = found[0].startswith("Listed_")
        named = found[1:] if is_list else found
        parts.append(f"\nAnswers {'a page of' if is_list else 'one'} {named[0]}.\n")
        for name in named:
            if name in shown:
                continue
            shown.add(name)
            parts.append(_described(name, schemas[name]))
    return "".join(parts)


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |\n"


def _described(name: str, schema: Mapping[str, Any]) -> str:
    """An object with its fields."""
    fields = ((field, found, found) for field, found in schema["properties"].items())
    return f"\n{name}: {schema['description'].splitlines()[0]}\n{_table('field', fields)}"


def _table(heading: str, rows: Iterable[tuple[str, Mapping[str, Any], Mapping[str, Any]]]) -> str:
    lines = ["\n", _row(heading, "kind", "meaning"), _row("---", "---", "---")]
    lines += [
        _row(f"`{name}`", _kind(schema), described.get("description", ""))
        for name, schema, described in rows
    ]
    return "".join(lines)


def _kind(schema: Mapping[str, Any]) -> str:
    """What a value is, in words."""
    if "$ref" in schema:
        return _name(schema)
    if "anyOf" in schema:
        return " or ".join(
            "null" if part.get("type") == "null" else _kind(part) for part in schema["anyOf"]
        )
    if schema["type"] == "array":
        return f"list of {_kind(schema['items'])}"
    if schema.get("format") in ("date", "date-time"):
        return "day" if schema["format"] == "date" else "instant"
    return _TYPES[schema["type"]]


def _given(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema of a filter that is given: one may be left out, but null cannot be sent."""
    found: Mapping[str, Any] = next(p for p in schema["anyOf"] if p.get("type") != "null")
    return found


def _name(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _schemas_in(schema: Mapping[str, Any], schemas: Mapping[str, Any]) -> list[str]:
    """The names of the objects in an answer, those inside others after them."""
    if "$ref" in schema:
        name = _name(schema)
        inside = [_schemas_in(f, schemas) for f in schemas[name].get("properties", {}).values()]
        return [name, *(other for found in inside for other in found)]
    parts = [*schema.get("anyOf", []), *([schema["items"]] if "items" in schema else [])]
    return [name for part in parts for name in _schemas_in(part, schemas)]
