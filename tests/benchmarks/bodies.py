"""The bodies of the benchmarks: small, large and invalid, in the forms that serialisers write."""

import json
from typing import Any, Final

from tests.bodies import Members, to_xml

TEXT_SIZE: Final = 64 * 1024  # bytes of text in a large body
SMALL: Final[dict[str, Any]] = {
    "type": {"value": "email", "subtype": {"value": "general"}},
    "subject": "Issue with mobile phone",
    "payload": {
        "email": {
            "content": {
                "text": "This is the issue",
                "html": "<HTML><HEAD><TITLE></TITLE></HEAD><BODY><P>This is it <BR> <IMG SRC='cid:logo'></P></BODY></HTML>",
            },
            "emailAddresses": {"receiver": "support@business.com", "replyTo": "jhenry@customer.com"},
            "messageCenter": {"id": "3001"},
        }
    },
    "issueType": {"id": "4001"},
    "attachments": {"attachment": [{"altId": "a-1", "inline": True, "contentId": "logo"}]},
    "customAttributes": {"customAttribute": [{"name": "priority", "value": "high"}]},
}


def copy_small() -> dict[str, Any]:
    """Return a copy of the small body."""
    body: dict[str, Any] = json.loads(json.dumps(SMALL))
    return body


def make_large_body() -> dict[str, Any]:
    """Return the small body with 64 KB of HTML and 50 attachments."""
    paragraph = '<p class="answer">Dear customer, thank you for your mail &amp; your patience: we look into it today.</p>\n'
    body = make_text_body(paragraph)
    body["attachments"]["attachment"] = make_attachments(50)
    return body


def make_attachments(count: int) -> list[dict[str, Any]]:
    """Return entries of the list of attachments."""
    return [{"altId": f"a-{n}", "inline": True, "contentId": f"image-{n}"} for n in range(count)]


def make_text_body(text: str, size: int = TEXT_SIZE) -> dict[str, Any]:
    """Return the small body with a text that is repeated. size: characters."""
    body = copy_small()
    body["payload"]["email"]["content"]["html"] = (text * (size // len(text) + 1))[:size]
    return body


def make_invalid_body() -> dict[str, Any]:
    """Return the small body with three failures of structure."""
    body = copy_small()
    body["type"]["value"] = "mail"
    body["foo"] = "x"
    body["issueType"]["id"] = "x"
    return body


def to_members(value: Any) -> Any:
    """Convert a tree to pairs, which can repeat names; the writers of ``tests.bodies`` expect them."""
    if isinstance(value, dict):
        return Members([(name, to_members(item)) for name, item in value.items()])
    return [to_members(item) for item in value] if isinstance(value, list) else value


def encode_json(body: dict[str, Any]) -> bytes:
    """Return the body as compact JSON."""
    return json.dumps(body, separators=(",", ":")).encode()


def encode_xml(body: dict[str, Any]) -> bytes:
    """Return the body as XML."""
    return to_xml(to_members(body))
