"""Limits of the sidecar: how many requests are in flight, for how long, and how much of their bodies is read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

BODY_MARGIN: Final = 1 << 16  # bytes read beyond a body limit, so that a gateway that is still sending receives the answer


class InFlightLimit:
    """Limits requests that are in flight. One event loop uses it.

    maximum: requests at a time. seconds: timeout of one request, including its body.
    """

    def __init__(self, maximum: int, seconds: float) -> None:
        """Start without requests."""
        self._maximum = maximum
        self._seconds = seconds
        self._count = 0

    @property
    def count(self) -> int:
        """The number of requests in flight."""
        return self._count

    @property
    def is_reached(self) -> bool:
        """Whether another request would exceed the maximum."""
        return self._count >= self._maximum

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Count one request and limit its time. Raises TimeoutError."""
        self._count += 1
        try:
            async with asyncio.timeout(self._seconds):
                yield
        finally:
            self._count -= 1
