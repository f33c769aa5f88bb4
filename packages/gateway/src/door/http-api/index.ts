// The HTTPS port and its API.

export { deviceRoutes, sshPublicKeyLine } from './device-routes.ts';
export { createGuard } from './guard.ts';
export { healthRoutes, type ReadinessCheck } from './health-routes.ts';
export { auditRoutes } from './audit-routes.ts';
export { policyRoutes } from './policy-routes.ts';
export { createHttpServer, type HttpServer } from './server.ts';
export { agentRoutes, serverRoutes } from './server-routes.ts';
export { recordingRoutes, sessionRoutes } from './session-routes.ts';
export { tokenRoutes } from './token-routes.ts';
