"""Read a file of requests: a bare body (``.json``, ``.xml``), an HTTP file (``.http``) or an HTTP archive (``.har``)."""

from codecs import BOM_UTF8
from collections.abc import Callable
from pathlib import Path
from typing import Final

from validator import files
from validator.head.route import Endpoint
from validator.inputs.sample import RequestFileError, Sample, SampleSet, make_positioner, make_region_mapper
from validator.model.request import JSON, XML, Media, Request

_BODY_MEDIA: Final[dict[str, Media]] = {".json": JSON, ".xml": XML}
SUFFIXES: Final = frozenset({*_BODY_MEDIA, ".http", ".har"})
STANDARD_INPUT: Final = "-"


class UnreadableInput(Exception):  # noqa: N818 - reported as a line, like a finding
    """A file that cannot be checked. The message is ``file:line: reason`` or ``file: reason``."""


def read_samples(file: str, data: bytes, endpoint: Endpoint, activity: str, media: Media | None = None) -> SampleSet:
    """Return the requests of a file. data: its content. Raises UnreadableInput.

    activity: the path parameter ``ids`` for a bare body. media: of a bare body in a file with another suffix; None to detect it
    by the first character.
    """
    suffix = Path(file).suffix.lower()
    # Imported when used: bare bodies need neither.
    if suffix == ".http":
        from validator.inputs.http_file import read  # noqa: PLC0415

        return _read_requests(file, data, endpoint, read)
    if suffix == ".har":
        from validator.inputs.har_file import read  # noqa: PLC0415

        return _read_requests(file, data, endpoint, read)
    is_xml = data.lstrip(BOM_UTF8 + b" \t\r\n").startswith(b"<")
    media = _BODY_MEDIA.get(suffix) or media or (XML if is_xml else JSON)
    map_region = make_region_mapper(data, make_positioner(data))
    return SampleSet((Sample(Request(activity, "", (("Content-Type", media),), data), map_region=map_region),), 0)


def _read_requests(file: str, data: bytes, endpoint: Endpoint, read: Callable[[bytes, Endpoint], SampleSet]) -> SampleSet:
    try:
        samples = read(data, endpoint)
    except RequestFileError as error:
        raise UnreadableInput(f"{file}:{error.line}: {error}") from None
    if not samples.samples:
        others = f", {samples.others} to other operations" if samples.others else ""
        raise UnreadableInput(f"{file}: no request to {endpoint.method} {endpoint.path} in the file{others}")
    return samples


def read_file(file: str) -> bytes:
    """Return the content of a file. Raises UnreadableInput, also for a device or a pipe."""
    try:
        return files.read_file(file)
    except OSError as error:
        raise UnreadableInput(f"{file}: {files.describe_os_error(error)}") from None
    except ValueError as error:  # a name with a NUL
        raise UnreadableInput(f"{file!r}: {error}") from None
