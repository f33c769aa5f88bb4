// Which code of Node and OpenSSL means what on the way to a gateway.
import { describe, expect, it } from 'vitest';
import { noAnswerInTime, wayFaultOf } from './way-fault.ts';

const coded = (code: string, more: object = {}): Error => Object.assign(new Error('in its words'), { code, ...more });

describe('a fault on the way', () => {
  it.each([
    ['ENOTFOUND', 'dns', 'noSuchHost'],
    ['EAI_AGAIN', 'dns', 'noNameServer'],
    ['ECONNREFUSED', 'tcp', 'nothingListens'],
    ['ENETUNREACH', 'tcp', 'noRoute'],
    ['ETIMEDOUT', 'tcp', 'noAnswer'],
    ['ECONNRESET', 'tcp', 'cut'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls', 'otherName'],
    ['CERT_HAS_EXPIRED', 'tls', 'wrongTime'],
    ['CERT_REVOKED', 'tls', 'untrusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', 'untrusted'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls', 'untrusted'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'noTls'],
    ['EMFILE', 'tcp', 'other'],
  ])('of code %s is at %s: %s (CON-6)', (code, step, cause) => {
    expect(wayFaultOf(coded(code))).toEqual({ step, cause, code, detail: 'in its words' });
  });

  it('is at dns when the name was being looked up, whatever the code (CON-6)', () => {
    expect(wayFaultOf(coded('EMFILE', { syscall: 'getaddrinfo' }))).toMatchObject({ step: 'dns', cause: 'other' });
  });

  it('of several addresses is the first one’s, with the words of all (CON-6)', () => {
    const both = new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')]);
    expect(wayFaultOf(both)).toMatchObject({ cause: 'nothingListens', detail: 'in its words, in its words' });
  });

  it('tells what a peer wrote on one bounded line without control characters (CON-6)', () => {
    const { detail } = wayFaultOf(new Error(`a\n\u001b[31mb${'x'.repeat(10_000)}`));
    expect(detail).toMatch(/^a \[31mbx+$/);
    expect(detail).toHaveLength(300);
  });

  it('of anything thrown is a fault, and silence is one (CON-6)', () => {
    expect(wayFaultOf('broken')).toEqual({ step: 'tcp', cause: 'other', code: '', detail: 'broken' });
    expect(wayFaultOf(noAnswerInTime()).cause).toBe('noAnswer');
  });
});
