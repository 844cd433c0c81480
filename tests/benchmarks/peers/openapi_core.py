"""openapi-core as a peer: its own request class, and the errors of the schema in the answer."""

import json
from typing import Any
from urllib.parse import parse_qsl

from openapi_core import OpenAPI
from openapi_core.exceptions import OpenAPIError
from openapi_core.testing import MockRequest

from tests.benchmarks.peers.worker import Prepared, Validate, serve


def build(document: dict[str, Any]) -> Validate:
    """Return the validation of a document."""
    api = OpenAPI.from_dict(document)

    async def validate(request: Prepared) -> str | None:
        headers = dict(request.headers)
        mock = MockRequest(
            "http://localhost",
            "post",
            request.path,
            args=dict(parse_qsl(request.query, keep_blank_values=True)),
            headers=headers,
            data=request.body,
            content_type=headers["Content-Type"],
        )
        try:
            api.validate_request(mock)
        except OpenAPIError as error:
            causes = getattr(error.__cause__, "schema_errors", ())
            return json.dumps({"title": str(error), "errors": [cause.message for cause in causes]})
        return None

    return validate


if __name__ == "__main__":
    serve("openapi-core", build)
