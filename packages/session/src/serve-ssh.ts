// The SSH door's front: ssh2 is loaded with the first connection, because an agent without one should not carry it (10 MB).

import type { Duplex } from 'node:stream';
import type { SshDoor, SshDoorOptions } from './ssh/door.ts';

/**
 * Serves SSH on a byte stream: the client's bytes in, ours out. `authenticate` is asked for each key; `open` is called once after one
 * was proven, and gives the machine that every channel of this connection uses. The machine is ended with the connection.
 */
export function serveSsh(socket: Duplex, options: SshDoorOptions): SshDoor {
  if (options.hostKey.asymmetricKeyType !== 'ed25519') throw new TypeError('an SSH host key is Ed25519');
  const door = import('./ssh/door.ts').then(({ openDoor }) => openDoor(socket, options));
  // Until the door listens.
  const ignore = () => {};
  socket.on('error', ignore);
  door.then(
    () => socket.off('error', ignore),
    () => socket.destroy(),
  );
  return {
    closed: door.then(({ closed }) => closed).catch(() => {}),
    end: (reason) => void door.then((opened) => opened.end(reason)),
  };
}
