// The version of this program, as it tells the gateway and the person. A test holds it to package.json.

export const programVersion = '0.1.0';
