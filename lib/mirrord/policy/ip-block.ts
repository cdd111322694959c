/** A range of addresses. */
export interface IpBlock {
  contains(address: IpAddress): boolean;
}

/** An address as a number, with the length of its kind. An IPv4 address inside IPv6 (`::ffff:10.0.0.1`) is the IPv4 address. */
export interface IpAddress {
  bits: bigint;
  length: 32 | 128;
}

/** `10.0.0.0/16` or `2001:db8::/32`; undefined for anything else. Bits beyond the prefix are ignored. */
export function parseIpBlock(text: string): IpBlock | undefined {
  const [, base = "", digits = ""] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const address = parseRaw(base);
  const prefix = Number(digits);
  if (address === undefined || digits === "" || prefix > address.length) return undefined;
  const ignored = BigInt(address.length - prefix);
  return {
    contains: ({ bits, length }) => length === address.length && bits >> ignored === address.bits >> ignored,
  };
}

/** Undefined for text that is no address. */
export function parseIpAddress(text: string): IpAddress | undefined {
  const address = parseRaw(text);
  const isMapped = address?.length === 128 && address.bits >> 32n === 0xffffn;
  return isMapped ? { bits: address.bits & 0xffffffffn, length: 32 } : address;
}

function parseRaw(text: string): IpAddress | undefined {
  const v4 = parseV4(text);
  if (v4 !== undefined) return { bits: v4, length: 32 };
  const v6 = parseV6(text);
  return v6 === undefined ? undefined : { bits: v6, length: 128 };
}

function parseV4(text: string): bigint | undefined {
  const parts = text.split(".");
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255))
    return undefined;
  return parts.reduce((bits, part) => (bits << 8n) | BigInt(part), 0n);
}

function parseV6(text: string): bigint | undefined {
  if (text.length > 45) return undefined;
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, index) => parseGroups(half, index === halves.length - 1));
  if (head === undefined) return undefined;
  const isWhole = halves.length === 1;
  if (!isWhole && tail === undefined) return undefined;
  const given = [...head, ...(tail ?? [])];
  if (isWhole ? given.length !== 8 : given.length > 7) return undefined;
  const zeros = Array.from({ length: 8 - given.length }, () => 0n);
  return [...head, ...zeros, ...(tail ?? [])].reduce((bits, group) => (bits << 16n) | group, 0n);
}

/** The 16-bit groups of one side of a `::`; the last of all may be written as an IPv4 address. */
function parseGroups(half: string, isLast: boolean): bigint[] | undefined {
  if (half === "") return [];
  const groups: bigint[] = [];
  const parts = half.split(":");
  for (const [index, part] of parts.entries()) {
    const v4 = isLast && index === parts.length - 1 ? parseV4(part) : undefined;
    if (v4 !== undefined) groups.push(v4 >> 16n, v4 & 0xffffn);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
