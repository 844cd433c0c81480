"""The rules of create-email-response: for each, requests that break it and near misses, each with its whole result."""

from typing import Any

import pytest

from validator.directories import Snapshot
from validator.model.directory import CustomAttribute, Facts, Settings
from validator.model.report import Failure
from validator.operation import home
from validator.rules.create_email_response import CODES, RULES, read

FACTS = Snapshot.from_file(home.shipped_fixtures() / "directory.json").facts
TOGETHER = Facts(
    Settings(customer_departmentalization=False),
    FACTS.customers,
    FACTS.activities,
    FACTS.aliases,
    FACTS.message_centers,
    FACTS.custom_attributes,
)
FROM, RECEIVER, REPLY_TO = (f"/payload/email/emailAddresses/{name}" for name in ("from", "receiver", "replyTo"))
CENTER = "/payload/email/messageCenter/id"
ISSUE = "/issueType/id"

INVALID = "Attribute '{0}' must be a valid email address of at most 254 octets, without a display name."
SINGLE = "Attribute '{0}' must be a single email address."
STRANGER = "The caller may not act for the customer in the query parameter 'customer'."
UNSEEN = "The activity in the path does not exist or is not visible to the acting customer."
ALONE = "Attribute '{0}' must not be provided together with the query parameter 'customer'."
OWN = "Attribute '{0}' must be one of the caller's email addresses."
ALIAS = "Attribute '{0}' must be the address of an active alias."
ALIAS_ELSEWHERE = "Attribute '{0}' must be the address of an alias in the acting customer's department."
INACTIVE = "Attribute '{0}' must be the ID of an active message center."
CENTER_ELSEWHERE = "Attribute '{0}' must be the ID of a message center in the acting customer's department."
HOMELESS = "Attribute '{0}' must be provided only together with payload.email.messageCenter.id."
NOT_ASSOCIATED = "Attribute '{0}' must be the ID of an issue type associated with the message center."
NOT_CONFIGURED = "Attribute '{0}' must be the name of a configured custom attribute."
AGAIN = "Attribute '{0}' names a custom attribute that was given before."
NO_CONTENT_ID = "Attribute '{0}' must be provided because the attachment is inline."
SHARED = "Attribute '{0}' is the content ID of another inline attachment."

NAMES = {code.code: code.name for code in CODES}


def tree(
    addresses: dict[str, str] | None = None, center: str | None = None, issue: str | None = None, **members: Any
) -> dict[str, Any]:
    """Return a sound body with a subject."""
    email: dict[str, Any] = {}
    if addresses is not None:
        email["emailAddresses"] = addresses
    if center is not None:
        email["messageCenter"] = {"id": center}
    body: dict[str, Any] = {
        "type": {"value": "email", "subtype": {"value": "general"}},
        "subject": "s",
        "payload": {"email": email},
    }
    if issue is not None:
        body["issueType"] = {"id": issue}
    return body | members


def attachments(*given: dict[str, Any]) -> dict[str, Any]:
    """Return a body with attachments."""
    return tree(attachments={"attachment": [{"altId": "a", **one} for one in given]})


def attributes(*given: tuple[str, str]) -> dict[str, Any]:
    """Return a body with custom attributes."""
    return tree(customAttributes={"customAttribute": [{"name": name, "value": value} for name, value in given]})


def check_rules(
    body: dict[str, Any], facts: Facts = FACTS, caller: str = "1001", activity: str = "2001", customer: str | None = None
) -> list[Failure]:
    """Return the failures of all rules, each called under the conditions that it declares."""
    email = read(body, caller, activity, customer)
    result: list[Failure] = []
    passed = set()
    for rule in RULES:
        if all(getattr(facts, section) is not None for section in rule.needs) and (rule.after is None or rule.after in passed):
            failures = rule.check(email, facts)
            result += failures
            if not failures:
                passed.add(rule.code)
    return result


def at(code: str, pointer: str, sentence: str, **facts: Any) -> Failure:
    """Return the failure of a code in the body; the sentence's {0} is the dotted path."""
    dotted = ""
    for step in pointer.split("/")[1:]:
        dotted += f"[{step}]" if step.isdecimal() else f".{step}"
    dotted = dotted.removeprefix(".") or "body"
    return Failure(code, NAMES[code], sentence.format(dotted), "body", pointer, {"attribute": dotted, **facts})


def outside(code: str, where: str, message: str, **facts: Any) -> Failure:
    """Return the failure of a code outside the body."""
    return Failure(code, NAMES[code], message, where, None, facts)


