// The OpenAI API as a real local server: aimock, and answers that its fixtures cannot express.
//
//   node tests/llm_double_server.mjs PORT
//
// /v1/…            aimock: fixtures, journal and chaos through /__aimock
// /raw/SPEC/v1/…   exactly the answer in SPEC, base64url of
//                  {status, headers, pieces, encoding, repeat, pause_ms, cut}: the pieces are sent one
//                  by one with a pause after each, the last one `repeat` times; `cut` ends it
//                  as a broken connection does.
import { setTimeout as pause } from "node:timers/promises";
import { LLMock } from "@copilotkit/aimock";

async function answerRaw(request, response, path) {
  const spec = JSON.parse(Buffer.from(path.split("/")[1], "base64url").toString());
  for await (const _ of request); // the client has sent everything before it is answered
  response.writeHead(spec.status, spec.headers);
  response.flushHeaders();
  const last = spec.pieces.at(-1) ?? "";
  const repeated = Array(Math.max(0, spec.repeat - 1)).fill(last);
  for (const piece of [...spec.pieces, ...repeated]) {
    if (response.destroyed) return true;
    response.write(piece, spec.encoding);
    await pause(spec.pause_ms);
  }
  if (spec.cut) response.destroy();
  else response.end();
  return true;
}

const port = Number(process.argv[2]);
const double = new LLMock({ port, strict: true, journalMaxEntries: 0 });
double.mount("/raw", { handleRequest: answerRaw });
await double.start();
console.log(double.url);
