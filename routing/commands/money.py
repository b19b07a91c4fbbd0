"""How amounts, shares and moments are written on a terminal."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from routing.model import Instance
from routing.result import Cost, Plan

LOCAL = ZoneInfo("Asia/Shanghai")
"""What planners read; files and messages stay in UTC."""


def cny(fen: int) -> str:
    """Write fen as yuan, with marks for thousands."""
    return f"{fen / 100:,.2f}"


def parts(cost: Cost) -> list[tuple[str, int]]:
    """Return the parts that are not nothing, in the order of the price table."""
    names = [name for name in cost.__struct_fields__ if name != "co2e_g"]
    return [(name, fen) for name in names if (fen := getattr(cost, name))]


def quality(plan: Plan) -> str:
    """Say how good a plan is proved to be."""
    if plan.bound_fen is None or plan.gap is None:
        return "no bound is known"
    return f"bound {cny(plan.bound_fen)} CNY, gap {plan.gap:.2%}"


def moment(instance: Instance, seconds: int) -> str:
    """Write a moment of an instance in local time."""
    return (instance.start + timedelta(seconds=seconds)).astimezone(LOCAL).strftime("%m-%d %H:%M")