def name_at(index: int) -> str:
    """Return the pointer to a custom attribute's name."""
    return f"/customAttributes/customAttribute/{index}/name"


def value_at(index: int) -> str:
    """Return the pointer to a custom attribute's value."""
    return f"/customAttributes/customAttribute/{index}/value"


def content_id_at(index: int) -> str:
    """Return the pointer to an attachment's content ID."""
    return f"/attachments/attachment/{index}/contentId"


def test_codes_and_rules_follow_the_order_of_the_contract() -> None:
    """Section 5 has one line for each code and rule."""
    numbers = "705 702 730 731 732 733 734 735 736 740 741 742 743 750 751 752 753 754 760 762".split()  # noqa: SIM905
    assert [code.code for code in CODES] == [f"400-{number}" for number in numbers]
    assert [rule.code for rule in RULES] == list(CODES)


def test_rules_declare_what_they_need() -> None:
    """Each rule declares the sections it reads; rules that could reveal something about the customer come after 400-705."""
    assert {rule.code.code: (rule.needs, rule.after and rule.after.code) for rule in RULES if rule.needs or rule.after} == {
        "400-705": (("customers",), None),
        "400-702": (("activities",), "400-705"),
        "400-734": (("customers",), None),
        "400-735": (("aliases",), None),
        "400-736": (("settings", "customers", "aliases"), "400-705"),
        "400-740": (("message_centers",), None),
        "400-741": (("settings", "customers", "message_centers"), "400-705"),
        "400-743": (("message_centers",), None),
        "400-750": (("custom_attributes",), None),
        "400-751": (("custom_attributes",), None),
        "400-752": (("custom_attributes",), None),
        "400-753": (("custom_attributes",), None),
    }


def test_rules_return_nothing_for_a_valid_request() -> None:
    """A request with every attribute breaks no rule, and each returns the constant NOTHING."""
    body = attributes(("priority", "low"), ("note", "Grüße, 2"), ("level", "2")) | {
        "attachments": {"attachment": [{"altId": "a", "inline": True, "contentId": "x"}, {"altId": "b"}]}
    }
    body["payload"] = tree({"from": "jhenry@customer.com", "receiver": "support@business.com"}, "3001")["payload"]
    body["issueType"] = {"id": "4001"}
    assert check_rules(body) == []


@pytest.mark.parametrize("customer", [None, "1001", "1002", "1003"])
def test_705_near_misses(customer: str | None) -> None:
    """A caller may act for itself, named or not, and for the customers it represents."""
    assert check_rules(tree(), activity=f"2{(customer or '1001')[1:]}", customer=customer) == []


@pytest.mark.parametrize(("caller", "customer"), [("1001", "9999"), ("1001", "1005"), ("1002", "1001"), ("7777", "1001")])
def test_705_hides_everything_else_about_the_customer(caller: str, customer: str) -> None:
    """Another customer, an unknown customer and an unknown caller give the same failure, and no other about the customer."""
    body = tree({"receiver": "sales@business.com"}, "3002")
    assert check_rules(body, caller=caller, activity="9999", customer=customer) == [
        outside("400-705", "query", STRANGER, customer=customer)
    ]


def test_705_naming_oneself_needs_no_record() -> None:
    """A caller who is not in the directory may name itself."""
    assert check_rules(tree(), Facts(customers={}), caller="1", customer="1") == []


@pytest.mark.parametrize(("activity", "customer"), [("2999", None), ("2002", None), ("2001", "1002")])
def test_702(activity: str, customer: str | None) -> None:
    """An unknown activity and another customer's give the same failure."""
    assert check_rules(tree(), activity=activity, customer=customer) == [outside("400-702", "path", UNSEEN, activity=activity)]


def test_702_near_miss() -> None:
    """The activity of the customer for whom the caller acts is visible."""
    assert check_rules(tree(), activity="2002", customer="1002") == []


@pytest.mark.parametrize(
    "members",
    [
        {"subject": "s"},
        {"payload": {"email": {"content": {"text": "t"}}}},
        {"payload": {"email": {"content": {"html": "h", "text": ""}}}},
        {"attachments": {"attachment": [{"altId": "a"}]}},
    ],
)
def test_730_near_misses(members: dict[str, Any]) -> None:
    """One of subject, text, HTML and attachments is enough."""
    assert check_rules({"type": {}} | members) == []


