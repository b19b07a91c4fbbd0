"""Writes the generated part of docs/reference: `make docs`. A test fails when a committed file differs from this.

Each entry of FILES is a file name and the function that returns its text.
"""

import argparse
import inspect
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import msgspec.inspect
import yaml

from coldport.cli import parser
from coldport.ids import ID_PATTERN
from coldport.site import Site
from coldport.topics import ROOT, TABLE
from control.alarms.definition import AlarmFile
from control.alarms.profile import Profile as LimitProfile
from control.api import openapi, pages
from control.api.access.describe import table
from control.api.app import bare_app
from control.api.passport import public
from control.exposure.product import Product
from control.inspection import ways_page
from control.inspection.ceb import schema as customs_schema
from control.inspection.settings import InspectionFile
from control.notify.settings import NotifyFile
from control.passport_settings import PassportFile
from control.settings import ControlFile
from dashboards import web_root
from edge.lines.gateway import EdgeSettings, Profile
from firmware_sim.rehearsal.script import Script
from firmware_sim.scenario import Scenario
from routing.api import openapi as planner_openapi
from routing.model import Instance
from routing.pareto import Front
from routing.result import Plan
from routing.settings import PlannerFile

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


SITE_FILES: dict[str, tuple[Any, str]] = {
    "site.toml": (Site, "What the site is; read by every process."),
    "edge.toml": (EdgeSettings, "How a gateway gets at each value. Absent where every point is recorded."),
    "profiles/NAME.toml": (Profile, "What a type of device says where. Those of edge/catalogue are shipped."),
    "alarms.toml": (AlarmFile, "When a value is an alarm."),
    "limits/NAME.toml": (
        LimitProfile,
        "What a standard or a kind of goods asks for. Those of control/standards are shipped.",
    ),
    "products/NAME.toml": (Product, "What a kind of goods may suffer. Absent where no lots are followed."),
    "inspection.toml": (InspectionFile, "The inspection lanes. Absent where nothing is inspected."),
    "passport.toml": (PassportFile, "Where product passports are looked up, and when one was copied. May be absent."),
    "control.toml": (ControlFile, "Page, historian, how long samples are kept. May be absent."),
    "notify.toml": (NotifyFile, "Who is told of alarms. Absent where nobody is."),
    "planner.toml": (PlannerFile, "What the planner's service may use. Absent where there is none."),
    "simulation.toml": (
        Scenario,
        "The simulated floor, read by the simulator alone. Absent where the devices are real.",
    ),
    "scenarios/NAME.toml": (
        Script,
        "What happens on a simulated floor, and what is expected. No file of a site: it names one.",
    ),
}


def site_files() -> str:
    """Return every key of every site file: type, default, and the notes of the Structs that read them."""
    lines = [
        "# Site files",
        "",
        "Generated from the Structs that read them. A site is a folder with these files; `coldport check SITE`",
        "validates them and names file, line, key and what was expected.",
        "Ids are lower-case letters, digits and `-`, at most 48.",
        "",
    ]
    for name, (kind, purpose) in SITE_FILES.items():
        lines += [f"## {name}", "", purpose, ""]
        seen: set[str] = set()
        waiting = _inner(msgspec.inspect.type_info(kind))
        while waiting:
            struct = waiting.pop(0)
            if not isinstance(struct, msgspec.inspect.StructType) or struct.cls.__name__ in seen:
                continue
            seen.add(struct.cls.__name__)
            lines += _struct_lines(struct)
            waiting += [inner for field in struct.fields for inner in _inner(field.type)]
    return "\n".join(lines)


def _struct_lines(struct: msgspec.inspect.StructType) -> list[str]:
    note = inspect.cleandoc(struct.cls.__doc__ or "").replace("``", "`")
    lines = [f"### {struct.cls.__name__}", "", note, "", "| key | value | default |", "|---|---|---|"]
    if struct.tag_field:
        lines.append(f"| `{struct.tag_field}` | `{struct.tag}` | required |")
    for field in struct.fields:
        default = "required" if field.required else f"`{_plain(field)}`"
        lines.append(f"| `{field.encode_name}` | {_value(field.type)} | {default} |")
    return [*lines, ""]


