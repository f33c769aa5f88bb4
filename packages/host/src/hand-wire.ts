// What the agent and the login-hand say to each other over Node's IPC channel, which also carries the sockets themselves.

import { socketAddress } from '@sallyport/protocol';
import * as z from 'zod/mini';

const id = z.int().check(z.nonnegative());
const path = z.string().check(z.minLength(1), z.maxLength(107));

/** Where the hand listens: addresses of one port, or a path. */
export const handRequest = z.discriminatedUnion('ask', [
  z.strictObject({ ask: z.literal('connect'), id, path }),
  z.strictObject({ ask: z.literal('listen-tcp'), id, hosts: z.array(z.string()), port: z.int() }),
  z.strictObject({ ask: z.literal('listen-unix'), id, path }),
  z.strictObject({ ask: z.literal('close'), id }),
]);
export type HandRequest = z.infer<typeof handRequest>;

export const handReply = z.discriminatedUnion('reply', [
  z.strictObject({ reply: z.literal('ready') }),
  z.strictObject({ reply: z.literal('connected'), id }),
  z.strictObject({ reply: z.literal('listening'), id, port: z.int() }),
  z.strictObject({ reply: z.literal('connection'), id, origin: socketAddress }),
  z.strictObject({ reply: z.literal('closed'), id }),
  z.strictObject({ reply: z.literal('failed'), id, code: z.string(), message: z.string() }),
]);
export type HandReply = z.infer<typeof handReply>;
