"""L2: the JSON Schema of an operation compared with its XSD."""

from typing import Final

from validator.output.finding import FindingKind

_SAME_VERDICT: Final = "A request must not be accepted in one format and rejected in the other."

ATTRIBUTE_ONE_SIDED: Final = FindingKind(
    "L201",
    "attribute-one-sided",
    "JSON Schema and XSD describe the same attributes in the same places.",
    "Both formats must express the same requests.",
    "Add the attribute to the other schema, or remove it.",
    """\
request.schema.json: "properties": {"subject": {"type": "string"}}
request.xsd:         <xs:element name="Subject" type="xs:string" minOccurs="0"/>
Use instead:
request.xsd:         <xs:element name="subject" type="xs:string" minOccurs="0"/>""",
)
TYPE_DIFFERS: Final = FindingKind(
    "L202",
    "type-differs",
    "JSON Schema and XSD give an attribute the same type: object, string or boolean. An XML boolean is true, false, 1 or 0.",
    "Both formats are read into the same tree.",
    "Use the same type in both schemas.",
    """\
request.schema.json: "properties": {"id": {"type": "string"}}
request.xsd:         <xs:element name="id" type="xs:long" minOccurs="0"/>
Use instead:
request.xsd:         <xs:element name="id" type="xs:string" minOccurs="0"/>""",
)
REQUIRED_DIFFERS: Final = FindingKind(
    "L203",
    "required-differs",
    "An attribute is required in JSON Schema if and only if its element has minOccurs 1 in the XSD.",
    _SAME_VERDICT,
    "Change required or minOccurs so that both agree.",
    """\
request.schema.json: "properties": {"id": {"type": "string"}}, "required": ["id"]
request.xsd:         <xs:element name="id" type="xs:string" minOccurs="0"/>
Use instead:
request.xsd:         <xs:element name="id" type="xs:string"/>""",
)
REPEATABLE_DIFFERS: Final = FindingKind(
    "L204",
    "repeatable-differs",
    "An attribute is an array in JSON Schema if and only if its element has maxOccurs unbounded in the XSD.",
    _SAME_VERDICT,
    "Make the attribute a list in both schemas or in neither.",
    """\
request.schema.json: "properties": {"tag": {"type": "array", "items": {"type": "string"}}}, "required": ["tag"]
request.xsd:         <xs:sequence><xs:element name="tag" type="xs:string"/></xs:sequence>
Use instead:
request.xsd:         <xs:sequence><xs:element name="tag" type="xs:string" maxOccurs="unbounded"/></xs:sequence>""",
)
ORDER_FIXED: Final = FindingKind(
    "L205",
    "order-fixed",
    "Elements may occur in any order: an object is an xs:all.",
    "JSON members are unordered.",
    "Use xs:all instead of xs:sequence.",
    """\
<xs:sequence>
  <xs:element name="text" type="xs:string"/> <xs:element name="html" type="xs:string"/>
</xs:sequence>
Use instead:
<xs:all>
  <xs:element name="text" type="xs:string"/> <xs:element name="html" type="xs:string"/>
</xs:all>""",
)
ENUMERATION_DIFFERS: Final = FindingKind(
    "L206",
    "enumeration-differs",
    "JSON Schema and XSD list the same values.",
    _SAME_VERDICT,
    "List the same values in both schemas.",
    """\
request.schema.json: "properties": {"score": {"type": "string", "enum": ["good"]}}
request.xsd:         <xs:restriction base="xs:string"><xs:enumeration value="fine"/></xs:restriction>
Use instead:
request.xsd:         <xs:restriction base="xs:string"><xs:enumeration value="good"/></xs:restriction>""",
)
PATTERN_DIFFERS: Final = FindingKind(
    "L207",
    "pattern-differs",
    "The patterns of JSON Schema and XSD allow the same strings. They are compared by meaning, not by syntax.",
    _SAME_VERDICT,
    "Change one pattern so that both allow, or both reject, the string in the message.",
    """\
request.schema.json: "properties": {"id": {"type": "string", "pattern": "^[1-9][0-9]*$"}}
request.xsd:         <xs:restriction base="xs:string"><xs:pattern value="[0-9]+"/></xs:restriction>
Use instead:
request.xsd:         <xs:restriction base="xs:string"><xs:pattern value="[1-9][0-9]*"/></xs:restriction>""",
)
LENGTH_DIFFERS: Final = FindingKind(
    "L208",
    "length-differs",
    "JSON Schema and XSD allow the same lengths.",
    _SAME_VERDICT,
    "Set the same limits in both schemas.",
    """\
request.schema.json: "properties": {"text": {"type": "string", "minLength": 1}}
request.xsd:         <xs:restriction base="xs:string"><xs:minLength value="2"/></xs:restriction>
Use instead:
request.xsd:         <xs:restriction base="xs:string"><xs:minLength value="1"/></xs:restriction>""",
)
DESCRIPTIONS_DIFFER: Final = FindingKind(
    "L209",
    "descriptions-differ",
    "Descriptions of an attribute in JSON Schema and XSD name the same numbers.",
    "Both describe the same requests.",
    "Correct one of the two descriptions.",
    """\
request.schema.json: {"description": "at most 18 digits", "type": "string"}
request.xsd:         <xs:documentation>at most 19 digits</xs:documentation>
Use instead:
request.xsd:         <xs:documentation>at most 18 digits</xs:documentation>""",
)
