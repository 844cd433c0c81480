"""What is expected of a request in a file: acceptance, a rejection, or exactly these codes."""

import re
from typing import Final, NamedTuple

CODE: Final = re.compile(r"[0-9]{3}-[0-9]{3}(?![0-9])")  # at the beginning of a fixture's name


class Expected(NamedTuple):
    """What is expected of a request. codes: exactly these; () when it must be accepted.

    among: a code that must be among those reported, whatever the others. refused: it must be refused, whatever the codes.
    """

    codes: tuple[str, ...] = ()
    among: str | None = None
    refused: bool = False

    @property
    def is_acceptance(self) -> bool:
        """Whether the request must be accepted."""
        return not (self.codes or self.among or self.refused)

    def is_met(self, found: set[str]) -> bool:
        """Return whether these codes are what is expected."""
        if self.refused:
            return bool(found)
        return self.among in found if self.among else found == set(self.codes)
