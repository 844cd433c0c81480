// express-openapi-validator as a peer, without a server: its middlewares are called with requests as Express makes them.
// The protocol on standard input and output is that of tests/benchmarks/peers/worker.py.
"use strict";
const { createInterface } = require("node:readline");
const { parse } = require("node:querystring");
const OpenApiValidator = require("express-openapi-validator");
const { version } = require("express-openapi-validator/package.json");

const app = { enabled: () => false, param: () => undefined };
const response = {};

// A request before the clock starts: the octets of the body, and headers as Node's parser makes them.
function prepare({ path, query, headers, body }) {
  const fields = Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value]));
  return { path, query, fields, body: Buffer.from(body, "utf-8") };
}

// The request as a router and express.json() hand it over: query and body are parsed here, as they are in our own time.
class Request {
  constructor({ path, query, fields, body }) {
    this.app = app;
    this.method = "POST";
    this.path = path;
    this.url = this.originalUrl = query ? `${path}?${query}` : path;
    this.baseUrl = "";
    this.headers = fields;
    this.params = {};
    this.query = parse(query);
    this.body = JSON.parse(body.toString("utf-8"));
  }

  get(name) {
    return this.headers[name.toLowerCase()];
  }

  header(name) {
    return this.headers[name.toLowerCase()];
  }
}

// The answer to a refused request, as in the validator's documentation.
function render(error) {
  return JSON.stringify({ message: error.message, errors: error.errors });
}

// Resolve to the answer to a refused request, or to null. Like Express, a middleware calls the next one.
function validate(middlewares, prepared) {
  return new Promise((resolve) => {
    let request;
    try {
      request = new Request(prepared);
    } catch (error) {
      resolve(render(error));
      return;
    }
    const call = (position) => {
      if (position === middlewares.length) resolve(null);
      else middlewares[position](request, response, (error) => (error ? resolve(render(error)) : call(position + 1)));
    };
    call(0);
  });
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
