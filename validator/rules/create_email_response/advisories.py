"""What is worth telling of an email but never rejects it (contract, section 5)."""

import re
from itertools import chain, islice
from typing import Final

from validator.model.pointer import Path, echo, format_path, pointer
from validator.model.report import Advisory

from .email import ATTACHMENTS, CONTENT, Email

MOST: Final = 100

# RFC 2392, section 2; a scheme has no case (RFC 3986, section 3.1) and does not begin inside a word.
_CID: Final = re.compile(r"(?<![\w+.-])cid:([^\s\"'<>()]+)", re.IGNORECASE)
# html.unescape raises on numbers beyond the limit of int() (4300 digits, zeros included); no character has eight digits.
_ZEROS: Final = re.compile(r"&#0++(?=[0-9])")
_HUGE: Final = re.compile(r"&#[0-9]{8,}+;?")


def advise(email: Email) -> tuple[Advisory, ...]:
    """Return the advisories, at most 100: references without an attachment, then attachments without a reference."""
    if not (email.html or email.content_ids):
        return ()
    references, content_ids = _references(email.html), set(email.content_ids)
    dangling = (_dangling(name) for name in references if name not in content_ids)
    unused = (
        _unused((*ATTACHMENTS, index, "contentId"), one["contentId"])
        for index, one in enumerate(email.attachments)
        if one.get("inline") and "contentId" in one and one["contentId"] not in references
    )
    return tuple(islice(chain(dangling, unused), MOST))


def _references(html: str) -> dict[str, None]:
    """Return the content IDs that an HTML body refers to, each once, in its order."""
    if "&" not in html and not _CID.search(html):
        return {}
    # Imported at first use: few bodies refer to content IDs.
    from html import unescape  # noqa: PLC0415
    from urllib.parse import unquote  # noqa: PLC0415

    text = unescape(_HUGE.sub("\ufffd", _ZEROS.sub("&#", html)))
    return dict.fromkeys([unquote(name) for name in _CID.findall(text)])


def _dangling(content_id: str) -> Advisory:
    path = (*CONTENT, "html")
    facts = {"attribute": format_path(path), "content_id": echo(content_id)}
    message = f"Attribute '{facts['attribute']}' refers to a content ID that no inline attachment has."
    return Advisory("content-id-without-attachment", message, pointer(path), facts)


def _unused(path: Path, content_id: str) -> Advisory:
    facts = {"attribute": format_path(path), "content_id": echo(content_id)}
    message = f"Attribute '{facts['attribute']}' names an inline attachment that the HTML does not refer to."
    return Advisory("inline-attachment-not-referred-to", message, pointer(path), facts)
