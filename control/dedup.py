"""What of a batch is new, what is a repeat, and what contradicts the record. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from coldport.messages.observation import Batch, Observation


@dataclass(frozen=True, slots=True)
class Sifted:
    """A batch, taken apart.

    `runs` are the new observations in order of their numbers, cut where a number is missing. `conflicts` are pairs of
    the observation on record and another one that came under the same name; a repeat that is equal is only counted.
    """

    runs: Sequence[tuple[Observation, ...]]
    repeats: int
    conflicts: Sequence[tuple[Observation, Observation]]


def sift(observations: Sequence[Observation], held: Mapping[int, Observation]) -> Sifted:
    """Take a batch apart.

    Args:
        observations: A batch of one gateway and boot id, in any order, with any repeats inside.
        held: What is on record of that gateway and boot id in the range of the batch, by number.
    """
    first = observations[0].seq
    if not held and [o.seq for o in observations] == list(range(first, first + len(observations))):
        return Sifted((tuple(observations),), 0, ())
    known = dict(held)
    fresh: list[Observation] = []
    conflicts: list[tuple[Observation, Observation]] = []
    repeats = 0
    for observation in observations:
        before = known.get(observation.seq)
        if before is None:
            known[observation.seq] = observation
            fresh.append(observation)
        elif before == observation:
            repeats += 1
        else:
            conflicts.append((before, observation))
    return Sifted(runs_of(fresh), repeats, conflicts)


def covered(batches: Sequence[Batch]) -> list[tuple[int, int]]:
    """Return the first and last number of each stretch that `batches` of one spool cover, those that touch as one."""
    ends = sorted((min(o.seq for o in b.observations), max(o.seq for o in b.observations)) for b in batches)
    stretches: list[tuple[int, int]] = []
    for first, last in ends:
        if stretches and first <= stretches[-1][1] + 1:
            stretches[-1] = (stretches[-1][0], max(last, stretches[-1][1]))
        else:
            stretches.append((first, last))
    return stretches


def runs_of(observations: Sequence[Observation]) -> list[tuple[Observation, ...]]:
    """Return the observations in order of their numbers, cut where a number is missing or comes again."""
    runs: list[list[Observation]] = []
    for observation in sorted(observations, key=lambda o: o.seq):
        if runs and runs[-1][-1].seq + 1 == observation.seq:
            runs[-1].append(observation)
        else:
            runs.append([observation])
    return [tuple(run) for run in runs]
