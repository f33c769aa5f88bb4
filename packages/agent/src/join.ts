// Joins a server to a gateway: trust first, then the key, then the token. The token is sent only on a connection that is verified
// against what the token itself pins, and the private key stays in the state folder.

import { X509Certificate } from 'node:crypto';
import { type Clock, err, ok, type Result, toBase64Url } from '@sallyport/core';
import {
  type HostFacts,
  headerNames,
  type JoinTokenText,
  parseGatewayUrl,
  parseJoinToken,
  proveLink,
  serverJoin,
  serverJoined,
} from '@sallyport/protocol';
import { type GatewayAddress, isPinned, learnPinnedCa } from '@sallyport/tunnel';
import * as z from 'zod/mini';
import {
  type AgentKey,
  generateAgentKey,
  type Identity,
  loadIdentity,
  readCertificate,
  readGrantKey,
  saveIdentity,
  storeKey,
} from './identity.ts';
import { postJson } from './post-json.ts';
import type { AgentRefusal } from './refusals.ts';
import { openStateFolder, type StateFolder } from './state-folder.ts';
import { unreachable } from './unreachable.ts';

export type JoinOptions = {
  readonly folder: StateFolder;
  /** The server's name in the workspace; from the host name when absent. */
  readonly name: string | undefined;
  readonly facts: HostFacts;
  /** Joins anew where the host has joined already: the server gets a new identity, the old one stays until it is revoked. */
  readonly force: boolean;
  readonly clock: Clock;
  readonly timeoutMs: number;
};

export async function joinGateway(
  url: string,
  token: string,
  options: JoinOptions,
): Promise<Result<Identity, AgentRefusal>> {
  const address = parseGatewayUrl(url);
  if (!address.ok)
    return err(malformed('URL_MALFORMED', address.error, 'sally agent join https://GATEWAY --token-file FILE'));
  const parts = parseJoinToken(token.trim());
  if (!parts.ok)
    return err(malformed('TOKEN_MALFORMED', parts.error, 'copy the whole line that sally token create printed'));
  const folder = await openStateFolder(options.folder, true);
  if (!folder.ok) return folder;
  const refused = await whyNotJoin(options);
  if (refused) return err(refused);
  const gateway = await trustedGateway(address.value, parts.value, options.timeoutMs);
  if (!gateway.ok) return gateway;

  const key = generateAgentKey();
  // Before the token is used: a full disk then costs no use of it.
  const stored = await storeKey(options.folder, key.privateKey);
  if (!stored.ok) return stored;
  const joined = await join(gateway.value, token.trim(), parts.value, key, options);
  if (!joined.ok) {
    await stored.value.discard();
    return joined;
  }
  const saved = await saveIdentity(options.folder, joined.value);
  return saved.ok ? joined : saved;
}

/** The name that a host of that name gets: its first label, as a server name. */
export function nameOfHost(hostname: string): string {
  const label =
    hostname
      .split('.')[0]
      ?.toLowerCase()
      .replace(/[^a-z0-9-]+/g, '-') ?? '';
  return label.slice(0, 63).replace(/^-+|-+$/g, '') || 'server';
}

async function whyNotJoin({ folder, force }: JoinOptions): Promise<AgentRefusal | undefined> {
  const present = await loadIdentity(folder);
  if (!present.ok) {
    const isInTheWay = present.error.code === 'STATE_UNSAFE' || (present.error.code === 'STATE_BROKEN' && !force);
    return isInTheWay ? present.error : undefined;
  }
  if (force) return undefined;
  const { name, workspace, gateway } = present.value;
  return {
    code: 'ALREADY_JOINED',
    message: `this host has joined already: it is ${name} in ${workspace} at ${gateway.host}`,
    rule: 'agent.identity',
    hint: 'to give it a new identity, join again with --force, then revoke the old server and restart the agent',
  };
}

async function trustedGateway(
  url: URL,
  { caFingerprint }: JoinTokenText,
  timeoutMs: number,
): Promise<Result<GatewayAddress, AgentRefusal>> {
  if (caFingerprint === undefined) return ok({ url, ca: undefined, timeoutMs });
  const ca = await learnPinnedCa(url, caFingerprint, timeoutMs);
  return ca.ok ? ok({ url, ca: ca.value, timeoutMs }) : err(unreachable(url, ca.error));
}

async function join(
  gateway: GatewayAddress,
  token: string,
  parts: JoinTokenText,
  { privateKey, publicKeyDer }: AgentKey,
  { name, facts, clock }: JoinOptions,
): Promise<Result<Identity, AgentRefusal>> {
  const asked = { token, publicKey: toBase64Url(publicKeyDer), name: name ?? nameOfHost(facts.hostname), facts };
  const body = serverJoin.safeParse(asked);
  if (!body.success)
    return err(malformed('BAD_REQUEST', z.prettifyError(body.error), 'give a name of a-z, 0-9 and -: --name NAME'));
  const answer = await postJson(gateway, {
    path: '/v1/servers',
    body: body.data,
    headers: (exporter) => ({
      [headerNames.proof]: proveLink({ role: 'agent', id: parts.token, link: '' }, exporter, privateKey),
      [headerNames.version]: facts.agentVersion,
    }),
    answer: serverJoined,
  });
  if (!answer.ok) return answer;
  const { server, workspace, caPem } = answer.value;
  const certificate = readCertificate(answer.value.certificatePem, privateKey);
  const grantKey = readGrantKey(answer.value.grantKey);
  if (!certificate.ok) return err(answerRefused(gateway.url, certificate.error));
  if (!grantKey.ok) return err(answerRefused(gateway.url, grantKey.error));
  if (!isCa(caPem, parts.caFingerprint))
    return err(answerRefused(gateway.url, 'its CA is not the one that the token pins'));
  const trust = gateway.ca === undefined ? 'system-roots' : 'workspace-ca';
  const pinned = { server, name: answer.value.name, workspace, labels: facts.labels, caPem, grantKey: grantKey.value };
  return ok({
    gateway: gateway.url,
    trust,
    ...pinned,
    privateKey,
    certificate: certificate.value,
    joinedAt: clock.now(),
  });
}

function isCa(caPem: string, caFingerprint: string | undefined): boolean {
  try {
    return caFingerprint === undefined || isPinned(new X509Certificate(caPem), caFingerprint);
  } catch {
    return false;
  }
}

function malformed(code: AgentRefusal['code'], message: string, hint: string): AgentRefusal {
  return { code, message: message.split('\n').join('; '), rule: 'agent.join', hint };
}

function answerRefused(url: URL, why: string): AgentRefusal {
  const hint = 'nothing was kept; check that the gateway and this agent have the same version';
  return { code: 'GATEWAY_ANSWER', message: `${url.host} answered, but ${why}`, rule: 'agent.join', hint };
}
