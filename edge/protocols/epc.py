"""What an EPC on a tag says: the pure identity and the GS1 key, or nothing. Nobody guesses.

Source: GS1 EPC Tag Data Standard 1.13, chapter 14 (binary encodings), chapter 6 (pure identity URIs), chapter 7 (GS1
keys), annex A (the 82 characters). Every scheme here is a header of 8 bits, a filter value of 3, a partition of 3, the
company prefix, what the company numbers, and a tail: a serial number, text of 7 bits a character, or zeros.
"""

from dataclasses import dataclass
from enum import StrEnum

PREFIX_BITS = (40, 37, 34, 30, 27, 24, 20)
"""Of the company prefix, by partition. It has 12 - partition digits; partition 7 is not assigned."""

_CHARACTERS = frozenset("!\"%&'()*+,-./0123456789:;<=>?ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz")
_ESCAPED = {ord(character): f"%{ord(character):02X}" for character in '"%&/<>?'}


class Key(StrEnum):
    """The GS1 keys that a tag can carry."""

    GTIN = "gtin"
    SSCC = "sscc"
    GLN = "gln"
    GRAI = "grai"
    GIAI = "giai"


class Tail(StrEnum):
    """What follows what the company numbers."""

    NUMBER = "number"
    TEXT = "text"
    ZEROS = "zeros"


@dataclass(frozen=True, slots=True)
class Scheme:
    """One binary encoding: `bits` in all, on a tag padded with zeros to whole words.

    What the company numbers has `item_bits` less the bits of the prefix, and `item_digits` less the prefix's digits.
    """

    name: str
    key: Key
    bits: int
    item_bits: int
    item_digits: int
    tail: Tail

    @property
    def tail_bits(self) -> int:
        """Bits behind header, filter, partition, prefix and item."""
        return self.bits - 14 - self.item_bits


SCHEMES = {
    0x30: Scheme("sgtin-96", Key.GTIN, 96, 44, 13, Tail.NUMBER),
    0x31: Scheme("sscc-96", Key.SSCC, 96, 58, 17, Tail.ZEROS),
    0x32: Scheme("sgln-96", Key.GLN, 96, 41, 12, Tail.NUMBER),
    0x33: Scheme("grai-96", Key.GRAI, 96, 44, 12, Tail.NUMBER),
    0x34: Scheme("giai-96", Key.GIAI, 96, 0, 0, Tail.NUMBER),
    0x36: Scheme("sgtin-198", Key.GTIN, 198, 44, 13, Tail.TEXT),
    0x37: Scheme("grai-170", Key.GRAI, 170, 44, 12, Tail.TEXT),
    0x38: Scheme("giai-202", Key.GIAI, 202, 0, 0, Tail.TEXT),
    0x39: Scheme("sgln-195", Key.GLN, 195, 41, 12, Tail.TEXT),
}
"""By header. A GIAI has no item of a fixed length: its tail begins behind the prefix."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What an EPC names.

    `uri` is its pure identity (`urn:epc:id:..`). `code` is the GS1 key in digits, check digit included: GTIN-14,
    SSCC-18, GLN-13; a GRAI ends with its serial number, a GIAI is prefix and reference. `serial` is that of the GTIN
    or the GRAI, or the extension of the GLN. `filter` is the kind of packing (SGTIN: 1 item, 2 case, 6 unit load).
    """

    scheme: str
    key: Key
    uri: str
    code: str
    serial: str | None
    filter: int


def check_digit(digits: str) -> str:
    """Return the digit that follows (GS1 General Specifications, 7.9): weights 3, 1, 3 .. from the right.

    >>> check_digit("8061414112345")
    '8'
    """
    total = sum(int(digit) * (1 if index % 2 else 3) for index, digit in enumerate(reversed(digits)))
    return str(-total % 10)


