import t from "tap";
import { applyProfile } from "../../../lib/mirrord/config/configured-session.ts";
import { parseSessionConfig } from "../../../lib/mirrord/config/config.ts";
import type { KubernetesObject } from "../../../lib/kubernetes/object.ts";
import type { SessionConfig } from "../../../lib/mirrord/config/session-config.ts";

function profile(...changes: unknown[]): KubernetesObject {
  return {
    apiVersion: "profiles.mirrord.metalbear.co/v1alpha",
    kind: "MirrordClusterProfile",
    metadata: { name: "safe" },
    spec: { featureAdjustments: changes.map((change) => ({ change })) },
  };
}

function config(value: unknown): SessionConfig {
  return parseSessionConfig(JSON.stringify(value), { fileName: "mirrord.json", env: {} });
}

const stealing = {
  target: "pod/x",
  profile: "safe",
  feature: { network: { incoming: "steal", outgoing: false, dns: false } },
};

const cases: { name: string; changes: string[]; want: Record<string, unknown> }[] = [
  {
    name: "no change",
    changes: [],
    want: { incoming: { mode: "steal" }, outgoing: { tcp: false, udp: false }, dns: false },
  },
  { name: "mirror", changes: ["incoming-mirror"], want: { incoming: { mode: "mirror" } } },
  { name: "off", changes: ["incoming-off"], want: { incoming: { mode: "off" } } },
  { name: "the last change wins", changes: ["incoming-off", "incoming-steal"], want: { incoming: { mode: "steal" } } },
  {
    name: "outgoing and names",
    changes: ["outgoing-remote", "dns-remote"],
    want: { outgoing: { tcp: true, udp: true }, dns: true },
  },
  {
    name: "outgoing and names off",
    changes: ["outgoing-off", "dns-off"],
    want: { outgoing: { tcp: false, udp: false }, dns: false },
  },
];
for (const { name, changes, want } of cases) {
  t.test(`a profile changes the session: ${name}`, async (t) => {
    t.match(applyProfile(config(stealing), profile(...changes), "mirrord.json"), want);
  });
}

t.test("a change that the client does not know is refused", async (t) => {
  for (const change of ["incoming-copy", 7, undefined]) {
    t.throws(() => applyProfile(config(stealing), profile(change), "mirrord.json"), {
      name: "UserError",
      kind: "usage",
      message: /the profile "safe"/,
    });
  }
});

t.test("a conflict is looked for with the profile applied", async (t) => {
  const targetless = config({ profile: "safe", feature: { network: { incoming: "steal" } } });
  t.throws(() => applyProfile(targetless, profile(), "mirrord.json"), {
    message: /mirrord\.json: a targetless session cannot steal/,
  });
  t.match(applyProfile(targetless, profile("incoming-mirror"), "mirrord.json"), { incoming: { mode: "mirror" } });
  t.throws(() => applyProfile(config({ profile: "safe" }), profile("incoming-steal"), "mirrord.json"), {
    message: /cannot steal/,
  });
});

t.test("a profile without changes does nothing", async (t) => {
  const before = config(stealing);
  t.same(applyProfile(before, { ...profile(), spec: {} }, "mirrord.json"), before);
});
