// One spelling for one IP address, so that a policy about 192.0.2.0/24 also meets a peer that a dual-stack socket calls ::ffff:192.0.2.7.

import { isIP, isIPv4 } from 'node:net';

/** Throws on what is no IP address. A zone (fe80::1%eth0) is left out: it names our interface, not the peer. */
export function normalizedAddress(address: string): string {
  const bare = address.replace(/%.*$/, '');
  if (isIP(bare) === 0) throw new Error(`not an IP address: ${JSON.stringify(address.slice(0, 64))}`);
  if (isIPv4(bare)) return bare;
  // The URL parser writes IPv6 in the form of RFC 5952, with a mapped address (RFC 4291 §2.5.5.2) as two groups of hex.
  const canonical = new URL(`http://[${bare}]`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical);
  if (!mapped) return canonical;
  const [high, low] = [Number.parseInt(mapped[1] ?? '', 16), Number.parseInt(mapped[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}
