"""Headers: the columns of a list or report, with rows or without, in the order of the model that documents it."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_origin

from fastapi import Request
from pydantic import BaseModel
from pydantic.fields import FieldInfo


def left_out(schema: dict[str, Any]) -> None:
    """Mark a field, as its `json_schema_extra`, that is left out of an answer unless it was asked for."""
    del schema["default"]


def columns(request: Request, rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of flat rows in the order in which they are documented, then those that only rows bring along.

    Such are attributes of contacts and what is nested in place of null. Without rows, all that are documented.
    """
    known, there = _documented(request), _of_rows(rows)
    return [name for name in known if name in there] + [name for name in there if name not in known] if rows else known


def _of_rows(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """The columns of rows, as they first come; without one that is null where it is not nested further."""
    named = list(dict.fromkeys(key for row in rows for key in row))
    holding = {key[:i] for key in named for i, letter in enumerate(key) if letter == "."}
    return [key for key in named if key not in holding or any(row.get(key) is not None for row in rows)]


def _documented(request: Request) -> list[str]:
    model = getattr(request.scope.get("route"), "response_model", None)
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        return []
    by = [part for name in ("by", "a.by") for value in request.query_params.getlist(name) for part in value.split(",")]
    asked = {name for name, value in request.query_params.items() if value != "false"}
    (item,) = get_args(model.model_fields["items"].annotation)
    return _columns(item, "", by, asked)


def _columns(model: type[BaseModel], prefix: str, by: Sequence[str], asked: set[str]) -> list[str]:
    named: list[str] = []
    for name, field in model.model_fields.items():
        if name == "group":
            named += [f"{prefix}group.{part.strip()}" for part in by]
        elif field.json_schema_extra is not left_out or name in asked:
            named += _of_field(name, field, prefix, by, asked)
    return named


def _of_field(name: str, field: FieldInfo, prefix: str, by: Sequence[str], asked: set[str]) -> list[str]:
    kind: Any = field.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _columns(kind, f"{prefix}{name}.", by, asked)
    example = field.examples[0] if field.examples else None
    if isinstance(example, dict) and all(isinstance(value, int) for value in example.values()):
        return [f"{prefix}{name}.{key}" for key in example]
    return [] if get_origin(kind) is dict or isinstance(example, dict) else [prefix + name]
