"""SGTIN-96 and SSCC-96: the numbers in the tags of parcels and of what they stand on."""

HEADER = 0x30
SSCC_HEADER = 0x31
_COMPANY_BITS = (40, 37, 34, 30, 27, 24, 20)
_ITEM_BITS = (4, 7, 10, 14, 17, 20, 24)
SERIAL_BITS = 38


def sgtin_96(filter_value: int, company: str, item: str, serial: int) -> bytes:
    """Return the twelve bytes of an SGTIN-96.

    Args:
        filter_value: 0 to 7; 1 a consumer item, 2 a full case.
        company: The company prefix, 6 to 12 digits.
        item: The indicator digit and the item reference; with the prefix always 13 digits.
        serial: Below 2**38.

    Source: GS1 EPC Tag Data Standard 1.13, section 14.5.1 and table 14-2 (partition).

    >>> sgtin_96(1, "0614141", "812345", 6789).hex()
    '3034257bf7194e4000001a85'
    """
    if len(company) + len(item) != 13 or not 6 <= len(company) <= 12:
        raise ValueError(f"{company}.{item}: company prefix and item reference have 13 digits together")
    if not (0 <= filter_value < 8 and 0 <= serial < 1 << SERIAL_BITS):
        raise ValueError(f"filter {filter_value} or serial {serial} is out of range")
    partition = 12 - len(company)
    number = HEADER << 3 | filter_value
    number = number << 3 | partition
    number = number << _COMPANY_BITS[partition] | int(company)
    number = number << _ITEM_BITS[partition] | int(item)
    return (number << SERIAL_BITS | serial).to_bytes(12, "big")


def sscc_96(filter_value: int, company: str, serial_reference: str) -> bytes:
    """Return the twelve bytes of an SSCC-96, the number of a logistic unit.

    Args:
        filter_value: 0 to 7; 2 a full case, 6 a unit load.
        company: The company prefix, 6 to 12 digits.
        serial_reference: The extension digit and the serial reference; with the prefix always 17 digits.

    Source: GS1 EPC Tag Data Standard 1.13, section 14.5.2 and table 14-5 (partition).

    >>> sscc_96(6, "6901234", "0000000042").hex()
    '31d5a537c80000002a000000'
    """
    if len(company) + len(serial_reference) != 17 or not 6 <= len(company) <= 12:
        raise ValueError(f"{company}.{serial_reference}: prefix and serial reference have 17 digits together")
    if not 0 <= filter_value < 8:
        raise ValueError(f"filter {filter_value} is out of range")
    partition = 12 - len(company)
    number = SSCC_HEADER << 3 | filter_value
    number = number << 3 | partition
    number = number << _COMPANY_BITS[partition] | int(company)
    number = number << (58 - _COMPANY_BITS[partition]) | int(serial_reference)
    return (number << 24).to_bytes(12, "big")
