"""Audits: all requests of archives validated, with their verdicts as Parquet and a report for people (extra ``audit``).

An archive is read in parts (a row group of a Parquet file, a block of lines, a recording). Workers validate parts; each finished
part is a file next to the output until all are finished, so that an interrupted run continues with the parts that are missing.
"""
