"""What the OpenAPI document says of bodies and answers, which are read and written in bulk and not field by field."""

from typing import Any

from neuralrates.server.arrow import ARROW
from neuralrates.server.json_bodies import JSON
from neuralrates.server.slider_market import SliderTrade

_NUMBERS = {"type": "array", "items": {"type": "number"}}
_TEXTS = {"type": "array", "items": {"type": "string"}}
_ENGINE = {"type": "string", "enum": ["auto", "learned", "reference"], "default": "auto"}
_BINARY = {"schema": {"type": "string", "format": "binary"}}
_ERROR = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["field", "expected"],
            "properties": {
                "field": {"type": ["string", "null"]},
                "expected": {"type": "string"},
                "line": {"type": "integer"},
            },
        },
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}
_SAID = {
    400: "no JSON or Arrow, or not whole",
    401: "another key, or none",
    404: "no such bundle",
    408: "too slow a client",
    413: "too large a body",
    406: "another kind of answer",
    415: "another content type",
    422: "a field is wrong: which, where, and what was expected",
    503: "too many requests, or too much to price in time",
}
_POINTS = {
    "type": "object",
    "properties": {
        "points": {"type": "array", "items": _NUMBERS, "description": "rows, inputs in order"},
        "columns": {"type": "object", "additionalProperties": _NUMBERS},
        "engine": _ENGINE,
    },
}
_PRICES = {
    "type": "object",
    "properties": {
        "bundle": {"type": "string"},
        "units": {"type": "object"},
        "value": _NUMBERS,
        "error_band": _NUMBERS,
        "engine": _TEXTS,
        "in_domain": {"type": "array", "items": {"type": "boolean"}},
        "derivatives": {"type": "object", "additionalProperties": _NUMBERS},
        "status": _TEXTS,
    },
}
_BOOK = {
    "type": "object",
    "required": ["book", "market"],
    "properties": {
        "book": {"description": "trades as a JSON book has them, or the text of a CSV"},
        "market": {"description": "a market as its file has it, or the text of the file"},
        "model": {"type": "string", "default": "one_factor"},
        "engine": _ENGINE,
        "greeks": {"description": "a list of names, names between commas, or `all`"},
        "mean_reversion": {"description": "per year, or by currency", "default": 0.03},
        "keep_going": {"type": "boolean", "default": False},
        "report": {"type": "boolean", "default": False, "description": "also as HTML"},
    },
}


def points() -> dict[str, Any]:
    """Of prices of points."""
    return _operation(
        {JSON: {"schema": _POINTS}, ARROW: _BINARY}, {JSON: {"schema": _PRICES}, ARROW: _BINARY}
    )


def book() -> dict[str, Any]:
    """Of prices of a book."""
    return _operation({JSON: {"schema": _BOOK}}, {JSON: {"schema": {"type": "object"}}})


def trade() -> dict[str, Any]:
    """Of the price of one trade."""
    schema = SliderTrade.model_json_schema()
    return _operation({JSON: {"schema": schema}}, {JSON: {"schema": {"type": "object"}}})


def _operation(body: dict[str, Any], found: dict[str, Any]) -> dict[str, Any]:
    return {
        "requestBody": {"required": True, "content": body},
        "responses": {"200": {"description": "priced", "content": found}, **faults()},
    }


def faults() -> dict[str, Any]:
    """Answers to what is refused."""
    content = {JSON: {"schema": _ERROR}}
    return {str(code): {"description": said, "content": content} for code, said in _SAID.items()}
