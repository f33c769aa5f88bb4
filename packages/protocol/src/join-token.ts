// The text of a join token: sjt_<token id>_<secret>_<CA fingerprint>. Whoever holds it may add a server, so it is never logged.
// The fingerprint is what the joining agent trusts; without it the agent trusts the system's roots.

import { err, isId, ok, type Result, type TokenId } from '@sallyport/core';

export type JoinTokenText = {
  readonly token: TokenId;
  /** 32 random bytes in Crockford base 32: 52 characters. */
  readonly secret: string;
  /** SHA-256 over the workspace CA's SPKI DER, hex. */
  readonly caFingerprint: string | undefined;
};

const form = /^sjt_([0-9a-hjkmnp-tv-z]{16})_([0-9a-hjkmnp-tv-z]{52})(?:_([0-9a-f]{64}))?$/;

/** A SHA-256 fingerprint as tokens and links carry it. */
export function isCaFingerprint(text: string): boolean {
  return /^[0-9a-f]{64}$/.test(text);
}

/** Throws RangeError on parts that parseJoinToken would not read back: the maker's bug, never the reader's. */
export function formatJoinToken({ token, secret, caFingerprint }: JoinTokenText): string {
  const pin = caFingerprint === undefined ? '' : `_${caFingerprint}`;
  const text = `sjt_${token.slice('tok_'.length)}_${secret}${pin}`;
  if (!form.test(text)) throw new RangeError('these parts do not make a join token');
  return text;
}

/** The parts of the token, or what is wrong with it. The message never repeats the text: it may hold a secret. */
export function parseJoinToken(text: string): Result<JoinTokenText, string> {
  const [, id, secret, caFingerprint] = form.exec(text) ?? [];
  const token = `tok_${id}`;
  if (id === undefined || secret === undefined || !isId('token', token)) return err(whatIsWrong(text));
  return ok({ token, secret, caFingerprint });
}

function whatIsWrong(text: string): string {
  if (text === '') return 'the token is empty';
  if (/\s/.test(text)) return 'the token holds white space: a line break may have been copied with it';
  if (!text.startsWith('sjt_')) return 'not a join token: it does not begin with sjt_';
  return 'the token is not whole: it should read sjt_…_…_… as it was printed';
}
