import t from "tap";
import { authorizationHeader } from "../../../lib/kube/credentials/authorization.ts";

t.same(authorizationHeader(undefined), {}, "no credential is no header");

t.same(authorizationHeader("Bearer a\tb"), { Authorization: "Bearer a\tb" }, "a tab may stand in a header");
t.same(
  authorizationHeader("Bearer é\u0085"),
  { Authorization: "Bearer \xc3\xa9\xc2\x85" },
  "what is beyond ASCII goes as the bytes of UTF-8, as Go sends it",
);

for (const token of ["a\nb", "abc\n", "a\r\nX-Remote-User: root", "a\0b", "a\u007F"]) {
  t.throws(
    () => authorizationHeader(`Bearer ${token}`),
    {
      name: "UserError",
      kind: "usage",
      message: 'Unable to connect to the server: net/http: invalid header field value for "Authorization"',
    },
    JSON.stringify(token),
  );
}