@pytest.mark.parametrize(
    "members",
    [
        {},
        {"subject": ""},
        {"payload": {}},
        {"payload": {"email": {"content": {"text": "", "html": ""}}}, "attachments": {"attachment": []}},
        {"attachments": {}, "customAttributes": {"customAttribute": []}},
    ],
)
def test_730(members: dict[str, Any]) -> None:
    """Empty texts and lists count as not provided."""
    message = "At least one of subject, attachments and content must be provided."
    assert check_rules({"type": {}} | members) == [at("400-730", "", message)]


def test_731_and_nothing_that_depends_on_it() -> None:
    """Each invalid address is reported at its place, and not also as an unknown one."""
    assert check_rules(tree({"receiver": "support", "replyTo": "", "from": "J <jhenry@customer.com>"})) == [
        at("400-731", RECEIVER, INVALID),
        at("400-731", REPLY_TO, INVALID),
        at("400-731", FROM, INVALID),
    ]


def test_732_and_not_731() -> None:
    """Several addresses in one string are not also reported as invalid."""
    body = tree({"from": "a@b.com, jhenry@customer.com", "receiver": "a@b.com;c@d.com", "replyTo": "a@b.com c"})
    assert check_rules(body) == [
        at("400-731", REPLY_TO, INVALID),
        at("400-732", FROM, SINGLE),
        at("400-732", RECEIVER, SINGLE),
    ]


@pytest.mark.parametrize("customer", ["1001", "1002"])
def test_733(customer: str) -> None:
    """A sender together with customer is refused, even for the caller itself; whose address it is does not matter."""
    body = tree({"from": "other@customer.com"})
    assert check_rules(body, activity=f"2{customer[1:]}", customer=customer) == [at("400-733", FROM, ALONE)]


def test_733_and_731() -> None:
    """An empty sender counts as provided: it is invalid, and refused together with customer."""
    body = tree({"from": ""})
    assert check_rules(body, customer="1001") == [at("400-731", FROM, INVALID), at("400-733", FROM, ALONE)]


def test_733_near_miss() -> None:
    """Other addresses are allowed together with customer."""
    assert check_rules(tree({"replyTo": "a@b.com", "receiver": "support@business.com"}), customer="1001") == []


@pytest.mark.parametrize("caller", ["1002", "7777"])
def test_734(caller: str) -> None:
    """An address of another customer is refused; an unknown caller has no addresses."""
    body = tree({"from": "jhenry@customer.com"})
    assert check_rules(body, Facts(customers=FACTS.customers), caller=caller) == [
        at("400-734", FROM, OWN, address="jhenry@customer.com"),
    ]


@pytest.mark.parametrize("address", ["JHENRY@Customer.COM", "jane.henry@customer.com"])
def test_734_near_miss(address: str) -> None:
    """Case is ignored, in the request and in the directory."""
    assert check_rules(tree({"from": address})) == []


@pytest.mark.parametrize("address", ["jhenry@customer.com", "old@business.com"])
def test_735_and_not_736(address: str) -> None:
    """An unknown alias and an inactive one give the same failure, and no failure about the department."""
    assert check_rules(tree({"receiver": address})) == [at("400-735", RECEIVER, ALIAS, address=address)]


def test_735_near_miss() -> None:
    """Case is ignored."""
    assert check_rules(tree({"receiver": "Support@BUSINESS.com"})) == []


@pytest.mark.parametrize(
    ("address", "caller"), [("sales@business.com", "1001"), ("all@business.com", "1001"), ("all@business.com", "1004")]
)
def test_736(address: str, caller: str) -> None:
    """Another department is refused, and so is a missing one on either side."""
    body, activity = tree({"receiver": address}), f"2{caller[1:]}"
    assert check_rules(body, caller=caller, activity=activity) == [at("400-736", RECEIVER, ALIAS_ELSEWHERE)]
    assert check_rules(body, TOGETHER, caller=caller, activity=activity) == []


def test_736_is_about_the_acting_customer() -> None:
    """The acting customer's department is compared, not the caller's."""
    assert check_rules(tree({"receiver": "sales@business.com"}), activity="2003", customer="1003") == []


@pytest.mark.parametrize("center", ["3999", "3003"])
def test_740_and_nothing_that_depends_on_it(center: str) -> None:
    """A message center that is unknown or not active has neither department nor issue types."""
    assert check_rules(tree(center=center, issue="4009")) == [at("400-740", CENTER, INACTIVE, id=center)]


