// What the audit tests share: events, folders that remove themselves, a clock that tests own.

import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, expectOk } from '@sallyport/core';
import type { AuditEvent } from '@sallyport/protocol';
import type { AuditLog, AuditLogOptions } from '../log.ts';
import { openAuditLog } from '../open.ts';

export const origin = 'sally.example/acme';

export function event(number: number, more: Partial<AuditEvent> = {}): AuditEvent {
  return {
    time: new Date(1_785_000_000_000 + number).toISOString(),
    class: 'api.allowed',
    actor: { kind: 'person', id: 'per_0000000000000001', name: '앨리스' },
    action: 'GET /v1/servers',
    resource: { kind: 'api', id: `/v1/servers/${number}` },
    decision: 'allow',
    rules: ['owner'],
    details: { number, nested: { z: 1, a: [true, null, 0.5] } },
    ...more,
  };
}

/** A folder for one test, removed when its scope ends. */
export function scratch(): { readonly folder: string; [Symbol.dispose](): void } {
  const folder = mkdtempSync(join(tmpdir(), 'sally-audit-'));
  return { folder, [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }) };
}

/** Time that stands still until the test moves it. */
export class TestClock implements Clock {
  #nowMs = 1_785_000_000_000;
  #timers: { atMs: number; call: () => void }[] = [];

  now(): number {
    return this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, call: () => void): { cancel(): void } {
    const timer = { atMs: this.#nowMs + delayMs, call };
    this.#timers.push(timer);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((one) => one !== timer);
      },
    };
  }

  advance(byMs: number): void {
    this.#nowMs += byMs;
    const due = this.#timers.filter((one) => one.atMs <= this.#nowMs);
    this.#timers = this.#timers.filter((one) => one.atMs > this.#nowMs);
    for (const { call } of due) call();
  }
}

// The same in every process: what a test's child writes, the test verifies.
const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, 0x5a)]);
const privateKey = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
export const signingKey = { privateKey, publicKey: createPublicKey(privateKey) };

export function logOptions(folder: string, more: Partial<AuditLogOptions> = {}): AuditLogOptions {
  return { folder, signingKey, origin, clock: new TestClock(), checkpointEveryMs: 10_000, ...more };
}

export async function openLog(folder: string, more: Partial<AuditLogOptions> = {}): Promise<AuditLog> {
  return expectOk(await openAuditLog(logOptions(folder, more)));
}

export async function appendMany(log: AuditLog, count: number, from = log.size): Promise<void> {
  const appended = Array.from({ length: count }, (_, index) => log.append(event(from + index)));
  for (const one of await Promise.all(appended)) expectOk(one);
}
