import t from "tap";
import { UserError } from "../../../lib/errors.ts";
import { transportError } from "../../../lib/kube/http/transport-error.ts";

const endpoint = { server: "https://api.example:6443", guessed: false, lookedIn: [] };
const withCode = (code: string, message = "m", more = {}): Error => Object.assign(new Error(message), { code }, more);
const certificate = (subjectaltname: string, host: string): Error =>
  withCode("ERR_TLS_CERT_ALTNAME_INVALID", "no match", { host, cert: { subjectaltname } });

const cases: { name: string; cause: unknown; want: string }[] = [
  {
    name: "refused",
    cause: withCode("ECONNREFUSED"),
    want: "The connection to the server api.example:6443 was refused - did you specify the right host or port?",
  },
  {
    name: "refused at every address",
    cause: new AggregateError([withCode("ECONNREFUSED")]),
    want: "The connection to the server api.example:6443 was refused - did you specify the right host or port?",
  },
  {
    name: "no such host",
    cause: withCode("ENOTFOUND"),
    want: "Unable to connect to the server: dial tcp: lookup api.example: no such host",
  },
  {
    name: "no resolver",
    cause: withCode("EAI_AGAIN"),
    want: "Unable to connect to the server: dial tcp: lookup api.example: server misbehaving",
  },
  {
    name: "no route",
    cause: withCode("EHOSTUNREACH"),
    want: "Unable to connect to the server: dial tcp api.example: no route to host",
  },
  {
    name: "silence",
    cause: withCode("ETIMEDOUT"),
    want: "Unable to connect to the server: dial tcp api.example: i/o timeout",
  },
  {
    name: "wrapped",
    cause: new Error("outer", { cause: withCode("ETIMEDOUT") }),
    want: "Unable to connect to the server: dial tcp api.example: i/o timeout",
  },
  {
    name: "self-signed",
    cause: withCode("DEPTH_ZERO_SELF_SIGNED_CERT"),
    want: "Unable to connect to the server: tls: failed to verify certificate: x509: certificate signed by unknown authority",
  },
  {
    name: "expired",
    cause: withCode("CERT_HAS_EXPIRED"),
    want: "Unable to connect to the server: tls: failed to verify certificate: x509: certificate has expired or is not yet valid",
  },
  {
    name: "another name",
    cause: certificate("DNS:a, DNS:b, IP Address:10.0.0.1", "c"),
    want: "Unable to connect to the server: tls: failed to verify certificate: x509: certificate is valid for a, b, not c",
  },
  {
    name: "another address",
    cause: certificate("DNS:a, IP Address:10.0.0.1", "10.0.0.2"),
    want: "Unable to connect to the server: tls: failed to verify certificate: x509: certificate is valid for 10.0.0.1, not 10.0.0.2",
  },
  {
    name: "no address in the certificate",
    cause: certificate("DNS:a", "10.0.0.2"),
    want: "Unable to connect to the server: tls: failed to verify certificate: x509: cannot validate certificate for 10.0.0.2 because it doesn't contain any IP SANs",
  },
  {
    name: "plain HTTP",
    cause: withCode("EPROTO"),
    want: "Unable to connect to the server: http: server gave HTTP response to HTTPS client",
  },
  { name: "cut off", cause: new Error("socket hang up"), want: "Unable to connect to the server: EOF" },
  { name: "anything else", cause: new Error("something"), want: "Unable to connect to the server: something" },
  {
    name: "what Node.js quotes of what it was given",
    cause: new TypeError("The property 'options.x' must be a string. Received 's3cret'"),
    want: "Unable to connect to the server: The property 'options.x' must be a string. Received ***",
  },
  { name: "no error at all", cause: "text", want: "Unable to connect to the server: text" },
];

for (const { name, cause, want } of cases) {
  t.test(name, async (t) => {
    const error = transportError(cause, endpoint);
    t.equal(error.kind, "undetermined");
    t.equal(error.message, want);
    t.equal(error.cause, cause);
  });
}

t.test("without a kubeconfig the hint is about that", async (t) => {
  const guessed = { server: "http://localhost:8080", guessed: true, lookedIn: ["/home/jim/.kube/config"] };
  t.match(transportError(withCode("ECONNREFUSED"), guessed), {
    hint: /looked in \/home\/jim\/.kube\/config\).*--kubeconfig or KUBECONFIG, or use --manifests/,
  });
  t.match(transportError(withCode("ECONNREFUSED"), endpoint), { hint: /kubectl cluster-info/ });
});

t.test("what is for the user already stays as it is", async (t) => {
  const error = new UserError("usage", "x");
  t.equal(transportError(error, endpoint), error);
});
