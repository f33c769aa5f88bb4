// The agent while it runs: dials, serves the tunnel, dials again for ever. It touches nothing on the host but its own state folder and
// what sessions do as their logins, and no answer of the gateway ends it.

import { delay, fraction, ok, type Result } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import { type DialFailure, keepLinked } from '@sallyport/tunnel';
import type { AgentOptions } from './agent-options.ts';
import { type AgentLink, dialAsAgent } from './dial.ts';
import { type GrantMemory, grantMemory } from './grant-memory.ts';
import { type Identity, saveIdentity } from './identity.ts';
import { type LinkNeeds, type ServedLink, serveLink } from './link.ts';
import { type RefusalReports, refusalReports } from './refusal-report.ts';
import { withCertificate } from './renewal.ts';
import { type RevocationPause, revocationPause } from './revocation-pause.ts';
import { failureOf, type StatusWriter } from './status-file.ts';

const maxSessions = 256;
const maxChannelsPerSession = 256;
const endWithinMs = 10_000;

export class Resident {
  readonly #options: AgentOptions;
  readonly #status: StatusWriter;
  readonly #seen: GrantMemory = grantMemory();
  readonly #pause: RevocationPause;
  readonly #refusals: RefusalReports;
  readonly #linked: { stop(): Promise<void> };
  #identity: Identity;
  #served: ServedLink | undefined;

  constructor(options: AgentOptions, identity: Identity, status: StatusWriter) {
    const { clock, random } = options;
    this.#options = options;
    this.#identity = identity;
    this.#status = status;
    this.#pause = revocationPause(clock, random);
    this.#refusals = refusalReports(clock, options.log);
    this.#linked = keepLinked<AgentLink>({
      dial: (signal) => this.#dial(signal),
      onLink: (link) => this.#serve(link),
      onLost: (reason, retryInMs) => this.#lost(reason, retryInMs),
      onFailure: (failure, retryInMs) => this.#failed(failure, retryInMs),
      clock,
      random: () => fraction(random),
    });
  }

  /** Tells the sessions, ends them, and closes the tunnel. */
  async stop(): Promise<void> {
    const { clock } = this.#options;
    // What cannot be ended in time is killed with the agent's own control group.
    if (this.#served) await Promise.race([this.#served.end(stopping()), delay(clock, endWithinMs)]);
    await this.#linked.stop();
    this.#status.change({ link: { state: 'stopped' }, since: clock.now(), sessions: 0 });
    await this.#status.settled();
  }

  async #dial(signal: AbortSignal): Promise<Result<AgentLink, DialFailure>> {
    await this.#pause.over(signal);
    const { version, timeoutMs, clock, random } = this.#options;
    const keep = (renewed: Identity) => this.#keep(renewed);
    return dialAsAgent(() => this.#identity, keep, { version, timeoutMs, clock, random, signal });
  }

  #serve({ mux, link, connection }: AgentLink): void {
    const { clock, log } = this.#options;
    this.#pause.reset();
    const served = serveLink(mux, link, this.#needs());
    this.#served = served;
    const transport = `WSS, ${connection.tls}, ${connection.cipher}, ${connection.keyExchange}`;
    // Neither rejects: what fails in a hello is a value, and closed resolves by Mux's contract.
    void served.greeted.then((greeted) => {
      if (greeted.ok) this.#status.change({ link: { state: 'connected', transport }, since: clock.now() });
      else log.error('the gateway refused the hello', told(greeted.error));
    });
  }

  #needs(): LinkNeeds {
    const { clock, log, clockToleranceMs, openMachine, hostFacts } = this.#options;
    return {
      ...{
        seen: this.#seen,
        refusals: this.#refusals,
        clock,
        log,
        clockToleranceMs,
        openMachine,
        maxSessions,
        maxChannelsPerSession,
      },
      identity: () => this.#identity,
      hostFacts: () => hostFacts(this.#identity.labels),
      onSessions: (sessions) => this.#status.change({ sessions }),
      onClockSkew: (clockSkewMs) => this.#status.change({ clockSkewMs }),
      keepCertificate: async (pem) => {
        const renewed = withCertificate(this.#identity, pem);
        if (renewed.ok) await this.#keep(renewed.value);
        return renewed.ok ? ok() : renewed;
      },
    };
  }

  async #keep(renewed: Identity): Promise<void> {
    const { folder, log } = this.#options;
    this.#identity = renewed;
    const certificateExpiresAt = renewed.certificate.notAfter;
    this.#status.change({ certificateExpiresAt });
    log.info('the certificate is renewed', { until: new Date(certificateExpiresAt).toISOString() });
    const saved = await saveIdentity(folder, renewed);
    // It is used all the same: the disk may have room again before the next one.
    if (!saved.ok) log.error('the certificate could not be kept', told(saved.error));
  }

  #lost(reason: string, retryInMs: number): void {
    const { clock, log } = this.#options;
    const now = clock.now();
    log.warning('the tunnel is lost', { reason, retryInMs: Math.round(retryInMs) });
    const lastFailure = failureOf(
      { code: 'LINK_LOST', message: `the tunnel is lost: ${reason}`, hint: 'the agent dials again' },
      now,
    );
    this.#status.change({
      link: { state: 'retrying', nextAttemptAt: Math.round(now + retryInMs) },
      since: now,
      lastFailure,
    });
  }

  #failed({ step, refusal, message, hint }: DialFailure, retryInMs: number): void {
    const { clock, log } = this.#options;
    const isRevoked = refusal?.code === 'SERVER_REVOKED';
    const waitMs = Math.round(isRevoked ? Math.max(this.#pause.revoked(), retryInMs) : retryInMs);
    const failure = { code: refusal?.code ?? 'GATEWAY_UNREACHABLE', message, hint };
    const fields = { ...told(failure), step, retryInMs: waitMs };
    if (isRevoked) log.error('this server is revoked: nobody reaches it through the gateway', fields);
    else log.warning('the gateway is not reached', fields);
    const now = clock.now();
    const state = isRevoked ? ('revoked' as const) : ('retrying' as const);
    const { link, since } = this.#status.current;
    this.#status.change({
      link: { state, nextAttemptAt: now + waitMs },
      since: link.state === state ? since : now,
      lastFailure: failureOf(failure, now),
    });
  }
}

function told({ code, message, hint }: { readonly code: string; readonly message: string; readonly hint: string }) {
  return { code, reason: message, hint };
}

function stopping(): Refusal {
  return {
    code: 'STOPPING',
    message: 'the agent on this server stops',
    rule: 'agent.stop',
    hint: 'try again in a moment',
  };
}
