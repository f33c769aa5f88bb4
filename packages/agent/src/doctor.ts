// Looks at the way to the gateway step by step and says in words which one is broken and how to mend it. A step that needs a broken
// one is not tried. It changes nothing: not here, not at the gateway.

import type { TLSSocket } from 'node:tls';
import { type Clock, newId, type Random } from '@sallyport/core';
import { headerNames, linkPaths, parseGatewayUrl, parseJoinToken, proveLink } from '@sallyport/protocol';
import { connectTls, connectUnverified, dialGateway, learnPinnedCa } from '@sallyport/tunnel';
import { inWords } from './admit-grant.ts';
import { dateOf, proxiesFor, reachTcp, resolveName } from './doctor-network.ts';
import { caOption, type Identity, loadIdentity, trustedCa } from './identity.ts';
import type { AgentRefusal } from './refusals.ts';
import { openStateFolder, type StateFolder } from './state-folder.ts';
import { unreachable } from './unreachable.ts';

export type StepName = 'dns' | 'tcp' | 'proxy' | 'tls' | 'clock' | 'certificate' | 'policy' | 'host';
export type DoctorStep = {
  readonly name: StepName;
  readonly state: 'ok' | 'warning' | 'failed' | 'not tried';
  /** What was found, one line. */
  readonly found: string;
  /** What to do about it. */
  readonly mend?: string;
};

export type DoctorOptions = {
  readonly folder: StateFolder;
  /** An address to look at instead of the one that this host has joined; and the token to join it with, if there is one. */
  readonly url?: string;
  readonly token?: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly random: Random;
  readonly version: string;
  readonly timeoutMs: number;
  readonly clockToleranceMs: number;
  /** What this host lets the agent do. */
  readonly lookAtHost: () => Promise<DoctorStep>;
};

/** How the gateway is to be trusted, as far as anything here says so. */
type Target = {
  readonly url: URL;
  readonly identity: Identity | undefined;
  readonly trust: { readonly ca: string | undefined } | { readonly caFingerprint: string } | 'unknown';
};

export async function diagnose(options: DoctorOptions): Promise<readonly DoctorStep[]> {
  const host = await options.lookAtHost();
  const target = await findTarget(options);
  if ('code' in target) {
    const untried = steps('not tried', 'there is no gateway to look for', ['dns', 'tcp', 'proxy', 'tls', 'clock']);
    return [...untried, failed('certificate', target), policyStep(), host];
  }
  return [...(await lookAtNetwork(target, options)), policyStep(), host];
}

async function findTarget({ folder, url, token }: DoctorOptions): Promise<Target | AgentRefusal> {
  const opened = await openStateFolder(folder);
  if (!opened.ok) return opened.error;
  const identity = await loadIdentity(folder);
  if (url === undefined) {
    if (!identity.ok) return identity.error;
    return { url: identity.value.gateway, identity: identity.value, trust: { ca: trustedCa(identity.value) } };
  }
  const address = parseGatewayUrl(url);
  const rule = 'agent.doctor';
  if (!address.ok)
    return { code: 'URL_MALFORMED', message: address.error, rule, hint: 'sally agent doctor https://GATEWAY' };
  const parts = token === undefined ? undefined : parseJoinToken(token);
  if (parts?.ok === false) return { code: 'TOKEN_MALFORMED', message: parts.error, rule, hint: 'copy the whole token' };
  const isJoined = identity.ok && identity.value.gateway.origin === address.value.origin;
  if (isJoined) return { url: address.value, identity: identity.value, trust: { ca: trustedCa(identity.value) } };
  if (parts === undefined) return { url: address.value, identity: undefined, trust: 'unknown' };
  const { caFingerprint } = parts.value;
  return {
    url: address.value,
    identity: undefined,
    trust: caFingerprint === undefined ? { ca: undefined } : { caFingerprint },
  };
}

async function lookAtNetwork(target: Target, options: DoctorOptions): Promise<readonly DoctorStep[]> {
  const proxy = proxyStep(target.url, options.env);
  const dns = await resolveName(target.url);
  if (!dns.ok) return [failed('dns', dns.error), untried('tcp', 'dns'), proxy, ...untriedAfter('dns')];
  const tcp = await reachTcp(target.url, options);
  const named: DoctorStep = { name: 'dns', state: 'ok', found: dns.value };
  if (!tcp.ok) return [named, failed('tcp', tcp.error), proxy, ...untriedAfter('tcp')];
  const reached: DoctorStep = { name: 'tcp', state: 'ok', found: tcp.value };
  const tls = await lookAtTls(target, options);
  if (!tls.socket) return [named, reached, proxy, tls.step, untried('clock', 'tls'), untried('certificate', 'tls')];
  const clock = await lookAtClock(tls.socket, target.url, options);
  tls.socket.destroy();
  return [named, reached, proxy, tls.step, clock, await lookAtCertificate(target, options)];
}

