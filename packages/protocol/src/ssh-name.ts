// The names by which stock SSH tools know servers: SERVER.WORKSPACE.sally. The host certificates of the SSH door carry them.

/** What follows a server's name in `ssh SERVER.DOMAIN`. */
export function sshDomainOf(workspace: string): string {
  return `${workspace}.sally`;
}
