"""Limits of the sidecar: how many requests are in flight, for how long, and how much of their bodies is read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from prometheus_client import Gauge

BODY_MARGIN: Final = 1 << 16  # bytes read beyond a body limit, so that a gateway that is still sending receives the answer


class InFlightLimit:
    """Limits requests that are in flight. One event loop uses it.

    maximum: requests at a time. seconds: timeout of one request, including its body. gauge: shows their number.
    """

    def __init__(self, maximum: int, seconds: float, gauge: Gauge) -> None:
        """Start without requests."""
        self._maximum = maximum
        self._seconds = seconds
        self._gauge = gauge
        self._count = 0

    @property
    def is_reached(self) -> bool:
        """Whether another request would exceed the maximum."""
        return self._count >= self._maximum

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Count one request and limit its time. Raises TimeoutError."""
        self._count += 1
        try:
            with self._gauge.track_inprogress():
                async with asyncio.timeout(self._seconds):
                    yield
        finally:
            self._count -= 1
