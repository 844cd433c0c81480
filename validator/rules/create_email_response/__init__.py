"""The rules of create-email-response (contract, section 5)."""

from validator.rules.create_email_response.advice import advise
from validator.rules.create_email_response.codes import CODES
from validator.rules.create_email_response.email import Email, department, keys, read
from validator.rules.create_email_response.laws import RULES

__all__ = ["CODES", "RULES", "Email", "advise", "department", "keys", "read"]
