// Policy: Cedar compiled, validated and asked. Importing this loads the Cedar WebAssembly module (about 40 ms, 15 MB).

export { type PolicyAction, policyActions, type WorkspaceAction, workspaceActions } from './action.ts';
export { type CompiledPolicy, compilePolicy, maxPolicies, maxPolicyTextLength } from './compile.ts';
export { decide } from './decide.ts';
export {
  type Decision,
  type DecisionRequest,
  defaultDenyRule,
  evaluationErrorRule,
  type Principal,
  type SessionContext,
  type SessionQuestion,
  type WorkspaceContext,
  type WorkspaceQuestion,
} from './decision.ts';
export { mistakeText, type PolicyMistake } from './mistake.ts';
export { policySchema } from './schema.ts';
export { starterPolicy } from './starter.ts';
