// What every package may use: values, no I/O.

export { equalBytes, fromBase64Url, sha256, sha256Hex, toBase64Url } from './bytes.ts';
export { canonicalJson } from './canonical-json.ts';
export { type Clock, delay, type EpochMs, systemClock, type Timer } from './clock.ts';
export { errorCode } from './error-code.ts';
export {
  type Brand,
  base32,
  type ChannelId,
  type CodeId,
  type DeviceId,
  type GrantId,
  type Id,
  type IdKind,
  idPattern,
  isId,
  type LinkId,
  newId,
  type PersonId,
  parseId,
  type ServerId,
  type SessionId,
  type TokenId,
} from './id.ts';
export { type JsonObject, type JsonPrimitive, type JsonValue, parseJson } from './json.ts';
export { fraction, type Random } from './random.ts';
export { Redacted } from './redacted.ts';
export { type Refusal, refusalText } from './refusal.ts';
export { type Err, err, expectOk, type Ok, ok, type Result } from './result.ts';
