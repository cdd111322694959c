/**
 * Ends a connection, or what is left of an answer, as soon as nothing is being read. Node.js goes on with memory that it
 * has freed where that happens in the middle of an answer, and another request waits to send its body: docs/adr/0018.
 */
export function endLater(ended: { destroy(): unknown }): void {
  setImmediate(() => ended.destroy());
}
