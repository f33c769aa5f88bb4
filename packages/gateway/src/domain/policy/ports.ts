// What policy needs of a store: numbered versions, of which the last is in force.

import type { EpochMs } from '@sallyport/core';

export type PolicyVersion = {
  readonly version: number;
  readonly text: string;
  readonly author: string;
  readonly reason: string;
  readonly appliedAt: EpochMs;
};

export interface PolicyStore {
  latest(): Promise<PolicyVersion | undefined>;
  /** Adds the version; false when that number exists already (somebody applied meanwhile). */
  add(version: PolicyVersion): Promise<boolean>;
  versions(): Promise<readonly PolicyVersion[]>;
}
