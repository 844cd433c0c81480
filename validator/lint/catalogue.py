"""The kinds of what the linter finds: L1 an artefact alone, L2 JSON Schema against XSD, L3 rules and codes, L4 fixtures."""

from typing import Final

from validator.output.finding import FindingKind

UNREADABLE: Final = FindingKind(
    "L101",
    "artefact-unreadable",
    "Each artefact of an operation is there and can be read: operation.json, request.schema.json, request.xsd.",
    "What cannot be read cannot be compared, and the engine does not start with it.",
    "Put the file there, or mend it at the named place.",
)
NOT_A_SCHEMA: Final = FindingKind(
    "L102",
    "schema-invalid",
    "A JSON Schema is valid against its metaschema; operation.json and codes.json have their form.",
    "Two validators do different things with a schema that is none.",
    "Mend the keyword's value as the message says.",
)
KEYWORD_UNKNOWN: Final = FindingKind(
    "L103",
    "keyword-unknown",
    "Every keyword is one of JSON Schema 2020-12.",
    "JSON Schema ignores keywords that it does not know: a misspelt one lets everything through.",
    "Mend the spelling, or write a comment as $comment.",
)
REFERENCE_UNRESOLVED: Final = FindingKind(
    "L104",
    "reference-unresolved",
    "Every $ref resolves into the $defs of its own file, and only prose stands beside it.",
    "The schema is read without a network, and a keyword beside a $ref would be judged by one engine and not by the other.",
    "Define what is referred to under $defs; write the keyword there.",
)
PATTERN_NOT_PORTABLE: Final = FindingKind(
    "L105",
    "pattern-not-portable",
    "A pattern keeps to what ECMA-262, XSD and Python read alike.",
    "\\d, \\w, a bare dot and look-around mean other things, or nothing, in another engine.",
    "Write ASCII classes such as [0-9], and no look-around; anchor JSON Schema patterns with ^ and $.",
)
QUANTIFIERS_NESTED: Final = FindingKind(
    "L106",
    "quantifiers-nested",
    "Inside a quantifier a text can match in one way only: no quantifier stands in another that may go on alike.",
    "(a+)+ takes exponential time in backtracking engines: a short body stops the gateway.",
    "Rewrite the pattern so that each character can be matched in one way only.",
)
UNBOUNDED: Final = FindingKind(
    "L107",
    "value-unbounded",
    "A text whose length operation.json bounds is bounded by its schemas.",
    "What the contract bounds and the schema does not reaches the application.",
    "Bound the pattern or the length.",
)
OPEN: Final = FindingKind(
    "L108",
    "structure-open",
    "An object takes its described members only: additionalProperties false, and in XSD no wildcard, attribute or mixed content.",
    "A misspelt attribute that is silently ignored changes what the request does.",
    "Set additionalProperties to false; remove the wildcard, the attribute or mixed.",
)
ID_REPEATED: Final = FindingKind(
    "L109",
    "id-repeated",
    "Each $id and $anchor in a folder of schemas is there once.",
    "Two schemas of one name are taken for each other.",
    "Give each its own.",
)
UNDESCRIBED: Final = FindingKind(
    "L110",
    "undescribed",
    "Every schema has a title and a description, every element and type of an XSD a documentation.",
    "They are what integrators read, and what a message quotes as the expected form.",
    "Add them.",
)
EXAMPLE_INVALID: Final = FindingKind(
    "L111",
    "example-invalid",
    "Every example in a schema is valid by that schema.",
    "Examples are copied.",
    "Mend the example, or the schema.",
)
XSD_NOT_COMPILED: Final = FindingKind(
    "L112",
    "xsd-not-compiled",
    "The XSD compiles in lxml and in xmlschema.",
    "The fast and the reference engine must both be able to judge by it.",
    "Mend the XSD as the message says.",
)
XSD_NOT_TAKEN: Final = FindingKind(
    "L113",
    "xsd-not-taken",
    "The XSD describes a tree that JSON can say: no namespace, choice, group, attribute, import, substitution or default.",
    "What only one format can say cannot be the same in both.",
    "Describe it with xs:all, a wrapper with a repeated element, and named simple types.",
)
DEFINITION_UNUSED: Final = FindingKind(
    "L114",
    "definition-unused",
    "Every definition and every named type is used.",
    "What nobody uses drifts unseen.",
    "Remove it, or use it.",
)
UNSATISFIABLE: Final = FindingKind(
    "L115",
    "unsatisfiable",
    "Every required attribute is described, and every leaf has a value that it allows.",
    "A schema that nothing satisfies refuses every request.",
    "Describe the attribute, or mend the facets that exclude each other.",
)
NOT_TAKEN: Final = FindingKind(
    "L116",
    "schema-not-taken",
    "The JSON Schema keeps to what the engine takes: one of the four types for each value, items for each list.",
    "The engine does not start with another one.",
    "Say type, and items for a list.",
)

