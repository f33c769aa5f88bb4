// The gateway program.

export { type GatewayProgram, type RunningGateway, type StartFailure, startGateway } from './main.ts';
