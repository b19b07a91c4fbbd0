"""Runs tests against mutants in forks of a warm process: see `hunt`."""

import importlib
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from inspect import getattr_static
from pathlib import Path
from time import process_time
from types import CodeType, FunctionType, ModuleType
from typing import Any

# What tests and sources import anyhow, once for all forks.
import coverage
import duckdb  # noqa: F401
import fastapi.testclient  # noqa: F401
import hypothesis
import msgspec  # noqa: F401
import numpy as np  # noqa: F401
import pytest
from mutants.mutations import PACKAGES, ROOT, Mutant, spoil

KILLED, SURVIVED, BROKEN = 1, 0, 3
FATES = {SURVIVED: "survived", KILLED: "killed"}
SLACK_S = 10.0
"""Processor time that a fork has beside three times what its tests took when nothing was spoiled."""

MEMORY = 4 << 30
"""Address space of a fork in bytes: a loop without an end must not fill the machine."""

ARGUMENTS = (
    *("-m", "not slow", "-q", "-p", "no:cacheprovider", "-o", "timeout=0"),
    *("-W", "ignore::pytest.PytestAssertRewriteWarning"),  # hypothesis is there before pytest
)


LOUD = os.dup(2)
"""Where to speak while pytest listens to the standard streams."""


class Known:
    """What a run without a mutant tells: which tests pass a line, and how long each takes."""

    def __init__(self, passes: dict[str, dict[int, list[str]]], took: dict[str, float]) -> None:
        self.passes = passes
        self.took = took

    def judges(self, mutant: Mutant, lines: Iterable[int] = ()) -> list[str]:
        """Give the tests to run, cheap ones first.

        Those that pass the line of the mutant, of the `lines` of its function; the line that a statement begins on may
        be the only one that is told. Without `lines`: all there are, those that pass the source before the others.
        """
        passes = self.passes.get(mutant.path, {})
        if lines:
            passed = [line for line in lines if passes.get(line)]
            begun = max((line for line in passed if line <= mutant.line), default=min(passed, default=0))
            return sorted(set(passes.get(begun, ())), key=self.took.__getitem__)
        near = {test for tests in passes.values() for test in tests}
        return sorted(self.took, key=lambda test: (test not in near, self.took[test]))

    def limit_s(self, tests: Iterable[str]) -> float:
        """Give the processor time that they may take."""
        return SLACK_S + 3 * sum(self.took[test] for test in tests)


