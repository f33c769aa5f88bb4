// Makes an entry one that the log takes: its texts come from people, servers and policies, and none may keep an event out of the log.
// What is too long is cut, and what no line may hold is replaced; nothing is left out but rules beyond the most that an event names.

import type { Entry } from './entry.ts';

// The limits of auditEvent's fields, in UTF-16 code units.
const most = { action: 64, reason: 1024, place: 253, destination: 512, address: 64, rule: 128, actorId: 128 } as const;
const maxRules = 64;

type Details = NonNullable<Entry['details']>;
type Json = Details[string];

export function fit(entry: Entry): Entry {
  const { actor, resource, reason, source, destination, address, rules, details } = entry;
  return {
    ...entry,
    action: oneLineOf(entry.action, most.action),
    actor: { ...actor, id: oneLineOf(actor.id, most.actorId), ...nameOf(actor) },
    resource: { ...resource, id: oneLineOf(resource.id, most.place), ...nameOf(resource) },
    ...(reason === undefined ? {} : { reason: oneLineOf(reason, most.reason) }),
    ...(source === undefined ? {} : { source: oneLineOf(source, most.place) }),
    ...(destination === undefined ? {} : { destination: oneLineOf(destination, most.destination) }),
    ...(address === undefined ? {} : { address: oneLineOf(address, most.address) }),
    ...(rules === undefined ? {} : { rules: rules.slice(0, maxRules).map((rule) => oneLineOf(rule, most.rule)) }),
    ...(details === undefined ? {} : { details: wellFormedObject(details) }),
  };
}

function nameOf({ name }: { readonly name?: string | undefined }): { name?: string } {
  return name === undefined ? {} : { name: oneLineOf(name, most.place) };
}

function oneLineOf(text: string, maxLength: number): string {
  const line = text.toWellFormed().replace(/\p{Cc}+/gu, ' ');
  if (line.length <= maxLength) return line;
  // A cut within a pair leaves half a character, which has no canonical form (RFC 8785 §3.2.2.2).
  return `${line.slice(0, maxLength - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}

function wellFormed(value: Json): Json {
  if (typeof value === 'string') return value.toWellFormed();
  if (typeof value !== 'object' || value === null) return value;
  return Array.isArray(value) ? value.map(wellFormed) : wellFormedObject(value);
}

function wellFormedObject(members: Details): Details {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name.toWellFormed(), wellFormed(value)]));
}
