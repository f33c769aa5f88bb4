// What TLS between any two parts of Sallyport must be (CON-5), and what a connection really is (SES-10).

import type { TLSSocket } from 'node:tls';

/** For `tls.createServer`, `https.createServer` and `tls.connect`: TLS 1.2 at least, ECDHE with AEAD only (RFC 9325 §4.2). */
export const tlsFloor = {
  minVersion: 'TLSv1.2',
  ciphers: [
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
  honorCipherOrder: true,
} as const;

/** What was negotiated, each value read from the live connection. */
export type NegotiatedConnection = {
  readonly tls: string;
  readonly cipher: string;
  /** `X25519MLKEM768` where both ends have it. Only the side that dialled can tell; 'unknown' on the other. */
  readonly keyExchange: string;
  readonly address: string;
};

export function negotiatedOn(socket: TLSSocket): NegotiatedConnection {
  const address = socket.remoteAddress ?? 'unknown';
  return {
    tls: socket.getProtocol() ?? 'unknown',
    cipher: socket.getCipher().standardName,
    keyExchange: keyExchangeOf(socket),
    address: `${address.includes(':') ? `[${address}]` : address}:${socket.remotePort ?? 0}`,
  };
}

function keyExchangeOf(socket: TLSSocket): string {
  const key: object | null = socket.getEphemeralKeyInfo();
  return key !== null && 'name' in key && typeof key.name === 'string' ? key.name : 'unknown';
}
