// express-openapi-validator as a peer, without a server: its middlewares are called with requests as Express makes them.
// The protocol on standard input and output is that of tests/benchmarks/peers/worker.py.
"use strict";
const { createInterface } = require("node:readline");
const { parse } = require("node:querystring");
const OpenApiValidator = require("express-openapi-validator");
const { version } = require("express-openapi-validator/package.json");

const app = { enabled: () => false, param: () => undefined };

// A request before the clock starts: the octets of the body, and headers as Node's parser makes them.
function prepare({ path, query, headers, body }) {
  const fields = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
  return { path, query, fields, body: Buffer.from(body, "utf-8") };
}

// The request as a router and express.json() hand it over: query and body are parsed here, as they are in our own time.
function receive({ path, query, fields, body }) {
  const target = query ? `${path}?${query}` : path;
  return {
    app, method: "POST", path, url: target, originalUrl: target, baseUrl: "", headers: fields, params: {},
    query: parse(query), body: JSON.parse(body.toString("utf-8")),
    get: (name) => fields[name.toLowerCase()], header: (name) => fields[name.toLowerCase()],
  };
}

// The answer to a refused request, as in the validator's documentation; null for an accepted one.
async function validate(middlewares, prepared) {
  try {
    const request = receive(prepared);
    for (const middleware of middlewares) {
      await new Promise((resolve, reject) => middleware(request, {}, (error) => (error ? reject(error) : resolve())));
    }
    return null;
  } catch (error) {
    return JSON.stringify({ message: error.message, errors: error.errors });
  }
}

async function run(middlewares, { requests, count, warmUp }) {
  const prepared = requests.map(prepare);
  for (let index = 0; index < warmUp; index++) await validate(middlewares, prepared[index % prepared.length]);
  let accepted = 0;
  let answer = null;
  const start = process.hrtime.bigint();
  for (let index = 0; index < count; index++) {
    const outcome = await validate(middlewares, prepared[index % prepared.length]);
    if (outcome === null) accepted++;
    else answer = outcome;
  }
  return { seconds: Number(process.hrtime.bigint() - start) / 1e9, accepted, answer };
}

async function main() {
  let middlewares = null;
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    let reply;
    if (middlewares === null) {
      middlewares = OpenApiValidator.middleware({
        apiSpec: message.document, validateRequests: { allErrors: true }, validateResponses: false, validateSecurity: false,
        fileUploader: false,
      });
      reply = { version };
    } else {
      reply = await run(middlewares, message);
    }
    process.stdout.write(JSON.stringify(reply) + "\n");
  }
}

main();
