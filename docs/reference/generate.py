"""Writes the generated part of docs/reference: `make docs`. A test fails when a committed file differs from this.

Each entry of FILES is a file name and the function that returns its text.
"""

import argparse
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import yaml

from coldport.cli import parser
from coldport.topics import ROOT, TABLE

HERE = Path(__file__).parent


def asyncapi() -> str:
    """Return the MQTT contract as AsyncAPI 3.0, from the topic table and the messages themselves."""
    _, schemas = msgspec.json.schema_components(
        [topic.message for topic in TABLE], ref_template="#/components/schemas/{name}"
    )
    channels: dict[str, Any] = {}
    operations: dict[str, Any] = {}
    for topic in TABLE:
        name = topic.path.split("/", 1)[0]
        message = topic.message.__name__
        address = f"{ROOT}/{{site}}/{topic.path}"
        names = [part[1:-1] for part in address.split("/") if part.startswith("{")]
        channels[name] = {
            "address": address,
            "description": topic.summary,
            "parameters": {one: {"description": f"id of the {one}"} for one in names},
            "messages": {message: {"$ref": f"#/components/messages/{message}"}},
        }
        operations[f"send-{name}"] = {
            "action": "send",
            "summary": f"{topic.sender} sends, {topic.receiver} receives.",
            "channel": {"$ref": f"#/channels/{name}"},
            "bindings": {"mqtt": {"qos": 1, "retain": topic.retained}},
        }
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Coldport on MQTT",
            "version": ROOT.removeprefix("coldport/"),
            "description": "Generated from coldport/topics.py and coldport/messages. JSON, UTC, RFC 3339; QoS 1.",
        },
        "defaultContentType": "application/json",
        "channels": channels,
        "operations": operations,
        "components": {
            "messages": {
                topic.message.__name__: {"payload": {"$ref": f"#/components/schemas/{topic.message.__name__}"}}
                for topic in TABLE
            },
            "schemas": schemas,
        },
    }
    plain = json.loads(msgspec.json.encode(document))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=120)


def command_line() -> str:
    """Return the help of every command, as the terminal shows it at 100 columns."""
    lines = ["# The `coldport` command", "", "Generated from the commands themselves.", ""]
    waiting: list[argparse.ArgumentParser] = [parser()]
    while waiting:
        one = waiting.pop(0)
        one.formatter_class = _hundred_columns
        lines += [f"## `{one.prog}`", "", "```", one.format_help().rstrip(), "```", ""]
        for action in one._actions:  # noqa: SLF001 - argparse has no public way to list its subcommands
            if isinstance(action.choices, dict):
                waiting += action.choices.values()
    return "\n".join(lines)


def _hundred_columns(prog: str) -> argparse.HelpFormatter:
    return argparse.HelpFormatter(prog, width=100)


FILES: dict[str, Callable[[], str]] = {
    "asyncapi.yaml": asyncapi,
    "cli.md": command_line,
}


def main() -> int:
    """Write every file; return 0."""
    for name, text_of in FILES.items():
        (HERE / name).write_text(text_of(), encoding="utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
