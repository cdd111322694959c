/**
 * Ends a connection, or what is left of an answer, as soon as nothing is being read. When one is ended in the middle of an
 * answer while another request waits to send its body, Node.js writes into memory that it has freed: docs/adr/0018.
 */
export function endLater(ended: { destroy(): unknown }): void {
  setImmediate(() => ended.destroy());
}
