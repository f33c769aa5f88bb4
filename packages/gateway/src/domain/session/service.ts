// The sessions that are live now: opened through the gate, limited, recorded, supervised, and ended by whoever may end them.

import { type Clock, type DeviceId, err, ok, type Random, type Result, type SessionId } from '@sallyport/core';
import type { Refusal } from '@sallyport/protocol';
import { limited, type Machine, recorded, supervised } from '@sallyport/session';
import type { Journal } from '../audit/index.ts';
import { actorOf } from '../identity/index.ts';
import { destinationOf, type SupervisedChannels, superviseChannels } from './channel.ts';
import type { AccessQuestion, AuthorizedSession, Gate } from './gate.ts';
import type { MachineSource, Recordings, SessionStore } from './ports.ts';
import { sessionRefusals } from './refusals.ts';

type OpenSession = { readonly session: AuthorizedSession; readonly machine: Machine };

export interface SessionService {
  /** `notify` writes a line to the person: a limit that is near, or why the session ended. */
  open(question: AccessQuestion, notify: (text: string) => void): Promise<Result<OpenSession, Refusal>>;
  live(): readonly OpenSession[];
  /** Ends a live session; false when there is none with that id. */
  end(id: SessionId, reason: Refusal): boolean;
  /** Ends what the device has open. */
  endOf(device: DeviceId, reason: Refusal): void;
  endAll(reason: Refusal): Promise<void>;
  /** Decides every live session again, and ends those that policy does not allow any more (SES-7). */
  reconsider(): void;
}

type LiveSession = OpenSession & Pick<SupervisedChannels, 'asked'>;

// A rule can allow until a time, or by what nobody announces: each session is decided again this often (SES-7).
const reconsiderEveryMs = 30_000;
const sessionsInSlice = 50;

type Needs = {
  readonly gate: Gate;
  readonly machines: MachineSource;
  readonly recordings: Recordings;
  readonly store: SessionStore;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly idleMs: number;
  readonly warnBeforeMs: number;
  readonly limits: {
    readonly maxSessions: number;
    readonly maxSessionsPerPerson: number;
    readonly maxChannelsPerSession: number;
  };
  readonly onFault: (message: string, error: unknown) => void;
};

export function createSessions(needs: Needs): SessionService {
  const live = new Map<SessionId, LiveSession>();
  const opening = new Set<AccessQuestion>();
  const reconsider = () => reconsiderAll(live, needs);
  let isLooking = false;
  const lookAgain = () => {
    if (isLooking) return;
    isLooking = true;
    needs.clock.after(reconsiderEveryMs, () => {
      isLooking = false;
      if (live.size === 0) return;
      reconsider();
      lookAgain();
    });
  };
  return {
    open: async (question, notify) => {
      const full = tooMany(
        [...live.values()].map(({ session }) => session),
        opening,
        needs,
        question,
      );
      if (full) return err(full);
      opening.add(question);
      const opened = await openOne(needs, question, notify).finally(() => opening.delete(question));
      if (!opened.ok) return opened;
      const { session } = opened.value;
      live.set(session.id, opened.value);
      lookAgain();
      opened.value.machine.ended
        .then((reason) => {
          live.delete(session.id);
          return keepEnd(needs, session, reason);
        })
        .catch((error: unknown) => needs.onFault('a session could not be ended in the database', error));
      // The policy may have changed since the gate decided: from here on a change finds this session.
      const lost = lostPower(needs.gate, opened.value);
      if (!lost) return opened;
      end(needs, opened.value, lost);
      return err(lost);
    },
    live: () => [...live.values()],
    end: (id, reason) => {
      const found = live.get(id);
      if (found) end(needs, found, reason);
      return found !== undefined;
    },
    endOf: (device, reason) => {
      for (const each of live.values()) if (each.session.caller.device.id === device) end(needs, each, reason);
    },
    endAll: async (reason) => {
      await Promise.all([...live.values()].map(({ machine }) => machine.end(reason)));
    },
    reconsider,
  };
}

async function openOne(
  needs: Needs,
  question: AccessQuestion,
  notify: (text: string) => void,
): Promise<Result<LiveSession, Refusal>> {
  const authorized = await needs.gate.open(question);
  return authorized.ok ? begin(needs, authorized.value, notify) : authorized;
}

