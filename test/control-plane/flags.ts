// The command line of each part of the control plane. Only flags that stock builds have too.
import { join } from "node:path";
import type { Endpoints } from "./files.ts";

export interface PartOptions {
  folder: string;
  etcdPort: number;
  ports: Endpoints;
  auditLog: boolean;
  apiServerFlags: readonly string[];
}

export function etcdFlags({ folder, etcdPort }: PartOptions): string[] {
  const client = `http://127.0.0.1:${etcdPort}`;
  const peer = "http://127.0.0.1:0";
  return [
    `--data-dir=${join(folder, "etcd")}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    "--unsafe-no-fsync",
    "--log-level=error",
  ];
}

export function apiServerFlags({ folder, etcdPort, ports, ...options }: PartOptions): string[] {
  const file = (name: string) => join(folder, name);
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    "--bind-address=127.0.0.1",
    // Without it a machine that has no network but loopback has no address to advertise, …
    "--advertise-address=127.0.0.1",
    // … and with it there are no endpoints to keep: they must not be loopback.
    "--endpoint-reconciler-type=none",
    `--secure-port=${ports.apiServerPort}`,
    `--cert-dir=${file("certificates")}`,
    `--tls-cert-file=${file("serving.crt")}`,
    `--tls-private-key-file=${file("serving.key")}`,
    `--client-ca-file=${file("ca.crt")}`,
    `--authentication-token-webhook-config-file=${file("token-webhook.kubeconfig")}`,
    "--authentication-token-webhook-version=v1",
    "--authorization-mode=Node,RBAC",
    `--service-account-key-file=${file("service-accounts.pub")}`,
    `--service-account-signing-key-file=${file("service-accounts.key")}`,
    "--service-account-issuer=https://kubernetes.default.svc",
    "--service-cluster-ip-range=10.0.0.0/24",
    `--requestheader-client-ca-file=${file("front-proxy-ca.crt")}`,
    "--requestheader-allowed-names=front-proxy",
    "--requestheader-username-headers=X-Remote-User",
    "--requestheader-group-headers=X-Remote-Group",
    "--requestheader-extra-headers-prefix=X-Remote-Extra-",
    `--proxy-client-cert-file=${file("front-proxy.crt")}`,
    `--proxy-client-key-file=${file("front-proxy.key")}`,
    "--allow-privileged=true",
    "--max-requests-inflight=3000",
    "--max-mutating-requests-inflight=1000",
    "--event-ttl=10m",
    "--profiling=false",
    ...(options.auditLog
      ? [`--audit-policy-file=${file("audit-policy.json")}`, `--audit-log-path=${file("audit.log")}`]
      : []),
    ...options.apiServerFlags,
  ];
}

export function controllerManagerFlags({ folder }: PartOptions): string[] {
  return [
    `--kubeconfig=${join(folder, "controller-manager.kubeconfig")}`,
    `--root-ca-file=${join(folder, "ca.crt")}`,
    `--service-account-private-key-file=${join(folder, "service-accounts.key")}`,
    `--cluster-signing-cert-file=${join(folder, "ca.crt")}`,
    `--cluster-signing-key-file=${join(folder, "ca.key")}`,
    "--use-service-account-credentials",
    "--leader-elect=false",
    "--secure-port=0",
    "--kube-api-qps=500",
    "--kube-api-burst=1000",
    "--profiling=false",
  ];
}
