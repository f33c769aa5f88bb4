// Machine, its lenses, and the SSH door.

export type { Listener, Machine, Process } from './machine.ts';
export { serveSsh } from './serve-ssh.ts';
export type { AuthenticationAttempt } from './ssh/authentication.ts';
export type { SshDoor, SshDoorOptions, SshLimits } from './ssh/door.ts';
export { certifyHostKey, type HostCertificateOptions, openSshPublicKey } from './ssh/host-key.ts';
