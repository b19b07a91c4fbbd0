"""The words of a report in both field languages, from `words.toml`."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal

import msgspec

from coldport.site import Text

Language = Literal["zh", "en", "both"]


class _Words(msgspec.Struct, frozen=True):
    """Single words, and tables of words for the names that stand in a report's JSON."""

    words: dict[str, Text]
    tables: dict[str, dict[str, Text]]


def say(text: Text, language: Language) -> str:
    """Return a text in one language, or Chinese and then English."""
    if language == "both":
        return text.zh if text.zh == text.en else f"{text.zh} {text.en}"
    return text.zh if language == "zh" else text.en


def word(name: str) -> Text:
    """Return the words of that name."""
    return _load().words[name]


def words_of(table: str) -> Mapping[str, Text]:
    """Return a table of words."""
    return _load().tables[table]


@cache
def _load() -> _Words:
    raw: dict[str, dict[str, Any]] = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
    words = {name: Text(**value) for name, value in raw.items() if "zh" in value}
    tables = {
        name: {key: Text(**value) for key, value in table.items()} for name, table in raw.items() if name not in words
    }
    return _Words(words, tables)
