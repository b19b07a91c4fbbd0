"""What journals, site files and pages have in writing: words and figures that no change of code may change."""

import importlib
import pkgutil
from datetime import timedelta
from enum import StrEnum

import pytest

import control.alarms
import control.exposure
from coldport.messages.alarm import Priority
from control.alarms import (
    blend,
    conduct,
    definition,
    detector,
    engine,
    mask,
    occurrences,
    performance,
    priority,
    register,
    suppression,
    watch,
)
from control.alarms.lifecycle import Answer, Data
from control.alarms.measures import count, cumulative, doubt, slope, window
from control.alarms.record import book, review
from control.alarms.sensors import RANGES, Range, Sensor
from control.exposure import chilling, kinetic, lots, rules, shelf_life, timeline

MODULES = [
    importlib.import_module(found.name)
    for package in (control.alarms, control.exposure)
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
]
WORDS = sorted(
    {
        word
        for module in MODULES
        for words in vars(module).values()
        if isinstance(words, type) and issubclass(words, StrEnum) and words.__module__ == module.__name__
        for word in words
    },
    key=repr,
)
OTHERWISE = {Answer.WANTED: "unacknowledged", Data.NONE: "no-data"}


@pytest.mark.parametrize("word", WORDS, ids=lambda word: f"{type(word).__name__}.{word.name}")
def test_a_word_on_record_is_that_of_its_name(word):
    name = word.name if isinstance(word, definition.Kind) else word.name.lower().replace("_", "-")
    assert word.value == OTHERWISE.get(word, name)


@pytest.mark.parametrize(
    ("module", "limits"),
    [
        (blend, {"LEAST_PEERS": 2, "VOTERS": 3, "MAGNUS_A": 17.625, "MAGNUS_B_C": 243.04}),
        (conduct, {"STAGGER": timedelta(minutes=5)}),
        (count, {"COUNT_LIMIT": 1_000, "ON": 0.5, "NEIGHBOURS": 3, "SPIKE_LEAST": 3.0, "SPIKE_MADS": 6.0}),
        (cumulative, {"SPAN_LIMIT": 200}),
        (doubt, {"KEPT_DRIFT": 2.0}),
        (slope, {"KEPT": 20, "FILLED": 0.8, "LEAST_KEPT": 6, "LEAST_MOVE": 0.2, "STRAIGHT": 0.98}),
        (window, {"SLOTS": 60, "COVERED": 0.8, "COVERED_KINETIC": 0.95, "ON": 0.5, "AROUND_K": 278.15}),
        (detector, {"DOOR_OPEN": 0.5}),
        (definition, {"DEFINITION_LIMIT": 1_000, "POSITION_LIMIT": 500}),
        (engine, {"AHEAD_S": 60.0, "LIVE_S": 300.0, "LIVE_INTERVALS": 3, "ON_ITS_WAY_S": 0.5}),
        (mask, {"MASK_ON": 0.5}),
        (occurrences, {"WAITING_LIMIT": 20, "FIRST_OUT": timedelta(minutes=10)}),
        (performance, {"TEN_MINUTES": timedelta(minutes=10), "FLOOD_BEGINS": 10, "FLOOD_ENDS": 5, "CHATTER_EDGES": 3}),
        (performance, {"CHATTER_SPAN": timedelta(minutes=1), "FLEETING": timedelta(seconds=10)}),
        (performance, {"STALE": timedelta(days=1), "TOP": 10, "SYSTEM": "system"}),
        (priority, {"NOW_S": 900.0, "SOON_S": 3_600.0}),
        (register, {"RECENT_LIMIT": 50}),
        (suppression, {"RULE_LIMIT": 200}),
        (watch, {"HOLD_INTERVALS": 3}),
        (book, {"CHECKPOINT_EVERY": 256, "CHECKPOINT_LIMIT": 64, "SPAN_LIMIT": 1_000, "STRETCH_LIMIT": 100}),
        (review, {"FINDING_LIMIT": 50, "WORTH_REVISING": timedelta(seconds=1)}),
        (chilling, {"HOUR_MS": 3_600_000}),
        (kinetic, {"GAS_J_PER_MOL_K": 8.314472, "ACTIVATION_KJ_PER_MOL": 83.14472, "LEAST_COVERAGE": 0.95}),
        (lots, {"LOT_LIMIT": 5_000, "SHIPPED_LIMIT": 1_000, "STAY_LIMIT": 500}),
        (rules, {"BUDGET_LIMIT": 16}),
        (shelf_life, {"DAY_MS": 86_400_000}),
        (timeline, {"ZERO_K_IN_C": -273.15}),
    ],
    ids=lambda given: getattr(given, "__name__", ""),
)
def test_a_limit_is_that_of_the_design(module, limits):
    assert {name: getattr(module, name) for name in limits} == limits


def test_a_sensor_can_give_what_its_maker_says_and_not_what_it_gives_for_a_fault():
    assert dict(RANGES) == {
        Sensor.NTC: Range(-50.0, 110.0),
        Sensor.PT100: Range(-200.0, 850.0, (327.67,)),
        Sensor.DS18B20: Range(-55.0, 125.0, (-127.0, 85.0)),
        Sensor.HUMIDITY: Range(0.0, 100.0),
    }


def test_an_alarm_is_put_aside_and_told_again_by_its_priority():
    assert dict(conduct.SHELF_LIMITS) == {
        Priority.CRITICAL: timedelta(minutes=30),
        Priority.HIGH: timedelta(hours=2),
        Priority.LOW: timedelta(days=1),
    }
    assert dict(conduct.RE_ALARMS) == {Priority.CRITICAL: timedelta(minutes=5), Priority.HIGH: timedelta(minutes=30)}