@pytest.mark.parametrize(("center", "caller"), [("3002", "1001"), ("3004", "1001"), ("3004", "1004"), ("3001", "7777")])
def test_741(center: str, caller: str) -> None:
    """Another department is refused, and so is a missing one on either side."""
    facts = Facts(FACTS.settings, FACTS.customers, message_centers=FACTS.message_centers)
    assert check_rules(tree(center=center), facts, caller=caller) == [at("400-741", CENTER, CENTER_ELSEWHERE, id=center)]
    assert check_rules(tree(center=center), TOGETHER, activity="2001") == []


def test_742_and_not_743() -> None:
    """An issue type without a message center cannot be associated with it."""
    assert check_rules(tree(issue="4009")) == [at("400-742", ISSUE, HOMELESS)]


def test_743() -> None:
    """An issue type of another message center is refused; one of the same message center is accepted."""
    assert check_rules(tree(center="3001", issue="4003")) == [at("400-743", ISSUE, NOT_ASSOCIATED, id="4003")]
    assert check_rules(tree(center="3001", issue="4002")) == []


def test_750_and_no_check_of_the_value() -> None:
    """A name that is not configured is reported, even if only its case differs, cut to 64 characters."""
    assert check_rules(attributes(("Priority", "\u2028"), ("note", "n"), ("x" * 70, ""))) == [
        at("400-750", name_at(0), NOT_CONFIGURED, name="Priority"),
        at("400-750", name_at(2), NOT_CONFIGURED, name="x" * 64),
    ]


def test_751() -> None:
    """A value that differs in case, or is empty or padded, is not predefined; its characters are not checked."""
    message = "Attribute '{0}' must be one of the predefined values: 'high', 'low'."
    expected = ("high", "low")
    assert check_rules(attributes(("priority", "Low"), ("x", ""))) == [
        at("400-750", name_at(1), NOT_CONFIGURED, name="x"),
        at("400-751", value_at(0), message, name="priority", expected=expected),
    ]
    assert check_rules(attributes(("priority", "low\u2028"))) == [
        at("400-751", value_at(0), message, name="priority", expected=expected),
    ]
    assert check_rules(attributes(("priority", "low"))) == []


def test_751_lists_twenty_values_at_most() -> None:
    """A message lists the first twenty values of a long enumeration."""
    values = frozenset(f"{number:02}" for number in range(30))
    facts = Facts(custom_attributes={"many": CustomAttribute("many", "text", values)})
    (failure,) = check_rules(attributes(("many", "x")), facts)
    assert failure.parameters["expected"] == tuple(f"{number:02}" for number in range(20))


@pytest.mark.parametrize(
    ("name", "value", "character"),
    [
        ("note", "a<b>", "U+003C"),
        ("note", "tab\there", "U+0009"),
        ("note", "Ⅷ\x7f", "U+007F"),
        ("note", "100 %", "U+0025"),
        ("note", "a\n", "U+000A"),
        ("note", "a\u2013b;c!", "U+003B"),
        ("code", "ABCa", "U+0061"),
        ("code", "A B", "U+0020"),
    ],
)
def test_752(name: str, value: str, character: str) -> None:
    """The first character that is not allowed is named by its code point."""
    message = f"Attribute '{{0}}' has a character that is not allowed: {character}."
    assert check_rules(attributes((name, value))) == [at("400-752", value_at(0), message, name=name, character=character)]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("note", ""),
        ("note", " @:._-&,()?#='\""),
        ("note", "Zoë e\u0301 \u0663 日本語 Ⅷ ² \x80\u2028\U0010fffd"),
        ("note", "price 5 €, “quoted” \u2013 dash, 20 °C"),
        ("code", "CBA321"),
        ("code", ""),
    ],
)
def test_752_near_misses(name: str, value: str) -> None:
    """The vendor's set and every character beyond ASCII are allowed, or exactly those configured."""
    assert check_rules(attributes((name, value))) == []


