// The address of a gateway as people type it: https://host[:port] and nothing more. A path, a password or plain http is refused.

import { err, ok, type Result } from '@sallyport/core';

/** The URL, or what is wrong with it; `host` and `host:port` alone are read as https. */
export function parseGatewayUrl(text: string): Result<URL, string> {
  const typed = text.trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(typed) ? typed : `https://${typed}`;
  if (!URL.canParse(address)) return err('not an address: expected https://host or https://host:port');
  const url = new URL(address);
  if (url.protocol !== 'https:') return err(`${url.protocol}// is refused: the gateway speaks https only`);
  if (url.username !== '' || url.password !== '')
    return err('an address of a gateway holds no user name and no password');
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
    return err('an address of a gateway ends after the port');
  return ok(url);
}
