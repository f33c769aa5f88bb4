// What the agent does to its own machine.

export { type Capability, hostCapabilities, hostFacts } from './facts.ts';
export { type Acting, type Host, prepareHost } from './host.ts';
export { type LocalMachineOptions, localMachine } from './local-machine.ts';
export { findLogin, type Login } from './login.ts';
export type { ListenAddresses } from './network.ts';
export type { Grace } from './process-tree.ts';