ONE_SIDED: Final = FindingKind(
    "L201",
    "attribute-one-sided",
    "An attribute that one schema describes is described by the other, at the same place.",
    "The two formats say the same things.",
    "Add it to the other, or remove it.",
)
KIND_DIFFERS: Final = FindingKind(
    "L202",
    "type-differs",
    "JSON Schema and XSD give an attribute one type: object, text or boolean; a boolean is true, false, 1 or 0 in XML.",
    "The two formats are read to the same tree.",
    "Give both the same type.",
)
REQUIRED_DIFFERS: Final = FindingKind(
    "L203",
    "required-differs",
    "What is required in JSON has minOccurs 1 in XML, and the reverse.",
    "A request must not pass in one format and fail in the other.",
    "Set required and minOccurs alike.",
)
REPEATABLE_DIFFERS: Final = FindingKind(
    "L204",
    "repeatable-differs",
    "A list in JSON is an element with maxOccurs unbounded in XML, and the reverse.",
    "A request must not pass in one format and fail in the other.",
    "Make both a list, or neither.",
)
ORDERED: Final = FindingKind(
    "L205",
    "order-fixed",
    "Elements may come in any order: an object is an xs:all.",
    "JSON members have no order.",
    "Use xs:all in place of xs:sequence.",
)
VALUES_DIFFER: Final = FindingKind(
    "L206",
    "enumeration-differs",
    "JSON Schema and XSD list the same values.",
    "A value must not pass in one format and fail in the other.",
    "List the same values in both.",
)
PATTERN_DIFFERS: Final = FindingKind(
    "L207",
    "pattern-differs",
    "JSON Schema and XSD allow the same texts; their patterns are compared as languages, whatever their spelling.",
    "A text must not pass in one format and fail in the other.",
    "Make both patterns allow or refuse the text in the message.",
)
LENGTH_DIFFERS: Final = FindingKind(
    "L208",
    "length-differs",
    "JSON Schema and XSD allow the same lengths.",
    "A text must not pass in one format and fail in the other.",
    "Set the same bounds in both.",
)

