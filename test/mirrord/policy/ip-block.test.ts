import t from "tap";
import { parseIpAddress, parseIpBlock } from "../../../lib/mirrord/policy/ip-block.ts";

const cases: { block: string; address: string; want: boolean }[] = [
  { block: "10.0.0.0/16", address: "10.0.255.255", want: true },
  { block: "10.0.0.0/16", address: "10.1.0.0", want: false },
  { block: "10.0.5.7/24", address: "10.0.5.200", want: true },
  { block: "0.0.0.0/0", address: "255.255.255.255", want: true },
  { block: "0.0.0.0/0", address: "::1", want: false },
  { block: "192.0.2.1/32", address: "192.0.2.1", want: true },
  { block: "192.0.2.1/32", address: "192.0.2.2", want: false },
  { block: "2001:db8::/32", address: "2001:db8:ffff::1", want: true },
  { block: "2001:db8::/32", address: "2001:db9::1", want: false },
  { block: "::/0", address: "fe80::1", want: true },
  { block: "::/0", address: "10.0.0.1", want: false },
  { block: "::1/128", address: "0:0:0:0:0:0:0:1", want: true },
  { block: "10.0.0.0/8", address: "::ffff:10.1.2.3", want: true },
  { block: "64:ff9b::/96", address: "64:ff9b::192.0.2.33", want: true },
];
for (const { block, address, want } of cases) {
  t.test(`${block} ${want ? "contains" : "does not contain"} ${address}`, async (t) => {
    const parsed = parseIpAddress(address);
    if (parsed === undefined) return t.fail("the address is not understood");
    t.equal(parseIpBlock(block)?.contains(parsed), want);
  });
}

const noBlocks = [
  "",
  "10.0.0.0",
  "10.0.0.0/33",
  "10.0.0.0/-1",
  "10.0.0/8",
  "256.0.0.0/8",
  "::/129",
  "host/8",
  "1/2/3",
  "01.0.0.0/8",
];
for (const text of noBlocks)
  t.test(`${JSON.stringify(text)} is no range`, async (t) => t.equal(parseIpBlock(text), undefined));

const noAddresses = [
  "",
  "10.0.0",
  "10.0.0.0.0",
  ":",
  ":::",
  "1::2::3",
  "12345::",
  "1:2:3:4:5:6:7",
  "1:2:3:4:5:6:7:8:9",
  "1:2:3:4::5:6:7:8",
  "g::",
  "1.2.3.4::",
];
for (const text of noAddresses) {
  t.test(`${JSON.stringify(text)} is no address`, async (t) => t.equal(parseIpAddress(text), undefined));
}
