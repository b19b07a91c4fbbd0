"""Sets what is printed as PDF/A-3b by typst, and draws QR codes. The only module that knows typst and fonts.

The font comes from a package, so that a sheet looks the same on every machine; the machine's own fonts are not asked.
"""

import io
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import segno
import typst
from pylopdf_fonts_zh_cn import sans_path

from coldport.errors import RefusedError


def print_pdf(template: Path, inputs: Mapping[str, str], made_at: datetime) -> bytes:
    """Return a PDF. The same arguments give the same bytes.

    Args:
        template: The typst file beside the module that fills it.
        inputs: What it finds in `sys.inputs`.
        made_at: When it was made; nothing in the PDF says another time.

    Raises:
        RefusedError: The font is not there, or has no shape for a character that is to be printed.
    """
    font = sans_path()
    if not font.exists():
        raise RefusedError("the font for reports is missing: install pylopdf-fonts-zh-cn again (make install)")
    try:
        return typst.compile(
            str(template),
            format="pdf",
            font_paths=[str(font.parent)],
            ignore_system_fonts=True,
            sys_inputs=dict(inputs),
            pdf_standards=["a-3b"],
            timestamp=int(made_at.timestamp()),
        )
    except typst.TypstError as error:
        raise RefusedError(f"this cannot be printed: {error}") from error


def qr_code(text: str) -> str:
    """Return a QR code as SVG, with the error correction that survives a stamp on it (level M)."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False).save(drawn, kind="svg", scale=4, border=2, xmldecl=False)
    return drawn.getvalue().decode()
