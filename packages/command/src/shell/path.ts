// Paths as text: made absolute against a folder, `.` and `..` taken out. No file system is asked, so a link is not followed.

const rootLinks = /^\/proc\/(?:self|thread-self|\d+|\$\$|\$PPID)\/(?:task\/[^/]+\/)?root(?=\/|$)/;
const cwdLinks = /^\/proc\/(?:self|thread-self|\$\$)\/cwd(?=\/|$)/;

export function normalisePath(path: string, cwd: string): string {
  if (path === '' || path === '-' || path.startsWith('$') || path.startsWith('`')) return path;
  const absolute = path.startsWith('/') ? path : `${cwd}/${path}`;
  const start = absolute.startsWith('/') ? '/' : '';
  const parts: string[] = [];
  for (const part of absolute.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  const clean = `${start}${parts.join('/')}`;
  return throughProc(clean, cwd);
}

/** `/proc/self/root/etc/shadow` is `/etc/shadow`. */
function throughProc(path: string, cwd: string): string {
  if (!path.startsWith('/proc/')) return path;
  const rooted = path.replace(rootLinks, '');
  if (rooted !== path) return rooted === '' ? '/' : normalisePath(rooted, cwd);
  const inFolder = path.replace(cwdLinks, cwd);
  return inFolder === path ? path : normalisePath(inFolder, cwd);
}

export function baseName(path: string): string {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, '') : path;
  return trimmed.slice(trimmed.lastIndexOf('/') + 1);
}

export function folderOf(path: string): string {
  const at = path.lastIndexOf('/');
  if (at < 0) return '.';
  return at === 0 ? '/' : path.slice(0, at);
}
