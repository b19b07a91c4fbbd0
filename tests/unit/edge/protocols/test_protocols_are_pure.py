import ast
from pathlib import Path

import pytest

EDGE = Path(__file__).parents[4] / "edge"
PURE = [
    *sorted((EDGE / "protocols").rglob("*.py")),
    *(EDGE / name for name in ("points.py", "drivers/scales/stability.py", "drivers/scales/load_cycle.py")),
]
ALLOWED = {
    "base64", "binascii", "collections", "dataclasses", "datetime", "decimal", "enum", "functools", "math", "operator",
    "re", "struct", "typing",
    "coldport.errors", "coldport.messages", "edge.protocols", "edge.drivers.scales.stability", "msgspec", "biip",
}  # fmt: skip


@pytest.mark.parametrize("path", PURE, ids=lambda path: str(path.relative_to(EDGE)))
def test_a_protocol_imports_neither_io_nor_a_clock_nor_dice_nor_a_vendor_library(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [str(node.module)]
        for name in names:
            assert any(name == allowed or name.startswith(f"{allowed}.") for allowed in ALLOWED), name
