"""L1: one artefact of an operation, or one schema, by itself."""

from typing import Final

from validator.output.finding import FindingKind

ARTEFACT_UNREADABLE: Final = FindingKind(
    "L101",
    "artefact-unreadable",
    "operation.json, request.schema.json and request.xsd of an operation exist and can be read.",
    "An unreadable artefact cannot be checked, and the engine does not start without it.",
    "Add the file, or fix the error at the reported position.",
    """\
{"title": "Activity" "type": "object"}
Use instead:
{"title": "Activity", "type": "object"}""",
)
SCHEMA_INVALID: Final = FindingKind(
    "L102",
    "schema-invalid",
    "A JSON Schema is valid against its metaschema; operation.json and codes.json have the required structure.",
    "Validators interpret an invalid schema in different ways.",
    "Correct the value as the message describes.",
    """\
{"type": "string", "minLength": "1"}
Use instead:
{"type": "string", "minLength": 1}""",
)
KEYWORD_UNKNOWN: Final = FindingKind(
    "L103",
    "keyword-unknown",
    "Every keyword is a keyword of JSON Schema 2020-12.",
    "JSON Schema ignores unknown keywords, so a misspelled one checks nothing.",
    "Correct the keyword, or write a comment as $comment.",
    """\
{"type": "string", "minlength": 1}
Use instead:
{"type": "string", "minLength": 1}""",
)
REFERENCE_UNRESOLVED: Final = FindingKind(
    "L104",
    "reference-unresolved",
    "Every $ref resolves into the $defs of its own file and has only annotations next to it; definitions contain no $ref.",
    "Schemas are loaded without network access, and engines disagree about keywords next to a $ref.",
    "Define the schema under $defs, and move keywords there.",
    """\
{"properties": {"id": {"$ref": "#/$defs/Id"}}, "$defs": {"ID": {"type": "string"}}}
Use instead:
{"properties": {"id": {"$ref": "#/$defs/ID"}}, "$defs": {"ID": {"type": "string"}}}""",
)
PATTERN_NOT_PORTABLE: Final = FindingKind(
    "L105",
    "pattern-not-portable",
    "A pattern uses only syntax that has the same meaning in ECMA-262, XSD and Python.",
    "\\d, \\w, the dot and look-around match other characters, or are missing, in other engines.",
    "Use ASCII classes such as [0-9], avoid look-around, and anchor JSON Schema patterns with ^ and $.",
    """\
{"type": "string", "pattern": "^\\\\d{3}$"}
Use instead:
{"type": "string", "pattern": "^[0-9]{3}$"}""",
)
QUANTIFIERS_NESTED: Final = FindingKind(
    "L106",
    "quantifiers-nested",
    "The content of a quantifier can match a string in one way only.",
    "(a+)+ takes exponential time in backtracking engines: a short body can block the gateway.",
    "Rewrite the pattern so that each character can be matched in one way only.",
    """\
{"type": "string", "pattern": "^([a-z]+)*$"}
Use instead:
{"type": "string", "pattern": "^[a-z]*$"}""",
)
VALUE_UNBOUNDED: Final = FindingKind(
    "L107",
    "value-unbounded",
    "The schema limits the length of each string that operation.json limits.",
    "Otherwise values longer than the contract allows reach the application.",
    "Limit the length in the pattern, and name attributes in operation.json as the schema does.",
    """\
operation.json:      {"lengths": {"subject": 255}}
request.schema.json: {"subject": {"type": "string", "pattern": "^[^\\\\r\\\\n]*$"}}
Use instead:
request.schema.json: {"subject": {"type": "string", "pattern": "^[^\\\\r\\\\n]{0,255}$"}}""",
)
STRUCTURE_OPEN: Final = FindingKind(
    "L108",
    "structure-open",
    "Objects have additionalProperties false; an XSD has no wildcards, attributes, mixed content or untyped elements.",
    "A misspelled attribute that is silently ignored changes the effect of a request.",
    "Set additionalProperties to false; remove the wildcard, the attribute or mixed; give the element a type.",
    """\
{"type": "object", "properties": {"id": {"type": "string"}}}
Use instead:
{"type": "object", "properties": {"id": {"type": "string"}}, "additionalProperties": false}""",
)
ID_REPEATED: Final = FindingKind(
    "L109",
    "id-repeated",
    "Each $id and $anchor is unique in a folder of schemas.",
    "Two schemas with the same identifier are mistaken for each other.",
    "Give each schema a unique identifier.",
    """\
error.schema.json:   {"$id": "urn:example:error"}
problem.schema.json: {"$id": "urn:example:error"}
Use instead:
problem.schema.json: {"$id": "urn:example:problem"}""",
)
DESCRIPTION_MISSING: Final = FindingKind(
    "L110",
    "description-missing",
    "Every schema has a title and a description; every named element and type of an XSD has a documentation.",
    "Integrators read them, and messages quote them as the expected form of a value.",
    "Add a title and a description, or an xs:documentation.",
    """\
{"type": "string"}
Use instead:
{"title": "Subject", "description": "A line of text.", "type": "string"}""",
)
EXAMPLE_INVALID: Final = FindingKind(
    "L111",
    "example-invalid",
    "Every example in a schema is valid against that schema.",
    "Integrators copy examples.",
    "Correct the example or the schema.",
    """\
{"type": "string", "enum": ["email"], "examples": ["mail"]}
Use instead:
{"type": "string", "enum": ["email"], "examples": ["email"]}""",
)
XSD_NOT_COMPILED: Final = FindingKind(
    "L112",
    "xsd-not-compiled",
    "The XSD compiles in lxml and in xmlschema.",
    "The fast engine uses lxml, the reference engine uses xmlschema.",
    "Correct the XSD as the message describes.",
    """\
<xs:element name="subject" type="xs:strng"/>
Use instead:
<xs:element name="subject" type="xs:string"/>""",
)
XSD_NOT_SUPPORTED: Final = FindingKind(
    "L113",
    "xsd-not-supported",
    "The XSD describes a tree that JSON can express: no namespaces, choices, groups, imports, substitutions or defaults.",
    "A construct that only one format can express cannot be validated alike in both.",
    "Use xs:all, a wrapper with a repeated element, and named simple types.",
    """\
<xs:element name="subject" type="xs:string" default="none"/>
Use instead:
<xs:element name="subject" type="xs:string"/>""",
)
DEFINITION_UNUSED: Final = FindingKind(
    "L114",
    "definition-unused",
    "Every definition and every named type is used.",
    "An unused definition goes out of date unnoticed.",
    "Remove the definition, or use it.",
    """\
{"properties": {"id": {"type": "string"}}, "$defs": {"ID": {"type": "string"}}}
Use instead:
{"properties": {"id": {"$ref": "#/$defs/ID"}}, "$defs": {"ID": {"type": "string"}}}""",
)
UNSATISFIABLE: Final = FindingKind(
    "L115",
    "unsatisfiable",
    "Every required attribute is in properties, and every string attribute allows at least one value.",
    "A schema that nothing satisfies rejects every request.",
    "Add the attribute to properties, or correct the constraints that exclude each other.",
    """\
{"properties": {"id": {"type": "string"}}, "required": ["ID"]}
Use instead:
{"properties": {"id": {"type": "string"}}, "required": ["id"]}""",
)
SCHEMA_NOT_SUPPORTED: Final = FindingKind(
    "L116",
    "schema-not-supported",
    "The JSON Schema of an operation gives each value one of the types object, array, string and boolean, and uses only "
    "keywords that apply to it.",
    "The engine does not load any other schema.",
    "Set a supported type, give arrays items, and remove keywords that do not apply.",
    """\
{"type": "integer"}
Use instead:
{"type": "string", "pattern": "^[0-9]{1,9}$"}""",
)
LENGTH_LOOSER: Final = FindingKind(
    "L117",
    "length-looser",
    "A length in operation.json is the greatest that the JSON Schema allows.",
    "A limit that is never reached hides that the schema became stricter than the documented one.",
    "Set the length to the one that the schema allows, or relax the schema.",
    """\
operation.json:      {"lengths": {"id": 20}}
request.schema.json: {"id": {"type": "string", "pattern": "^[0-9]{1,19}$"}}
Use instead:
operation.json:      {"lengths": {"id": 19}}""",
)
VALUE_REPEATED: Final = FindingKind(
    "L118",
    "value-repeated",
    "Each value of an enumeration, and each status of operation.json, is listed once.",
    "A value that is listed twice is often a misspelled other one.",
    "Remove the repeated value, or correct it.",
    """\
{"type": "string", "enum": ["good", "poor", "good"]}
Use instead:
{"type": "string", "enum": ["good", "poor"]}""",
)
DESCRIPTION_CONTRADICTS: Final = FindingKind(
    "L119",
    "description-contradicts",
    "The number of characters in the description of a string is the one that the schema allows.",
    "Integrators read the description, and messages quote it as the expected form.",
    "Correct the number in the description, or the pattern or length.",
    """\
{"description": "an ID: 1 to 18 digits", "type": "string", "pattern": "^[0-9]{1,19}$"}
Use instead:
{"description": "an ID: 1 to 19 digits", "type": "string", "pattern": "^[0-9]{1,19}$"}""",
)
FILE_WITHOUT_OPERATION: Final = FindingKind(
    "L120",
    "file-without-operation",
    "Every schema, rules module and fixture of a home belongs to one of its operations.",
    "A file with a mistyped name is not checked by anything.",
    "Give the file or folder the name of its operation, or remove it. Names of modules for several operations begin with _.",
    """\
schemas/rate-activity/operation.json
rules/rate_activitiy.py
Use instead:
rules/rate_activity.py""",
)
