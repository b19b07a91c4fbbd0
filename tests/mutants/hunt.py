"""Spoil the alarms and the exposure of goods in one place at a time, and name what no test notices.

The tests are collected once, in a warm process, and run once to learn which of them pass which line. Every mutant is
a fork of it: one function gets the code of the spoiled source, and the tests that pass the line run, the short ones
first, until one fails. What is spoiled outside of functions (tables, defaults) is there before anything is imported,
so it is a fork of a process that has imported the libraries only, and all tests may run.

A mutant that no test can find, because it does the same, stands in `same.toml` with the reason and counts as nothing.
"""

import argparse
import json
import os
import random
import sys
import tomllib
from collections import Counter
from pathlib import Path

from mutants.killing import Hunt
from mutants.mutations import PACKAGES, ROOT, Mutant, mutants_of

SAME = Path(__file__).with_name("same.toml")
GOAL = 0.9


def tell(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def chosen(every: list[Mutant], sample: float, seed: int) -> list[Mutant]:
    """Draw a share (up to 1) or a number of mutants."""
    size = round(sample * len(every)) if sample <= 1 else min(int(sample), len(every))
    return sorted(random.Random(seed).sample(every, size))


def known_to_be_same(every: list[Mutant]) -> set[tuple[str, str, str, str]]:
    """Read `same.toml`; what is in it and no longer in the sources is an error."""
    listed = tomllib.loads(SAME.read_text(encoding="utf-8"))["same"] if SAME.exists() else []
    keys = {(one["in"], one["function"], one["was"], one["now"]) for one in listed}
    gone = keys - {mutant.key for mutant in every}
    if gone:
        sys.exit("\n".join(f"{SAME.name}: no such mutant: {key}" for key in sorted(gone)))
    return keys


def report(judged: dict[Mutant, str]) -> bool:
    """Print the scores; return whether the goal is reached."""
    total: Counter[str] = Counter(mutant.path for mutant in judged)
    left: Counter[str] = Counter(mutant.path for mutant, fate in judged.items() if fate == "survived")
    for path in sorted(total):
        tell(f"{1 - left[path] / total[path]:7.1%}  {total[path] - left[path]:4} of {total[path]:4}  {path}")
    share = 1 - left.total() / total.total()
    slow = sum(fate == "endless" for fate in judged.values())
    tell(
        f"{share:7.1%}  {total.total() - left.total():4} of {total.total():4}  killed, {slow} of them by the time limit"
    )
    return share >= GOAL


def main() -> int:
    """Hunt, as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tests", nargs="+", required=True)
    parser.add_argument("--sample", type=float, default=400, help="a number of mutants, or up to 1: a share of them")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--within", nargs="+", default=PACKAGES, help="folders or files to spoil")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", type=Path, help="write the fate of each mutant here")
    options = parser.parse_args()
    sources = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    every = [mutant for path in sources for mutant in mutants_of(path)]
    same = known_to_be_same(every)
    wanted = tuple(str(one) for one in options.within)
    in_play = [one for one in every if one.path.startswith(wanted) and one.key not in same]
    drawn = chosen(in_play, options.sample, options.seed)
    tell(f"{len(drawn)} of {len(in_play)} mutants, seed {options.seed}; {len(same)} do the same")
    judged = Hunt(options.tests, options.workers).judge(drawn)
    if options.json is not None:
        options.json.write_text(json.dumps([[*mutant, fate] for mutant, fate in judged.items()]), encoding="utf-8")
    return 0 if report(judged) else 1


if __name__ == "__main__":
    sys.exit(main())