TYPES = {
    "count": "an integer: digits with an optional sign",
    "amount": "a decimal number: digits with an optional sign and decimal point",
    "urgent": "a boolean: true, false, 1 or 0",
    "due": "a calendar date: YYYY-MM-DD",
}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("count", value) for value in ("", "+", "1.0", " 1", "1\n", "\u0661", "1e3", "--1")],
        *[("amount", value) for value in ("", ".", "+.", "1e3", "INF", "NaN", "1,5", "1.2.3", "\u0661", "1 ")],
        *[("urgent", value) for value in ("", "True", "yes", "2", "10", "true ")],
        *[
            ("due", value)
            for value in (
                "",
                "2026-2-3",
                "2026-02-29",
                "0000-01-01",
                "20260203",
                "2026-02-03Z",
                "2026-02-03\n",
                "\u0662026-02-03",
            )
        ],
    ],
)
def test_753(name: str, value: str) -> None:
    """A value in another form is refused, even if it is only padded, or in digits of another script."""
    assert check_rules(attributes((name, value))) == [
        at("400-753", value_at(0), f"Attribute '{{0}}' must be {TYPES[name]}.", name=name, expected=TYPES[name])
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *[("count", value) for value in ("0", "+1", "-007", "9" * 100)],
        *[("amount", value) for value in ("0", "1.", ".5", "-1.50", "+00.10")],
        *[("urgent", value) for value in ("true", "false", "1", "0")],
        *[("due", value) for value in ("2028-02-29", "0001-01-01", "9999-12-31")],
        ("level", "2"),
    ],
)
def test_753_near_misses(name: str, value: str) -> None:
    """All lexical forms of XML Schema are accepted."""
    assert check_rules(attributes((name, value))) == []


def test_753_and_751() -> None:
    """An enumerated integer has a predefined value and is an integer."""
    predefined = "Attribute '{0}' must be one of the predefined values: '1', '2', '3'."
    assert check_rules(attributes(("level", "x"), ("level", "4"))) == [
        at("400-751", value_at(0), predefined, name="level", expected=("1", "2", "3")),
        at("400-751", value_at(1), predefined, name="level", expected=("1", "2", "3")),
        at("400-753", value_at(0), f"Attribute '{{0}}' must be {TYPES['count']}.", name="level", expected=TYPES["count"]),
        at("400-754", name_at(1), AGAIN, name="level"),
    ]


def test_754() -> None:
    """Each later occurrence of a name is reported; names are case-sensitive."""
    facts = Facts()
    assert check_rules(attributes(("a", "1"), ("b", "1"), ("a", "1"), ("A", "1"), ("a", "2")), facts) == [
        at("400-754", name_at(2), AGAIN, name="a"),
        at("400-754", name_at(4), AGAIN, name="a"),
    ]
    assert check_rules(attributes(("a", "1"), ("b", "1"), ("A", "1")), facts) == []


def test_760() -> None:
    """An inline attachment without a contentId is reported at the contentId that it lacks."""
    body = attachments({"inline": True}, {"contentId": "x"}, {"inline": False, "contentId": "x"}, {"inline": True})
    assert check_rules(body) == [at("400-760", content_id_at(0), NO_CONTENT_ID), at("400-760", content_id_at(3), NO_CONTENT_ID)]


def test_760_near_misses() -> None:
    """Attachments with both or neither are accepted, and so is a contentId of an attachment that is not inline."""
    body = attachments({"inline": True, "contentId": "x"}, {"inline": False}, {}, {"contentId": "y"}, {"contentId": "y"})
    assert check_rules(body) == []


def test_762() -> None:
    """Each later inline attachment with the same contentId is reported; attachments that are not inline are ignored."""
    shared = {"inline": True, "contentId": "x"}
    assert check_rules(attachments(shared, {"contentId": "x"}, {"inline": True, "contentId": "y"}, shared, shared)) == [
        at("400-762", content_id_at(3), SHARED, content_id="x"),
        at("400-762", content_id_at(4), SHARED, content_id="x"),
    ]
    assert check_rules(attachments(shared, {"inline": True, "contentId": "X"})) == []


def test_762_ignores_one_pair_of_angle_brackets() -> None:
    """A content ID with brackets is the same as without; other brackets are part of it."""
    listed = [{"inline": True, "contentId": text} for text in ("a@b", "<a@b>", "<a@b", "<<a@b>>", "<<<a@b>>>", "<", "", "<>")]
    assert check_rules(attachments(*listed)) == [
        at("400-762", content_id_at(1), SHARED, content_id="<a@b>"),
        at("400-762", content_id_at(7), SHARED, content_id="<>"),
    ]


def test_rules_that_need_nothing_are_decided_without_a_directory() -> None:
    """Without reference data, rules between attributes are still checked."""
    body = tree({"from": "nobody@example.com", "receiver": "nobody@example.com"}, issue="4001")
    assert check_rules(body, Facts(), activity="9", customer="8") == [at("400-733", FROM, ALONE), at("400-742", ISSUE, HOMELESS)]
