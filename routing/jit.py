"""The compiler of the planner's inner loops, known to this module alone.

A compiled function may use whole and floating numbers, arrays and tuples of them, and other compiled functions: no
objects, no dice but its own. Machine code is kept, so that a second process need not compile it again: in a folder
named after what all these sources say, because the compiler itself does not see that a function called has changed.
"""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from numba import njit
from numba.core import config

HERE = Path(__file__).parent
SEEN = ("jit", "narrow", "reach", "timetable", "ways")
"""The modules beside the kernel's that compiled functions are in, or take types and constants from."""

Args = ParamSpec("Args")
Result = TypeVar("Result")
LEAN: dict[str, Any] = {
    "cache": True,
    "nogil": True,
    "error_model": "numpy",
    "forceinline": True,
    "_nrt": False,
}


def _cache_folder() -> Path:
    sources = sorted([*HERE.glob("*.py"), *HERE.glob("kernel/*.py")])
    said = sha256(b"".join(path.read_bytes() for path in sources if path.parent.name == "kernel" or path.stem in SEEN))
    return HERE / "__pycache__" / f"compiled-{said.hexdigest()[:16]}"


setattr(config, "CACHE_DIR", str(_cache_folder()))  # noqa: B010 - the checkers do not know it


def compiled(function: Callable[Args, Result]) -> Callable[Args, Result]:
    """Return the function compiled at its first call. Floating numbers keep their order: same input, same bits."""
    made: Callable[Args, Result] = njit(cache=True, nogil=True, error_model="numpy")(function)
    return made


def lean(function: Callable[Args, Result]) -> Callable[Args, Result]:
    """Return the function compiled without the counting of references, and into those that call it.

    Counting references to the dozens of arrays in a tuple at every call costs ten times what the search itself does.
    Such a function must make no arrays: it writes into those it is given.
    """
    made: Callable[Args, Result] = njit(**LEAN)(function)
    return made
