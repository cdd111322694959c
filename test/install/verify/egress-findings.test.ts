import t from "tap";
import { renderOperator } from "../../../lib/install/render.ts";
import { egressProof } from "../../../lib/install/verify/egress-findings.ts";
import type { JsonObject } from "../../../lib/json.ts";

const found = (values: JsonObject) =>
  egressProof(renderOperator(values)).findings.map(({ message, fix }) => `${message} ${fix}`);

t.test("what is on is a finding with the value that changes it", async (t) => {
  t.same(found({ license: { keyRef: "licence" } }), [
    "licence: goes to the vendor. Nothing to do, or change license.licenseServer.",
    "analytics: goes to the vendor. Nothing to do, or change operator.disableTelemetries.",
  ]);
});

t.test("what may leave says so; what is off is no finding, and in the list", async (t) => {
  const values = { license: { pemRef: "licence" }, operator: { disableTelemetries: true } };
  t.match(found(values), [/^licence: may go to the vendor/]);
  const { egress } = egressProof(renderOperator(values));
  t.match(
    egress.find(({ what }) => what === "analytics"),
    { leaves: "no" },
  );
});

t.test("a variable that the Deployment got by hand counts: what is stored is read, not what was wanted", async (t) => {
  const objects = renderOperator({ license: { pemRef: "x" }, operator: { disableTelemetries: true } }).map((object) =>
    object.kind === "Deployment"
      ? (JSON.parse(
          JSON.stringify(object).replace(
            '{"name":"OPERATOR_TELEMETRY_ENABLED","value":"false"}',
            '{"name":"OPERATOR_TELEMETRY_ENABLED","value":"true"},{"name":"OTLP_LOGS_URL","valueFrom":{}}',
          ),
        ) as typeof object)
      : object,
  );
  t.match(
    egressProof(objects)
      .findings.map(({ message }) => message)
      .join("\n"),
    /analytics: goes[^]*logs: goes to an address from a Secret or ConfigMap/,
  );
});

t.test("without a Deployment nothing is said", async (t) => {
  t.same(egressProof([]), { findings: [], egress: [] });
});
