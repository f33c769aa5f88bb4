// Machine, its lenses, and the SSH door.

export { limited, type SessionLimits } from './lens/limited.ts';
export {
  type ChannelRecording,
  type NotedRequest,
  type RecordedRequest,
  type Recorder,
  recorded,
} from './lens/recorded.ts';
export { type ChannelOutcome, type Supervisor, supervised } from './lens/supervised.ts';
export type { Listener, Machine, Process } from './machine.ts';
export { serveSsh } from './serve-ssh.ts';
export type { AuthenticationAttempt } from './ssh/authentication.ts';
export type { SshDoor, SshDoorOptions, SshLimits } from './ssh/door.ts';
export { certifyHostKey, type HostCertificateOptions, openSshPublicKey } from './ssh/host-key.ts';
