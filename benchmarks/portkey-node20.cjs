// Loaded into Portkey's gateway before its own code (node --require).

// 1. Portkey appends headers of its own to the response that fetch gave it. Up to Node 20 those are immutable, so that
//    every stream is a 500. Streams get a response of the same body with headers that can be changed.
const { fetch, Response } = globalThis;
globalThis.fetch = async (...request) => {
  const response = await fetch(...request);
  return response.headers.get("content-type")?.startsWith("text/event-stream")
    ? new Response(response.body, { status: response.status, statusText: response.statusText, headers: new Headers(response.headers) })
    : response;
};

// 2. It listens on every address of the machine and has no option for that. A benchmark's server is for loopback only.
const { Server } = require("node:net");
const { listen } = Server.prototype;
Server.prototype.listen = function (port, host, ...rest) {
  return listen.call(this, port, typeof host === "string" ? host : "127.0.0.1", ...rest);
};
