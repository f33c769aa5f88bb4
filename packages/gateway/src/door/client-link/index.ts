// Where `sally` comes in.

export { clientLinkDoor } from './door.ts';
