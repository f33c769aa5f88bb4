// Where agents come in.

export { agentLinkDoor } from './door.ts';
