"""The planner's application with plans on record, made in milliseconds: what its pages are looked at with."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from fastapi import FastAPI

from coldport.clock import ManualClock
from dashboards import web_root
from routing.api.app import create_app
from routing.api.pages import add_pages
from routing.construct import construct
from routing.draft import draft
from routing.generate import generate
from routing.jobs.ledger import Ledger
from routing.jobs.office import Budget, Office
from routing.jobs.workers_memory import MemoryWorkers
from routing.network_folder import load_network
from routing.network_settings import Network
from routing.plan_log.acts import Act, Asked, Ended, Loaded, Outcome, Published, Started, summary
from routing.plan_log.documents import Document, pack
from routing.plan_log.memory import MemoryPlanLog

XIANGTAN = Path(__file__).parents[1] / "config/networks/xiangtan"
AT = datetime(2026, 6, 1, 8, tzinfo=UTC)


@cache
def _network() -> Network:
    return load_network(XIANGTAN)


@cache
def planned(consignments: int) -> tuple[Document, Document, Loaded, Ended]:
    """Return an instance and the first plan of it, with what the log says of them."""
    instance = generate(_network(), consignments, 1)
    under_way = draft(instance)
    construct(under_way)
    plan = under_way.as_plan("construct")
    kept, found = pack(instance), pack(plan)
    loaded = Loaded(
        instance=kept.digest,
        name=instance.id,
        consignments=len(instance.consignments),
        services=len(instance.services),
        by="王工",
    )
    ended = Ended(job="j1", outcome=Outcome.DONE, result=summary(plan, found.digest))
    return kept, found, loaded, ended


def planner_app(consignments: int = 30, *, jobs: bool = True) -> tuple[FastAPI, str]:
    """Return the application and the name of its plan: one published, one running, one that failed, one that waits."""
    kept, found, loaded, ended = planned(consignments)
    log = MemoryPlanLog()
    acts: list[Act] = [loaded]
    if jobs:
        acts += [Asked(job=f"j{n}", instance=kept.digest, seconds=30, by="王工") for n in (1, 2, 3, 4)]
        acts += [Started(job="j1", attempt=1), ended, Started(job="j3", attempt=1)]
        acts += [Ended(job="j3", outcome=Outcome.FAILED, reason="memory: the worker needed more than 2,000 MB")]
        acts += [Started(job="j2", attempt=1)]
        result = ended.result
        assert result is not None
        acts += [Published(name=loaded.name, instance=kept.digest, job="j1", result=result, by="王工")]
    log.append(AT, acts, (kept, found))
    clock = ManualClock(AT)
    office = Office(Ledger(log, clock), MemoryWorkers(), clock, Budget(workers=1, seconds_most=100))
    app = create_app(office, {"xiangtan": _network()}, clock)
    add_pages(app, web_root())
    return app, found.digest
