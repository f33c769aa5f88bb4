// The shapes of the catalogue's entries.

import type { AgentRefusal } from '@sallyport/agent';
import type { RefusalCode } from '@sallyport/protocol';

type Example = { readonly run: string; readonly means: string };

/** A command's own words. */
export type CommandWords = {
  readonly summary: string;
  /** What a person should know beyond the summary. */
  readonly description: string;
  readonly options: Readonly<Record<string, string>>;
  readonly arguments: Readonly<Record<string, string>>;
  /** A test runs each through the parser, so none of them can be wrong. */
  readonly examples: readonly Example[];
};

/** What a code means, in a language other than the gateway's. */
export type RefusalWords = { readonly [Code in RefusalCode]?: { readonly message: string; readonly hint: string } };

export type AgentRefusalWords = {
  readonly [Code in Exclude<AgentRefusal['code'], RefusalCode>]?: { readonly message: string; readonly hint: string };
};
