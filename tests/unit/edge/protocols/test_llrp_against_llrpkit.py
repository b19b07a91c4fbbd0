"""Our codec against one we did not write: llrpkit's encoder makes what we read, its decoder reads what we send."""

import pytest
from llrpkit.protocol import enums, messages, params
from llrpkit.protocol.codec import BitStr, decode_message

from edge.protocols.llrp import requests
from edge.protocols.llrp.about import Capabilities
from edge.protocols.llrp.requests import Setup
from edge.protocols.llrp.session import Session
from edge.protocols.llrp.states import STEPS, State
from edge.protocols.llrp.wire import encode_message
from edge.protocols.reader_events import AntennaEvent, GpiEvent, TagRead

pytestmark = pytest.mark.thirdparty


def running() -> Session:
    session = Session(Setup(antennas=(1, 2)), now_s=0.0)
    session.state = State.RUNNING
    return session


def test_llrpkit_reads_every_request_of_a_session_as_the_message_it_is_meant_to_be():
    setup = Setup(antennas=(1, 2), power_dbm=30.0, keepalive_s=2.0, gpi_ports=(1,))
    capabilities = Capabilities(powers_dbm=((1, 30.0),), hop_tables=(1,))
    for steps in STEPS.values():
        known = [step for step in steps if step.version is None]  # llrpkit does not know the messages of 1.1
        for number, step in enumerate(known, start=1):
            sent = encode_message(step.request, number, step.body(setup, capabilities))

            read = decode_message(sent)

            assert type(read).__name__ == step.request.name
            assert read.to_bytes(number, 1) == sent


def test_llrpkit_reads_our_rospec_as_two_antennas_and_a_report_for_each_tag():
    setup = Setup(antennas=(1, 2), gen2_session=1, tag_population=16)
    rospec = decode_message(encode_message(20, 1, requests.add_rospec(setup, Capabilities()))).ro_spec

    (reading,) = rospec.spec_parameters
    assert list(reading.antenna_ids) == [1, 2]
    assert rospec.ro_report_spec.n == 1
    assert rospec.ro_report_spec.tag_report_content_selector.enable_antenna_id


def test_we_read_the_tag_reports_that_llrpkit_writes():
    report = messages.RO_ACCESS_REPORT(
        tag_report_datas=[
            params.TagReportData(
                epc_parameter=params.EPC_96(epc=bytes.fromhex("3054257bf7194e4000001a85")),
                antenna_id=params.AntennaID(antenna_id=2),
                peak_rssi=params.PeakRSSI(peak_rssi=-61),
                first_seen_timestamp_utc=params.FirstSeenTimestampUTC(microseconds=1_000_000),
                last_seen_timestamp_utc=params.LastSeenTimestampUTC(microseconds=3_000_000),
                tag_seen_count=params.TagSeenCount(tag_count=9),
            ),
            params.TagReportData(
                epc_parameter=params.EPCData(epc=BitStr.from_bytes(bytes(range(20)))),
                antenna_id=params.AntennaID(antenna_id=1),
            ),
        ]
    )

    first, second = running().receive(report.to_bytes(1, 1), 10.0)

    assert first == TagRead(epc="3054257BF7194E4000001A85", antenna=2, rssi_dbm=-61, age_s=2.0, count=9)
    assert (second.epc, second.antenna) == (bytes(range(20)).hex().upper(), 1)


def test_we_read_the_events_that_llrpkit_writes():
    data = params.ReaderEventNotificationData(
        timestamp=params.UTCTimestamp(microseconds=5),
        gpi_event=params.GPIEvent(gpi_port_number=3, gpi_event=True),
        antenna_event=params.AntennaEvent(event_type=enums.AntennaEventType.Antenna_Disconnected, antenna_id=2),
    )
    notification = messages.READER_EVENT_NOTIFICATION(reader_event_notification_data=data)

    events = running().receive(notification.to_bytes(1, 1), 10.0)

    assert events == [GpiEvent(port=3, high=True, age_s=0.0), AntennaEvent(antenna=2, connected=False)]
