// Who this agent is: its key, certificate and what it pinned when it joined. The private key never leaves the state folder.

import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from 'node:crypto';
import { type EpochMs, err, ok, parseJson, type Result, type ServerId, sha256Hex, toBase64Url } from '@sallyport/core';
import {
  base64Url,
  epochMs,
  idOf,
  type Labels,
  labels,
  oneLine,
  parseGatewayUrl,
  serverName,
} from '@sallyport/protocol';
import * as z from 'zod/mini';
import type { AgentRefusal } from './refusals.ts';
import { readPrivateFile, removeFiles, type StateFolder, writePrivateFile } from './state-folder.ts';

const pem = z.string().check(z.maxLength(16_384));
const identityFile = z.strictObject({
  version: z.literal(1),
  gateway: oneLine(512),
  /** What the gateway's TLS certificate is checked against: the workspace CA that the token pinned, or the system's roots. */
  trust: z.enum(['workspace-ca', 'system-roots']),
  server: idOf('server'),
  name: serverName,
  workspace: oneLine(63),
  labels,
  keyFile: z.string().check(z.regex(/^agent-key-[0-9a-f]{16}\.pem$/)),
  certificatePem: pem,
  caPem: pem,
  grantKey: base64Url(128),
  joinedAt: epochMs,
});
type IdentityFile = z.infer<typeof identityFile>;

export type Identity = {
  readonly gateway: URL;
  readonly trust: IdentityFile['trust'];
  readonly server: ServerId;
  readonly name: string;
  readonly workspace: string;
  /** Those that it was joined with; the gateway has the last word on them. */
  readonly labels: Labels;
  readonly privateKey: KeyObject;
  readonly certificate: Certificate;
  readonly caPem: string;
  /** The workspace's key that signs grants. */
  readonly grantKey: KeyObject;
  readonly joinedAt: EpochMs;
};

export type Certificate = {
  readonly pem: string;
  readonly derText: string;
  readonly notBefore: EpochMs;
  readonly notAfter: EpochMs;
};

export type AgentKey = { readonly privateKey: KeyObject /** SPKI DER. */; readonly publicKeyDer: Buffer };

const identityName = 'agent.json';

export function generateAgentKey(): AgentKey {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  return { privateKey, publicKeyDer: publicKey.export({ type: 'spki', format: 'der' }) };
}

/** The CA whose signature the gateway's TLS certificate needs; undefined for the system's roots. */
export function trustedCa({ trust, caPem }: Pick<Identity, 'trust' | 'caPem'>): string | undefined {
  return trust === 'workspace-ca' ? caPem : undefined;
}

/** The same as an option that is left out for the system's roots. */
export function caOption(identity: Pick<Identity, 'trust' | 'caPem'>): { ca?: string } {
  const ca = trustedCa(identity);
  return ca === undefined ? {} : { ca };
}

export async function loadIdentity(folder: StateFolder): Promise<Result<Identity, AgentRefusal>> {
  const text = await readPrivateFile(folder, identityName);
  if (!text.ok) return text;
  if (text.value === undefined) return err(notJoined(folder.path));
  const file = identityFile.safeParse(parseJson(text.value));
  if (!file.success) return err(broken(folder.path, z.prettifyError(file.error)));
  const key = await readPrivateFile(folder, file.data.keyFile);
  if (!key.ok) return key;
  if (key.value === undefined) return err(broken(folder.path, `${file.data.keyFile} is missing`));
  const identity = readIdentity(file.data, key.value);
  return identity.ok ? identity : err(broken(folder.path, identity.error));
}

/** Writes the key under a name of its own: a former identity stays whole until saveIdentity names the new key. */
export async function storeKey(
  folder: StateFolder,
  privateKey: KeyObject,
): Promise<Result<{ discard(): Promise<void> }, AgentRefusal>> {
  const keyFile = keyFileName(privateKey);
  const written = await writePrivateFile(
    folder,
    keyFile,
    privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  );
  return written.ok ? ok({ discard: () => removeFiles(folder, (name) => name === keyFile) }) : written;
}

