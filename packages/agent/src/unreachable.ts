// What went wrong on the way to the gateway, in the agent's words, with the mend.

import type { NotPinned, WayCause, WayFault } from '@sallyport/tunnel';
import type { AgentRefusal } from './refusals.ts';

type Words = { readonly means: string; readonly mend: string; readonly isUntrusted?: true };

const words: Readonly<Record<Exclude<WayCause, 'other'>, Words>> = {
  noSuchHost: {
    means: 'there is no such host name',
    mend: 'check the spelling of the address and the DNS of this host',
  },
  noNameServer: {
    means: 'the name servers do not answer',
    mend: 'check /etc/resolv.conf and the network of this host',
  },
  nothingListens: {
    means: 'nothing listens there',
    mend: 'check the port, and that the gateway runs: systemctl status sallyport-gateway',
  },
  noRoute: {
    means: 'there is no route to it',
    mend: 'check the network of this host: ip route',
  },
  noAnswer: {
    means: 'no answer in time',
    mend: 'a firewall may drop the packets: allow outbound TCP to this port',
  },
  cut: {
    means: 'the connection was cut',
    mend: 'a firewall or proxy may inspect TLS: exempt this host from it',
  },
  otherName: {
    means: 'its certificate is for another host name',
    mend: 'use a name that the gateway’s certificate has, or add this one to the gateway’s settings',
    isUntrusted: true,
  },
  wrongTime: {
    means: 'its certificate is not valid at this time',
    mend: 'check the clock of this host (timedatectl), then the gateway’s certificate',
    isUntrusted: true,
  },
  untrusted: {
    means: 'its certificate is not signed by the CA that this host trusts',
    mend: 'something between may inspect TLS: exempt this host from it; or the gateway was made anew: join again',
    isUntrusted: true,
  },
  noTls: {
    means: 'no TLS could be agreed on',
    mend: 'check that this is the HTTPS port of the gateway, and that nothing between forces TLS below 1.2',
  },
};

export function unreachable(url: URL, fault: WayFault | NotPinned): AgentRefusal {
  if (fault.cause === 'notPinned') return notPinned(url, fault.issuer);
  const { means, mend, isUntrusted }: Words =
    fault.cause === 'other'
      ? { means: fault.detail, mend: 'look step by step: sally agent doctor' }
      : words[fault.cause];
  return {
    code: isUntrusted ? 'GATEWAY_UNTRUSTED' : 'GATEWAY_UNREACHABLE',
    message: `${url.host}: ${means}${fault.code === '' ? '' : ` (${fault.code})`}`,
    rule: isUntrusted ? 'tls.verify' : 'gateway.reach',
    hint: mend,
  };
}

function notPinned(url: URL, issuer: string): AgentRefusal {
  return {
    code: 'GATEWAY_UNTRUSTED',
    message: `${url.host} is not the gateway that made this token: its certificate was issued by ${issuer}`,
    rule: 'tls.pin',
    hint: 'nothing was sent; check the address, exempt it from TLS inspection, or make a new token if the gateway was made anew',
  };
}