class _Bits:
    """Reads numbers off the front of an EPC."""

    def __init__(self, epc: str, bits: int) -> None:
        self._value = int(epc, 16)
        self._left = len(epc) * 4
        self._end = self._left - bits

    def take(self, count: int) -> int:
        """Return the next `count` bits."""
        self._left -= count
        return self._value >> self._left & (1 << count) - 1

    @property
    def left(self) -> int:
        """Bits of the scheme not taken yet."""
        return self._left - self._end

    @property
    def padded_with_zeros(self) -> bool:
        """Whether nothing stands behind the scheme's last bit."""
        return not self._value & (1 << self._end) - 1


def identify(epc: str) -> Identity | None:
    """Return what an EPC (hex, whole words) names; None if it is raw: not one of the schemes, or not as they want it.

    None for an unassigned partition, a length that is not the header's, digits that do not fit, characters outside the
    standard's 82, and anything but zeros where zeros belong.

    >>> identify("3034257BF7194E4000001A85").uri
    'urn:epc:id:sgtin:0614141.812345.6789'
    >>> identify("E20010710000529B0940B402") is None
    True
    """
    scheme = SCHEMES.get(int(epc[:2] or "0", 16))
    if scheme is None or len(epc) * 4 != -(-scheme.bits // 16) * 16:
        return None
    bits = _Bits(epc, scheme.bits)
    bits.take(8)
    filter_value, partition = bits.take(3), bits.take(3)
    if partition >= len(PREFIX_BITS) or not bits.padded_with_zeros:
        return None
    prefix = _digits(bits.take(PREFIX_BITS[partition]), 12 - partition)
    item: str | None = ""
    if scheme.item_bits:
        count = scheme.item_bits - PREFIX_BITS[partition]
        item = _digits(bits.take(count), scheme.item_digits - 12 + partition)
    tail = _tail(scheme, bits, partition)
    if prefix is None or item is None or tail is None:
        return None
    return _identity(scheme, filter_value, (prefix, item, tail))


def _digits(value: int, count: int) -> str | None:
    """Return a number with its leading zeros, None if it has more digits than that; no digits can only say 0."""
    if value >= 10**count:
        return None
    return f"{value:0{count}d}" if count else ""


def _tail(scheme: Scheme, bits: _Bits, partition: int) -> str | None:
    value_bits = bits.left
    value = bits.take(value_bits)
    if scheme.tail is Tail.ZEROS:
        return None if value else ""
    if scheme.tail is Tail.NUMBER:
        return str(value)
    # A GIAI may use 18 to 24 characters of its 148 to 168 bits, so that prefix and reference have at most 30.
    limit = 18 + partition if scheme.key is Key.GIAI else value_bits // 7
    return _text(value, value_bits, limit)


def _text(value: int, bits: int, limit: int) -> str | None:
    """Return the text of 7-bit characters from the left, ended by zeros; None if there is none or it is not text."""
    codes = [value >> at & 0x7F for at in range(bits - 7, -1, -7)]
    text = "".join(map(chr, codes)).rstrip("\0")
    spare = value & (1 << bits % 7) - 1
    return text if 1 <= len(text) <= limit and _CHARACTERS.issuperset(text) and not spare else None


def _identity(scheme: Scheme, filter_value: int, parts: tuple[str, str, str]) -> Identity:
    prefix, item, tail = parts
    serial: str | None = tail
    fields = [prefix, item, tail]
    if scheme.key is Key.SSCC or scheme.key is Key.GTIN:
        # The indicator or extension digit stands in front of the item in the EPC, and in front of all in the key.
        digits = item[0] + prefix + item[1:]
        code = digits + check_digit(digits)
    elif scheme.key is Key.GIAI:
        code = prefix + tail
    else:
        code = prefix + item + check_digit(prefix + item)
    if scheme.key is Key.GRAI:
        code += tail
    elif scheme.key is Key.SSCC:
        serial, fields = None, [prefix, item]
    elif scheme.key is Key.GIAI:
        serial, fields = None, [prefix, tail]
    fields[-1] = fields[-1].translate(_ESCAPED)
    uri = f"urn:epc:id:{scheme.name.split('-')[0]}:{'.'.join(fields)}"
    return Identity(scheme=scheme.name, key=scheme.key, uri=uri, code=code, serial=serial, filter=filter_value)
