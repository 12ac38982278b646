"""A small reader of OpenAPI 3.0 files: what is wrong with an answer, or with a request, by the file's own schemas."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

Json = Any
_TYPES: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "array": (list,),
    "string": (str,),
    "boolean": (bool,),
    "integer": (int,),
    "number": (int, float),
}


@dataclass(frozen=True)
class Operation:
    """One row of the file: where its path matches, and what it says about it."""

    path: str
    pattern: re.Pattern[str]
    told: Mapping[str, Json]


class OpenApi:
    """One OpenAPI file; everything that it does not know is an error, nothing is passed over."""

    def __init__(self, path: Path) -> None:
        self._file: Json = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        self.operations = {
            (method.upper(), path): Operation(path, _pattern(path), told)
            for path, methods in self._file["paths"].items()
            for method, told in methods.items()
            if method in ("get", "post", "put", "patch", "delete")
        }

    def operation(self, method: str, path: str) -> Operation | None:
        """The operation for a path as it was sent; one without parameters comes first."""
        fitting = [
            operation
            for (known, _), operation in self.operations.items()
            if known == method and operation.pattern.fullmatch(path)
        ]
        return min(fitting, key=lambda operation: operation.path.count("{"), default=None)

    def response_errors(self, method: str, path: str, status: int, content_type: str, body: Json) -> list[str]:
        """What is wrong with an answer; a path, status or media type that the file does not have is wrong too."""
        operation = self.operation(method, path)
        if operation is None:
            return ["no such operation"]
        response = self._resolved(operation.told["responses"].get(str(status)))
        if response is None:
            return [f"no such status: {status}"]
        content = response.get("content")
        if content is None:
            return [] if body is None else ["a body where there is none"]
        if content_type not in content:
            return [f"no such media type: {content_type}"]
        return list(self._errors(content[content_type]["schema"], body, "body"))

    def request_errors(self, method: str, path: str, query: Mapping[str, str], body: Json) -> list[str]:
        """What is wrong with a request: a parameter or a field that the file does not have, or a value."""
        operation = self.operation(method, path)
        if operation is None:
            return ["no such operation"]
        known = {
            one["name"] for one in map(self._resolved, operation.told.get("parameters", ())) if one["in"] == "query"
        }
        found = [f"no such parameter: {name}" for name in query if name not in known]
        given = self._resolved(operation.told.get("requestBody"))
        if given is None:
            return found + ([] if body is None else ["a body where there is none"])
        (schema,) = (content["schema"] for content in given["content"].values())
        if body is None:
            return found + (["no body"] if given.get("required") else [])
        return found + list(self._errors(schema, body, "body")) + list(self._strangers(schema, body, "body"))

    def needs_bearer(self, method: str, path: str) -> bool:
        """Whether the file wants a bearer token here, and no order token would do."""
        operation = self.operation(method, path)
        asked = operation.told.get("security", []) if operation else []
        return bool(asked) and all("bearerAuth" in one for one in asked)

    def resource_errors(self, name: str, value: Json) -> list[str]:
        """What is wrong with one resource by the schema of this name, which an `anyOf` of `included` may pass over."""
        return list(self._errors({"$ref": f"#/components/schemas/{name}"}, value, value["type"]))

    def attributes(self, name: str) -> frozenset[str]:
        """The names of the attributes of a resource's schema."""
        return frozenset(self._file["components"]["schemas"][name]["properties"]["attributes"]["properties"])

    def relationships(self, name: str) -> frozenset[str]:
        """The names of the relationships of a resource's schema."""
        properties = self._file["components"]["schemas"][name]["properties"]
        return frozenset(properties.get("relationships", {}).get("properties", {}))

    def _resolved(self, node: Json) -> Json:
        while isinstance(node, dict) and "$ref" in node:
            found = self._file
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/")]
            node = found
        return node

    def _errors(self, schema: Json, value: Json, at: str) -> Iterator[str]:
        schema = self._resolved(schema)
        if value is None and schema.get("nullable"):
            return
        if "allOf" in schema:
            for part in schema["allOf"]:
                yield from self._errors(part, value, at)
        for word in ("anyOf", "oneOf"):
            if word in schema and all(list(self._errors(part, value, at)) for part in schema[word]):
                yield f"{at}: fits none of {word}"
        if problem := _misfit(schema, value):
            yield f"{at}: {problem}"
            return
        yield from self._inside(schema, value, at)

    def _inside(self, schema: Json, value: Json, at: str) -> Iterator[str]:
        if isinstance(value, dict):
            yield from (f"{at}.{name}: missing" for name in schema.get("required", ()) if name not in value)
            for name, inner in schema.get("properties", {}).items():
                if name in value:
                    yield from self._errors(inner, value[name], f"{at}.{name}")
        if isinstance(value, list) and "items" in schema:
            for place, item in enumerate(value):
                yield from self._errors(schema["items"], item, f"{at}[{place}]")

    def _strangers(self, schema: Json, value: Json, at: str) -> Iterator[str]:
        schema = self._resolved(schema)
        known = schema.get("properties", {})
        if isinstance(value, dict) and known:
            yield from (f"{at}.{name}: unknown" for name in value if name not in known)
            for name, inner in known.items():
                yield from self._strangers(inner, value.get(name), f"{at}.{name}")
        if isinstance(value, list) and "items" in schema:
            for place, item in enumerate(value):
                yield from self._strangers(schema["items"], item, f"{at}[{place}]")


def _pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"({\w+})", path)
    return re.compile("".join(".+" if part.startswith("{") else re.escape(part) for part in parts))


def _misfit(schema: Json, value: Json) -> str | None:
    kind = schema.get("type")
    if kind is not None and (not isinstance(value, _TYPES[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return f"{value!r} is no {kind}"
    if "enum" in schema and value not in schema["enum"]:
        return f"{value!r} is none of {schema['enum']}"
    if "minimum" in schema and value < schema["minimum"]:
        return f"{value!r} is below {schema['minimum']}"
    if schema.get("format") == "date-time" and datetime.fromisoformat(value).tzinfo is None:
        return f"{value!r} has no offset"
    if schema.get("format") == "email" and "@" not in value:
        return f"{value!r} is no e-mail"
    return None
