import { spawnSync } from "node:child_process";
import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { contextOfNamed } from "../../../lib/kube/http/secure-context.ts";
import { createAuthority } from "../../control-plane/certificates.ts";

const authority = await createAuthority("secure-context");
const source = join(import.meta.dirname, "../../../lib/kube/http/secure-context.ts");

/** As many bytes as nothing else of a start reads. */
const MACHINES_BYTES = 32 * 1024 * 1024;

/** Bytes that a program has read when it has made a context. It starts as the executable does. */
function bytesRead(make: string, machines: string): number {
  const program = `
    import { readFileSync } from "node:fs";
    import { createSecureContext } from "node:tls";
    import { contextOfNamed } from ${JSON.stringify(source)};
    const read = () => Number(/rchar: (\\d+)/.exec(readFileSync("/proc/self/io", "utf8"))[1]);
    const before = read();
    ${make}({ ca: ${JSON.stringify(authority.certPem)} });
    process.stdout.write(String(read() - before) + " " + process.env.SSL_CERT_FILE);`;
  const { stdout, stderr } = spawnSync(process.execPath, ["--use-openssl-ca", "--input-type=module", "-e", program], {
    encoding: "utf8",
    env: { ...process.env, NODE_EXTRA_CA_CERTS: "", SSL_CERT_FILE: machines },
  });
  const [bytes = "", file] = stdout.split(" ");
  t.equal(file, machines, stderr);
  return Number(bytes);
}

const skip = process.platform === "linux" ? false : "what a process has read is told by Linux";
t.test("the authorities of the machine are not read for a context that names its own", { skip }, async (t) => {
  const machines = join(t.testdir(), "machine.pem");
  writeFileSync(machines, `${authority.certPem}\n${"#".repeat(79)}\n`.padEnd(MACHINES_BYTES, `${"#".repeat(79)}\n`));
  t.equal(statSync(machines).size, MACHINES_BYTES);
  t.ok(bytesRead("createSecureContext", machines) >= MACHINES_BYTES, "Node.js by itself reads them");
  t.ok(bytesRead("contextOfNamed", machines) < MACHINES_BYTES / 2);
});

t.test("the environment is afterwards as it was, also when a context cannot be made", async (t) => {
  for (const value of [undefined, "/etc/machine.pem"]) {
    const isAsBefore = (): void => {
      t.equal(process.env["SSL_CERT_FILE"], value);
      t.equal("SSL_CERT_FILE" in process.env, value !== undefined);
    };
    if (value === undefined) delete process.env["SSL_CERT_FILE"];
    else process.env["SSL_CERT_FILE"] = value;
    t.ok(contextOfNamed({ ca: authority.certPem }));
    isAsBefore();
    t.throws(() => contextOfNamed({ ca: authority.certPem, cert: "no certificate", key: "no key" }), /PEM/i);
    isAsBefore();
  }
});
