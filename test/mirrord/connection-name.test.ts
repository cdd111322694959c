import t from "tap";
import { connectionTargets } from "../../lib/mirrord/connection-name.ts";
import { connectName, formatTarget, legacyName } from "../../lib/mirrord/target.ts";

const readings: [name: string, targets: string[]][] = [
  ["deployment.web", ["deployment/web"]],
  ["deploy.web", ["deployment/web"]],
  ["pod.web-1", ["pod/web-1"]],
  ["service.a.b", ["service/a.b"]],
  ["deployment.web.container.app", ["deployment/web.container.app", "deployment/web/container/app"]],
  ["targetless", ["targetless"]],
  ["label", ["label/"]],
  ["web", []],
  ["", []],
  ["*", []],
  ["deployment.", []],
  ["deployment.*", []],
  ["Deployment.web", []],
  ["deployments.web", []],
  ["constructor.web", []],
];
for (const [name, targets] of readings)
  t.test(`${JSON.stringify(name)} connects to ${targets.join(" or ") || "nothing"}`, async (t) => {
    const found = connectionTargets(name);
    t.same(found.map(formatTarget), targets);
    for (const target of found) t.ok([connectName(target), legacyName(target)].includes(name));
  });
