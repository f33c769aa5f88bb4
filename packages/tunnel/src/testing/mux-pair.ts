// Two ends of one link, over each carrier that the contract runs on.

import { systemClock } from '@sallyport/core';
import type { Carrier } from '../carrier.ts';
import { dialGateway } from '../dial.ts';
import { createMux } from '../link.ts';
import type { Mux, MuxOptions } from '../mux.ts';
import { selfSigned } from './certificate.ts';
import { testGateway } from './gateway.ts';
import { memoryCarriers } from './memory-carrier.ts';
import { seeded } from './random.ts';

export type CarrierPair = {
  readonly dialled: Carrier;
  readonly accepted: Carrier;
  dispose(): Promise<void>;
};
export type MuxPair = { readonly dialler: Mux; readonly acceptor: Mux; dispose(): Promise<void> };

const none = () => Promise.resolve();

export async function memoryPair(): Promise<CarrierPair> {
  const [dialled, accepted] = memoryCarriers();
  return { dialled, accepted, dispose: none };
}

/** Frames go singly, in bursts, or wait many steps, differently both ways. */
export async function unevenPair(): Promise<CarrierPair> {
  const random = seeded(20_260_101);
  let waits = 0;
  const [dialled, accepted] = memoryCarriers(() => {
    if (waits > 0) {
      waits -= 1;
      return 1;
    }
    waits = random() < 0.7 ? 0 : Math.floor(random() * 6);
    return 0;
  });
  return { dialled, accepted, dispose: none };
}

export async function tlsPair(): Promise<CarrierPair> {
  const certificate = selfSigned();
  const gateway = await testGateway(certificate);
  const dialled = await dialGateway({
    url: gateway.url,
    path: '/v1/tunnel',
    ca: certificate.cert,
    headers: () => ({}),
    timeoutMs: 5_000,
  });
  if (!dialled.ok) throw new Error(`${dialled.error.step}: ${dialled.error.message}`);
  return { dialled: dialled.value.carrier, accepted: await gateway.nextCarrier(), dispose: () => gateway.close() };
}

export function linked(pair: CarrierPair, options: Partial<MuxOptions> = {}): MuxPair {
  const common = { clock: systemClock, random: () => 0.5, ...options };
  const dialler = createMux(pair.dialled, { ...common, role: 'dialler' });
  const acceptor = createMux(pair.accepted, { ...common, role: 'acceptor' });
  return {
    dialler,
    acceptor,
    dispose: async () => {
      dialler.close('the test is over');
      await Promise.all([dialler.closed, acceptor.closed]);
      await pair.dispose();
    },
  };
}
