// A TLS connection to the gateway whose peer is verified by OpenSSL before it is handed out: chain, validity and host name.
// Nothing may be sent on a connection that is not from here.

import { isIP } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { err, ok, type Result } from '@sallyport/core';
import { tlsFloor } from '@sallyport/tunnel';
import type { AgentRefusal } from './refusals.ts';

export type Gateway = {
  readonly url: URL;
  /** The one CA to trust, PEM; the system's roots when absent. */
  readonly ca: string | undefined;
  readonly timeoutMs: number;
};

const defaultHttpsPort = 443;

export function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

export function portOf(url: URL): number {
  return url.port === '' ? defaultHttpsPort : Number(url.port);
}

export function connectTls({ url, ca, timeoutMs }: Gateway): Promise<Result<TLSSocket, AgentRefusal>> {
  return handshake(url, timeoutMs, ca === undefined ? {} : { ca });
}

/** A connection to whoever answers there. Only its certificates may be looked at; it is to be destroyed unused. */
export function connectUnverified(url: URL, timeoutMs: number): Promise<Result<TLSSocket, AgentRefusal>> {
  return handshake(url, timeoutMs, { rejectUnauthorized: false });
}

function handshake(url: URL, timeoutMs: number, trust: ConnectionOptions): Promise<Result<TLSSocket, AgentRefusal>> {
  const host = hostOf(url);
  // RFC 6066 §3: an IP address is not sent as a server name; Node then checks it against the certificate's addresses.
  const name = isIP(host) === 0 ? { servername: host } : {};
  return new Promise((resolve) => {
    const socket = connect({ host, port: portOf(url), ...tlsFloor, ALPNProtocols: ['http/1.1'], ...name, ...trust });
    const settle = (result: Result<TLSSocket, AgentRefusal>): void => {
      socket
        .setTimeout(0)
        .removeAllListeners('timeout')
        .removeAllListeners('error')
        .removeAllListeners('secureConnect');
      // A late error must not end the process; whoever uses the socket adds a listener of its own.
      socket.on('error', () => undefined);
      if (!result.ok) socket.destroy();
      resolve(result);
    };
    socket.setTimeout(timeoutMs, () => settle(err(unreachable(url, timedOut()))));
    socket.once('error', (error) => settle(err(unreachable(url, error))));
    socket.once('secureConnect', () => settle(ok(socket)));
  });
}

export function timedOut(): Error {
  return Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' });
}

/** What went wrong on the way to the gateway, in words, with the mend. */
export function unreachable(url: URL, error: Error): AgentRefusal {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  const known = failures.find(({ codes }) => codes.test(code));
  const isUntrusted = known?.isUntrusted === true;
  return {
    code: isUntrusted ? 'GATEWAY_UNTRUSTED' : 'GATEWAY_UNREACHABLE',
    message: `${url.host}: ${known?.means ?? error.message.slice(0, 200)}${code === '' ? '' : ` (${code})`}`,
    rule: isUntrusted ? 'tls.verify' : 'gateway.reach',
    hint: known?.mend ?? 'look step by step: sally agent doctor',
  };
}

const failures: readonly { codes: RegExp; means: string; mend: string; isUntrusted?: boolean }[] = [
  {
    codes: /^(ENOTFOUND|EAI_NONAME)$/,
    means: 'there is no such host name',
    mend: 'check the spelling of the address and the DNS of this host',
  },
  {
    codes: /^EAI_AGAIN$/,
    means: 'the name servers do not answer',
    mend: 'check /etc/resolv.conf and the network of this host',
  },
  {
    codes: /^ECONNREFUSED$/,
    means: 'nothing listens there',
    mend: 'check the port, and that the gateway runs: systemctl status sallyport-gateway',
  },
  {
    codes: /^(EHOSTUNREACH|ENETUNREACH)$/,
    means: 'there is no route to it',
    mend: 'check the network of this host: ip route',
  },
  {
    codes: /^ETIMEDOUT$/,
    means: 'no answer in time',
    mend: 'a firewall may drop the packets: allow outbound TCP to this port',
  },
  {
    codes: /^(ECONNRESET|EPIPE)$/,
    means: 'the connection was cut',
    mend: 'a firewall or proxy may inspect TLS: exempt this host from it',
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME_INVALID$/,
    means: 'its certificate is for another host name',
    mend: 'use a name that the gateway’s certificate has, or add this one to the gateway’s settings',
    isUntrusted: true,
  },
  {
    codes: /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    means: 'its certificate is not valid at this time',
    mend: 'check the clock of this host (timedatectl), then the gateway’s certificate',
    isUntrusted: true,
  },
  {
    codes: /^(UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|CERT_)/,
    means: 'its certificate is not signed by the CA that this host trusts',
    mend: 'something between may inspect TLS: exempt this host from it; or the gateway was made anew: join again',
    isUntrusted: true,
  },
  {
    codes: /^(ERR_SSL_|EPROTO)/,
    means: 'no TLS could be agreed on',
    mend: 'check that this is the HTTPS port of the gateway, and that nothing between forces TLS below 1.2',
  },
];
