"""What every ledger of commands keeps, and for how long. Pure."""

from coldport.messages.command import Stage

ENDS = (Stage.DONE, Stage.REJECTED, Stage.FAILED, Stage.EXPIRED)
"""Stages after which nothing follows."""

KEPT = 1_024
KEPT_H = 24
"""A command lives ten minutes at most: one that is repeated after a day has expired, known or not."""
