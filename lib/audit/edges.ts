// By which rights somebody becomes somebody else: one entry a way, which is also the finding that a path begins with.

import { controlEdges } from "./edges/control.ts";
import { identityEdges } from "./edges/identity.ts";
import { mirrordEdges } from "./edges/mirrord.ts";
import { workloadsEdges } from "./edges/workloads.ts";

export const edges = { ...identityEdges, ...workloadsEdges, ...mirrordEdges, ...controlEdges } as const;

export type EdgeId = keyof typeof edges;
