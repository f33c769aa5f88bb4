// The version of the agent, as it tells the gateway. A test holds it to package.json.

export const version = '0.1.0';
