"""Prints a sheet as PDF/A-3b by typst, with the report's JSON attached. The only module that knows typst and fonts.

The font comes from a package, so that a report looks the same on every machine; the machine's own fonts are not asked.
"""

import io
from datetime import datetime
from pathlib import Path

import msgspec
import segno
import typst
from pylopdf_fonts_zh_cn import sans_path

from coldport.errors import RefusedError
from control.reports.blocks import Sheet

_TEMPLATE = Path(__file__).with_name("report.typ")


def print_sheet(sheet: Sheet, data: bytes, made_at: datetime) -> bytes:
    """Return a PDF. The same arguments give the same bytes.

    Args:
        sheet: What is printed.
        data: The report as JSON, attached as `report.json`.
        made_at: When it was made; nothing in the PDF says another time.

    Raises:
        RefusedError: The font is not there, or has no shape for a character that is to be printed.
    """
    font = sans_path()
    if not font.exists():
        raise RefusedError("the font for reports is missing: install pylopdf-fonts-zh-cn again (make install)")
    inputs = {"sheet": msgspec.json.encode(sheet).decode(), "data": data.decode()}
    try:
        return typst.compile(
            str(_TEMPLATE),
            format="pdf",
            font_paths=[str(font.parent)],
            ignore_system_fonts=True,
            sys_inputs=inputs,
            pdf_standards=["a-3b"],
            timestamp=int(made_at.timestamp()),
        )
    except typst.TypstError as error:
        raise RefusedError(f"the report cannot be printed: {error}") from error


def qr_code(text: str) -> str:
    """Return a QR code as SVG, with the error correction that survives a stamp on it (level M)."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", scale=4, border=2, xmldecl=False)
    return drawn.getvalue().decode()
