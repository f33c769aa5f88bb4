// The one gate. Every door gets access here and nowhere else: open() answers an AuthorizedSession or a Refusal, and the audit
// record is durable before it answers. Nothing outside this file can make an AuthorizedSession: its class is not exported.

import { type Clock, type EpochMs, err, newId, ok, type Random, type Result, type SessionId } from '@sallyport/core';
import type { Decision } from '@sallyport/policy';
import { type Power, powers, type Refusal } from '@sallyport/protocol';
import type { Entry, Journal } from '../audit/index.ts';
import type { EnrolmentStore, ManagedServer } from '../enrolment/index.ts';
import { actorOf, type Caller } from '../identity/index.ts';
import { deniedBy, type PolicyService } from '../policy/index.ts';
import { sessionRefusals } from './refusals.ts';
import type { Door } from './session.ts';

export type AccessQuestion = {
  readonly caller: Caller;
  readonly server: string;
  readonly login: string;
  readonly door: Door;
};

class Authorized {
  // A private field makes the class nominal: no object literal passes for it.
  readonly #decidedAt: EpochMs;
  readonly id: SessionId;
  readonly caller: Caller;
  readonly server: ManagedServer;
  readonly login: string;
  readonly door: Door;
  readonly powers: readonly Power[];
  /** The policy rules that allowed it. */
  readonly rules: readonly string[];
  readonly endsAt: EpochMs;

  constructor(facts: Omit<Authorized, 'startedAt'>, decidedAt: EpochMs) {
    this.#decidedAt = decidedAt;
    this.id = facts.id;
    this.caller = facts.caller;
    this.server = facts.server;
    this.login = facts.login;
    this.door = facts.door;
    this.powers = facts.powers;
    this.rules = facts.rules;
    this.endsAt = facts.endsAt;
  }

  get startedAt(): EpochMs {
    return this.#decidedAt;
  }
}

/** Proof that the gate allowed this session. Whatever touches a server or a secret takes one. */
export type AuthorizedSession = Authorized;

export interface Gate {
  open(question: AccessQuestion): Promise<Result<AuthorizedSession, Refusal>>;
  /** What policy says of one power now, for a session that is open; `destination` is what it would reach. */
  decidePower(session: AuthorizedSession, power: Power, destination?: string): Decision;
}

type Needs = {
  readonly servers: Pick<EnrolmentStore, 'serverByName'>;
  readonly policy: PolicyService;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly workspace: string;
  readonly maxDurationMs: number;
};

export function createGate(needs: Needs): Gate {
  return {
    open: async (question) => {
      const authorized = await authorize(needs, question);
      if (authorized.ok) return authorized;
      const recorded = await recordRefusal(needs.journal, question, authorized.error);
      return recorded.ok ? authorized : recorded;
    },
    decidePower: (session, power, destination) =>
      decidePower(
        needs,
        { caller: session.caller, server: session.server.name, login: session.login, door: session.door },
        session.server,
        power,
        destination,
      ),
  };
}

async function authorize(needs: Needs, question: AccessQuestion): Promise<Result<AuthorizedSession, Refusal>> {
  const found = await findServer(needs, question);
  if (!found.ok) return found;
  const server = found.value;
  const decisions = powers.map((power) => ({ power, decision: decidePower(needs, question, server, power) }));
  const allowed = decisions.filter(({ decision }) => decision.verdict === 'allow');
  if (allowed.length === 0)
    return err(deniedBy(mostTelling(decisions.map(({ decision }) => decision)), denial(question)));
  const startedAt = needs.clock.now();
  const session = new Authorized(
    {
      id: newId('session', needs.random),
      caller: question.caller,
      server,
      login: question.login,
      door: question.door,
      powers: allowed.map(({ power }) => power),
      rules: [...new Set(allowed.flatMap(({ decision }) => decision.rules))],
      endsAt: startedAt + needs.maxDurationMs,
    },
    startedAt,
  );
  const recorded = await needs.journal.write({
    class: 'session.opened',
    ...actorOf(question.caller),
    action: 'open',
    resource: { kind: 'server', id: server.id, name: server.name },
    decision: 'allow',
    rules: [...session.rules],
    session: session.id,
    details: { login: session.login, door: session.door, powers: [...session.powers], endsAt: session.endsAt },
  });
  return recorded.ok ? ok(session) : recorded;
}

// Whoever may not list servers does not learn from a refusal which names exist.
async function findServer(needs: Needs, question: AccessQuestion): Promise<Result<ManagedServer, Refusal>> {
  try {
    const server = await needs.servers.serverByName(question.server);
    if (server) return ok(server);
  } catch (error) {
    return err(sessionRefusals.storeUnavailable(String(error)));
  }
  const mayList = needs.policy.decide({
    principal: principalOf(question.caller),
    action: 'listServers',
    resource: { kind: 'workspace', id: needs.workspace },
    context: { address: question.caller.address, device: question.caller.device.id },
  });
  return err(
    mayList.verdict === 'allow' ? sessionRefusals.serverUnknown(question.server) : deniedBy(mayList, denial(question)),
  );
}

function decidePower(
  needs: Needs,
  question: AccessQuestion,
  server: ManagedServer,
  power: Power,
  destination?: string,
): Decision {
  return needs.policy.decide({
    principal: principalOf(question.caller),
    action: power,
    resource: { kind: 'server', id: server.id, name: server.name, labels: server.labels },
    context: {
      login: question.login,
      door: question.door,
      address: question.caller.address,
      device: question.caller.device.id,
      now: needs.clock.now(),
      ...(destination === undefined ? {} : { destination }),
    },
  });
}

function principalOf({ person }: Caller) {
  return { id: person.id, name: person.name, roles: person.roles };
}

// Of several denials, one that names a rule says more than the default.
function mostTelling(decisions: readonly Decision[]): Decision {
  const [first] = decisions;
  if (!first) throw new Error('there is always a power to decide');
  return (
    decisions.find((decision) => decision.errors.length > 0) ??
    decisions.find((decision) => !decision.rules.includes('default-deny')) ??
    first
  );
}

function denial({ login, server }: AccessQuestion): string {
  return `you may not be ${login} on ${server}`;
}

function recordRefusal(journal: Journal, question: AccessQuestion, refusal: Refusal): Promise<Result<void, Refusal>> {
  const entry: Entry = {
    class: 'session.refused',
    ...actorOf(question.caller),
    action: 'open',
    resource: { kind: 'server', id: question.server },
    decision: 'deny',
    rules: [refusal.rule],
    reason: refusal.message,
    details: { login: question.login, door: question.door, code: refusal.code, ...refusal.evidence },
  };
  return journal.refused(entry, { kind: 'known', id: question.caller.person.id });
}
