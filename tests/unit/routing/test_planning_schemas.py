"""What is written fits the published schemas, and what does not fit them is not taken."""

import json
from pathlib import Path

import jsonschema
import msgspec
import pytest
from hypothesis import given, settings
from routing_samples.by_hand import cheapest
from routing_samples.tiny import instances

from routing.model import Instance

REFERENCE = Path(__file__).parents[3] / "docs/reference"


def validator(name: str) -> jsonschema.Draft202012Validator:
    made = json.loads((REFERENCE / f"{name}.schema.json").read_text(encoding="utf-8"))
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


INSTANCE, PLAN = validator("instance"), validator("plan")


@given(instances())
@settings(max_examples=15, deadline=None)
def test_instances_and_plans_fit_their_schemas(made: Instance) -> None:
    INSTANCE.validate(json.loads(msgspec.json.encode(made)))
    PLAN.validate(json.loads(msgspec.json.encode(cheapest(made))))


@pytest.mark.parametrize("spoiled", [{"id": "A B"}, {"nodes": []}, {"now_s": -1}, {"colour": "red"}])
def test_schema_and_reader_refuse_the_same(spoiled: dict) -> None:
    tree = {
        "id": "a",
        "start": "2026-06-01T00:00:00Z",
        "nodes": [
            {
                "id": "n",
                "name": {"zh": "n", "en": "n"},
                "kind": "hub",
                "country": "CN",
                "latitude": 0,
                "longitude": 0,
            }
        ],
        "services": [],
        "consignments": [],
        "prices": {"source": "made up"},
    }
    INSTANCE.validate(tree)
    msgspec.convert(tree, Instance)

    assert not INSTANCE.is_valid(tree | spoiled)
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(tree | spoiled, Instance)
