"""Validate recorded requests in bulk, as Arrow record batches (extra ``arrow``): for Spark, Ray, DuckDB and process pools.

>>> import pyarrow
>>> import validator
>>> from validator.arrow import validate_batch
>>> engine = validator.load("create-email-response")
>>> batch = pyarrow.record_batch({"ids": ["2002"], "query": [""], "headers": [None], "body": [b"{}"], "caller": ["1001"]})
>>> validate_batch(batch, engine)["codes"].to_pylist()
[['400-720']]

A request is a row with five columns, of text or bytes, whose names can be chosen (``Columns``):

    ids      the path parameter, percent-decoded; null: the gateway has none
    query    the raw query string, without ``?``; null is an empty one
    headers  a list of pairs (structs of two fields, or lists of two items), or a map; null: no header
    body     the bytes; null: absent
    caller   a customer's ID, ``other:KIND`` or ``nobody``; null: not authenticated

All other columns are carried along, in front of those of the verdict (``RESULT_FIELDS``). The function is also named ``judge``.
"""

from validator.arrow.batch import BatchValidator, validate_batch
from validator.arrow.requests import Columns
from validator.arrow.results import RESULT_FIELDS, VERSION, VERSION_KEY

judge = validate_batch

__all__ = ["RESULT_FIELDS", "VERSION", "VERSION_KEY", "BatchValidator", "Columns", "judge", "validate_batch"]
