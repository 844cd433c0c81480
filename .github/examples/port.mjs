// A port of an operation's first stage, access, to JavaScript: it shows how the conformance suite tests an implementation.
//
//     activity-validator conformance run --known-failures known.txt -- node .github/examples/port.mjs
//
// The suite comes over standard input, one JSON object a line: first the header with the reference data, then one object for
// each case. Each case needs one line, {"id": ID, "report": REPORT, "answer": ANSWER}; the answer is that to the client. A port
// that is not complete writes null where it has none; the IDs of these cases are the known failures. To list them at first:
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

// Returns the report and the answer, which is always JSON in this stage: a later one negotiates its format, and adds details.
function validate(operation, request) {
  const failures = checkAccess(request.caller);
  if (failures.length === 0) {
    return { report: null, answer: null }; // this port has no other stage
  }
  const [{ code, developerMessage }] = failures;
  const status = Number(code.slice(0, 3));
  const rest = { more: false, skipped: [], advisories: [], department: null };
  const report = { operation, accepted: false, status, stage: STAGES[0], not_reached: STAGES.slice(1), failures, ...rest };
  const body = `{"code": ${JSON.stringify(code)}, "developerMessage": ${JSON.stringify(developerMessage)}}`;
  return { report, answer: { status, mediaType: "application/json", body } };
}

let header = null;
for await (const line of createInterface({ input: process.stdin })) {
  const document = JSON.parse(line);
  if (header === null) {
    header = document;
  } else {
    const results = validate(header.operation, document.request);
    process.stdout.write(JSON.stringify({ id: document.id, ...results }) + "\n");
  }
}