/** In slices: between them everything else goes on. */
function reconsiderAll(live: ReadonlyMap<SessionId, LiveSession>, needs: Needs): void {
  const waiting = [...live.values()];
  const slice = () => {
    for (const each of waiting.splice(0, sessionsInSlice)) {
      const lost = lostPower(needs.gate, each);
      if (lost) end(needs, each, lost);
    }
    if (waiting.length > 0) needs.clock.after(0, slice);
  };
  slice();
}

async function begin(
  needs: Needs,
  session: AuthorizedSession,
  notify: (text: string) => void,
): Promise<Result<LiveSession, Refusal>> {
  try {
    await needs.store.addSession(recordOf(session));
  } catch (error) {
    const refusal = sessionRefusals.storeUnavailable(String(error));
    noteEnd(needs, session, refusal);
    return err(refusal);
  }
  const begun = await needs.machines.begin(session, { notice: notify });
  if (!begun.ok) {
    await keepEnd(needs, session, begun.error);
    return begun;
  }
  const { machine: remote } = begun.value;
  const limits = { endsAt: session.endsAt, idleMs: needs.idleMs, warnBeforeMs: [needs.warnBeforeMs] };
  const recorder = needs.recordings.recorderFor(session);
  const supervisor = superviseChannels(session, {
    ...needs,
    recorder,
    maxChannels: needs.limits.maxChannelsPerSession,
  });
  const machine = supervised(recorded(limited(remote, limits, needs.clock, notify), recorder), supervisor);
  return ok({ session, machine, asked: supervisor.asked });
}

function tooMany(
  live: readonly AuthorizedSession[],
  opening: ReadonlySet<AccessQuestion>,
  { limits }: Needs,
  { caller }: AccessQuestion,
): Refusal | undefined {
  // Those that are being opened count: a hundred asked for at once are a hundred.
  const all = [...live, ...opening];
  if (all.length >= limits.maxSessions) return sessionRefusals.tooMany(limits.maxSessions, 'the gateway');
  const own = all.filter((one) => one.caller.person.id === caller.person.id).length;
  return own >= limits.maxSessionsPerPerson
    ? sessionRefusals.tooMany(limits.maxSessionsPerPerson, caller.person.name)
    : undefined;
}

// A session lives on while it has every power it began with: taking one away must take effect, also on channels that are open.
// A forward lives on while it may go where it goes.
function lostPower(gate: Gate, { session, asked }: LiveSession): Refusal | undefined {
  const held = session.powers.map((power) => gate.decidePower(session, power));
  const used = [...asked].map((request) => gate.decidePower(session, request.kind, destinationOf(request)));
  const lost = [...held, ...used].find(({ verdict }) => verdict === 'deny');
  return lost && sessionRefusals.notAllowedAnyMore(lost.rules.join(', '));
}

function end({ onFault }: Needs, { machine }: OpenSession, reason: Refusal): void {
  machine.end(reason).catch((error: unknown) => onFault('a session could not be ended', error));
}

async function keepEnd(needs: Needs, session: AuthorizedSession, reason: Refusal): Promise<void> {
  noteEnd(needs, session, reason);
  await needs.store.endSession(session.id, needs.clock.now(), reason.message);
}

/** Whatever the log says began, it says ended. */
function noteEnd({ journal, clock }: Needs, session: AuthorizedSession, reason: Refusal): void {
  journal.note({
    class: 'session.ended',
    ...actorOf(session.caller),
    action: 'end',
    resource: { kind: 'server', id: session.server.id, name: session.server.name },
    session: session.id,
    reason: `${reason.code}: ${reason.message}`,
    rules: [reason.rule],
    details: { login: session.login, tookMs: clock.now() - session.startedAt },
  });
}

function recordOf(session: AuthorizedSession) {
  return {
    id: session.id,
    person: session.caller.person.id,
    personName: session.caller.person.name,
    device: session.caller.device.id,
    server: session.server.id,
    serverName: session.server.name,
    login: session.login,
    door: session.door,
    address: session.caller.address,
    startedAt: session.startedAt,
    endedAt: undefined,
    endReason: undefined,
  };
}
