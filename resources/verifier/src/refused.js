// The one way in which checking ends early. The codes are those of the app; page.toml and certificate.toml word them.

export class Refused extends Error {
  constructor(code, params = {}) {
    super(code);
    this.code = code;
    this.params = params;
  }
}

export function refuse(code, params) {
  throw new Refused(code, params);
}

export function require(condition, code, params) {
  if (!condition) refuse(code, params);
}
