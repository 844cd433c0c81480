"""Advisories: remarks on content IDs that never reject an email (contract, section 5)."""

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Final

from validator.model.pointer import Path, echo, format_path, pointer
from validator.model.report import Advisory

from .email import ATTACHMENTS, CONTENT, Email
from .values import SIGN_OF_REFERENCE, normalize_content_id

LIMIT: Final = 100  # advisories of a report

_HTML: Final[Path] = (*CONTENT, "html")
_MESSAGES: Final = {
    "content-id-without-attachment": "refers to a content ID that no inline attachment has",
    "inline-attachment-not-referred-to": "names an inline attachment that the HTML does not refer to",
    "content-id-not-inline": "is the content ID of an attachment that is not inline",
}


def advise(email: Email) -> tuple[Advisory, ...]:
    """Return the advisories, at most 100.

    First come references without an inline attachment, then inline attachments without a reference, and then attachments with
    a content ID that are not inline.
    """
    if not (email.html or email.attachments):
        return ()
    return tuple(islice(_find_advisories(email), LIMIT))


def _find_advisories(email: Email) -> Iterator[Advisory]:
    references = _list_references(email.html)
    content_ids = set(email.inline_content_ids)
    for reference in references:
        if reference not in content_ids:
            yield _advise_on("content-id-without-attachment", _HTML, reference)
    for index, attachment in enumerate(email.attachments):
        content_id = attachment.get("contentId")
        if attachment.get("inline") and content_id is not None and normalize_content_id(content_id) not in references:
            yield _advise_on("inline-attachment-not-referred-to", (*ATTACHMENTS, index, "contentId"), content_id)
    for index in email.inline_mismatches:
        content_id = email.attachments[index].get("contentId")
        if content_id is not None:  # the other mismatch, an inline attachment without a content ID, is a failure
            yield _advise_on("content-id-not-inline", (*ATTACHMENTS, index, "contentId"), content_id)


def _list_references(html: str) -> Collection[str]:
    """Return the content IDs that an HTML body refers to, each once and in the order of the text, as they are compared."""
    if not SIGN_OF_REFERENCE.search(html):
        return ()
    # Imported at first use: few bodies refer to content IDs.
    from .references import find_references  # noqa: PLC0415

    return dict.fromkeys(map(normalize_content_id, find_references(html)))


def _advise_on(name: str, path: Path, content_id: str) -> Advisory:
    parameters = {"attribute": format_path(path), "content_id": echo(content_id)}
    return Advisory(name, f"Attribute '{parameters['attribute']}' {_MESSAGES[name]}.", pointer(path), parameters)
