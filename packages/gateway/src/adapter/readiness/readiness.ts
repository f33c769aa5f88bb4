// What /ready asks: whether the database answers, the log writes and the disk has room. The details are safe for a stranger to read.

import { statfs } from 'node:fs/promises';
import type { AuditLog } from '@sallyport/audit';

// Below this the log and the recordings would soon stop every session.
const minFreeBytes = 64 * 1024 * 1024;

type Needs = {
  readonly store: { ping(): Promise<void> };
  readonly log: Pick<AuditLog, 'isHealthy' | 'failure'>;
  readonly dataFolder: string;
};

type Answer = { readonly isOk: boolean; readonly detail: string };

export function readinessChecks({ store, log, dataFolder }: Needs): Readonly<Record<string, () => Promise<Answer>>> {
  return {
    store: async () => {
      try {
        await store.ping();
        return { isOk: true, detail: 'answers' };
      } catch {
        return { isOk: false, detail: 'does not answer; the reason is in the gateway log' };
      }
    },
    audit: async () => ({ isOk: log.isHealthy, detail: log.failure?.message ?? 'writes' }),
    disk: async () => {
      const { bavail, bsize } = await statfs(dataFolder);
      const freeBytes = bavail * bsize;
      return { isOk: freeBytes > minFreeBytes, detail: `${Math.floor(freeBytes / 1_048_576)} MiB free` };
    },
  };
}
