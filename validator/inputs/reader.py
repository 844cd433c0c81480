"""Read a file of requests: a body (``.json``, ``.xml``), an HTTP file (``.http``, ``.rest``) or an HTTP archive (``.har``)."""

from codecs import BOM_UTF8
from collections.abc import Callable
from pathlib import Path
from typing import Final, NamedTuple

from validator.head.route import Endpoint
from validator.inputs.included import ENVIRONMENT_FILES, OtherOperations, UnreadableInput, read_file
from validator.inputs.sample import RequestFileError, Sample, SampleSet, make_positioner, make_region_mapper
from validator.model.request import JSON, XML, Media, Request

__all__ = [
    "ENVIRONMENT_FILES",
    "STANDARD_INPUT",
    "SUFFIXES",
    "OtherOperations",
    "ReadOptions",
    "UnreadableInput",
    "read_file",
    "read_samples",
]

_BODY_MEDIA: Final[dict[str, Media]] = {".json": JSON, ".xml": XML}
SUFFIXES: Final = frozenset({*_BODY_MEDIA, ".http", ".rest", ".har"})
STANDARD_INPUT: Final = "-"


class ReadOptions(NamedTuple):
    """Settings for the parts of requests that a file leaves open.

    activity: the path parameter ``ids`` for a bare body. media: of a bare body in a file with another suffix; None to detect it
    by the first character. environment: the name of the one whose variables an HTTP file uses; None for the only one.
    """

    activity: str
    media: Media | None = None
    environment: str | None = None


def read_samples(file: str, data: bytes, endpoint: Endpoint, options: ReadOptions) -> SampleSet:
    """Return the requests of a file. data: its content. Raises UnreadableInput."""
    suffix = Path(file).suffix.lower()
    # Imported when used: bare bodies need neither.
    if suffix in {".http", ".rest"}:
        from validator.inputs import http_file  # noqa: PLC0415

        return _read_requests(file, endpoint, lambda: http_file.read(data, endpoint, file, options.environment))
    if suffix == ".har":
        from validator.inputs import har_file  # noqa: PLC0415

        return _read_requests(file, endpoint, lambda: har_file.read(data, endpoint))
    is_xml = data.lstrip(BOM_UTF8 + b" \t\r\n").startswith(b"<")
    media = _BODY_MEDIA.get(suffix) or options.media or (XML if is_xml else JSON)
    map_region = make_region_mapper(data, make_positioner(data))
    return SampleSet((Sample(Request(options.activity, "", (("Content-Type", media),), data), map_region=map_region),), 0)


def _read_requests(file: str, endpoint: Endpoint, read: Callable[[], SampleSet]) -> SampleSet:
    try:
        samples = read()
    except RequestFileError as error:
        raise UnreadableInput(file, str(error), error.line) from None
    except UnreadableInput as error:  # a file of environments
        raise UnreadableInput(file, str(error)) from None
    if not samples.samples and not samples.unchecked:
        others = f", {samples.others} to other operations" if samples.others else ""
        raise OtherOperations(file, f"no request to {endpoint.method} {endpoint.path} in the file{others}", samples.others)
    return samples
