import process from "node:process";
import { devNull } from "node:os";
import { createSecureContext, type SecureContext, type SecureContextOptions } from "node:tls";

/** Where OpenSSL looks for the file of the machine's authorities, when something asks for it. */
const VARIABLE = "SSL_CERT_FILE";

/**
 * A context that trusts exactly the authorities that are named. Node.js fills a store of default authorities before it takes the first
 * named one, and where that is OpenSSL's (`--use-openssl-ca`, as in the executable) reads all of the machine's for it, some 140
 * certificates, that no connection of ours uses. It is filled once in the life of a process, so here it stays empty.
 * Source: node src/crypto/crypto_context.cc, AddCACertificates.
 * @throws what OpenSSL says of certificates and keys
 */
export function contextOfNamed(options: SecureContextOptions): SecureContext {
  const before = process.env[VARIABLE];
  process.env[VARIABLE] = devNull;
  try {
    return createSecureContext(options);
  } finally {
    // Of what the machine trusts somebody else may still ask: another connection, or a credential plugin.
    if (before === undefined) delete process.env[VARIABLE];
    else process.env[VARIABLE] = before;
  }
}
