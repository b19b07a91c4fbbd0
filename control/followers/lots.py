"""Assesses every lot in the house once a minute and lets its alarms be judged. What moves none is not kept."""

import asyncio
import logging

from coldport.clock import Clock
from coldport.errors import NotFoundError
from control.exposure.assessment import summary
from control.exposure_archive import ExposureArchive, full_minute
from control.followers.historian import HistorianFollower
from control.service import Service

STEP_S = 60.0
"""A budget of an hour is told of a minute late; the newest hour of each room is measured anew each time."""

log = logging.getLogger("control.lots")


class LotFollower:
    """Between the record and the alarms of lots. It remembers nothing but what it has complained of."""

    def __init__(
        self, service: Service, exposures: ExposureArchive, historian: HistorianFollower, clock: Clock
    ) -> None:
        """Assess the lots of `service` by `exposures`, as long as `historian` is current.

        While it catches up, the newest hours would look unknown and alarms would return that are true.
        """
        self._historian = historian
        self._service = service
        self._exposures = exposures
        self._clock = clock
        self._told: set[tuple[str, int]] = set()

    async def step(self) -> None:
        """Assess all lots and wait a minute: the loop body for `coldport.supervise.for_ever`.

        Raises:
            UnavailableError: The historian is away, or the journal took nothing.
        """
        await self.assess()
        await self._clock.sleep(STEP_S)

    async def assess(self) -> None:
        """Assess every lot in the house, up to the last full minute; raises as `step`."""
        if not self._historian.is_current:
            return
        until = full_minute(self._clock.now())
        for lot in self._service.lots():
            if lot.shipped_at is None and lot.received_at < until:
                try:
                    assessment = await asyncio.to_thread(self._exposures.assess, lot, until)
                except NotFoundError as error:
                    self._tell((lot.product, lot.product_version), error)
                else:
                    self._service.judge_lot(summary(assessment))

    def _tell(self, product: tuple[str, int], error: NotFoundError) -> None:
        if product not in self._told:
            self._told.add(product)
            log.warning("its lots are not judged: %s", error)
