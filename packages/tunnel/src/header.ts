// The header of a new stream: JSON, validated. Whatever the peer wrote, this returns.

import { type StreamHeader, streamHeader } from '@sallyport/protocol';

const utf8 = { fatal: true } as const;

/** The header, or undefined if it is not one. */
export function parseHeader(bytes: Buffer): StreamHeader | undefined {
  try {
    const parsed = streamHeader.safeParse(JSON.parse(new TextDecoder('utf-8', utf8).decode(bytes)));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}
