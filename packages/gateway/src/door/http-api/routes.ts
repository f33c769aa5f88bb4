// Every route of the API. A new subject is a file beside this one and a line here.

import type { IdentityService } from '../../domain/identity/index.ts';
import { auditRoutes } from './audit-routes.ts';
import { deviceRoutes, ownedDeviceRoutes } from './device-routes.ts';
import { createGuard } from './guard.ts';
import { healthRoutes } from './health-routes.ts';
import { policyRoutes } from './policy-routes.ts';
import type { HttpServer } from './server.ts';
import { agentRoutes, serverRoutes } from './server-routes.ts';
import { recordingRoutes, sessionRoutes } from './session-routes.ts';
import { tokenRoutes } from './token-routes.ts';

type NeedsOf<Routes extends (server: HttpServer, needs: never) => void> = Omit<Parameters<Routes>[1], 'guard'>;
type Needs = { readonly identity: IdentityService } & NeedsOf<typeof auditRoutes> &
  NeedsOf<typeof deviceRoutes> &
  NeedsOf<typeof healthRoutes> &
  NeedsOf<typeof policyRoutes> &
  NeedsOf<typeof agentRoutes> &
  NeedsOf<typeof recordingRoutes> &
  NeedsOf<typeof tokenRoutes>;

export function registerRoutes(server: HttpServer, needs: Needs): void {
  const guarded = { ...needs, guard: createGuard(needs.identity, needs.policy) };
  healthRoutes(server, guarded);
  deviceRoutes(server, guarded);
  ownedDeviceRoutes(server, guarded);
  agentRoutes(server, guarded);
  serverRoutes(server, guarded);
  tokenRoutes(server, guarded);
  sessionRoutes(server, guarded);
  recordingRoutes(server, guarded);
  policyRoutes(server, guarded);
  auditRoutes(server, guarded);
}
