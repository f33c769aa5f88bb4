// Signing in: enrolling a device with a one-time code, who one is, and codes for further devices.

import { TLSSocket } from 'node:tls';
import { type Clock, ok } from '@sallyport/core';
import {
  deviceEnrolled,
  deviceEnrolment,
  enrolmentCodeCreated,
  formatEnrolmentLink,
  whoAmI,
} from '@sallyport/protocol';
import type { Journal } from '../../domain/audit/index.ts';
import { actorOf, type IdentityService } from '../../domain/identity/index.ts';
import { presentedDevice } from '../connection.ts';
import { type Guard, refuse } from './guard.ts';
import { type HttpServer, refusalResponses } from './server.ts';

type Needs = {
  readonly identity: IdentityService;
  readonly journal: Journal;
  readonly guard: Guard;
  readonly clock: Clock;
  readonly workspace: string;
  readonly version: string;
  readonly publicUrl: URL;
  readonly caFingerprint: string;
  /** What certifies the SSH door's host keys: `ssh-ed25519 AAAA…`. */
  readonly sshHostCa: string;
};

export function deviceRoutes(server: HttpServer, needs: Needs): void {
  const { identity, guard, workspace, sshHostCa } = needs;
  server.post(
    '/v1/devices',
    { schema: { tags: ['devices'], body: deviceEnrolment, response: { 201: deviceEnrolled, ...refusalResponses } } },
    async (request, reply) => {
      const enrolled = await identity.enrol(request.body, presentedDevice(request.raw));
      if (!enrolled.ok) return refuse(reply, enrolled.error);
      const { person, device } = enrolled.value;
      return reply
        .code(201)
        .send({ person: { id: person.id, name: person.name }, device: device.id, workspace, sshHostCa });
    },
  );
  server.get(
    '/v1/whoami',
    { schema: { tags: ['devices'], response: { 200: whoAmI, ...refusalResponses } } },
    (request, reply) =>
      guard(request, reply, 'self', async ({ person, device, address }) =>
        ok({
          person: { id: person.id, name: person.name, roles: [...person.roles] },
          device: { id: device.id, name: device.name },
          workspace,
          gatewayVersion: needs.version,
          gatewayTime: needs.clock.now(),
          connection: { ...negotiated(request.raw.socket), address },
          sshHostCa,
        }),
      ),
  );
  server.post(
    '/v1/codes',
    { schema: { tags: ['devices'], response: { 200: enrolmentCodeCreated, ...refusalResponses } } },
    (request, reply) =>
      guard(request, reply, 'createCode', async (caller) => {
        const { code, record } = await identity.createCode(caller.person);
        const recorded = await needs.journal.write({
          class: 'code.created',
          ...actorOf(caller),
          action: 'createCode',
          resource: { kind: 'code', id: record.id },
          decision: 'allow',
        });
        if (!recorded.ok) return recorded;
        const link = formatEnrolmentLink({ gateway: needs.publicUrl, code, caFingerprint: needs.caFingerprint });
        return ok({ code, link, expiresAt: record.expiresAt });
      }),
  );
}

/** What this connection really negotiated (SES-10). */
function negotiated(socket: unknown): { tls: string; cipher: string; keyExchange: string } {
  if (!(socket instanceof TLSSocket)) return { tls: 'none', cipher: 'none', keyExchange: 'none' };
  return { tls: socket.getProtocol() ?? 'unknown', cipher: socket.getCipher().name, keyExchange: 'seen by the client' };
}
