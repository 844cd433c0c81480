// A port of an operation's first stage, access, to JavaScript: it shows how the conformance suite tests an implementation.
//
//     activity-validator conformance run --known-failures known.txt -- node .github/examples/port.mjs
//
// The suite comes over standard input, one JSON object a line: first the header with the reference data, then one object for
// each case. Each case is answered with one line, {"id": ID, "report": REPORT}. A port that is not complete answers null where
// it has no report; the IDs of these cases are the known failures. To list them at the beginning:
//
//     activity-validator conformance run --write-known-failures known.txt -- node .github/examples/port.mjs

import { createInterface } from "node:readline";

const STAGES = ["access", "negotiation", "structure", "rules"];

function makeFailure(code, name, developerMessage) {
  const nowhere = { pointer: null, line: null, column: null, endLine: null, endColumn: null };
  return { code, name, developerMessage, where: "caller", ...nowhere, parameters: {} };
}

// Returns the failures of the stage access: who calls? null: no one is authenticated; "other:KIND": not a customer.
function checkAccess(caller) {
  if (caller === null) {
    return [makeFailure("401-101", "nobody-authenticated", "Nobody is authenticated.")];
  }
  if (caller.startsWith("other:")) {
    return [makeFailure("403-112", "caller-not-a-customer", "The caller is not a customer.")];
  }
  return [];
}

// Returns the report of a request, or null for one that passes the stages of this port.
function validate(operation, request) {
  const failures = checkAccess(request.caller);
  if (failures.length === 0) {
    return null;
  }
  return {
    operation,
    accepted: false,
    status: Number(failures[0].code.slice(0, 3)),
    stage: STAGES[0],
    not_reached: STAGES.slice(1),
    failures,
    more: false,
    skipped: [],
    advisories: [],
    department: null,
  };
}

let header = null;
for await (const line of createInterface({ input: process.stdin })) {
  const document = JSON.parse(line);
  if (header === null) {
    header = document;
  } else {
    const report = validate(header.operation, document.request);
    process.stdout.write(JSON.stringify({ id: document.id, report }) + "\n");
  }
}
