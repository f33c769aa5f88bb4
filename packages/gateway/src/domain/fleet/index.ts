// The agents that are connected now.

export { createFleet, type Fleet } from './service.ts';
