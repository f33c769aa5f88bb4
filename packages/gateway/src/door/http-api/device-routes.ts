// Signing in: enrolling a device with a one-time code, who one is, and codes for further devices.

import { TLSSocket } from 'node:tls';
import { type Clock, type DeviceId, err, ok, type Result } from '@sallyport/core';
import {
  deviceEnrolled,
  deviceEnrolment,
  device as deviceShape,
  enrolmentCodeCreated,
  formatEnrolmentLink,
  idOf,
  type ListedDevice,
  type Refusal,
  whoAmI,
} from '@sallyport/protocol';
import * as z from 'zod/mini';
import type { Journal } from '../../domain/audit/index.ts';
import {
  actorOf,
  type Caller,
  type DeviceLinks,
  type IdentityService,
  identityRefusals,
  type OwnedDevice,
} from '../../domain/identity/index.ts';
import type { PolicyService } from '../../domain/policy/index.ts';
import { presentedDevice } from '../connection.ts';
import { type Guard, refuse } from './guard.ts';
import { type HttpServer, refusalResponses } from './server.ts';

type Needs = {
  readonly identity: IdentityService;
  readonly links: DeviceLinks;
  readonly policy: PolicyService;
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

const listQuery = z.object({ all: z.optional(z.enum(['0', '1'])) });
const deviceParams = z.object({ id: idOf('device') });

/** Which devices there are, and the end of one: one's own without asking, those of others by policy (IDN-7). */
export function ownedDeviceRoutes(server: HttpServer, needs: Needs): void {
  const { identity, guard } = needs;
  server.get(
    '/v1/devices',
    {
      schema: {
        tags: ['devices'],
        querystring: listQuery,
        response: { 200: z.array(deviceShape), ...refusalResponses },
      },
    },
    (request, reply) => {
      const isAll = request.query.all === '1';
      return guard(request, reply, isAll ? 'listDevices' : 'self', async (caller) =>
        ok((await identity.devices(isAll ? undefined : caller.person)).map((owned) => shown(owned, caller, needs))),
      );
    },
  );
  server.post(
    '/v1/devices/:id/revoke',
    { schema: { tags: ['devices'], params: deviceParams, response: { 204: z.null(), ...refusalResponses } } },
    (request, reply) =>
      guard(request, reply, 'self', async (caller) => {
        const revoked = await revoke(needs, caller, request.params.id);
        if (!revoked.ok) return revoked;
        reply.code(204);
        return ok(null);
      }),
  );
}

async function revoke({ identity, policy }: Needs, caller: Caller, id: DeviceId): Promise<Result<void, Refusal>> {
  const found = await identity.deviceById(id);
  // Who may not revoke those of others does not learn which there are.
  if (found?.person.id !== caller.person.id) {
    const allowed = await policy.authorize(caller, 'revokeDevice');
    if (!allowed.ok) return allowed;
  }
  return found ? identity.revokeDevice(caller, found.device) : err(identityRefusals.noSuchDevice(id));
}

function shown({ device, person }: OwnedDevice, caller: Caller, { links }: Needs): ListedDevice {
  return {
    id: device.id,
    name: device.name,
    person: { id: person.id, name: person.name },
    enrolledAt: device.enrolledAt,
    ...(device.revokedAt === undefined ? {} : { revokedAt: device.revokedAt }),
    links: links.countOf(device.id),
    isThis: device.id === caller.device.id,
  };
}

/** What this connection really negotiated (SES-10). */
function negotiated(socket: unknown): { tls: string; cipher: string; keyExchange: string } {
  if (!(socket instanceof TLSSocket)) return { tls: 'none', cipher: 'none', keyExchange: 'none' };
  return { tls: socket.getProtocol() ?? 'unknown', cipher: socket.getCipher().name, keyExchange: 'seen by the client' };
}
