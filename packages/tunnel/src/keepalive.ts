// Whether the other end is still there, and how far away it is. One PING at a time; silence ends the link (CON-3).

import type { Clock, Timer } from '@sallyport/core';
import { pingEveryMs, pingJitter, silenceMs } from './limits.ts';

export interface KeepaliveLink {
  sendPing(token: number): void;
  /** A PONG came: the round trip in milliseconds. */
  measured(rttMs: number): void;
  silent(): void;
}

export class Keepalive {
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #link: KeepaliveLink;
  #token = 0;
  #sentAtMs: number | undefined;
  #lastArrivalMs: number;
  #pingTimer: Timer | undefined;
  #silenceTimer: Timer | undefined;

  constructor(clock: Clock, random: () => number, link: KeepaliveLink) {
    this.#clock = clock;
    this.#random = random;
    this.#link = link;
    this.#lastArrivalMs = clock.monotonicMs();
  }

  start(): void {
    this.probe();
    this.#schedulePing();
    this.#watchSilence(silenceMs);
  }

  stop(): void {
    this.#pingTimer?.cancel();
    this.#silenceTimer?.cancel();
  }

  arrived(): void {
    this.#lastArrivalMs = this.#clock.monotonicMs();
  }

  /** Measures now, unless a PING is on its way. */
  probe(): void {
    if (this.#sentAtMs !== undefined) return;
    this.#sentAtMs = this.#clock.monotonicMs();
    this.#token = (this.#token + 1) >>> 0;
    this.#link.sendPing(this.#token);
  }

  /** False if nobody asked for that PONG. */
  pong(token: number): boolean {
    if (this.#sentAtMs === undefined || token !== this.#token) return false;
    const rttMs = this.#clock.monotonicMs() - this.#sentAtMs;
    this.#sentAtMs = undefined;
    this.#link.measured(rttMs);
    return true;
  }

  #schedulePing(): void {
    const delayMs = pingEveryMs * (1 - pingJitter * this.#random());
    this.#pingTimer = this.#clock.after(delayMs, () => {
      this.#schedulePing();
      this.probe();
    });
  }

  #watchSilence(delayMs: number): void {
    this.#silenceTimer = this.#clock.after(delayMs, () => {
      const leftMs = this.#lastArrivalMs + silenceMs - this.#clock.monotonicMs();
      if (leftMs <= 0) this.#link.silent();
      else this.#watchSilence(leftMs);
    });
  }
}
