"""Events as ChirpStack's own protocol buffers write them as JSON: each is read, whatever they leave out."""

from datetime import UTC, datetime

import pytest
from chirpstack_api import integration
from google.protobuf.json_format import MessageToJson
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.protocols.chirpstack import Complaint, DeviceStatus, Joined, Uplink, read_event

pytestmark = pytest.mark.thirdparty

EUI = "24e124136b000001"
AT = datetime(2026, 11, 24, 2, 10, 11, 123_000, tzinfo=UTC)


def published(event, kind: str):
    event.device_info.dev_eui = EUI
    event.device_info.device_name = "room3-a"
    topic = f"application/7b1d7b2e/device/{EUI}/event/{kind}"
    return read_event(topic, MessageToJson(event).encode())


@settings(max_examples=100)
@given(
    f_cnt=st.integers(0, 2**32 - 1),
    f_port=st.integers(0, 255),
    data=st.binary(max_size=64),
    rssi=st.lists(st.integers(-130, 0), max_size=4),
    fields=st.dictionaries(st.text(max_size=8), st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8)),
)
def test_an_uplink_is_read_as_it_was_written(f_cnt, f_port, data, rssi, fields) -> None:
    event = integration.UplinkEvent(deduplication_id="3ac7e3c4", f_cnt=f_cnt, f_port=f_port, data=data)
    event.time.FromDatetime(AT)
    event.object.update(fields)
    for level in rssi:
        event.rx_info.add(gateway_id="24e124fffef00001", uplink_id=4_217_106_255, rssi=level, snr=10.25)

    assert published(event, "up") == Uplink(
        eui=EUI,
        deduplication_id="3ac7e3c4",
        f_cnt=f_cnt,
        f_port=f_port,
        data=data,
        fields=fields,
        received_at=AT,
        rssi_dbm=max((level for level in rssi if level), default=None),
    )


def test_an_uplink_of_which_everything_is_left_out_is_read() -> None:
    assert published(integration.UplinkEvent(), "up") == Uplink(EUI, "", 0, 0, b"", {}, None, None)


def test_the_other_events_are_read() -> None:
    assert published(integration.JoinEvent(dev_addr="01a2b3c4"), "join") == Joined(EUI)
    assert published(integration.StatusEvent(margin=12, battery_level=85.5), "status") == DeviceStatus(EUI, 85.5)
    assert published(integration.StatusEvent(external_power_source=True), "status") == DeviceStatus(EUI, None)
    assert published(integration.StatusEvent(battery_level_unavailable=True), "status") == DeviceStatus(EUI, None)
    code = integration.LogCode.Value("UPLINK_F_CNT_RETRANSMISSION")
    assert published(integration.LogEvent(level=2, code=code), "log") == Complaint(
        EUI, "UPLINK_F_CNT_RETRANSMISSION", "ERROR"
    )