/** Writes the file that refers to the key, at once; then removes what nothing refers to any more. */
export async function saveIdentity(folder: StateFolder, identity: Identity): Promise<Result<void, AgentRefusal>> {
  const keyFile = keyFileName(identity.privateKey);
  const text = `${JSON.stringify(asFile(identity, keyFile), undefined, 2)}\n`;
  const written = await writePrivateFile(folder, identityName, text);
  if (written.ok)
    await removeFiles(folder, (name) => /^agent-key-.*\.pem$|^agent.*\.new$/.test(name) && name !== keyFile);
  return written;
}

/** The certificate, or why it is not one of that key. Who signed it is the gateway's to judge: it is shown to nobody else. */
export function readCertificate(certificatePem: string, privateKey: KeyObject): Result<Certificate, string> {
  try {
    const certificate = new X509Certificate(certificatePem);
    if (!certificate.checkPrivateKey(privateKey)) return err('the certificate is not for the key of this agent');
    const [notBefore, notAfter] = [Date.parse(certificate.validFrom), Date.parse(certificate.validTo)];
    if (!(notBefore < notAfter)) return err('the certificate has no time in which it is valid');
    return ok({ pem: certificatePem, derText: toBase64Url(certificate.raw), notBefore, notAfter });
  } catch {
    return err('the certificate cannot be read');
  }
}

/** An Ed25519 public key from its SPKI DER in base64url. */
export function readGrantKey(text: string): Result<KeyObject, string> {
  try {
    const key = createPublicKey({ key: Buffer.from(text, 'base64url'), format: 'der', type: 'spki' });
    return key.asymmetricKeyType === 'ed25519' ? ok(key) : err('the grant key is not an Ed25519 key');
  } catch {
    return err('the grant key cannot be read');
  }
}

function readIdentity(file: IdentityFile, keyPem: string): Result<Identity, string> {
  const gateway = parseGatewayUrl(file.gateway);
  if (!gateway.ok) return gateway;
  const privateKey = readPrivateKey(keyPem);
  if (!privateKey.ok) return privateKey;
  const certificate = readCertificate(file.certificatePem, privateKey.value);
  if (!certificate.ok) return certificate;
  const grantKey = readGrantKey(file.grantKey);
  if (!grantKey.ok) return grantKey;
  const { trust, server, name, workspace, labels: given, caPem, joinedAt } = file;
  const read = {
    gateway: gateway.value,
    privateKey: privateKey.value,
    certificate: certificate.value,
    grantKey: grantKey.value,
  };
  return ok({ ...read, trust, server, name, workspace, labels: given, caPem, joinedAt });
}

function readPrivateKey(text: string): Result<KeyObject, string> {
  try {
    const key = createPrivateKey({ key: text, format: 'pem', type: 'pkcs8' });
    const isP256 = key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1';
    return isP256 ? ok(key) : err('the private key is not a P-256 key');
  } catch {
    return err('the private key cannot be read');
  }
}

function asFile(identity: Identity, keyFile: string): IdentityFile {
  const { gateway, trust, server, name, workspace, caPem, joinedAt } = identity;
  return {
    version: 1,
    gateway: gateway.origin,
    trust,
    server,
    name,
    workspace,
    labels: identity.labels,
    keyFile,
    certificatePem: identity.certificate.pem,
    caPem,
    grantKey: toBase64Url(identity.grantKey.export({ type: 'spki', format: 'der' })),
    joinedAt,
  };
}

function keyFileName(privateKey: KeyObject): string {
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return `agent-key-${sha256Hex(spki).slice(0, 16)}.pem`;
}

function notJoined(path: string): AgentRefusal {
  const hint =
    'get a token with sally token create on an enrolled device, then: sally agent join URL --token-file FILE';
  return {
    code: 'NOT_JOINED',
    message: `this host has not joined a gateway: nothing in ${path}`,
    rule: 'agent.identity',
    hint,
  };
}

function broken(path: string, why: string): AgentRefusal {
  const message = `the agent's identity in ${path} cannot be used: ${why}`;
  return {
    code: 'STATE_BROKEN',
    message,
    rule: 'agent.identity',
    hint: 'join again: sally agent join URL --token-file FILE --force',
  };
}
