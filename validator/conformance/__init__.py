"""The conformance suite: the fixtures of an operation as data, to test an implementation in any language.

A suite is JSON Lines (schemas/conformance.schema.json): a header with the reference data, then one object for each request of a
fixture, with the whole report and the answer to the client. An implementation reads such lines without these two, and writes for
each case the line ``{"id": ID, "report": REPORT, "answer": ANSWER}``.
"""
