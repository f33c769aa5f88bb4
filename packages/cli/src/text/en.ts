// The English catalogue. Every word that a person reads stands here or beside it, never in a command.

import { accessCommandsEn } from './en-access.ts';
import { adminCommandsEn } from './en-admin.ts';
import { agentRefusalsEn, refusalsEn } from './en-refusal.ts';
import { sayEn } from './en-say.ts';

export const en = {
  say: sayEn,
  command: { ...accessCommandsEn, ...adminCommandsEn },
  refusal: refusalsEn,
  agentRefusal: agentRefusalsEn,
};