class Hunt:
    """Judges mutants by `tests`, in `workers` processes at once."""

    def __init__(self, tests: Sequence[str], workers: int) -> None:
        self._tests = list(tests)
        self._workers = workers
        hypothesis.settings.register_profile(
            "mutants",
            derandomize=True,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.explicit, hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        hypothesis.settings.load_profile("mutants")

    def judge(self, mutants: Sequence[Mutant]) -> dict[Mutant, str]:
        """Return what became of each: killed, survived, or endless."""
        with tempfile.TemporaryDirectory() as folder:
            answers = Path(folder, "known.json"), Path(folder, "fates.json")
            warm = os.fork()
            if not warm:
                self._be_warm([mutant for mutant in mutants if mutant.scope], *answers)
            if os.waitstatus_to_exitcode(os.waitpid(warm, 0)[1]) != 0:
                sys.exit("the tests fail without any mutant")
            known = Known(**json.loads(answers[0].read_text(), object_hook=_numbered))
            fates = {Mutant(*one): fate for *one, fate in json.loads(answers[1].read_text())}
        cold = [mutant for mutant in mutants if not mutant.scope or mutant not in fates]
        return fates | self._each({mutant: known.judges(mutant) for mutant in cold}, known, self._run_spoiled)

    def _be_warm(self, mutants: Sequence[Mutant], known_file: Path, fates_file: Path) -> None:
        """Be the process that has collected the tests; never return."""
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        judge = _Judge()
        collecting = _measuring()

        class Loop:
            @staticmethod
            def pytest_runtestloop(session: pytest.Session) -> bool:
                loaded = _loaded(collecting)
                items = {item.nodeid: item for item in session.items}
                if _exit_code_of(lambda: _learn(session.items, known_file)) != SURVIVED:
                    os._exit(BROKEN)
                known = Known(**json.loads(known_file.read_text(), object_hook=_numbered))
                judge.tells = False

                def run(mutant: Mutant, tests: list[str]) -> None:
                    _replace_code(mutant)
                    _run([items[test] for test in tests])

                # What was run when modules were loaded, tables or the states that a test walks through, is as it was.
                fresh = [mutant for mutant in mutants if not _lines_of(mutant) & loaded.get(mutant.path, set())]
                hot = {mutant: known.judges(mutant, _lines_of(mutant)) for mutant in fresh}
                fates = self._each({mutant: tests for mutant, tests in hot.items() if tests}, known, run)
                fates_file.write_text(json.dumps([[*mutant, fate] for mutant, fate in fates.items()]))
                os._exit(SURVIVED)

        pytest.main([*ARGUMENTS, *self._tests], plugins=[Loop(), judge])
        os._exit(BROKEN)

    def _run_spoiled(self, mutant: Mutant, tests: list[str]) -> None:
        judge = _Judge()
        judge.tells = False
        order = {test: place for place, test in enumerate(tests)}

        class Sort:
            @staticmethod
            def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
                items[:] = sorted((item for item in items if item.nodeid in order), key=lambda item: order[item.nodeid])

        sys.meta_path.insert(0, _Spoiler(mutant))
        code = pytest.main([*ARGUMENTS, *self._tests], plugins=[Sort(), judge])
        os._exit(SURVIVED if code == pytest.ExitCode.OK else KILLED)

    def _each(
        self, mutants: dict[Mutant, list[str]], known: Known, run: Callable[[Mutant, list[str]], None]
    ) -> dict[Mutant, str]:
        """Run each with its tests in a fork of this process, some at once; `run` ends the fork when a test fails."""
        fates: dict[Mutant, str] = {}
        running: dict[int, tuple[Mutant, Path]] = {}
        waiting = list(reversed(mutants.items()))
        while waiting or running:
            if waiting and len(running) < self._workers:
                mutant, tests = waiting.pop()
                scratch = Path(tempfile.mkdtemp())
                child = os.fork()
                if not child:
                    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
                    _confine(known.limit_s(tests), scratch)
                    _end_after(lambda one=mutant, some=tests: run(one, some))
                running[child] = mutant, scratch
                continue
            child, status = os.wait()
            mutant, scratch = running.pop(child)
            shutil.rmtree(scratch, ignore_errors=True)
            code = os.waitstatus_to_exitcode(status)
            fates[mutant] = "endless" if code in (-signal.SIGXCPU, -signal.SIGALRM) else FATES.get(code, "killed")
            if fates[mutant] == "survived":
                _say(f"survived  {mutant}")
            if len(fates) % 100 == 0:
                _say(f"  {len(fates)} of {len(mutants)}")
        return fates


class _Judge:
    """Ends the process at the first failure; says which it was while nothing is spoiled."""

    tells = True

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._end_if_failed(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        self._end_if_failed(report)

    def _end_if_failed(self, report: pytest.TestReport | pytest.CollectReport) -> None:
        if report.failed:
            if self.tells:
                _say(f"{report.nodeid}\n{report.longreprtext}")
            os._exit(KILLED)


class _Spoiler(MetaPathFinder):
    """Gives the one module of a mutant its spoiled source."""

    def __init__(self, mutant: Mutant) -> None:
        self._mutant = mutant
        self._name = _module_of(mutant.path)

    def find_spec(self, name: str, path: Sequence[str] | None, target: ModuleType | None = None) -> ModuleSpec | None:
        if name != self._name:
            return None
        found = PathFinder.find_spec(name, path, target)
        assert found is not None
        found.loader = _SpoiledLoader(name, str(ROOT / self._mutant.path), self._mutant)
        return found


class _SpoiledLoader(SourceFileLoader):
    def __init__(self, name: str, path: str, mutant: Mutant) -> None:
        super().__init__(name, path)
        self._mutant = mutant

    def get_code(self, fullname: str) -> CodeType:
        return _compiled(self._mutant)


def _say(text: str) -> None:
    os.write(LOUD, f"{text}\n".encode())


def _learn(items: list[pytest.Item], known_file: Path) -> None:
    """Run all tests and write down what they pass and take."""
    measured = _measuring()
    took: dict[str, float] = {}
    for item, following in zip(items, [*items[1:], None], strict=True):
        measured.switch_context(item.nodeid)
        since = process_time()
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        took[item.nodeid] = process_time() - since
    measured.stop()
    data = measured.get_data()
    passes = {Path(file).relative_to(ROOT).as_posix(): data.contexts_by_lineno(file) for file in data.measured_files()}
    known_file.write_text(json.dumps({"passes": passes, "took": took}))


def _measuring() -> coverage.Coverage:
    sources = [f"{ROOT / package}/*" for package in PACKAGES]
    measured = coverage.Coverage(data_file=None, branch=False, include=sources, config_file=False)
    measured.start()
    return measured


def _loaded(measured: coverage.Coverage) -> dict[str, set[int]]:
    """Return the lines that were passed while tests were collected."""
    measured.stop()
    data = measured.get_data()
    return {Path(file).relative_to(ROOT).as_posix(): set(data.lines(file) or ()) for file in data.measured_files()}


def _run(items: list[pytest.Item]) -> None:
    for item, following in zip(items, [*items[1:], None], strict=True):
        item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)


def _exit_code_of(work: Callable[[], None]) -> int:
    child = os.fork()
    if not child:
        _end_after(work)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _end_after(work: Callable[[], None]) -> None:
    """Do the work and end this fork, whatever comes."""
    code = KILLED
    try:
        work()
        code = SURVIVED
    except BaseException:  # noqa: BLE001 - a mutant may raise anything
        _say(traceback.format_exc())
    finally:
        os._exit(code)


def _confine(processor_s: float, scratch: Path) -> None:
    """Let a fork have so much time, some memory, and a folder of its own."""
    resource.setrlimit(resource.RLIMIT_CPU, (int(process_time() + processor_s), resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(int(4 * processor_s))
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(scratch)


def _module_of(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _compiled(mutant: Mutant) -> CodeType:
    path = ROOT / mutant.path
    return compile(spoil(path.read_text(encoding="utf-8"), mutant.number), str(path), "exec")


def _function_of(mutant: Mutant) -> FunctionType | None:
    """Return the function that a mutant is in, or None when it cannot be got at."""
    found: Any = importlib.import_module(_module_of(mutant.path))
    for name in mutant.scope.split("."):
        found = getattr_static(found, name, None)
    while found is not None and not isinstance(found, FunctionType):
        found = next(
            (getattr(found, name) for name in ("fget", "__wrapped__", "__func__") if hasattr(found, name)), None
        )
    while found is not None and hasattr(found, "__wrapped__"):
        found = found.__wrapped__
    return found if found is not None and found.__qualname__ == mutant.scope else None


def _lines_of(mutant: Mutant) -> set[int]:
    """Return the lines within the function that a mutant is in, none when it cannot be got at."""
    function = _function_of(mutant)
    pending = [] if function is None else [function.__code__]
    lines: set[int] = set()
    while pending:
        code = pending.pop()
        lines |= {line for _, _, line in code.co_lines() if line and line != code.co_firstlineno}
        pending += [one for one in code.co_consts if isinstance(one, CodeType)]
    return lines


def _replace_code(mutant: Mutant) -> None:
    """Let the live function do what the spoiled source says."""
    function = _function_of(mutant)
    assert function is not None
    pending = [_compiled(mutant)]
    while pending:
        code = pending.pop()
        if code.co_qualname == mutant.scope:
            function.__code__ = code
            return
        pending += [one for one in code.co_consts if isinstance(one, CodeType)]
    raise LookupError(mutant.scope)


def _numbered(found: dict[str, Any]) -> dict[Any, Any]:
    """Turn the line numbers back that JSON made words of."""
    return {int(key) if key.isdigit() else key: value for key, value in found.items()}
