import packageJson from "../../../package.json" with { type: "json" };

const systems: Partial<Record<NodeJS.Platform, string>> = { win32: "windows" };
const architectures: Partial<Record<NodeJS.Architecture, string>> = { x64: "amd64", ia32: "386" };

/** In the form of kubectl's own, with Go's names: `kubectl-mirrord/0.1.0 (linux/amd64)`. */
export const userAgent = `kubectl-mirrord/${packageJson.version} (${systems[process.platform] ?? process.platform}/${architectures[process.arch] ?? process.arch})`;
