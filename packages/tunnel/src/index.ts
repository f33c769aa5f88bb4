// Links between the parts of Sallyport, and the Machine that is reached through one.

export { ask, readAnswer, writeAnswer } from './answer.ts';
export { type Backoff, backoff } from './backoff.ts';
export type { Carrier } from './carrier.ts';
export { connectTls, connectUnverified, exporterOf, type GatewayAddress, hostOf, portOf } from './connect-tls.ts';
export { type Dialled, type DialOptions, dialGateway } from './dial.ts';
export type { DialFailure, DialStep } from './dial-failure.ts';
export { join } from './join.ts';
export { type KeepLinkedOptions, type KeptLink, keepLinked } from './keep-linked.ts';
export { defaultLimits, type MuxLimits } from './limits.ts';
export { createMux } from './link.ts';
export { type LinkFault, LinkLost, resetCode, StreamReset } from './link-fault.ts';
export type { Mux, MuxOptions } from './mux.ts';
export { isPinned, learnPinnedCa, type NotPinned } from './pinned-ca.ts';
export { openSession, type RemoteSession, type SessionAccepted, type SessionEvents } from './remote-machine.ts';
export {
  type AdmitSession,
  type AdmittedSession,
  type ServeOptions,
  type SessionAsker,
  serveSessions,
} from './serve-sessions.ts';
export type { MuxStream } from './stream.ts';
export { type NegotiatedConnection, negotiatedOn, tlsFloor } from './tls.ts';
export { noAnswerInTime, type WayCause, type WayFault, wayFaultOf } from './way-fault.ts';
export { type WebSocketAcceptor, webSocketAcceptor } from './web-socket-acceptor.ts';
export { webSocketCarrier } from './web-socket-carrier.ts';
