// The gateway's figures for Prometheus (OPS-2). Labels are from closed lists only: a hostile name must not grow the series.

import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';

export type Measured = {
  readonly agents: () => number;
  readonly sessions: () => number;
  readonly auditEvents: () => number;
};

export interface Metrics {
  auditFailed(): void;
  ownFault(): void;
  text(): Promise<{ contentType: string; text: string }>;
}

export function createMetrics(measured: Measured): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, prefix: 'sallyport_' });
  gauge(registry, 'sallyport_agents_connected', 'Agents with a live tunnel', measured.agents);
  gauge(registry, 'sallyport_sessions_open', 'Sessions that are open now', measured.sessions);
  gauge(registry, 'sallyport_audit_events', 'Events in the audit log', measured.auditEvents);
  const auditFailures = new Counter({
    name: 'sallyport_audit_failures_total',
    help: 'Events that could not be made durable; each refused what it stood for',
    registers: [registry],
  });
  const faults = new Counter({
    name: 'sallyport_faults_total',
    help: 'Errors of the gateway itself',
    registers: [registry],
  });
  return {
    auditFailed: () => auditFailures.inc(),
    ownFault: () => faults.inc(),
    text: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
