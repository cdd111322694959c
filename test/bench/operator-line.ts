/** A line of an operator's log, an event of a session. */
export function operatorLine(index: number, timestamp: string): string {
  const kinds = ["Session Start", "Port Steal", "Port Mirror", "Session End"];
  const fields = {
    message: kinds[index % 4],
    target: `deployment/service-${index % 50}`,
    target_namespace: `team-${index % 20}`,
    target_type: "deployment",
    target_name: `service-${index % 50}`,
    client_hostname: "laptop.local",
    client_name: "Jim Raynor",
    client_user: `user-${index % 300}@acme.example`,
    client_id: "Zm9vYmFyLXB1YmxpYy1rZXktYnl0ZXM",
    client_cli_version: "3.250.0",
    session_id: index.toString(16).padStart(16, "0"),
    ...(index % 4 === 3 ? { session_duration: index } : {}),
  };
  return JSON.stringify({
    timestamp,
    level: "INFO",
    fields,
    target: "operator_context::event::functional_log",
  });
}
