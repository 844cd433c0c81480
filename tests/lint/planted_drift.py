"""Drift planted in a copy of the shipped artefacts: what changes in one place only. The form is that of ``planted``."""

import re
from typing import Final

from tests.lint.planted import CODES, FACTS, NAME, OPERATION, RELEASED, RULES, SCHEMA, XSD, Edit

ERROR_SCHEMA: Final = "schemas/error.schema.json"
ERROR_XSD: Final = "schemas/error.xsd"
ACCEPT: Final = f"fixtures/{NAME}/accept"
REJECT: Final = f"fixtures/{NAME}/reject"
GENERAL: Final = '"type": {"value": "email", "subtype": {"value": "general"}}'

DRIFT: Final[dict[str, tuple[list[Edit], list[str]]]] = {
    # keys() against what the rules read
    "keys-alias": (
        [(FACTS, "() if receiver is None else (receiver,),", "(),")],
        ["L318 rules/create_email_response/facts.py@def keys("],
    ),
    "keys-caller": (
        [
            (
                FACTS,
                "(caller,) if acting_customer == caller else (acting_customer, caller),",
                "(acting_customer,),",
            )
        ],
        ["L318 rules/create_email_response/facts.py@def keys("],
    ),
    "keys-acting-customer": (
        [
            (
                FACTS,
                "(caller,) if acting_customer == caller else (acting_customer, caller),",
                "(caller,),",
            )
        ],
        ["L318 rules/create_email_response/facts.py@def keys("],
    ),
    "keys-activity": ([(FACTS, "(email.activity,),", "(),")], ["L318 rules/create_email_response/facts.py@def keys("]),
    "keys-center": (
        [(FACTS, "() if center is None else (center,),", "(),")],
        ["L318 rules/create_email_response/facts.py@def keys("],
    ),
    "keys-attributes": (
        [
            (
                FACTS,
                'one["name"] for one in attributes]',
                'one["name"] for one in attributes[:1]]',
            )
        ],
        ["L318 rules/create_email_response/facts.py@def keys("],
    ),
    # order
    "rules-swapped": (
        [
            (
                RULES,
                "    something_is_provided,\n    addresses_are_valid,\n",
                "    addresses_are_valid,\n    something_is_provided,\n",
            )
        ],
        [
            "L319 rules/create_email_response/rules.py@    |something_is_provided,\n",
            "L409 fixtures/reject/400-730-and-others.report:10:14",
        ],
    ),
    "rule-moved-to-the-end": (
        [
            (RULES, "    something_is_provided,\n    addresses", "    addresses"),
            (
                RULES,
                "    inline_attachments_differ_in_content_id,\n)",
                "    inline_attachments_differ_in_content_id,\n    something_is_provided,\n)",
            ),
        ],
        [
            "L319 rules/create_email_response/rules.py@    |something_is_provided,\n",
            "L409 fixtures/reject/400-730-and-others.report:10:14",
        ],
    ),
    # places of failures
    "pointer-to-another-attribute": (
        [(RULES, "codes.ISSUE_TYPE_NOT_ASSOCIATED.at(ISSUE_TYPE", "codes.ISSUE_TYPE_NOT_ASSOCIATED.at(MESSAGE_CENTER")],
        ["L408 fixtures/reject/400-743-of-another.report:14:17"],
    ),
    "pointer-to-another-entry": (
        [(RULES, '(*CUSTOM_ATTRIBUTES, index, "name"), name=', '(*CUSTOM_ATTRIBUTES, index, "value"), name=')],
        ["L408 fixtures/reject/400-730-and-others.report:56:17"],
    ),
    "place-of-a-code-in-the-body": (
        [(CODES, re.compile(r'(single email address\.",\n    )"body"'), r'\1"header"')],
        [
            "L320 rules/create_email_response/rules.py@def addresses_are_single(",
            "L408 fixtures/reject/400-732-comma-and-space.report:13:15",
        ],
    ),
    "place-of-a-code-elsewhere": (
        [(CODES, re.compile(r'("The caller may not act for[^\n]*\n    )"query"'), r'\1"path"')],
        ["L408 fixtures/reject/400-705-by-unknown-xml.report:13:15"],
    ),
    "place-misspelled": (
        [(CODES, re.compile(r'("The caller may not act for[^\n]*\n    )"query"'), r'\1"qurey"')],
        [
            "L320 rules/create_email_response/codes.py@CUSTOMER_NOT_REPRESENTED: Final = Code(\n    |",
            "L408 fixtures/reject/400-705-by-unknown-xml.report:13:15",
        ],
    ),
    "place-of-a-failure": (
        [
            (
                RULES,
                "codes.CUSTOMER_NOT_REPRESENTED.failure(customer=email.customer)",
                'codes.CUSTOMER_NOT_REPRESENTED.failure("header", customer=email.customer)',
            )
        ],
        [
            "L320 rules/create_email_response/rules.py@def caller_may_act_for_the_customer(",
            "L408 fixtures/reject/400-705-by-unknown-xml.report:13:15",
        ],
    ),
    # reports
    "report-edited": (
        [(f"{REJECT}/400-762-twice.report", '"status": 400', '"status": 401')],
        ["L409 fixtures/reject/400-762-twice.report:5:14"],
    ),
    "report-position": (
        [(f"{REJECT}/400-762-twice.report", '".json": [\n   [\n    [', '".json": [\n   [\n    [1')],
        ["L409 fixtures/reject/400-762-twice.report:32:6"],
    ),
    "report-unreadable": ([(f"{REJECT}/400-762-twice.report", "{", "{{")], ["L409 fixtures/reject/400-762-twice.report:1:2"]),
    "report-without-fixture": (
        [(f"{REJECT}/400-762-other.report", None, "{}\n")],
        ["L410 fixtures/reject/400-762-other.report:1:1"],
    ),
    "fixture-without-report": ([(f"{REJECT}/400-762-twice.report", None, None)], ["L410 fixtures/reject/400-762-twice.json:1:1"]),
    "several-fixtures-without-report": (
        [(f"{REJECT}/400-76*.report", None, None)],
        ["L410 fixtures/reject/400-760-no-content-id.json:1:1"],
    ),
    # schemas of the error body
    "error-length": (
        [(ERROR_XSD, '<xs:maxLength value="255"/>', '<xs:maxLength value="256"/>')],
        ["L119 schemas/error.xsd:65:7", "L208 schemas/error.schema.json:51:13"],
    ),
    "error-long-message": ([(ERROR_SCHEMA, '"maxLength": 2048', '"maxLength": 1024')], ["L208 schemas/error.schema.json:23:7"]),
    "error-name": (
        [(ERROR_XSD, 'name="developerMessage"', 'name="message"')],
        ["L201 schemas/error.schema.json:19:5", "L201 schemas/error.schema.json:1:1"],
    ),
    "error-required": ([(ERROR_XSD, 'type="Details" minOccurs="0"', 'type="Details"')], ["L203 schemas/error.schema.json:25:5"]),
    "error-most-entries": ([(ERROR_SCHEMA, '"maxItems": 30', '"maxItems": 20')], ["L204 schemas/error.schema.json:30:7"]),
    "error-least-entries": ([(ERROR_SCHEMA, '"minItems": 1,', "")], ["L203 schemas/error.schema.json:25:5"]),
    "error-pattern": (
        [(ERROR_XSD, 'value="[0-9]{3}-[0-9]{3}"', 'value="[0-9]{3}-[0-9]{4}"')],
        ["L207 schemas/error.schema.json:17:18", "L207 schemas/error.schema.json:45:24"],
    ),
    "error-prose": (
        [(ERROR_XSD, "and at most 30 others.", "and at most 20 others."), (ERROR_XSD, "An error answer.", "At most 20 others.")],
        ["L209 schemas/error.schema.json:5:18"],
    ),
    # codes.json
    "release-unknown-member": ([(RELEASED, '"retired"', '"retierd"')], ["L102 schemas/codes.json:99:3"]),
    "release-version": ([(RELEASED, '"version": "0.1.0"', '"version": 1')], ["L102 schemas/codes.json:2:14"]),
    "release-code-missing": (
        [(RELEASED, re.compile(r'    "400-731": "address-invalid",\n'), "")],
        ["L502 rules/create_email_response/codes.py@ADDRESS_INVALID: Final = Code(\n    |", "L503 schemas/codes.json:80:5"],
    ),
    "release-order": (
        [
            (
                RELEASED,
                '    "401-101": "nobody-authenticated",\n    "403-112": "caller-not-a-customer",\n',
                '    "403-112": "caller-not-a-customer",\n    "401-101": "nobody-authenticated",\n',
            )
        ],
        ["L504 schemas/codes.json:5:5"],
    ),
    "release-no-messages": (
        [(RELEASED, re.compile(r'  "messages": \{.*?\},\n', re.DOTALL), "")],
        ["L503 schemas/codes.json:3:3"],
    ),
    "release-message-missing": (
        [(RELEASED, '    "401-101": "Nobody is authenticated.",\n', "")],
        ["L503 schemas/codes.json:4:5"],
    ),
    "message-of-a-rule": (
        [(CODES, "must be a single email address.", "must be one email address.")],
        ["L409 fixtures/reject/400-732-comma-and-space.report:12:26", "L501 schemas/codes.json:82:5"],
    ),
    "message-in-codes-json": (
        [(RELEASED, '"Nobody is authenticated."', '"No caller is authenticated."')],
        ["L501 schemas/codes.json:52:5"],
    ),
    # operation.json
    "length-looser": ([(OPERATION, '"issueType.id": 19', '"issueType.id": 20')], ["L117 schemas/operation.json:9:21"]),
    "status-unused": ([(OPERATION, "403, 406, 500]", "403, 406, 422, 500]")], ["L321 schemas/operation.json:6:41"]),
    "status-twice": ([(OPERATION, "403, 406, 500]", "403, 403, 406, 500]")], ["L118 schemas/operation.json:6:36"]),
    "statuses-unsorted": ([(OPERATION, "[201, 400, 401,", "[201, 401, 400,")], ["L504 schemas/operation.json:6:26"]),
    # enumerations
    "enum-twice": (
        [(SCHEMA, '"general"\n              ]', '"general", "general"\n              ]')],
        ["L118 schemas/request.schema.json:44:28", "L409 fixtures/reject/400-196-subtype.report:14:26"],
    ),
    "xsd-enum-twice": (
        [(XSD, '<xs:enumeration value="false"/>', '<xs:enumeration value="false"/><xs:enumeration value="true"/>')],
        ["L118 schemas/request.xsd:38:38"],
    ),
    # texts
    "message-empty": (
        [(CODES, "\"Attribute '{attribute}' must be a single email address.\"", '""')],
        [
            "L322 rules/create_email_response/codes.py@ADDRESSES_SEVERAL: Final = Code(\n    |",
            "L409 fixtures/reject/400-732-comma-and-space.report:12:26",
            "L501 schemas/codes.json:82:5",
        ],
    ),
    "requirement-empty": (
        [(CODES, re.compile(r'(must be a single email address.*?requirement=)"[^"]*"', re.DOTALL), r'\1" "')],
        ["L322 rules/create_email_response/codes.py@ADDRESSES_SEVERAL: Final = Code(\n    |"],
    ),
    "sources-empty": (
        [(CODES, re.compile(r'(must be a single email address\.",\n    "body",\n    )\(DOC,\)'), r"\1()")],
        ["L322 rules/create_email_response/codes.py@ADDRESSES_SEVERAL: Final = Code(\n    |"],
    ),
    "title-blank": ([(OPERATION, '"title": "Create an email response"', '"title": " "')], ["L322 schemas/operation.json:2:12"]),
    # near misses
    "near-miss-far": (
        [(f"{ACCEPT}/400-762-far.json", None, f'{{{GENERAL}, "subject": "a"}}\n')],
        ["L410 fixtures/accept/400-762-far.json:1:1", "L411 fixtures/accept/400-762-far.json:1:1"],
    ),
    "near-miss-of-nothing": (
        [(f"{ACCEPT}/400-799-far.json", None, f'{{{GENERAL}, "subject": "a"}}\n')],
        ["L403 fixtures/accept/400-799-far.json:1:1", "L410 fixtures/accept/400-799-far.json:1:1"],
    ),
    "near-miss-of-another-format": (
        [(f"{ACCEPT}/400-715-far.json", None, f'{{{GENERAL}, "subject": "a"}}\n')],
        ["L410 fixtures/accept/400-715-far.json:1:1", "L411 fixtures/accept/400-715-far.json:1:1"],
    ),
    # after
    "after-removed-702": (
        [
            (
                RULES,
                '@rule(codes.ACTIVITY_NOT_VISIBLE, "activities", after=codes.CUSTOMER_NOT_REPRESENTED)',
                '@rule(codes.ACTIVITY_NOT_VISIBLE, "activities")',
            )
        ],
        [
            "L402 fixtures/reject/400-705-hides-the-customer-xml.http:3:38",
            "L409 fixtures/reject/400-705-by-unknown-xml.report:21:15",
        ],
    ),
    "after-removed-736": (
        [
            (
                RULES,
                '"settings", "customers", "aliases", after=codes.CUSTOMER_NOT_REPRESENTED)',
                '"settings", "customers", "aliases")',
            )
        ],
        ["L409 fixtures/reject/400-705-by-unknown-xml.report:21:15"],
    ),
    "after-removed-741": (
        [
            (
                RULES,
                '"settings", "customers", "message_centers", after=codes.CUSTOMER_NOT_REPRESENTED)',
                '"settings", "customers", "message_centers")',
            )
        ],
        ["L409 fixtures/reject/400-705-by-unknown-xml.report:21:15"],
    ),
    "after-a-later-rule": (
        [(RULES, "@rule(codes.NOTHING_PROVIDED)", "@rule(codes.NOTHING_PROVIDED, after=codes.ADDRESS_INVALID)")],
        ["L323 rules/create_email_response/rules.py@def something_is_provided("],
    ),
    # numbers in prose
    "description-number": (
        [(SCHEMA, "an ID: 1 to 19 digits", "an ID: 1 to 18 digits")],
        [
            "L119 schemas/request.schema.json:249:22",
            "L209 schemas/request.schema.json:249:22",
            "L409 fixtures/reject/400-152-issue-type-id.report:14:26",
        ],
    ),
    "description-number-in-xsd": (
        [(XSD, "an ID: 1 to 19 digits", "an ID: 2 to 19 digits")],
        ["L119 schemas/request.xsd:29:20", "L209 schemas/request.schema.json:249:22"],
    ),
    "description-of-both": (
        [(SCHEMA, "an ID: 1 to 19 digits", "an ID: 1 to 18 digits"), (XSD, "an ID: 1 to 19 digits", "an ID: at most 18 digits")],
        [
            "L119 schemas/request.schema.json:249:22",
            "L119 schemas/request.xsd:29:20",
            "L409 fixtures/reject/400-152-issue-type-id.report:14:26",
        ],
    ),
    "pattern-of-both": (
        [(SCHEMA, "[0-9]{0,18}", "[0-9]{0,17}"), (XSD, "[0-9]{0,18}", "[0-9]{0,17}")],
        [
            "L117 schemas/operation.json:8:39",
            "L117 schemas/operation.json:9:21",
            "L119 schemas/request.schema.json:249:22",
            "L119 schemas/request.xsd:29:20",
        ],
    ),
    # unreadable fixtures
    "several-unreadable": (
        [(f"{ACCEPT}/{name}.http", None, "\nGET\n") for name in ("one", "two", "three", "four", "five")],
        ["L407 fixtures/accept/five.http:2:1"],
    ),
    # files without an operation
    "strays": (
        [
            ("schemas/mistyped/operation.jsn", None, "{}"),
            ("schemas/operation.json", None, "{}"),
            (f"schemas/{NAME}/code.json", None, "{}"),
            (f"schemas/{NAME}/Operation.JSON", None, "{}"),
            (f"schemas/{NAME}/old/request.schema.json", None, "{}"),
            ("schemas/common/codes.json", None, "{}"),
            ("fixtures/mistyped/one.json", None, "{}"),
            ("fixtures/400-721-one.JSON", None, "{}"),
            ("fixtures/400-721-one.report", None, "{}"),
            (f"{ACCEPT}/400-721-one.jsn", None, "{}"),
            (f"fixtures/{NAME}/reject/400-721-one.json.bak", None, "{}"),
            ("rules/mistyped.py", None, ""),
            ("rules/mistyped_too/__init__.py", None, ""),
            (f"rules/{NAME}.py", None, ""),
            (f"rules/{NAME.replace('-', '_')}.py", None, ""),
            # near misses
            ("schemas/other.schema.json", None, '{"title": "T", "description": "D", "type": "object"}'),
            ("schemas/common/a.schema.json", None, '{"title": "T", "description": "D", "type": "object"}'),
            ("schemas/common/README.md", None, ""),
            (f"schemas/{NAME}/README.md", None, ""),
            (f"schemas/{NAME}/drafts/notes.txt", None, ""),
            ("schemas/.hidden.json", None, "{}"),
            (f"schemas/{NAME}/.hidden.json", None, "{}"),
            ("fixtures/notes.md", None, ""),
            ("fixtures/http-client.env.json", None, "{}"),
            (f"fixtures/{NAME}/http-client.env.json", None, "{}"),
            (f"fixtures/{NAME}/README.md", None, ""),
            (f"{ACCEPT}/included.txt", None, ""),
            ("rules/_shared.py", None, ""),
            ("rules/_shared_too/__init__.py", None, ""),
            ("rules/data/values.txt", None, ""),
            ("rules/README.md", None, ""),
        ],
        [
            "L120 fixtures/400-721-one.JSON:1:1",
            "L120 fixtures/400-721-one.report:1:1",
            "L120 fixtures/accept/400-721-one.jsn:1:1",
            "L120 fixtures/mistyped:1:1",
            "L120 fixtures/reject/400-721-one.json.bak:1:1",
            "L120 rules/create-email-response.py:1:1",
            "L120 rules/create_email_response.py:1:1",
            "L120 rules/mistyped.py:1:1",
            "L120 rules/mistyped_too:1:1",
            "L120 schemas/Operation.JSON:1:1",
            "L120 schemas/code.json:1:1",
            "L120 schemas/common/codes.json:1:1",
            "L120 schemas/mistyped:1:1",
            "L120 schemas/old/request.schema.json:1:1",
            "L120 schemas/operation.json:1:1",
        ],
    ),
}
