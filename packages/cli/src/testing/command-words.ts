// Which words of the catalogue belong to which command, by the path of its names.

import type { Text } from '../text/text.ts';
import type { CommandWords } from '../text/words.ts';

const kebabPart = /[A-Z]/g;

/** `auditVerify` → `audit verify`; `sshConfig` is one word, and so is what no group holds. */
export function commandWords({ command }: Text): Readonly<Record<string, CommandWords>> {
  const groups = ['agent', 'token', 'server', 'device', 'sessions', 'audit', 'policy', 'command'];
  const pathOf = (key: string): string => {
    if (key === 'root') return '';
    const separator = groups.some((group) => key.startsWith(group)) ? ' ' : '-';
    return key.replace(kebabPart, (letter) => `${separator}${letter.toLowerCase()}`);
  };
  return Object.fromEntries(Object.entries(command).map(([key, words]) => [pathOf(key), words]));
}
