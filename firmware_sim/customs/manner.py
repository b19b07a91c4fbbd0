"""How an office is: how long it takes, how often it looks, what it answers twice."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

Share = Annotated[float, Meta(ge=0, le=1)]
Seconds = Annotated[float, Meta(ge=0, le=604_800)]


class Manner(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Shares are of inventories, drawn for each by itself and its seed, whatever else comes.

    A step takes about `step_s` (from half to twice as long). An answer is delivered up to `disorder_s` after it was
    given, so that answers overtake each other, and with share `repeats` once more. `officer_s` is how long a person
    takes who looks at a declaration (300) or at goods (500); "never": nobody decides but who is told to
    (`Office.decide`), which is for training.
    """

    step_s: Annotated[float, Meta(gt=0, le=3_600)] = 2.0
    disorder_s: Seconds = 0.0
    repeats: Share = 0.0
    rejected: Share = 0.0
    by_hand: Share = 0.05
    inspected: Share = 0.03
    officer_s: Seconds | Literal["never"] = 120.0
