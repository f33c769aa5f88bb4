// The shape of a command's own words in the catalogue.

export type Example = { readonly run: string; readonly means: string };

export type CommandWords = {
  readonly summary: string;
  /** What a person should know beyond the summary. */
  readonly description: string;
  readonly options: Readonly<Record<string, string>>;
  readonly arguments: Readonly<Record<string, string>>;
  /** A test runs each through the parser, so none of them can be wrong. */
  readonly examples: readonly Example[];
};
