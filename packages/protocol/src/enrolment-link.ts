// The enrolment link of a person's device: https://host:port/enrol#<code>.<CA fingerprint>. The code is in the fragment, which no
// browser and no proxy sends to a server (RFC 9110 §7.1); whoever holds the link can enrol one device, so it is never logged.

import { err, ok, type Result } from '@sallyport/core';
import { parseGatewayUrl } from './gateway-url.ts';

export type EnrolmentLink = {
  /** https://host[:port], without a path. */
  readonly gateway: URL;
  readonly code: string;
  /** SHA-256 over the workspace CA's SPKI DER, hex; without it the system's roots are trusted. */
  readonly caFingerprint: string | undefined;
};

const path = '/enrol';
const fragmentForm = /^([A-Za-z0-9_-]{16,128})(?:\.([0-9a-f]{64}))?$/;

/** Throws RangeError on parts that parseEnrolmentLink would not read back. */
export function formatEnrolmentLink({ gateway, code, caFingerprint }: EnrolmentLink): string {
  const fragment = caFingerprint === undefined ? code : `${code}.${caFingerprint}`;
  if (!fragmentForm.test(fragment)) throw new RangeError('these parts do not make an enrolment link');
  return `${gateway.origin}${path}#${fragment}`;
}

/** The parts of the link, or what is wrong with it. The message never repeats the code. */
export function parseEnrolmentLink(text: string): Result<EnrolmentLink, string> {
  const [address, fragment, ...rest] = text.trim().split('#');
  if (address === undefined || fragment === undefined || rest.length > 0) {
    return err('not an enrolment link: the part after # is missing; quote the link, so that the shell passes it whole');
  }
  if (!address.endsWith(path)) return err(`not an enrolment link: it should end in ${path}#…`);
  const gateway = parseGatewayUrl(address.slice(0, -path.length));
  if (!gateway.ok) return gateway;
  const [, code, caFingerprint] = fragmentForm.exec(fragment) ?? [];
  if (code === undefined) return err('the code in the link is not whole: copy the link as it was printed');
  return ok({ gateway: gateway.value, code, caFingerprint });
}
