// Public key authentication of one connection (RFC 4252): Ed25519 keys only. It must never ask the caller about more attempts than the
// limit allows, and must never let a signature of another session, user or key pass.

import { createPublicKey, type KeyObject, verify } from 'node:crypto';
import { loginName } from '@sallyport/protocol';
import type { SshTransport } from './transport.ts';
import { disconnectReason, message, string, WireReader } from './wire.ts';

/** `publicKey` has 32 bytes. The same key is asked about twice: when the client offers it, and when it has signed. */
export type AuthenticationAttempt = { readonly login: string; readonly publicKey: Uint8Array };

export type AuthenticationOptions = {
  readonly isAllowed: (attempt: AuthenticationAttempt) => boolean | Promise<boolean>;
  readonly maxAttempts: number;
  readonly onSuccess: (login: string) => void;
};

const algorithm = 'ssh-ed25519';
const methods = string('publickey');
const noPartialSuccess = Buffer.of(0);
// A client sends the next request after the answer; a few in advance is odd, many is an attack.
const maxPending = 16;

type Request = {
  readonly user: string;
  readonly method: string;
  readonly reader: WireReader;
  readonly payload: Buffer;
};

export class Authentication {
  readonly #transport: SshTransport;
  readonly #options: AuthenticationOptions;
  #sessionId = Buffer.alloc(0);
  #isServiceAccepted = false;
  #user: string | undefined;
  #failures = 0;
  #pending = 0;
  #last: Promise<void> = Promise.resolve();
  #isDone = false;

  constructor(transport: SshTransport, options: AuthenticationOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** RFC 4253 §7.2: the first exchange names the session; later ones do not rename it. */
  sessionNamed(sessionId: Buffer): void {
    if (this.#sessionId.length === 0) this.#sessionId = Buffer.from(sessionId);
  }

  serviceRequested(payload: Buffer): void {
    const name = new WireReader(payload, 1).text();
    if (name !== 'ssh-userauth' || this.#isServiceAccepted) {
      this.#transport.disconnect(disconnectReason.serviceNotAvailable, 'only ssh-userauth is offered, once');
      return;
    }
    this.#isServiceAccepted = true;
    this.#transport.send(message.serviceAccept, string(name));
  }

  requested(payload: Buffer): void {
    // RFC 4252 §5.1: requests after success are ignored.
    if (this.#isDone) return;
    const reader = new WireReader(payload, 1);
    const user = reader.text();
    const service = reader.text();
    const method = reader.text();
    if (
      !this.#isServiceAccepted ||
      reader.isMalformed ||
      service !== 'ssh-connection' ||
      ++this.#pending > maxPending
    ) {
      this.#transport.fail('malformed authentication request');
      return;
    }
    // RFC 4252 §5: what was learnt about one user must not serve another.
    this.#user ??= user;
    if (user !== this.#user) {
      this.#transport.fail('change of user name is not allowed');
      return;
    }
    const request = { user, method, reader, payload };
    this.#last = this.#last
      .then(() => this.#decide(request))
      .catch(() => this.#transport.fail('authentication could not be decided'))
      .then(() => {
        this.#pending -= 1;
      });
  }

  async #decide(request: Request): Promise<void> {
    if (this.#isDone || this.#transport.isClosed) return;
    // RFC 4252 §5.2: `none` asks for the list of methods; it is no attempt.
    if (request.method !== 'publickey') {
      this.#refuse(request.method !== 'none');
      return;
    }
    const { reader } = request;
    const isSigned = reader.boolean();
    const offered = reader.text();
    const blob = reader.bytes();
    const publicKey = ed25519KeyOf(blob);
    if (
      reader.isMalformed ||
      offered !== algorithm ||
      publicKey === undefined ||
      !loginName.safeParse(request.user).success
    ) {
      this.#refuse(true);
      return;
    }
    if (isSigned && !this.#isSignatureGood(request, publicKey)) {
      this.#refuse(true);
      return;
    }
    const isAllowed = await this.#ask({ login: request.user, publicKey });
    if (this.#transport.isClosed) return;
    if (!isAllowed) this.#refuse(true);
    else if (isSigned) this.#succeed(request.user);
    else this.#transport.send(message.userauthPkOk, string(algorithm), string(blob));
  }

  async #ask(attempt: AuthenticationAttempt): Promise<boolean> {
    try {
      return await this.#options.isAllowed(attempt);
    } catch {
      // Who cannot be looked up is not let in.
      return false;
    }
  }

  // RFC 4252 §7: the signature is over the session identifier and the request up to the signature.
  #isSignatureGood({ reader, payload }: Request, publicKey: Uint8Array): boolean {
    const signature = new WireReader(reader.bytes());
    const signedLength = payload.length - signature.length - 4;
    const name = signature.text();
    const value = signature.bytes();
    if (reader.isMalformed || signature.isMalformed || !reader.isEnd || !signature.isEnd || name !== algorithm)
      return false;
    const signed = Buffer.concat([string(this.#sessionId), payload.subarray(0, signedLength)]);
    return verify(null, signed, keyObject(publicKey), value);
  }

  #succeed(login: string): void {
    this.#isDone = true;
    this.#transport.send(message.userauthSuccess);
    this.#options.onSuccess(login);
  }

  #refuse(isAttempt: boolean): void {
    if (isAttempt) this.#failures += 1;
    if (this.#failures >= this.#options.maxAttempts) {
      this.#transport.disconnect(disconnectReason.noMoreAuthMethods, 'too many authentication failures');
      return;
    }
    this.#transport.send(message.userauthFailure, methods, noPartialSuccess);
  }
}

// RFC 8709 §4: string "ssh-ed25519", string key.
function ed25519KeyOf(blob: Buffer): Uint8Array | undefined {
  const reader = new WireReader(blob);
  const name = reader.text();
  const key = reader.bytes();
  return name === algorithm && key.length === 32 && reader.isEnd && !reader.isMalformed ? key : undefined;
}

function keyObject(raw: Uint8Array): KeyObject {
  const x = Buffer.from(raw).toString('base64url');
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
}
