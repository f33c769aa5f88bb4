// What crosses a wire or a disk.

export * from './api.ts';
export * from './audit-event.ts';
export * from './enrolment-link.ts';
export * from './field.ts';
export * from './gateway-url.ts';
export * from './grant.ts';
export * from './join-token.ts';
export * from './link-proof.ts';
export * from './machine-wire.ts';
export * from './refusal-code.ts';
export * from './ssh-name.ts';
export * from './statement.ts';
export * from './variable-name.ts';
