// The agents that are connected now.

export { type AgentLink, createFleet, type Fleet } from './service.ts';
