// Finds the line of a TOML file that writes a setting, for messages only. The file has been parsed before: what is unusual here
// (a value over several lines, an inline table) at worst points at the table's line.

/** Line numbers from 1, by path `table.key`; tables are in it under their own path. */
export function settingLines(toml: string): ReadonlyMap<string, number> {
  const lines = new Map<string, number>();
  let table: readonly string[] = [];
  for (const [at, line] of toml.split('\n').entries()) {
    const header = /^\s*\[\[?([^\]]+)\]\]?/.exec(line)?.[1];
    if (header !== undefined) table = keyParts(header);
    const key = header === undefined ? /^\s*((?:[A-Za-z0-9_-]+|"[^"]*"|'[^']*'|\s*\.\s*)+?)\s*=/.exec(line)?.[1] : '';
    if (key === undefined) continue;
    const path = [...table, ...keyParts(key)];
    for (let depth = 1; depth <= path.length; depth += 1) {
      const name = path.slice(0, depth).join('.');
      if (!lines.has(name)) lines.set(name, at + 1);
    }
  }
  return lines;
}

function keyParts(key: string): string[] {
  return key.split('.').flatMap((part) => {
    const bare = part.trim().replace(/^["']|["']$/g, '');
    return bare === '' ? [] : [bare];
  });
}