function proxyStep(url: URL, env: DoctorOptions['env']): DoctorStep {
  const set = proxiesFor(env);
  if (set.length === 0) return { name: 'proxy', state: 'ok', found: 'none is set; the gateway is dialled directly' };
  return {
    name: 'proxy',
    state: 'warning',
    found: `${set.join(', ')} set, but this version dials ${url.host} directly and uses no proxy`,
    mend: `allow outbound TCP from this host to ${url.host}`,
  };
}

async function lookAtTls(target: Target, options: DoctorOptions): Promise<{ step: DoctorStep; socket?: TLSSocket }> {
  const { url, trust } = target;
  const { timeoutMs } = options;
  const ca =
    trust !== 'unknown' && 'caFingerprint' in trust
      ? await learnPinnedCa(url, trust.caFingerprint, timeoutMs)
      : undefined;
  if (ca?.ok === false) return { step: failed('tls', unreachable(url, ca.error)) };
  const known = trust !== 'unknown' && 'ca' in trust ? trust.ca : ca?.value;
  const connected =
    trust === 'unknown' ? await connectUnverified(url, timeoutMs) : await connectTls({ url, ca: known, timeoutMs });
  if (!connected.ok) return { step: failed('tls', unreachable(url, connected.error)) };
  const socket = connected.value;
  const negotiated = `${socket.getProtocol() ?? 'TLS'}, ${socket.getCipher().standardName}`;
  if (trust === 'unknown') {
    const mend = 'give the join token with --token-file to check it against what the token pins';
    const found = `${negotiated}; the certificate was not checked: nothing here says which CA to trust`;
    return { step: { name: 'tls', state: 'warning', found, mend }, socket };
  }
  const checked = known === undefined ? "the system's roots" : 'the workspace CA';
  return { step: { name: 'tls', state: 'ok', found: `${negotiated}; certificate checked against ${checked}` }, socket };
}

async function lookAtClock(socket: TLSSocket, url: URL, options: DoctorOptions): Promise<DoctorStep> {
  const date = await dateOf(socket, url, options);
  if (!date.ok) return failed('clock', date.error);
  const skewMs = date.value - options.clock.now();
  const apart = `this host is ${inWords(skewMs)} ${skewMs > 0 ? 'behind' : 'ahead of'} the gateway`;
  if (Math.abs(skewMs) <= options.clockToleranceMs) {
    return { name: 'clock', state: 'ok', found: `within ${inWords(options.clockToleranceMs)} of the gateway's` };
  }
  return {
    name: 'clock',
    state: 'failed',
    found: `${apart}: grants are refused`,
    mend: 'timedatectl set-ntp true, then timedatectl status',
  };
}

/** Proves the key as for a tunnel and closes before saying hello: the gateway answers, and a running agent's tunnel is left alone. */
async function lookAtCertificate({ url, identity }: Target, options: DoctorOptions): Promise<DoctorStep> {
  if (!identity) {
    const mend = 'join it: sally agent join URL --token-file FILE';
    return { name: 'certificate', state: 'not tried', found: 'this host has not joined this gateway', mend };
  }
  const { certificate, server, privateKey, name } = identity;
  const link = newId('link', options.random);
  const dialled = await dialGateway({
    url,
    path: linkPaths.agent,
    ...caOption(identity),
    headers: (exporter) => ({
      [headerNames.agentCertificate]: certificate.derText,
      [headerNames.link]: link,
      [headerNames.proof]: proveLink({ role: 'agent', id: server, link }, exporter, privateKey),
      [headerNames.version]: options.version,
    }),
    timeoutMs: options.timeoutMs,
  });
  if (dialled.ok) {
    dialled.value.carrier.close('doctor');
    const leftMs = certificate.notAfter - options.clock.now();
    return {
      name: 'certificate',
      state: 'ok',
      found: `the gateway knows this host as ${name} (${server}); valid for ${inWords(leftMs)}`,
    };
  }
  const { refusal, message, hint } = dialled.error;
  if (refusal?.code === 'CERTIFICATE_EXPIRED') {
    const mend = 'start the agent: systemctl start sallyport-agent';
    return {
      name: 'certificate',
      state: 'warning',
      found: 'it has run out; the agent renews it when it connects',
      mend,
    };
  }
  return { name: 'certificate', state: 'failed', found: refusal?.message ?? message, mend: refusal?.hint ?? hint };
}

function policyStep(): DoctorStep {
  const mend = 'on an enrolled device: sally policy show';
  return {
    name: 'policy',
    state: 'not tried',
    found: 'who may reach this host is asked of the gateway by a person, not by an agent',
    mend,
  };
}

function failed(name: StepName, { message, hint }: AgentRefusal): DoctorStep {
  return { name, state: 'failed', found: message, mend: hint };
}

function untried(name: StepName, broken: StepName): DoctorStep {
  return { name, state: 'not tried', found: `needs ${broken}` };
}

function untriedAfter(broken: StepName): readonly DoctorStep[] {
  return [untried('tls', broken), untried('clock', broken), untried('certificate', broken)];
}

function steps(state: DoctorStep['state'], found: string, names: readonly StepName[]): readonly DoctorStep[] {
  return names.map((name) => ({ name, state, found }));
}
