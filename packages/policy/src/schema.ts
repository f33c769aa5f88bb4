// The Cedar schema: every kind of thing a policy may name. Policies are validated against it in strict mode, and so is every request.
// A constant, not a file, so that a bundle of the program carries it.

import { powers } from '@sallyport/protocol';
import { workspaceActions } from './action.ts';

export const policySchema = `namespace Sally {
  // A role of the product: owner, administrator, auditor, approver, member.
  entity Role;

  // A person; the id is the person's id (per_…), the name is unique in the workspace.
  entity Person in [Role] { name: String };

  // A managed server; its labels are tags: resource.hasTag("env") && resource.getTag("env") == "prod".
  entity Server { name: String } tags String;

  entity Workspace;

  // What a session may do on a server.
  action ${powers.join(', ')} appliesTo {
    principal: Person,
    resource: Server,
    context: {
      login: String,
      door: String,
      address: ipaddr,
      device: String,
      now: datetime,
      destination?: String,
    },
  };

  // What may be done to the workspace.
  action ${workspaceActions.join(', ')} appliesTo {
    principal: Person,
    resource: Workspace,
    context: { address: ipaddr, device: String },
  };
}
`;
