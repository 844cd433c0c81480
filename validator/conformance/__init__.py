"""The conformance suite: the fixtures of an operation as data, to test an implementation in any language.

A suite is JSON Lines (schemas/conformance.schema.json): a header with the reference data, then one object for each request of a
fixture, with the whole report. An implementation reads such lines without reports, and writes for each case the line
``{"id": ID, "report": REPORT}``.
"""
