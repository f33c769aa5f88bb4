// A question to the policy and its answer, as values.

import type { DeviceId, EpochMs, PersonId, ServerId } from '@sallyport/core';
import type { Labels, Power } from '@sallyport/protocol';
import type { WorkspaceAction } from './action.ts';

export type Principal = { readonly id: PersonId; readonly name: string; readonly roles: readonly string[] };

/** What is known of a session when a power is asked for (POL-2). */
export type SessionContext = {
  readonly login: string;
  /** The door it comes through, such as `ssh`. */
  readonly door: string;
  /** The peer's IP address as the gateway's own socket saw it. */
  readonly address: string;
  readonly device: DeviceId;
  readonly now: EpochMs;
  /** `host:port` or a socket's path, for dial and listen. */
  readonly destination?: string;
};

export type WorkspaceContext = { readonly address: string; readonly device: DeviceId };

export type SessionQuestion = {
  readonly principal: Principal;
  readonly action: Power;
  readonly resource: { readonly kind: 'server'; readonly id: ServerId; readonly name: string; readonly labels: Labels };
  readonly context: SessionContext;
};

export type WorkspaceQuestion = {
  readonly principal: Principal;
  readonly action: WorkspaceAction;
  /** The id of a workspace is its name. */
  readonly resource: { readonly kind: 'workspace'; readonly id: string };
  readonly context: WorkspaceContext;
};

export type DecisionRequest = SessionQuestion | WorkspaceQuestion;

export type Decision = {
  readonly verdict: 'allow' | 'deny';
  /** The `@id`s of the policies that decided; `default-deny` when none did, `evaluation-error` when the question could not be answered. */
  readonly rules: readonly string[];
  /** One line for the log and for the person. */
  readonly why: string;
  /** What went wrong while deciding; whenever there is one, the verdict is deny. */
  readonly errors: readonly string[];
};

export const defaultDenyRule = 'default-deny';
export const evaluationErrorRule = 'evaluation-error';
