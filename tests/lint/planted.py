"""Errors planted in a copy of the shipped artefacts, and every finding that the linter must report for each.

An edit is (file, old text or pattern, new text); without an old text the file is created, without both the files are removed.
An expected finding is its code and its place, without the operation's folder: ``file:line:column``, or, in Python files,
``file@text``: where this text begins in the edited file, or where its ``|`` stands. The text must occur once.
"""

import re
from typing import Final

NAME: Final = "create-email-response"
SCHEMA: Final = f"schemas/{NAME}/request.schema.json"
XSD: Final = f"schemas/{NAME}/request.xsd"
OPERATION: Final = f"schemas/{NAME}/operation.json"
RELEASED: Final = f"schemas/{NAME}/codes.json"
CODES: Final = "rules/create_email_response/codes.py"
RULES: Final = "rules/create_email_response/rules.py"
EMAIL: Final = "rules/create_email_response/email.py"
FACTS: Final = "rules/create_email_response/facts.py"

Edit = tuple[str, str | re.Pattern[str] | None, str | None]

ERRORS: Final[dict[str, tuple[list[Edit], list[str]]]] = {
    "syntax": ([(SCHEMA, '"title": "Activity",', '"title": "Activity"')], ["L101 schemas/request.schema.json:5:3"]),
    "twice": (
        [(SCHEMA, '"title": "Activity",', '"title": "Activity", "title": "Activity",')],
        ["L101 schemas/request.schema.json:4:3"],
    ),
    "metaschema": ([(SCHEMA, '"minLength": 1', '"minLength": "1"')], ["L102 schemas/request.schema.json:237:20"]),
    "keyword-typo": (
        [(SCHEMA, '"minLength": 1', '"minlength": 1')],
        ["L103 schemas/request.schema.json:237:7", "L208 schemas/request.schema.json:233:5"],
    ),
    "ref-gone": (
        [(SCHEMA, '"$ref": "#/$defs/Line"', '"$ref": "#/$defs/Lines"')],
        ["L104 schemas/request.schema.json:52:15", "L114 schemas/request.schema.json:227:5"],
    ),
    "ref-outside": (
        [(SCHEMA, '"$ref": "#/$defs/Line"', '"$ref": "other.json#/$defs/Line"')],
        ["L104 schemas/request.schema.json:52:15", "L114 schemas/request.schema.json:227:5"],
    ),
    "next-to-ref": (
        [(SCHEMA, '"$ref": "#/$defs/Line",', '"$ref": "#/$defs/Line", "minLength": 1,')],
        ["L104 schemas/request.schema.json:52:31"],
    ),
    "dot": (
        [(SCHEMA, '"pattern": "^[1-9][0-9]{0,18}$"', '"pattern": "^[1-9].{0,18}$"')],
        ["L105 schemas/request.schema.json:251:18"],
    ),
    "digit": (
        [(SCHEMA, '"pattern": "^[1-9][0-9]{0,18}$"', '"pattern": "^[1-9]\\\\d{0,18}$"')],
        ["L105 schemas/request.schema.json:251:18"],
    ),
    "nested": (
        [(SCHEMA, '"pattern": "^[1-9][0-9]{0,18}$"', '"pattern": "^([1-9][0-9]*)+$"')],
        [
            "L106 schemas/request.schema.json:251:18",
            "L107 schemas/request.schema.json:251:18",
            "L107 schemas/request.schema.json:251:18",
            "L119 schemas/request.schema.json:249:22",
            "L207 schemas/request.schema.json:251:18",
        ],
    ),
    "unbounded-id": (
        [(SCHEMA, "[0-9]{0,18}", "[0-9]*")],
        [
            "L107 schemas/request.schema.json:251:18",
            "L107 schemas/request.schema.json:251:18",
            "L119 schemas/request.schema.json:249:22",
            "L207 schemas/request.schema.json:251:18",
            "L402 fixtures/reject/400-152-message-center-id-twenty-digits.json:12:15",
            "L402 fixtures/reject/400-152-message-center-id-twenty-digits.xml:1:1",
        ],
    ),
    "open": (
        [
            (
                SCHEMA,
                re.compile(r'("required": \[\s*"value",\s*"subtype"\s*\],\s*"additionalProperties": )false'),
                r"\1true",
            )
        ],
        ["L108 schemas/request.schema.json:20:7"],
    ),
    "no-title": ([(SCHEMA, '"title": "Subject",\n', "")], ["L110 schemas/request.schema.json:51:5"]),
    "no-desc": (
        [(SCHEMA, re.compile(r'("title": "Email",\s*"description": )"[^"]+"'), r'\1""')],
        ["L110 schemas/request.schema.json:62:9"],
    ),
    "example": (
        [(SCHEMA, '"subject": "Issue with mobile phone"', '"subjct": "Issue with mobile phone"')],
        ["L111 schemas/request.schema.json:255:5"],
    ),
    "unused-def": (
        [(SCHEMA, '"$defs": {', '"$defs": {\n    "Spare": {"title": "Spare", "description": "spare", "type": "string"},')],
        ["L114 schemas/request.schema.json:221:5"],
    ),
    "required-undescribed": (
        [(SCHEMA, '"required": [\n    "type"\n  ]', '"required": [\n    "type", "tpye"\n  ]')],
        [
            "L111 schemas/request.schema.json:255:5",
            "L115 schemas/request.schema.json:8:13",
            "L401 fixtures/accept/400-101-empty-segments-xml.http:4:1",
            "L402 fixtures/reject/400-101-answered-in-json-by-any-xml.http:2:38",
            "L402 fixtures/reject/400-105-leading-zero-xml.http:2:38",
            "L402 fixtures/reject/400-108-leading-zero-xml.http:2:18",
            "L402 fixtures/reject/400-701-longest-list-xml.http:2:18",
            "L402 fixtures/reject/400-702-nineteen-digits-xml.http:5:1",
            "L402 fixtures/reject/400-703-twice-empty-xml.http:2:38",
            "L409 fixtures/reject/400-101-and-body.report:10:16",
        ],
    ),
    "nothing-satisfies": (
        [
            (
                SCHEMA,
                '"enum": [\n            "email"\n          ]',
                '"pattern": "^a$", "enum": [\n            "email"\n          ]',
            )
        ],
        [
            "L111 schemas/request.schema.json:257:18",
            "L115 schemas/request.schema.json:22:9",
            "L207 schemas/request.schema.json:26:22",
            "L401 fixtures/accept/400-101-empty-segments-xml.http:4:17",
            "L402 fixtures/reject/400-101-answered-in-json-by-any-xml.http:2:38",
            "L402 fixtures/reject/400-105-leading-zero-xml.http:2:38",
            "L402 fixtures/reject/400-108-leading-zero-xml.http:2:18",
            "L402 fixtures/reject/400-701-longest-list-xml.http:2:18",
            "L402 fixtures/reject/400-702-nineteen-digits-xml.http:5:17",
            "L402 fixtures/reject/400-703-twice-empty-xml.http:2:38",
            "L409 fixtures/reject/400-152-alt-id-carriage-return.report:10:16",
        ],
    ),
    "format": (
        [(SCHEMA, '"pattern": "^[1-9][0-9]{0,18}$"', '"format": "int", "pattern": "^[1-9][0-9]{0,18}$"')],
        ["L301 schemas/request.schema.json:251:7"],
    ),
    "xsd-syntax": ([(XSD, "</xs:schema>", "")], ["L101 schemas/request.xsd:190:1"]),
    "xsd-type-gone": ([(XSD, 'type="Line"', 'type="Lines"')], ["L112 schemas/request.xsd:77:9", "L114 schemas/request.xsd:9:3"]),
    "xsd-attribute": (
        [(XSD, '<xs:element name="activity">', '<xs:element name="activity" nillable="true">')],
        ["L113 schemas/request.xsd:43:3"],
    ),
    "xsd-doc": (
        [
            (
                XSD,
                re.compile(r'(<xs:element name="subtype">\n *)<xs:annotation>.*?</xs:annotation>'),
                r"\1",
            )
        ],
        ["L110 schemas/request.xsd:59:15"],
    ),
    "xsd-unused": (
        [
            (
                XSD,
                '  <xs:element name="activity">',
                '  <xs:simpleType name="Spare"><xs:annotation><xs:documentation>spare</xs:documentation></xs:annotation><xs:restriction base="xs:string"/></xs:simpleType>\n  <xs:element name="activity">',
            )
        ],
        ["L114 schemas/request.xsd:43:3"],
    ),
    "xsd-pattern-digit": ([(XSD, 'value="[1-9][0-9]{0,18}"', 'value="[1-9]\\d{0,18}"')], ["L105 schemas/request.xsd:31:7"]),
    "xsd-name": (
        [(XSD, 'name="contentId"', 'name="contentID"')],
        [
            "L201 schemas/request.schema.json:155:11",
            "L201 schemas/request.schema.json:174:15",
            "L401 fixtures/accept/400-152-content-id-other-separators.xml:1:1",
            "L402 fixtures/reject/400-762-angle-brackets.xml:1:1",
        ],
    ),
    "json-name": (
        [(SCHEMA, '"contentId": {', '"contentID": {')],
        [
            "L201 schemas/request.schema.json:155:11",
            "L201 schemas/request.schema.json:174:15",
            "L309 rules/create_email_response/advisories.py@content_id = attachment.get(|",
            "L309 rules/create_email_response/rules.py@def inline_attachments_have_a_content_id",
            "L310 rules/create_email_response/rules.py@def inline_attachments_differ_in_content_id",
            "L401 fixtures/accept/400-152-content-id-other-separators.json:14:9",
            "L402 fixtures/reject/400-152-characters-content-id.json:1:163",
            "L409 fixtures/reject/400-720-and-others.report:55:14",
        ],
    ),
    "xsd-only": (
        [
            (
                XSD,
                '<xs:element name="receiver" type="Text" minOccurs="0">',
                '<xs:element name="cc" type="Text" minOccurs="0"><xs:annotation><xs:documentation>cc</xs:documentation></xs:annotation></xs:element><xs:element name="receiver" type="Text" minOccurs="0">',
            )
        ],
        ["L201 schemas/request.schema.json:86:13"],
    ),
    "xsd-required": (
        [(XSD, '<xs:element name="subject" type="Line" minOccurs="0">', '<xs:element name="subject" type="Line">')],
        [
            "L203 schemas/request.schema.json:51:5",
            "L401 fixtures/accept/400-730-attachment.xml:1:1",
            "L402 fixtures/reject/400-730-and-others.xml:1:1",
        ],
    ),
    "json-required": (
        [
            (
                SCHEMA,
                '"required": [\n        "id"\n      ],\n      "additionalProperties": false,\n      "properties": {\n        "id": {\n          "$ref": "#/$defs/ID",\n          "title": "Issue type ID"',
                '"additionalProperties": false,\n      "properties": {\n        "id": {\n          "$ref": "#/$defs/ID",\n          "title": "Issue type ID"',
            )
        ],
        [
            "L203 schemas/request.schema.json:135:9",
            "L402 fixtures/reject/400-720-issue-type-id.json:1:1",
            "L402 fixtures/reject/400-720-issue-type-id.xml:1:1",
        ],
    ),
    "xsd-single": (
        [(XSD, 'name="attachment" minOccurs="0" maxOccurs="unbounded"', 'name="attachment" minOccurs="0"')],
        [
            "L204 schemas/request.schema.json:151:9",
            "L401 fixtures/accept/400-716-list.xml:1:1",
            "L402 fixtures/reject/400-762-angle-brackets.xml:1:1",
        ],
    ),
    "xsd-boolean": (
        [(XSD, 'name="inline" type="Boolean"', 'name="inline" type="xs:boolean"')],
        ["L114 schemas/request.xsd:34:3", "L202 schemas/request.schema.json:169:15"],
    ),
    "xsd-int": (
        [
            (
                XSD,
                re.compile(r'(<xs:element name="issueType".*?<xs:element name="id" type=)"ID"', re.DOTALL),
                r'\1"xs:long"',
            )
        ],
        ["L202 schemas/request.schema.json:138:9"],
    ),
    "xsd-enum": (
        [(XSD, '<xs:enumeration value="general"/>', '<xs:enumeration value="genral"/>')],
        [
            "L206 schemas/request.schema.json:44:17",
            "L401 fixtures/accept/400-101-empty-segments-xml.http:1:1",
            "L402 fixtures/reject/400-101-answered-in-json-by-any-xml.http:2:1",
        ],
    ),
    "json-enum": (
        [(SCHEMA, '"general"\n              ]', '"general", "special"\n              ]')],
        ["L206 schemas/request.schema.json:44:28", "L409 fixtures/reject/400-196-subtype.report:14:26"],
    ),
    "xsd-pattern": ([(XSD, 'value="[1-9][0-9]{0,18}"', 'value="[0-9]{1,19}"')], ["L207 schemas/request.schema.json:251:18"]),
    "xsd-length": (
        [(XSD, '<xs:minLength value="1"/>', '<xs:minLength value="2"/>')],
        [
            "L208 schemas/request.schema.json:237:7",
            "L401 fixtures/accept/400-152-alt-id-blank.xml:1:1",
            "L402 fixtures/reject/400-760-no-content-id.xml:1:1",
        ],
    ),
    "xsd-maxlength": (
        [(XSD, '<xs:minLength value="1"/>', '<xs:minLength value="1"/><xs:maxLength value="64"/>')],
        ["L208 schemas/request.schema.json:237:7"],
    ),
    "code-twice": (
        [(CODES, '"400-731"', '"400-730"')],
        [
            "L304 rules/create_email_response/codes.py@ADDRESS_INVALID: Final = Code(\n    |",
            "L312 schemas/codes.json:32:5",
            "L312 schemas/codes.json:33:5",
            "L402 fixtures/reject/400-733-sender-invalid-xml.http:17:9",
            "L403 fixtures/accept/400-731-254-octets.json:1:1",
            "L409 fixtures/reject/400-730-and-others.report:20:14",
            "L501 schemas/codes.json:80:5",
        ],
    ),
    "code-common": (
        [(CODES, '"400-731"', '"400-720"')],
        [
            "L304 rules/create_email_response/codes.py@ADDRESS_INVALID: Final = Code(\n    |",
            "L312 schemas/codes.json:23:5",
            "L312 schemas/codes.json:33:5",
            "L402 fixtures/reject/400-733-sender-invalid-xml.http:17:9",
            "L403 fixtures/accept/400-731-254-octets.json:1:1",
            "L409 fixtures/reject/400-730-and-others.report:20:14",
            "L501 schemas/codes.json:71:5",
        ],
    ),
    "name-twice": (
        [(CODES, '"address-invalid"', '"nothing-provided"')],
        [
            "L304 rules/create_email_response/codes.py@ADDRESS_INVALID: Final = Code(\n    |",
            "L312 schemas/codes.json:32:5",
            "L312 schemas/codes.json:33:5",
            "L409 fixtures/reject/400-730-and-others.report:21:14",
        ],
    ),
    "code-form": (
        [(CODES, '"400-731"', '"400-7310"')],
        [
            "L305 rules/create_email_response/codes.py@ADDRESS_INVALID: Final = Code(\n    |",
            "L312 schemas/codes.json:33:5",
            "L402 fixtures/reject/400-733-sender-invalid-xml.http:17:9",
            "L403 fixtures/accept/400-731-254-octets.json:1:1",
            "L405 rules/create_email_response/codes.py@ADDRESS_INVALID: Final = Code(\n    |",
            "L409 fixtures/reject/400-730-and-others.report:20:14",
            "L502 rules/create_email_response/codes.py:41:5",
        ],
    ),
    "status": (
        [(CODES, '"400-731"', '"422-731"')],
        [
            "L306 rules/create_email_response/codes.py@ADDRESS_INVALID: Final = Code(\n    |",
            "L312 schemas/codes.json:33:5",
            "L402 fixtures/reject/400-733-sender-invalid-xml.http:17:9",
            "L403 fixtures/accept/400-731-254-octets.json:1:1",
            "L405 rules/create_email_response/codes.py@ADDRESS_INVALID: Final = Code(\n    |",
            "L409 fixtures/reject/400-730-and-others.report:20:14",
            "L502 rules/create_email_response/codes.py:41:5",
        ],
    ),
    "placeholder": (
        [(CODES, "Attribute '{attribute}' must be a single", "Attribute '{atribute}' must be a single")],
        [
            "L307 rules/create_email_response/rules.py@return (|codes.ADDRESSES_SEVERAL.at(",
            "L315 rules/create_email_response/rules.py@def addresses_are_single",
            "L402 fixtures/reject/400-732-comma-and-space.json:1:1",
            "L501 schemas/codes.json:82:5",
        ],
    ),
    "rule-not-listed": (
        [(RULES, "    addresses_are_single,\n", "")],
        [
            "L302 rules/create_email_response/codes.py@ADDRESSES_SEVERAL: Final = Code(\n    |",
            "L314 rules/create_email_response/rules.py@def addresses_are_single",
            "L402 fixtures/reject/400-732-comma-and-space.json:1:1",
            "L409 fixtures/reject/400-735-and-others.report:8:16",
        ],
    ),
    "rule-twice": (
        [(RULES, "    addresses_are_single,\n", "    addresses_are_single,\n    addresses_are_single,\n")],
        [
            "L314 rules/create_email_response/rules.py@def addresses_are_single",
            "L409 fixtures/reject/400-732-comma-and-space.report:8:16",
        ],
    ),
    "no-docstring": (
        [
            (
                RULES,
                re.compile(r'(def addresses_are_single\b[^\n]*\n) +""".*?"""\n', re.DOTALL),
                r"\1",
            )
        ],
        ["L317 rules/create_email_response/rules.py@def addresses_are_single"],
    ),
    "path": (
        [(EMAIL, '("issueType", "id")', '("issuetype", "id")')],
        [
            "L309 rules/create_email_response/rules.py@def issue_type_comes_with_a_message_center",
            "L309 rules/create_email_response/rules.py@def issue_type_is_associated_with_the_message_center",
            "L408 fixtures/reject/400-742-alone.report:14:17",
            "L408 fixtures/reject/400-743-of-another.report:14:17",
        ],
    ),
    "read-path": (
        [(EMAIL, 'email["messageCenter"].get("id") if "messageCenter"', 'email["messagecenter"].get("id") if "messagecenter"')],
        [
            'L309 rules/create_email_response/email.py@ if |"messagecenter"',
            "L401 fixtures/accept/400-741-department-of-the-acting-customer-xml.http:21:5",
            "L402 fixtures/reject/400-740-inactive.json:1:1",
            "L402 fixtures/reject/400-740-with-issue-type.json:17:11",
            "L402 fixtures/reject/400-741-no-department.json:1:1",
            "L409 fixtures/reject/400-730-and-others.report:41:14",
        ],
    ),
    "need-gone": (
        [(RULES, '@rule(codes.RECEIVER_NOT_AN_ALIAS, "aliases")', "@rule(codes.RECEIVER_NOT_AN_ALIAS)")],
        ["L316 rules/create_email_response/rules.py@def receiver_is_an_active_alias"],
    ),
    "need-more": (
        [(RULES, '@rule(codes.RECEIVER_NOT_AN_ALIAS, "aliases")', '@rule(codes.RECEIVER_NOT_AN_ALIAS, "aliases", "settings")')],
        ["L316 rules/create_email_response/rules.py@def receiver_is_an_active_alias"],
    ),
    "rule-raises": (
        [
            (
                RULES,
                "if email.issue_type is None or email.message_center is not None:",
                "if email.issue_typ is None or email.message_center is not None:",
            )
        ],
        [
            "L315 rules/create_email_response/rules.py@def issue_type_comes_with_a_message_center",
            "L401 fixtures/accept/400-101-empty-segments-xml.http:1:1",
            "L402 fixtures/reject/400-702-nineteen-digits-xml.http:2:1",
        ],
    ),
    "import": (
        [(RULES, "from . import codes", "from . import cods")],
        ["L313 rules/create_email_response/rules.py@from . import cods"],
    ),
    "syntax-py": (
        [(FACTS, "def keys(email: Email) -> Keys:", "def keys(email: Email) -> Keys")],
        ["L313 rules/create_email_response/facts.py@def keys("],
    ),
    "removed": (
        [(RELEASED, '"401-101": "nobody-authenticated",', '"401-101": "nobody-authenticated",\n    "401-102": "token-expired",')],
        ["L311 schemas/codes.json:5:5"],
    ),
    "renumbered": (
        [(RELEASED, '"400-731": "address-invalid"', '"400-799": "address-invalid"')],
        ["L312 schemas/codes.json:33:5", "L502 rules/create_email_response/codes.py:41:5", "L503 schemas/codes.json:81:5"],
    ),
    "retired": (
        [(RELEASED, '"400-761": "content-id-not-inline"', '"400-762": "x", "400-763": "content-id-missing", "400-799": "x"')],
        ["L312 schemas/codes.json:100:21", "L312 schemas/codes.json:100:5"],
    ),
    "renamed": ([(RELEASED, '"400-731": "address-invalid"', '"400-731": "address-wrong"')], ["L312 schemas/codes.json:33:5"]),
    "op-status": ([(OPERATION, ", 406, 500]", ", 500]")], ["L306 schemas/operation.json:6:3", "L306 schemas/operation.json:6:3"]),
    "op-path": ([(OPERATION, "{ids}", "{id}")], ["L102 schemas/operation.json:5:11"]),
    "op-key": ([(OPERATION, '"method"', '"verb"')], ["L102 schemas/operation.json:1:1", "L102 schemas/operation.json:1:1"]),
    "op-lengths": ([(OPERATION, '"issueType.id": 19', '"issueTyp.id": 19')], ["L107 schemas/operation.json:9:5"]),
    "json-type": (
        [(SCHEMA, '"type": "boolean"', '"type": "number"')],
        ["L116 schemas/request.schema.json:172:25", "L202 schemas/request.schema.json:169:15"],
    ),
    "json-array-items": (
        [(SCHEMA, '"type": "array",', '"type": "array", "minItems": 1,')],
        ["L301 schemas/request.schema.json:154:28"],
    ),
    "need-contentid": (
        [
            (
                SCHEMA,
                '"required": [\n              "altId"\n            ]',
                '"required": [\n              "altId", "contentId"\n            ]',
            )
        ],
        [
            "L203 schemas/request.schema.json:160:24",
            "L310 rules/create_email_response/rules.py@def inline_attachments_have_a_content_id",
            "L401 fixtures/accept/400-152-alt-id-blank.json:11:7",
            "L402 fixtures/reject/400-760-no-content-id.json:11:7",
            "L409 fixtures/reject/400-152-alt-id-carriage-return.report:10:16",
        ],
    ),
    "not-a-schema-key": (
        [(SCHEMA, '"type": "boolean"', '"type": "boolean", "additionalproperties": false')],
        ["L103 schemas/request.schema.json:172:36"],
    ),
    "id-twice": (
        [("schemas/error.schema.json", "urn:activity-validator:error", "urn:activity-validator:create-email-response:request")],
        ["L109 schemas/error.schema.json:3:10"],
    ),
    "xsd-order": (
        [
            (
                XSD,
                '<xs:all>\n                    <xs:element name="altId"',
                '<xs:sequence>\n                    <xs:element name="altId"',
            ),
            (
                XSD,
                "</xs:all>\n                </xs:complexType>\n              </xs:element>\n            </xs:sequence>",
                "</xs:sequence>\n                </xs:complexType>\n              </xs:element>\n            </xs:sequence>",
            ),
        ],
        ["L205 schemas/request.schema.json:155:11"],
    ),
    "xsd-mixed": ([(XSD, "<xs:complexType>", '<xs:complexType mixed="true">')], ["L108 schemas/request.xsd:45:5"]),
    "xsd-any-attribute": (
        [
            (
                XSD,
                "</xs:sequence>\n          </xs:complexType>",
                "</xs:sequence>\n            <xs:anyAttribute/>\n          </xs:complexType>",
            )
        ],
        ["L108 schemas/request.xsd:164:13"],
    ),
    "xsd-root-twice": (
        [
            (
                XSD,
                "</xs:schema>",
                '  <xs:element name="other" type="Text"><xs:annotation><xs:documentation>o</xs:documentation></xs:annotation></xs:element>\n</xs:schema>',
            )
        ],
        ["L113 schemas/request.xsd:189:3"],
    ),
    "xsd-nested-quantifier": (
        [(XSD, 'value="[1-9][0-9]{0,18}"', 'value="([1-9][0-9]*)+"')],
        ["L106 schemas/request.xsd:31:7", "L119 schemas/request.xsd:29:20", "L207 schemas/request.schema.json:251:18"],
    ),
    "json-max-length": (
        [(SCHEMA, '"minLength": 1,', '"minLength": 1, "maxLength": 5,')],
        ["L208 schemas/request.schema.json:237:23", "L301 schemas/request.schema.json:237:23"],
    ),
    "parameters-differ": (
        [
            (
                RULES,
                "    return (codes.ISSUE_TYPE_WITHOUT_MESSAGE_CENTER.at(ISSUE_TYPE),)",
                '    if not email.issue_type:\n        return (codes.ISSUE_TYPE_WITHOUT_MESSAGE_CENTER.at(ISSUE_TYPE, id="1"),)\n    return (codes.ISSUE_TYPE_WITHOUT_MESSAGE_CENTER.at(ISSUE_TYPE),)',
            )
        ],
        ["L308 rules/create_email_response/rules.py@|codes.ISSUE_TYPE_WITHOUT_MESSAGE_CENTER.at(ISSUE_TYPE, id="],
    ),
    "code-undeclared": (
        [
            (
                "rules/create_email_response/__init__.py",
                "from .codes import CODES",
                "from .codes import CODES as _ALL\n\nCODES = _ALL[:-1]",
            )
        ],
        ["L303 rules/create_email_response/rules.py@def inline_attachments_differ_in_content_id", "L311 schemas/codes.json:49:5"],
    ),
    "no-read": (
        [("rules/create_email_response/__init__.py", "Email, read\n", "Email\n")],
        ["L313 rules/create_email_response/__init__.py:1:1"],
    ),
    "points-elsewhere": (
        [(RULES, "codes.NOTHING_PROVIDED.at(ROOT)", 'codes.NOTHING_PROVIDED.at(("content",))')],
        [
            "L309 rules/create_email_response/rules.py@def something_is_provided",
            "L408 fixtures/reject/400-730-all-empty.report:14:17",
        ],
    ),
    "operation-gone": ([(OPERATION, None, None)], ["L101 schemas/operation.json:1:1"]),
    "schema-gone": ([(SCHEMA, None, None)], ["L101 schemas/request.schema.json:1:1"]),
    "xsd-gone": ([(XSD, None, None)], ["L101 schemas/request.xsd:1:1"]),
    "rules-gone": ([("rules/create_email_response/__init__.py", None, None)], ["L313 rules/create_email_response.py:1:1"]),
    "common-schema-broken": (
        [("schemas/error.schema.json", '"type": "object"', '"type": "objekt"')],
        ["L102 schemas/error.schema.json:6:11"],
    ),
    "common-xsd-broken": (
        [("schemas/error.xsd", 'type="Value"', 'type="Values"')],
        ["L112 schemas/error.xsd:36:13", "L114 schemas/error.xsd:63:3"],
    ),
    "accept-refused": (
        [(f"fixtures/{NAME}/accept/api-example.json", '"general"', '"special"')],
        ["L401 fixtures/accept/api-example.json:5:16"],
    ),
    "reject-accepted": (
        [(f"fixtures/{NAME}/reject/400-762-twice.json", '"contentId": "x"', '"contentId": "y"')],
        ["L402 fixtures/reject/400-762-twice.json:1:1"],
    ),
    "reject-misnamed": (
        [(f"fixtures/{NAME}/reject/499-000-nothing.json", None, "{}\n")],
        ["L403 fixtures/reject/499-000-nothing.json:1:1"],
    ),
    "fixture-nowhere": (
        [(f"fixtures/{NAME}/drafts/400-762-draft.json", None, "{}\n")],
        ["L403 fixtures/drafts/400-762-draft.json:1:1"],
    ),
    "fixture-unreadable": ([(f"fixtures/{NAME}/accept/broken.http", None, "GET\n")], ["L407 fixtures/accept/broken.http:1:1"]),
    "directory-unreadable": ([("fixtures/directory.json", '"customers"', '"custumers"')], ["L407 fixtures/directory.json:1:1"]),
    "code-without-fixture": ([(f"fixtures/{NAME}/reject/400-718-*", None, None)], ["L404 schemas/operation.json:1:1"]),
    "rule-without-near-miss": (
        [(f"fixtures/{NAME}/accept/400-762-*", None, None)],
        ["L405 rules/create_email_response/codes.py@CONTENT_ID_REPEATED: Final = Code(\n    |"],
    ),
    "twins-differ": (
        [(f"fixtures/{NAME}/reject/400-720-type.xml", "<activity>", "<activity><more/>")],
        ["L406 fixtures/reject/400-720-type.json:1:1"],
    ),
}
