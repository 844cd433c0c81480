"""The progress of an audit on a terminal: share, requests, rate and remaining time, in one line."""

from time import monotonic
from typing import TextIO

from validator.audit.worker import Outcome

_INTERVAL = 0.5  # seconds between two lines


class Progress:
    """Shows the progress on a stream, if it is a terminal. Parts of earlier runs count for the share, not for the rate."""

    def __init__(self, stream: TextIO) -> None:
        """Start the clock."""
        self._stream = stream
        self._is_shown = stream.isatty()
        self._start = self._last = monotonic()
        self._share = self._new_share = 0.0
        self._requests = self._new_requests = 0

    def add(self, outcome: Outcome) -> None:
        """Count a part, and show the progress if half a second has passed."""
        requests = outcome.tally.verdicts.total()
        self._share += outcome.part.share
        self._requests += requests
        if outcome.is_new:
            self._new_share += outcome.part.share
            self._new_requests += requests
        now = monotonic()
        if self._is_shown and now - self._last >= _INTERVAL:
            self._last = now
            self._stream.write(f"\r{self.format(now - self._start)}\x1b[K")
            self._stream.flush()

    def format(self, seconds: float) -> str:
        """Return the line. seconds: since the start."""
        rate = self._new_requests / max(seconds, 1e-9)
        left = (1 - min(1.0, self._share)) * seconds / self._new_share if self._new_share else 0.0
        minutes, rest = divmod(round(left), 60)
        return f"{self._share:.0%}  {self._requests:,} requests  {rate:,.0f}/s  {minutes}:{rest:02} left"

    def close(self) -> None:
        """Delete the line."""
        if self._is_shown:
            self._stream.write("\r\x1b[K")
            self._stream.flush()
