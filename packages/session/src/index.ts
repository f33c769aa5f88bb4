// Machine, its lenses, and the SSH door.

export type { Listener, Machine, Process } from './machine.ts';
