"""The application that gunicorn runs in tests: ``echo_of`` behind the middleware."""

from tests.servers.parts import SMALL, customer_of, echo_of
from validator.wsgi import Middleware

application = Middleware(echo_of, SMALL, customer_of)
