"""The words of labels and lists in both field languages, from `words.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from coldport.site import Text, ZoneClass


def both(name: str) -> str:
    """Return a word in Chinese and English."""
    return _said(_load()[name])


def temperature_class(zone_class: ZoneClass) -> str:
    """Return what a temperature class is called, in Chinese and English."""
    return _said(_load()["classes"][zone_class.value])


def _said(pair: Mapping[str, str]) -> str:
    text = Text(**pair)
    return f"{text.zh} {text.en}"


@cache
def _load() -> Mapping[str, Any]:
    return tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
