"""Advisories: remarks on content IDs that never reject an email (contract, section 5)."""

import re
from itertools import chain, islice
from typing import Final

from validator.model.pointer import Path, echo, format_path, pointer
from validator.model.report import Advisory

from .email import ATTACHMENTS, CONTENT, Email

LIMIT: Final = 100  # advisories of a report

# RFC 2392, section 2; a scheme is case-insensitive (RFC 3986, section 3.1) and does not begin inside a word.
_CID: Final = re.compile(r"(?<![\w+.-])cid:([^\s\"'<>()]+)", re.IGNORECASE)
# html.unescape raises on numbers beyond the limit of int() (4300 digits, zeros included); no character has eight digits.
_ZEROS: Final = re.compile(r"&#0++(?=[0-9])")
_HUGE: Final = re.compile(r"&#[0-9]{8,}+;?")


def advise(email: Email) -> tuple[Advisory, ...]:
    """Return the advisories, at most 100: references without an attachment, then attachments without a reference."""
    if not (email.html or email.inline_content_ids):
        return ()
    references, content_ids = _find_references(email.html), set(email.inline_content_ids)
    dangling = (_advise_on_reference(name) for name in references if name not in content_ids)
    unused = (
        _advise_on_attachment((*ATTACHMENTS, index, "contentId"), one["contentId"])
        for index, one in enumerate(email.attachments)
        if one.get("inline") and "contentId" in one and one["contentId"] not in references
    )
    return tuple(islice(chain(dangling, unused), LIMIT))


def _find_references(html: str) -> dict[str, None]:
    """Return the content IDs that an HTML body refers to, each once, in the order of the text."""
    if "&" not in html and not _CID.search(html):
        return {}
    # Imported at first use: few bodies refer to content IDs.
    from html import unescape  # noqa: PLC0415
    from urllib.parse import unquote  # noqa: PLC0415

    text = unescape(_HUGE.sub("\ufffd", _ZEROS.sub("&#", html)))
    return dict.fromkeys([unquote(name) for name in _CID.findall(text)])


def _advise_on_reference(content_id: str) -> Advisory:
    path = (*CONTENT, "html")
    parameters = {"attribute": format_path(path), "content_id": echo(content_id)}
    message = f"Attribute '{parameters['attribute']}' refers to a content ID that no inline attachment has."
    return Advisory("content-id-without-attachment", message, pointer(path), parameters)


def _advise_on_attachment(path: Path, content_id: str) -> Advisory:
    parameters = {"attribute": format_path(path), "content_id": echo(content_id)}
    message = f"Attribute '{parameters['attribute']}' names an inline attachment that the HTML does not refer to."
    return Advisory("inline-attachment-not-referred-to", message, pointer(path), parameters)
