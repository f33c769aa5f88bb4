// The Korean catalogue: the same keys as the English one, or it does not compile.

import { accessCommandsKo } from './ko-access.ts';
import { adminCommandsKo } from './ko-admin.ts';
import { agentRefusalsKo, refusalsKo } from './ko-refusal.ts';
import { sayKo } from './ko-say.ts';
import type { Text } from './text.ts';

export const ko: Text = {
  say: sayKo,
  command: { ...accessCommandsKo, ...adminCommandsKo },
  refusal: refusalsKo,
  agentRefusal: agentRefusalsKo,
};
