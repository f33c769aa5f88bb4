// The policy a new workspace begins with. It must never let anybody onto a server but the people who run the workspace.

export const starterPolicy = `// Who may do what. Nothing is allowed unless a permit below says so, and any forbid that applies wins.
// Every policy has an @id of its own: it is what the audit log and a refusal name.
//
// On a server:        shell, exec, sftp, dial (forward to), listen (forward from).
// On the workspace:   listServers, createJoinToken, revokeJoinToken, revokeServer, listSessions, endSession,
//                     playRecording, readAudit, readPolicy, applyPolicy, createCode, listDevices, revokeDevice (those of others;
//                     everybody may list and revoke their own).
//
// A session opens with the powers that are allowed whatever their destination: a permit of dial or listen that asks for
// context.destination allows nothing. Permit the power, and forbid the destinations that it must not reach:
//   @id("only-the-database") forbid(principal, action == Sally::Action::"dial", resource)
//   when { context has destination && context.destination != "127.0.0.1:5432" };

// Owners and administrators may do everything, as every login.
@id("owners-everything")
permit(principal in Sally::Role::"owner", action, resource);

@id("administrators-everything")
permit(principal in Sally::Role::"administrator", action, resource);

// Auditors read what happened. They get onto no server.
@id("auditors-read")
permit(
  principal in Sally::Role::"auditor",
  action in [
    Sally::Action::"listServers",
    Sally::Action::"listSessions",
    Sally::Action::"playRecording",
    Sally::Action::"readAudit",
    Sally::Action::"readPolicy"
  ],
  resource
);

// Members see which servers there are, and may enrol another device of their own.
@id("members-basics")
permit(
  principal in Sally::Role::"member",
  action in [Sally::Action::"listServers", Sally::Action::"createCode"],
  resource
);

// Members get onto no server until you say so. For example, to let members work as the login "deploy" on servers with
// the label env=staging, from the office network only, take the two slashes from the lines below:
//
// @id("members-deploy-staging")
// permit(
//   principal in Sally::Role::"member",
//   action in [Sally::Action::"shell", Sally::Action::"exec", Sally::Action::"sftp"],
//   resource
// ) when {
//   context.login == "deploy" &&
//   resource.hasTag("env") && resource.getTag("env") == "staging" &&
//   context.address.isInRange(ip("192.0.2.0/24"))
// };
`;
