// Enrolment links and gateway addresses: https only, and the code is never repeated in what is said about a bad one.
import { describe, expect, it } from 'vitest';
import { formatEnrolmentLink, parseEnrolmentLink } from './enrolment-link.ts';
import { parseGatewayUrl } from './gateway-url.ts';

const code = 'Zr9_-0123456789abcdef';
const caFingerprint = '0f'.repeat(32);
const gateway = new URL('https://gate.example:8443');

describe('an enrolment link', () => {
  it.each([
    ['with a pin', { gateway, code, caFingerprint }],
    ['without a pin', { gateway, code, caFingerprint: undefined }],
    ['on an IPv6 address', { gateway: new URL('https://[::1]:8443'), code, caFingerprint }],
  ])('reads back as it was written, %s (IDN-4)', (_, parts) => {
    expect(parseEnrolmentLink(formatEnrolmentLink(parts))).toEqual({ ok: true, value: parts });
  });

  it.each([
    ['no fragment', 'https://gate.example/enrol', 'after # is missing'],
    ['another path', `https://gate.example/join#${code}`, '/enrol#'],
    ['plain http', `http://gate.example/enrol#${code}`, 'https only'],
    ['a cut pin', `https://gate.example/enrol#${code}.${caFingerprint.slice(1)}`, 'not whole'],
    ['a short code', 'https://gate.example/enrol#abc', 'not whole'],
    ['a password', `https://a:b@gate.example/enrol#${code}`, 'no password'],
  ])('is refused with %s, without repeating the code (IDN-4)', (_, text, reason) => {
    const parsed = parseEnrolmentLink(text);
    expect(parsed).toEqual({ ok: false, error: expect.stringContaining(reason) });
    expect(JSON.stringify(parsed)).not.toContain(code);
  });
});

describe('the address of a gateway', () => {
  it.each([
    ['gate.example', 'https://gate.example/'],
    ['gate.example:8443', 'https://gate.example:8443/'],
    ['https://GATE.example/', 'https://gate.example/'],
  ])('%s is read as %s (CON-1)', (text, href) => {
    expect(parseGatewayUrl(text)).toMatchObject({ ok: true, value: { href } });
  });

  it.each([
    ['ftp://gate.example', 'https only'],
    ['https://gate.example/v1', 'ends after the port'],
    ['https://gate.example:99999', 'not an address'],
    ['', 'not an address'],
  ])('%j is refused (CON-1)', (text, reason) => {
    expect(parseGatewayUrl(text)).toEqual({ ok: false, error: expect.stringContaining(reason) });
  });
});
