// The forms of names that Kubernetes checks, each as the list of what is wrong with a text.
// Source: apimachinery pkg/util/validation/validation.go.

const subdomain = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?(?:\.[a-z0-9](?:[-a-z0-9]*[a-z0-9])?)*$/u;
const label = /^[a-z0-9](?:[-a-z0-9]*[a-z0-9])?$/u;
const qualifiedPart = /^(?:[A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/u;

/** An RBAC object: restricted only by what a URL path can carry; length and case are free. */
export function pathSegmentFaults(text: string): string[] {
  if (text === "." || text === "..") return [`may not be '${text}'`];
  return ["/", "%"].filter((part) => text.includes(part)).map((part) => `may not contain '${part}'`);
}

/** A namespace. */
export function dns1123Label(text: string): string[] {
  const faults = tooLong(text, 63);
  if (!label.test(text)) {
    faults.push(
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    );
  }
  return faults;
}

/** A service account, or the prefix of a qualified name. */
export function dns1123Subdomain(text: string): string[] {
  const faults = tooLong(text, 253);
  if (!subdomain.test(text)) {
    faults.push(
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    );
  }
  return faults;
}

/** A label key, an annotation key in lower case, or a finalizer: `prefix/name` or `name`. */
export function qualifiedName(text: string): string[] {
  const slash = text.indexOf("/");
  const prefix = slash === -1 ? undefined : text.slice(0, slash);
  const name = text.slice(slash + 1);
  if (name.includes("/")) return ["a qualified name has at most one '/'"];
  const faults =
    prefix === undefined
      ? []
      : prefix === ""
        ? ["prefix part must be non-empty"]
        : dns1123Subdomain(prefix).map((fault) => `prefix part ${fault}`);
  if (name === "") return [...faults, "name part must be non-empty"];
  faults.push(...tooLong(name, 63).map((fault) => `name part ${fault}`));
  if (!qualifiedPart.test(name))
    faults.push(
      "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
    );
  return faults;
}

/** A label's value, which may be empty. */
export function labelValue(text: string): string[] {
  const faults = tooLong(text, 63);
  if (text !== "" && !qualifiedPart.test(text)) {
    faults.push(
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    );
  }
  return faults;
}

const encoder = new TextEncoder();

export const utf8Bytes = (text: string): number => encoder.encode(text).length;

const tooLong = (text: string, bytes: number): string[] =>
  utf8Bytes(text) > bytes ? [`must be no more than ${bytes} bytes`] : [];
