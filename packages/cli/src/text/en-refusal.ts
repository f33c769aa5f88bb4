// English: refusals are shown in the gateway's own words, which are English and more exact than a code.

import type { AgentRefusalWords, RefusalWords } from './words.ts';

export const refusalsEn: RefusalWords = {};

export const agentRefusalsEn: AgentRefusalWords = {};
