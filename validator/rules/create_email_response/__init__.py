"""The rules of create-email-response (contract, section 5)."""

from .advisories import advise
from .codes import CODES
from .email import Email, read
from .facts import department, keys
from .rules import RULES

__all__ = ["CODES", "RULES", "Email", "advise", "department", "keys", "read"]
