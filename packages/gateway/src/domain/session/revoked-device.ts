// A revoked device loses what it has open: its sessions end with the reason, then its links close (IDN-7).

import { type DeviceLinks, type IdentityService, identityRefusals } from '../identity/index.ts';
import type { SessionService } from './service.ts';

export function endRevoked(identity: IdentityService, links: DeviceLinks, sessions: SessionService): void {
  identity.onRevoked((device, by) => {
    const reason = identityRefusals.revokedBy(by.person.name);
    sessions.endOf(device.id, reason);
    links.cut(device.id, reason.message);
  });
}