def _plain(field: msgspec.inspect.Field) -> str:
    if field.default is not msgspec.NODEFAULT:
        value = field.default
    else:
        value = field.default_factory() if field.default_factory is not msgspec.NODEFAULT else None
    return json.dumps(msgspec.to_builtins(value), ensure_ascii=False) if value is not None else "absent"


def _inner(kind: msgspec.inspect.Type) -> list[msgspec.inspect.Type]:
    match kind:
        case msgspec.inspect.StructType():
            return [kind]
        case msgspec.inspect.UnionType():
            return [inner for one in kind.types for inner in _inner(one)]
        case msgspec.inspect.VarTupleType():
            return _inner(kind.item_type)
        case msgspec.inspect.DictType():
            return _inner(kind.value_type)
        case _:
            return []


def _value(kind: msgspec.inspect.Type) -> str:  # noqa: PLR0911 - one row a type
    """Say a type as the writer of a TOML file thinks of it."""
    match kind:
        case msgspec.inspect.StructType():
            return f"table {kind.cls.__name__}"
        case msgspec.inspect.UnionType():
            return " or ".join(_value(one) for one in kind.types if not isinstance(one, msgspec.inspect.NoneType))
        case msgspec.inspect.VarTupleType():
            return f"list of: {_value(kind.item_type)}"
        case msgspec.inspect.DictType():
            return f"tables by name: {_value(kind.value_type)}"
        case msgspec.inspect.EnumType():
            return " or ".join(f"`{choice.value}`" for choice in kind.cls)
        case msgspec.inspect.LiteralType():
            return " or ".join(f"`{value}`" for value in kind.values)
        case msgspec.inspect.Metadata():
            return _value(kind.type)
        case _:
            return f"{kind.__class__.__name__.removesuffix('Type').lower()}{_range(kind)}"


def _range(kind: msgspec.inspect.Type) -> str:
    signs = {"ge": ">=", "gt": ">", "le": "<=", "lt": "<", "min_length": "length >=", "max_length": "length <="}
    found = [f"{sign} {value:g}" for name, sign in signs.items() if (value := getattr(kind, name, None)) is not None]
    if pattern := getattr(kind, "pattern", None):
        found.append("an id" if pattern == ID_PATTERN else f"matches `{pattern}`".replace("|", "\\|"))
    return f" ({', '.join(found)})" if found else ""


def schema(kind: type[msgspec.Struct], title: str) -> str:
    """Return the JSON schema (2020-12) of a file of the planner."""
    made = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": title,
        **msgspec.json.schema(kind),
    }
    return json.dumps(made, ensure_ascii=False, indent=2) + "\n"


def authorisation() -> str:
    """Return who may do what, of every route that there is."""
    app = bare_app()
    app.include_router(pages.router(web_root(), ""))
    app.include_router(public.router(web_root()))
    return table(app.routes)


FILES: dict[str, Callable[[], str]] = {
    "asyncapi.yaml": asyncapi,
    "authorisation.md": authorisation,
    "ceb.xsd": customs_schema.schema,
    "cli.md": command_line,
    "floor-ways.md": ways_page.page,
    "front.schema.json": lambda: schema(Front, "Coldport front of plans"),
    "instance.schema.json": lambda: schema(Instance, "Coldport planning instance"),
    "openapi.json": openapi.document,
    "plan.schema.json": lambda: schema(Plan, "Coldport plan"),
    "planner-openapi.json": planner_openapi.document,
    "site-files.md": site_files,
}


def main() -> int:
    """Write every file; return 0."""
    for name, text_of in FILES.items():
        (HERE / name).write_text(text_of(), encoding="utf-8")
        sys.stdout.write(f"docs/reference/{name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
