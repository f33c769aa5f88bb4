// Certificate and key of the HTTPS port: the operator's own files, or a certificate of the workspace CA over a key that lives in this
// process only and is never stored.

import { generateKeyPairSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { Clock } from '@sallyport/core';
import type { GatewaySettings } from '../../settings.ts';
import type { GatewayAuthority } from '../authority/authority.ts';
import { currentOwner, readPrivateFile } from '../private-file.ts';

const lifeMs = 90 * 86_400_000;
// Clients whose clock is a little behind must not see a certificate of the future.
const backdateMs = 300_000;
const maxKeyBytes = 16_384;

export type ServerCertificate = { readonly key: string; readonly cert: string };

/** Answers a certificate that is valid from now on; ask again each day. Rejects when the operator's files cannot be used. */
export function serverCertificate(
  { tls, publicUrl }: Pick<GatewaySettings, 'tls' | 'publicUrl'>,
  authority: GatewayAuthority,
  clock: Clock,
): () => Promise<ServerCertificate> {
  const { files, hosts } = tls;
  if (files) return () => readFiles(files);
  const publicHost = new URL(publicUrl).hostname.replace(/^\[|\]$/g, '');
  const names = [...new Set([publicHost, 'localhost', '127.0.0.1', '::1', ...hosts])];
  return async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const spki = pair.publicKey.export({ type: 'spki', format: 'der' });
    const now = clock.now();
    const leaf = await authority.issueForGateway(names, spki, now - backdateMs, now + lifeMs);
    // The CA comes along, so that whoever has only its fingerprint can check the chain.
    return {
      key: pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      cert: `${leaf}\n${authority.caPem}`,
    };
  };
}

async function readFiles(files: {
  readonly certificateFile: string;
  readonly keyFile: string;
}): Promise<ServerCertificate> {
  const key = await readPrivateFile(files.keyFile, currentOwner(), maxKeyBytes);
  if (!key.ok) throw new Error(`${key.error.message}: ${key.error.hint}`);
  return { key: key.value.expose().toString('utf8'), cert: await readFile(files.certificateFile, 'utf8') };
}
