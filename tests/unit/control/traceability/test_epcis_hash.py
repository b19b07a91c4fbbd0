"""Hashes against GS1's reference program, offline: it finds the context it wants in its own package."""

import copy
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from control.traceability.event_hash import event_hash, pre_hash
from control.traceability.vocabulary import STANDARD_CONTEXT

KNOWN_TO_THE_ORACLE = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"


@pytest.fixture
def oracle():
    from epcis_event_hash_generator import hash_generator, json_to_py  # noqa: PLC0415 - it is heavy, and only this needs it
    from pyld import jsonld  # noqa: PLC0415 - the same

    load = jsonld.get_document_loader()
    jsonld.set_document_loader(lambda url, options: load(url.replace(STANDARD_CONTEXT, KNOWN_TO_THE_ORACLE), options))

    def ask(document):
        json_to_py._namespaces.clear()
        return hash_generator.epcis_hashes_from_events(
            json_to_py.event_list_from_epcis_document_json(copy.deepcopy(document))
        )

    yield ask
    jsonld.set_document_loader(load)


def hashes(document):
    return [event_hash(event, document["@context"]) for event in document["epcisBody"]["eventList"]]


def as_the_oracle_can_read_it(document):
    """The same events with the prefixes of each declared by a document of its own; those it cannot read left out."""
    for event in document["epcisBody"]["eventList"]:
        if all("type" in one for one in event.get("bizTransactionList", ())):
            own = event.get("@context", [])
            yield {
                **document,
                "@context": [*document["@context"], *own],
                "epcisBody": {"eventList": [{k: v for k, v in event.items() if k != "@context"}]},
            }


@pytest.mark.filterwarnings("ignore:open_text is deprecated:DeprecationWarning")  # the program's, when it reads
def test_hashes_are_those_of_the_reference_program(public, oracle) -> None:
    compared = 0
    for name, document in public("valid").items():
        for single in as_the_oracle_can_read_it(document):
            assert hashes(single) == oracle(single), name
            compared += 1

    assert compared == 25


def test_a_prefix_counts_alike_wherever_it_is_declared(public) -> None:
    document = public("valid")["Namespaces_at_different_level"]

    assert hashes(document) == [hashes(single)[0] for single in as_the_oracle_can_read_it(document)]


def event(**fields):
    return {
        "type": "ObjectEvent",
        "eventTime": "2026-03-01T08:00:00+08:00",
        "eventTimeZoneOffset": "+08:00",
        "epcList": ["urn:epc:id:sscc:4012345.0000000333", "urn:epc:id:sgtin:4012345.012345.12"],
        "action": "OBSERVE",
        **fields,
    }


def test_id_record_time_and_declaration_of_error_are_not_in_the_hash() -> None:
    declared = event(
        eventID="urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
        recordTime="2026-03-02T00:00:00Z",
        errorDeclaration={"declarationTime": "2026-03-02T00:00:00Z"},
    )

    assert event_hash(declared, []) == event_hash(event(), [])


@given(st.integers(-13 * 60, 14 * 60), st.integers(0, 999_999))
def test_a_moment_is_the_same_in_every_time_zone(offset_min, microsecond) -> None:
    at = datetime(2026, 3, 1, 8, tzinfo=UTC).replace(microsecond=microsecond)
    there = at.astimezone(timezone(timedelta(minutes=offset_min)))

    assert pre_hash(event(eventTime=there.isoformat()), []) == pre_hash(event(eventTime=at.isoformat()), [])


@given(st.permutations(list(event(bizStep="packing", disposition="in_progress").items())))
def test_the_order_of_fields_does_not_matter(fields) -> None:
    assert event_hash(dict(fields), []) == event_hash(event(bizStep="packing", disposition="in_progress"), [])


def test_words_count_alike_however_they_are_written() -> None:
    written = ("packing", "urn:epcglobal:cbv:bizstep:packing", "https://ref.gs1.org/cbv/BizStep-packing")

    assert len({event_hash(event(bizStep=word), []) for word in written}) == 1


def test_a_digital_link_and_its_urn_count_alike() -> None:
    links = ["https://example.com/00/040123450000003338", "https://id.gs1.org/01/04012345123456/21/12"]

    assert event_hash(event(epcList=links), []) == event_hash(event(), [])
