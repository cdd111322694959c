import t from "tap";
import { apiError } from "../../lib/kubernetes/api-error.ts";

const status = (reason: string, message: string, details = {}): string =>
  JSON.stringify({ kind: "Status", apiVersion: "v1", reason, message, details });
const cause = (field: string, message: string): object => ({ field, message, reason: "FieldValueInvalid" });

const cases: { name: string; method?: string; code: number; body: string; want: Record<string, unknown> }[] = [
  {
    name: "a reason",
    code: 403,
    body: status("Forbidden", "no"),
    want: { message: "Error from server (Forbidden): no", kind: "undetermined", detail: "no", reason: "Forbidden" },
  },
  { name: "a refused write", method: "PATCH", code: 403, body: status("Forbidden", "no"), want: { kind: "refused" } },
  { name: "no reason", code: 500, body: status("", "boom"), want: { message: "Error from server: boom" } },
  {
    name: "a status without its kind, as the filter for requests that take too long answers",
    code: 504,
    body: JSON.stringify({
      metadata: {},
      status: "Failure",
      message: "Timeout: too long",
      reason: "Timeout",
      code: 504,
    }),
    want: { message: "Error from server (Timeout): Timeout: too long", reason: "Timeout" },
  },
  {
    name: "unauthorized",
    method: "PATCH",
    code: 401,
    body: status("Unauthorized", "Unauthorized"),
    want: { message: "You must be logged in to the server (Unauthorized)", kind: "undetermined" },
  },
  { name: "a bad question", code: 400, body: status("BadRequest", "bad selector"), want: { kind: "usage" } },
  {
    name: "one fault",
    method: "POST",
    code: 422,
    body: status("Invalid", "m", { kind: "Role", name: "r", causes: [cause("a", "b")] }),
    want: { message: 'The Role "r" is invalid: a: b' },
  },
  {
    name: "several faults, each once",
    method: "POST",
    code: 422,
    body: status("Invalid", "m", {
      kind: "Role",
      name: "r",
      causes: [cause("a", "b"), cause("a", "b"), cause("c", "d")],
    }),
    want: { message: 'The Role "r" is invalid: \n* a: b\n* c: d' },
  },
  {
    name: "a fault with lines of its own, none of which passes for one of ours",
    method: "POST",
    code: 422,
    body: status("Invalid", "m", {
      kind: "Role",
      name: "r",
      causes: [cause("a", "b\nDone."), cause("c", "d\nerror: e")],
    }),
    want: { message: 'The Role "r" is invalid: \n* a: b\n  Done.\n* c: d\n  error: e' },
  },
  {
    name: "a fault without details",
    method: "POST",
    code: 422,
    body: status("Invalid", "m"),
    want: { message: "The request is invalid: m" },
  },
  {
    name: "text instead of a Status",
    code: 502,
    body: " Bad gateway\n",
    want: { message: "Error from server: Bad gateway" },
  },
  {
    name: "nothing",
    code: 503,
    body: "",
    want: { message: "Error from server: the server answered 503 and nothing else" },
  },
  {
    name: "JSON that is no Status",
    code: 500,
    body: '{"error": "x"}',
    want: { message: 'Error from server: {"error": "x"}' },
  },
  {
    name: "a Status of wrong types",
    code: 500,
    body: '{"kind": "Status", "reason": 1, "message": [], "details": "x"}',
    want: { message: "Error from server: ", reason: "" },
  },
  {
    name: "plain HTTP to an HTTPS server",
    code: 400,
    body: "Client sent an HTTP request to an HTTPS server.\n",
    want: { hint: /https:\/\// },
  },
];

for (const { name, method = "GET", code, body, want } of cases) {
  t.test(name, async (t) => {
    const error: object = apiError(method, code, body);
    const wanted: Record<string, unknown> = { name: "ApiError", status: code, ...want };
    for (const [key, value] of Object.entries(wanted)) {
      const found: unknown = Reflect.get(error, key);
      if (value instanceof RegExp) t.match(found, value);
      else t.equal(found, value);
    }
  });
}
