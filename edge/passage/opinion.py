"""What the reads of one tag and the light barriers say about it, before its company is asked."""

from collections.abc import Sequence
from math import log

from edge.passage.beams import Shadow
from edge.passage.courses import courses_of
from edge.passage.likelihood import Columns, Course, Opinion, near, through, total
from edge.passage.settings import Side
from edge.passage.sighting import Sighting

STILL = 0.003
"""Tags that begin to lie still in the field, for each that goes through. One that lay there before: `judge.KNOWN`."""

READS_ENOUGH = 24
"""Reads weighed of one tag, evenly taken: more say nothing new, and a tag on a shelf has hundreds."""


def opinion_of(sighting: Sighting, shadows: Sequence[Shadow], *, barriers: bool) -> Opinion:
    """Return the opinion on a tag; `shadows` are those about its time, `barriers` whether the gate has two."""
    first = sighting.profile().first_at
    taken = sighting.reads[:: 1 + len(sighting.reads) // READS_ENOUGH]
    reads = Columns(
        times=[(read.at - first).total_seconds() for read in taken],
        signs=[1 if read.side is Side.INSIDE else -1 for read in taken],
        levels=[read.rssi_dbm for read in taken],
    )
    courses = courses_of(first, reads.times[-1], shadows, barriers=barriers)
    ways_in = [through(reads, course, 1) for course in courses.ways_in]
    ways_out = [through(reads, course, -1) for course in courses.ways_out]
    nears = [near(reads, course) for course in courses.near]
    return Opinion(
        logs=(total(ways_in), total(ways_out), total(nears), log(STILL) + reads.still),
        in_at_s=_likeliest(courses.ways_in, ways_in),
        out_at_s=_likeliest(courses.ways_out, ways_out),
    )


def _likeliest(courses: Sequence[Course], logs: Sequence[float]) -> float:
    return max(zip(logs, courses, strict=True), key=lambda pair: pair[0])[1].at_s
