from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest

from coldport.clock import SystemClock
from firmware_sim.scenario import load_scenario
from firmware_sim.site import running


@pytest.fixture(scope="session")
def quiet():
    """The example site without its timeline: nothing happens but what a test does."""
    return msgspec.structs.replace(load_scenario(Path("config/sites/xiangtan")), timeline=())


@pytest.fixture
def start(quiet, tmp_path):
    """Start the example site on free ports and a data folder of its own."""

    @asynccontextmanager
    async def site(scenario=quiet, **options):
        async with running(scenario, tmp_path, SystemClock(), any_ports=True, **options) as running_site:
            yield running_site

    return site
