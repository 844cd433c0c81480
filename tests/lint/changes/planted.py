"""Changes planted in a copy of the home of rate-activity, and what the linter must report for each.

An edit is (file, old text, new text); without an old text the file is created, without both it is removed. Those of one entry
are compared in one run. An expected change is its code, place and message, without the folder of schemas.
"""

from typing import Final

SCHEMA: Final = "schemas/rate-activity/request.schema.json"
XSD: Final = "schemas/rate-activity/request.xsd"
OPERATION: Final = "schemas/rate-activity/operation.json"
CODES: Final = "schemas/rate-activity/codes.json"
RULES: Final = "rules/rate_activity.py"

Edit = tuple[str, str | None, str | None]

PLANTED: Final[dict[str, tuple[list[Edit], list[str]]]] = {
    "attributes": (
        [
            (SCHEMA, '"required": ["score"]', '"required": ["score", "comment", "channel"]'),
            (SCHEMA, '      "required": ["value"],\n', ""),
            (SCHEMA, '    "comment": {', '    "note": {"type": "string"},\n    "channel": {"type": "string"},\n    "comment": {'),
            (SCHEMA, ',\n    "anonymous": {', ',\n    "anonymously": {'),
        ],
        [
            "L601 schemas/request.schema.json:1:1 Breaking: attribute 'anonymous' was removed.",
            "L602 schemas/request.schema.json:7:25 Breaking: attribute 'comment' is required; it was optional.",
            "L602 schemas/request.schema.json:7:36 Breaking: attribute 'channel' was added, and is required.",
            "L609 schemas/request.schema.json:7:3 Breaking: the release accepts accept/400-801-for-the-other-customer.http, which is refused now: 400-720 Required attribute 'comment' is missing, 400-720 Required attribute 'channel' is missing; the same applies to 3 more.",
            "L609 schemas/request.schema.json:7:3 Breaking: the release accepts accept/400-802-poor-with-comment.json, which is refused now: 400-720 Required attribute 'channel' is missing; the same applies to 1 more.",
            "L651 schemas/request.schema.json:30:5 Compatible: attribute 'note' was added, and is optional.",
            "L651 schemas/request.schema.json:58:5 Compatible: attribute 'anonymously' was added, and is optional.",
            "L652 schemas/request.schema.json:16:9 Compatible: attribute 'score.value' is optional; it was required.",
        ],
    ),
    "structure": (
        [
            (SCHEMA, '"type": "boolean"', '"type": "string", "enum": ["yes", "no"]'),
            (
                SCHEMA,
                '"type": "array",\n          "items": {\n            "title": "Reason",\n            "description": "One reason.",\n            "type": "string",\n            "enum": ["slow", "unfriendly", "wrong"]\n          }',
                '"type": "string", "enum": ["slow", "unfriendly", "wrong"]',
            ),
        ],
        [
            "L603 schemas/request.schema.json:44:9 Breaking: attribute 'reasons.reason' is a single value; it was a list.",
            "L603 schemas/request.schema.json:51:5 Breaking: attribute 'anonymous' is of type string; it was of type boolean.",
            "L609 schemas/operation.json:1:1 Breaking: the release accepts accept/400-803-two-reasons.xml, which is refused now: 400-716 Attribute 'reasons.reason' is supplied more than once, 400-196 Attribute 'anonymous' must be one of: 'yes', 'no'.",
            "L609 schemas/request.schema.json:47:11 Breaking: the release accepts accept/400-803-two-reasons.json, which is refused now: 400-722 Attribute 'reasons.reason' must be text, 400-722 Attribute 'anonymous' must be text.",
        ],
    ),
    "values": (
        [
            (SCHEMA, '"enum": ["good", "poor"]', '"enum": ["poor", "fair"]'),
            (SCHEMA, '"^[1-9][0-9]{0,18}$"', '"^[0-9]{1,18}$"'),
            (SCHEMA, '"minLength": 1,', '"minLength": 3,'),
            (SCHEMA, '["slow", "unfriendly", "wrong"]', '["slow", "unfriendly", "wrong", "late", "rude"]'),
        ],
        [
            "L604 schemas/request.schema.json:21:20 Breaking: attribute 'score.value' no longer accepts 'good'.",
            "L604 schemas/request.schema.json:27:22 Breaking: attribute 'score.id' no longer accepts strings such as '1000000000000000000'.",
            "L604 schemas/request.schema.json:35:7 Breaking: attribute 'comment' no longer accepts strings such as 'a'.",
            "L609 schemas/request.schema.json:21:11 Breaking: the release accepts accept/400-801-for-the-other-customer.http, which is refused now: 400-196 Attribute 'score.value' must be one of: 'poor', 'fair'; the same applies to 3 more.",
            "L653 schemas/request.schema.json:21:28 Compatible: attribute 'score.value' now accepts 'fair'.",
            "L653 schemas/request.schema.json:27:22 Compatible: attribute 'score.id' now accepts strings such as '0'.",
            "L653 schemas/request.schema.json:52:53 Compatible: attribute 'reasons.reason' now accepts 'late', 'rude'.",
        ],
    ),
    "xml": (
        [
            (XSD, '<xs:element name="rating">', '<xs:element name="score">'),
            (XSD, "<xs:all>", "<xs:sequence>"),
            (
                XSD,
                "      </xs:all>\n    </xs:complexType>\n  </xs:element>\n</xs:schema>",
                "      </xs:sequence>\n    </xs:complexType>\n  </xs:element>\n</xs:schema>",
            ),
            (XSD, '<xs:minLength value="1"/>', '<xs:minLength value="1"/><xs:maxLength value="200"/>'),
        ],
        [
            "L603 schemas/request.xsd:12:3 Breaking: the root element of XML bodies is 'score'; it was 'rating'.",
            "L603 schemas/request.xsd:15:7 Breaking: attribute 'body' has a fixed order of elements; it had a free one.",
            "L604 schemas/request.xsd:44:40 Breaking: attribute 'comment' no longer accepts strings such as 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'... (201 characters).",
            "L609 schemas/operation.json:1:1 Breaking: the release accepts accept/400-802-poor-with-comment.xml, which is refused now: 400-724 The root element must be 'score' without a namespace; it is 'rating'; the same applies to 1 more.",
        ],
    ),
    "endpoint": (
        [
            (OPERATION, '"PUT"', '"POST"'),
            (OPERATION, "/rating", "/ratings"),
            (OPERATION, "[204, 400, 401, 403, 406, 500]", "[200, 400, 401, 403, 406, 409]"),
            (OPERATION, '"score.id": 19\n  }', '"score.id": 18\n  },\n  "namespaces": ["urn:example:ratings"]'),
        ],
        [
            "L604 schemas/operation.json:8:17 Breaking: attribute 'score.id' has at most 18 characters; it had 19.",
            "L605 schemas/operation.json:4:13 Breaking: the method is POST; it was PUT.",
            "L605 schemas/operation.json:5:11 Breaking: the path is /activities/{ids}/ratings; it was /activities/{ids}/rating.",
            "L605 schemas/operation.json:6:16 Breaking: an accepted request is answered with status 200; it was 204.",
            "L654 schemas/operation.json:10:18 Compatible: elements of XML bodies may be in the namespace 'urn:example:ratings'.",
            "L654 schemas/operation.json:6:15 Compatible: status 500 was removed.",
            "L654 schemas/operation.json:6:41 Compatible: status 409 was added.",
            "L691 schemas/operation.json:1:1 Not decided: a fixture of the release is not checked, because it cannot be read: No request to POST /activities/{ids}/ratings in the file, 1 to other operations. 1 more place with the same problem.",
        ],
    ),
    "codes": (
        [
            (RULES, '"400-801",\n    "activity-unknown"', '"400-811",\n    "activity-unknown"'),
            (RULES, "Attribute '{attribute}' repeats a reason.", "The reason in '{attribute}' is repeated."),
            (RULES, '"poor-without-comment"', '"comment-missing"'),
        ],
        [
            "L606 rules/rate_activity.py:10:5 Breaking: 'activity-unknown' was released as 400-801 and is now 400-811.",
            "L606 rules/rate_activity.py:20:5 Breaking: 400-802 was released as 'poor-without-comment' and is now 'comment-missing'.",
            "L607 rules/rate_activity.py:30:5 Breaking: 400-803 was released with the message \"Attribute '{attribute}' repeats a reason.\", which is now \"The reason in '{attribute}' is repeated.\".",
        ],
    ),
    "rules": (
        [
            (
                CODES,
                '"400-803": "reason-repeated"\n  },',
                '"400-804": "comment-missing"\n  },\n  "retired": {"400-803": "reason-repeated"},',
            ),
            (
                RULES,
                'REASON_REPEATED = Code(\n    "400-803",\n    "reason-repeated"',
                'COMMENT_MISSING = Code(\n    "400-804",\n    "comment-missing"',
            ),
            (RULES, "POOR_WITHOUT_COMMENT, REASON_REPEATED)", "POOR_WITHOUT_COMMENT, COMMENT_MISSING)"),
            (RULES, "@rule(REASON_REPEATED)\ndef reasons_differ(", "@rule(COMMENT_MISSING)\ndef every_score_has_a_comment("),
            (RULES, "    if len(set(rating.reasons)) == len(rating.reasons):", "    if rating.comment:"),
            (
                RULES,
                'REASON_REPEATED.at(("reasons", "reason", index))\n        for index, reason in enumerate(rating.reasons)\n        if reason in rating.reasons[:index]',
                'COMMENT_MISSING.at(("comment",)) for _ in [0]',
            ),
            (RULES, "poor_score_has_a_comment, reasons_differ)", "poor_score_has_a_comment, every_score_has_a_comment)"),
        ],
        [
            "L608 rules/rate_activity.py:81:1 Breaking: rule every_score_has_a_comment was added, which refuses requests with 400-804.",
            "L609 rules/rate_activity.py:30:5 Breaking: the release accepts accept/400-801-for-the-other-customer.http, which is refused now: 400-804 Attribute 'comment' repeats a reason; the same applies to 3 more.",
            "L655 rules/rate_activity.py:30:5 Compatible: code 400-804 comment-missing was added.",
            "L656 schemas/codes.json:34:15 Compatible: code 400-803 reason-repeated was retired.",
            "L657 rules/rate_activity.py:1:1 Compatible: rule reasons_differ was removed.",
        ],
    ),
    "undecided": (
        [
            (SCHEMA, '"type": "boolean"', '"type": ["boolean", "null"]'),
            (XSD, '<xs:element name="rating">', '<xs:element name="rating"'),
        ],
        [
            "L603 schemas/request.schema.json:57:5 Breaking: attribute 'anonymous' is of type ['boolean', 'null']; it was of type boolean.",
            "L691 schemas/operation.json:1:1 Not decided: codes, rules and fixtures are not compared, because the operation cannot be loaded: schemas/rate-activity/request.schema.json#/properties/anonymous: the type must be one of object, array, string, boolean.",
            "L691 schemas/request.xsd:1:1 Not decided: the XSDs are not compared, because one of the two cannot be read or is too large.",
        ],
    ),
}
