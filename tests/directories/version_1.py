"""The tables of version 1, as release 0.1.0 created them, and rows that only they accept."""

from typing import Final

TABLES: Final = """\
CREATE TABLE IF NOT EXISTS directory_sections (name {text} PRIMARY KEY CHECK (name IN ('customers', 'activities', 'aliases', 'message_centers', 'custom_attributes'))
){end};
CREATE TABLE IF NOT EXISTS directory_settings (
  number integer PRIMARY KEY CHECK (number = 1),
  customer_departmentalization {flag} NOT NULL CHECK (customer_departmentalization IN (true, false))
){end};
CREATE TABLE IF NOT EXISTS directory_customers (
  id {text} PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 19 AND ltrim(id, '0123456789') = '' AND substr(id, 1, 1) <> '0'),
  department {text} CHECK (length(department) > 0)
){end};
CREATE TABLE IF NOT EXISTS directory_customer_addresses (
  customer {text} NOT NULL REFERENCES directory_customers ON DELETE CASCADE,
  address {text} NOT NULL CHECK (length(address) BETWEEN 1 AND 500 AND lower(address) = address),
  PRIMARY KEY (customer, address)
){end};
CREATE TABLE IF NOT EXISTS directory_customer_may_act_for (
  customer {text} NOT NULL REFERENCES directory_customers ON DELETE CASCADE,
  other {text} NOT NULL CHECK (length(other) BETWEEN 1 AND 19 AND ltrim(other, '0123456789') = '' AND substr(other, 1, 1) <> '0'),
  PRIMARY KEY (customer, other)
){end};
CREATE TABLE IF NOT EXISTS directory_activities (
  id {text} PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 19 AND ltrim(id, '0123456789') = '' AND substr(id, 1, 1) <> '0'),
  customer {text} NOT NULL CHECK (length(customer) BETWEEN 1 AND 19 AND ltrim(customer, '0123456789') = '' AND substr(customer, 1, 1) <> '0')
){end};
CREATE TABLE IF NOT EXISTS directory_aliases (
  address {text} PRIMARY KEY CHECK (length(address) BETWEEN 1 AND 500 AND lower(address) = address),
  active {flag} NOT NULL CHECK (active IN (true, false)),
  department {text} CHECK (length(department) > 0)
){end};
CREATE TABLE IF NOT EXISTS directory_message_centers (
  id {text} PRIMARY KEY CHECK (length(id) BETWEEN 1 AND 19 AND ltrim(id, '0123456789') = '' AND substr(id, 1, 1) <> '0'),
  active {flag} NOT NULL CHECK (active IN (true, false)),
  department {text} CHECK (length(department) > 0)
){end};
CREATE TABLE IF NOT EXISTS directory_message_center_issue_types (
  message_center {text} NOT NULL REFERENCES directory_message_centers ON DELETE CASCADE,
  issue_type {text} NOT NULL CHECK (length(issue_type) BETWEEN 1 AND 19 AND ltrim(issue_type, '0123456789') = '' AND substr(issue_type, 1, 1) <> '0'),
  PRIMARY KEY (message_center, issue_type)
){end};
CREATE TABLE IF NOT EXISTS directory_custom_attributes (
  name {text} PRIMARY KEY CHECK (length(name) BETWEEN 1 AND 500),
  type {text} NOT NULL CHECK (type IN ('text', 'integer', 'decimal', 'boolean', 'date')),
  enumerated {flag} NOT NULL CHECK (enumerated IN (true, false)),
  allowed_characters {text} CHECK (length(allowed_characters) > 0)
){end};
CREATE TABLE IF NOT EXISTS directory_custom_attribute_values (
  attribute {text} NOT NULL REFERENCES directory_custom_attributes ON DELETE CASCADE,
  number integer NOT NULL,
  value {text} NOT NULL,
  PRIMARY KEY (attribute, number)
){end}
"""
ROWS: Final = """\
INSERT INTO directory_sections VALUES ('customers');
INSERT INTO directory_sections VALUES ('aliases');
INSERT INTO directory_settings VALUES (1, {true});
INSERT INTO directory_customers VALUES ('1001', 'Service');
INSERT INTO directory_customer_addresses VALUES ('1001', 'a@b\u00fccher.de');
INSERT INTO directory_customer_may_act_for VALUES ('1001', '1002');
INSERT INTO directory_aliases VALUES ('info@b\u00fccher.de', {true}, NULL);
INSERT INTO directory_aliases VALUES ('no address', {true}, NULL)
"""
DOCUMENT: Final = {
    "settings": {"customerDepartmentalization": True},
    "customers": [
        {"id": "1001", "department": "Service", "emailAddresses": ["a@xn--bcher-kva.de"], "mayActFor": ["1002"]},
    ],
    "aliases": [{"address": "info@xn--bcher-kva.de", "active": True}],
}


def list_statements(*, is_postgresql: bool) -> list[str]:
    """Return the statements that create and fill the tables."""
    forms = {"text": 'text COLLATE "C"', "flag": "boolean", "end": "", "true": "true"}
    if not is_postgresql:
        forms = {"text": "TEXT", "flag": "INTEGER", "end": " STRICT, WITHOUT ROWID", "true": "1"}
    return f"{TABLES.rstrip()};\n{ROWS}".format(**forms).split(";\n")
