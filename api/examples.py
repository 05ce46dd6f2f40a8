"""Examples of every call in the OpenAPI document: a story that was played on a real server, as it was recorded."""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

Recorded = tuple[dict[str, Any], ...]


@lru_cache
def recorded() -> Recorded:
    """Return the calls of the story in order: what was asked, and status, media type and body of the answer."""
    return tuple(json.loads(files("api").joinpath("examples.json").read_text("utf-8")))


def add_examples(document: dict[str, Any]) -> None:
    """Put the request and the answer of each recorded call into an OpenAPI document."""
    for told in recorded():
        method, path = told["call"].split(" ")
        call = document["paths"][path][method.lower()]
        given = {"path": told["path"], "query": told["query"]}
        for parameter in call.get("parameters", ()):
            value = given.get(parameter["in"], {}).get(parameter["name"])
            if value is not None:
                parameter["example"] = value
        if told["body"] is not None:
            for content in call["requestBody"]["content"].values():
                content["example"] = told["body"]
        if told["type"]:
            contents = call["responses"][str(told["status"])].setdefault("content", {})
            contents.setdefault(told["type"], {})["example"] = told["answer"]