KEYWORD_WITHOUT_CODE: Final = FindingKind(
    "L301",
    "keyword-without-code",
    "Every keyword in use maps to a code.",
    "A failure without a code cannot be answered.",
    "Use the keywords that have codes: type, required, additionalProperties, enum, pattern, minLength.",
)
CODE_UNREACHABLE: Final = FindingKind(
    "L302",
    "code-unreachable",
    "Every code that the rules declare belongs to a rule.",
    "A code that nothing answers misleads integrators.",
    "Write the rule, or remove the code before it is released.",
)
CODE_UNDECLARED: Final = FindingKind(
    "L303",
    "code-undeclared",
    "The code of every rule is among CODES.",
    "A code that is answered and not declared is explained nowhere.",
    "Add the code to CODES.",
)
CODE_REPEATED: Final = FindingKind(
    "L304",
    "code-repeated",
    "Each code and each name stands for one kind of fault.",
    "Integrators act on the code alone.",
    "Choose a free code and name.",
)
CODE_MALFORMED: Final = FindingKind(
    "L305",
    "code-malformed",
    "A code is an HTTP status, a hyphen and three digits.",
    "Its first three digits are the status of the answer.",
    "Write it like 400-101.",
)
STATUS_NOT_LISTED: Final = FindingKind(
    "L306",
    "status-not-listed",
    "The status of every code is among the statuses of operation.json.",
    "The API promises these statuses and no others.",
    "Give the code a listed status, or list the status.",
)
PLACEHOLDER_UNFILLED: Final = FindingKind(
    "L307",
    "placeholder-unfilled",
    "Every placeholder of a sentence is filled by each call that makes the failure.",
    "A missing parameter is an internal error at the worst moment.",
    "Hand in the parameter, or mend the placeholder's name.",
)
PARAMETERS_DIFFER: Final = FindingKind(
    "L308",
    "parameters-differ",
    "Every call that makes a failure of one code hands in the same parameters.",
    "Tools rely on the parameters of a code.",
    "Hand in the same parameters everywhere.",
)
PATH_NOT_IN_SCHEMA: Final = FindingKind(
    "L309",
    "path-not-in-schema",
    "Rules read, and point at, attributes that the schema describes.",
    "A rule that reads what never comes is never broken.",
    "Mend the name, in the rule or in the schema.",
)
RULE_NEVER_FIRES: Final = FindingKind(
    "L310",
    "rule-never-fires",
    "A rule can be broken by a request that is sound in structure.",
    "What structure refuses first is never answered with the rule's code.",
    "Remove the rule, or loosen the schema.",
)
CODE_REMOVED: Final = FindingKind(
    "L311",
    "code-removed",
    "Every released code is still there.",
    "Integrators have written code for it.",
    "Put the code back.",
)
CODE_RENUMBERED: Final = FindingKind(
    "L312",
    "code-renumbered",
    "A released code keeps its name, and a released name its code.",
    "Integrators have written code for it.",
    "Give the new kind of fault a new code and name.",
)
RULES_UNUSABLE: Final = FindingKind(
    "L313",
    "rules-unusable",
    "The rules module can be imported and offers CODES, RULES and read.",
    "Without it there is no operation.",
    "Mend the module at the named place.",
)
RULE_NOT_LISTED: Final = FindingKind(
    "L314",
    "rule-not-listed",
    "Every rule that is written is in RULES, once.",
    "A rule outside of RULES is never asked.",
    "Add it to RULES, at its place in report order.",
)
RULE_FAILS: Final = FindingKind(
    "L315",
    "rule-fails",
    "A rule decides every sound request, with the reference data that it says it needs.",
    "An exception in a rule is answered with 500-100.",
    "Mend the rule, or declare the section of reference data that it reads.",
)
NEED_UNDECLARED: Final = FindingKind(
    "L316",
    "need-undeclared",
    "A rule declares every section of reference data that it reads, and no other.",
    "It is skipped exactly when what it needs was not supplied.",
    "Declare the section in the rule's decorator, or remove it from there.",
)
RULE_UNDESCRIBED: Final = FindingKind(
    "L317",
    "rule-undescribed",
    "Every rule tells its reason in a docstring.",
    "The next reader must know whether a boundary case is meant.",
    "Add one sentence.",
)

ACCEPT_REFUSED: Final = FindingKind(
    "L401",
    "accept-refused",
    "What stands in accept is accepted.",
    "The fixtures are the specification.",
    "Mend the fixture, or what refuses it.",
)
REJECT_NOT_REFUSED: Final = FindingKind(
    "L402",
    "reject-not-refused",
    "What stands in reject is refused with the code that its name begins with, or with exactly the codes of its @expect.",
    "The fixtures are the specification.",
    "Mend the fixture, its name, or what should refuse it.",
)
FIXTURE_MISNAMED: Final = FindingKind(
    "L403",
    "fixture-misnamed",
    "A fixture in reject begins with a code of the operation, and every fixture is in accept or reject.",
    "A code that does not exist cannot be expected.",
    "Name it CODE-what-is-wrong.",
)
CODE_WITHOUT_FIXTURE: Final = FindingKind(
    "L404",
    "code-without-fixture",
    "Every code that a request can cause is answered to a fixture in reject.",
    "What is not tried may not work.",
    "Add a request that has the fault.",
)
RULE_WITHOUT_NEAR_MISS: Final = FindingKind(
    "L405",
    "rule-without-near-miss",
    "Every rule has a near miss: a fixture in accept whose name begins with its code.",
    "A rule that refuses too much is noticed by a near miss only.",
    "Add an accepted request that nearly breaks the rule.",
)
TWINS_DIFFER: Final = FindingKind(
    "L406",
    "twins-differ",
    "The JSON and the XML fixture of one name get the same codes at the same attributes.",
    "The two formats say the same things.",
    "Mend one of the two, or name them apart.",
)
FIXTURE_UNREADABLE: Final = FindingKind(
    "L407",
    "fixture-unreadable",
    "Every fixture, and the directory beside them, can be read.",
    "What cannot be read proves nothing.",
    "Mend the file at the named place.",
)

KINDS: Final[tuple[FindingKind, ...]] = tuple(value for value in list(globals().values()) if isinstance(value, FindingKind))
